//! The two forms of JSON that `OData` 3 has: light, with the rows as they are, and verbose, with everything around them.

use axum::http::header::ACCEPT;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::ROOT;
use super::schema::{Edm, Navigation, Set};
use super::store::Account;
use super::tags;
use crate::avid::query::Shape;
use crate::exchange::{VendorAnswer, VendorRequest};
use crate::table::{Record, text};

const LIGHT: &str = "application/json; odata=minimalmetadata; streaming=true; charset=utf-8";
const VERBOSE: &str = "application/json; odata=verbose; charset=utf-8";

/// The form that a caller asks for, and the address that everything in it begins with.
#[derive(Debug)]
pub(super) struct Form {
    is_verbose: bool,
    pub(super) base: String,
}

/// A page of entities.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) set: &'static Set,
    pub(super) entities: Vec<Value>,
    pub(super) count: Option<usize>,
    pub(super) next: Option<String>,
}

impl Form {
    /// Light is what callers get who do not ask for verbose by name.
    pub(super) fn asked_for(request: &VendorRequest) -> Self {
        let accept = request.header(&ACCEPT).to_ascii_lowercase().replace(' ', "");
        let own = request.url(&[]);
        let host = own.split(&request.path).next().unwrap_or_default();
        Self { is_verbose: accept.contains("odata=verbose"), base: format!("{host}/{}", ROOT.join("/")) }
    }

    /// The row with what is expanded in it.
    pub(super) fn entity(&self, account: &Account, set: &'static Set, row: &Record, shape: &Shape) -> Value {
        let mut entity = Map::new();
        let tag = tags::of(account, set, row);
        if self.is_verbose {
            let mut metadata = json!({"uri": self.uri(set, row), "type": format!("Prophet.{}", set.entity)});
            if let Some(tag) = tag {
                metadata["etag"] = json!(tag);
            }
            entity.insert("__metadata".to_owned(), metadata);
        } else if let Some(tag) = tag {
            entity.insert("odata.etag".to_owned(), json!(tag));
        }
        for (name, edm) in set.properties {
            if shape.select.as_ref().is_none_or(|selected| selected.contains(name)) {
                entity.insert((*name).to_owned(), self.value(row.get(*name), *edm));
            }
        }
        for navigation in set.navigations {
            let inner = shape.expand.iter().find(|(expanded, _)| expanded.name == navigation.name);
            let inner = inner.map(|(_, inner)| inner);
            if let Some(related) = self.related(account, (set, row), navigation, inner) {
                entity.insert(navigation.name.to_owned(), related);
            }
        }
        Value::Object(entity)
    }

    /// One row's answer.
    pub(super) fn one(&self, status: u16, set: &Set, entity: Value) -> VendorAnswer {
        if self.is_verbose {
            return VendorAnswer::json_of_form(status, VERBOSE, &json!({"d": entity}));
        }
        let mut answer = Map::new();
        answer.insert("odata.metadata".to_owned(), json!(format!("{}/$metadata#{}/@Element", self.base, set.name)));
        if let Value::Object(members) = entity {
            answer.extend(members);
        }
        VendorAnswer::json_of_form(status, LIGHT, &Value::Object(answer))
    }

    /// A page's answer. Counts are texts, as 64-bit numbers are in `OData` 3.
    pub(super) fn list(&self, page: Page) -> VendorAnswer {
        let metadata = format!("{}/$metadata#{}", self.base, page.set.name);
        self.plain_list(&metadata, page.entities, page.count, page.next)
    }

    /// The addresses of rows, as `$links` answers them.
    pub(super) fn links(&self, set: &'static Set, navigation: &Navigation, addresses: Vec<String>) -> VendorAnswer {
        let name = if self.is_verbose { "uri" } else { "url" };
        let links = addresses.into_iter().map(|address| json!({name: address})).collect();
        let metadata = format!("{}/$metadata#{}/$links/{}", self.base, set.name, navigation.name);
        self.plain_list(&metadata, links, None, None)
    }

    /// The row's own address.
    pub(super) fn uri(&self, set: &Set, row: &Record) -> String {
        format!("{}/{}(guid'{}')", self.base, set.name, text(row, "Id"))
    }

    fn plain_list(
        &self,
        metadata: &str,
        items: Vec<Value>,
        count: Option<usize>,
        next: Option<String>,
    ) -> VendorAnswer {
        let (count_name, items_name, next_name) =
            if self.is_verbose { ("__count", "results", "__next") } else { ("odata.count", "value", "odata.nextLink") };
        let mut list = Map::from_iter([(items_name.to_owned(), Value::Array(items))]);
        if let Some(count) = count {
            list.insert(count_name.to_owned(), json!(count.to_string()));
        }
        if let Some(next) = next {
            list.insert(next_name.to_owned(), json!(next));
        }
        if self.is_verbose {
            return VendorAnswer::json_of_form(200, VERBOSE, &json!({"d": list}));
        }
        list.insert("odata.metadata".to_owned(), json!(metadata));
        VendorAnswer::json_of_form(200, LIGHT, &Value::Object(list))
    }

    /// Times are numbers in the verbose form, as if their zone were UTC.
    fn value(&self, value: Option<&Value>, edm: Edm) -> Value {
        let value = value.cloned().unwrap_or_default();
        let text = value.as_str().filter(|_| self.is_verbose && edm == Edm::DateTime);
        let Some(Ok(time)) = text.map(str::parse::<DateTime>) else { return value };
        let timestamp = TimeZone::UTC.to_ambiguous_timestamp(time).compatible();
        timestamp.map_or(value, |timestamp| json!(format!("/Date({})/", timestamp.as_millisecond())))
    }

    /// What stands under a navigation's name: the rows, where it is expanded; in the verbose form else where to find them.
    fn related(
        &self,
        account: &Account,
        (set, row): (&Set, &Record),
        navigation: &'static Navigation,
        inner: Option<&Shape>,
    ) -> Option<Value> {
        let Some(inner) = inner else {
            let uri = format!("{}/{}", self.uri(set, row), navigation.name);
            return self.is_verbose.then(|| json!({"__deferred": {"uri": uri}}));
        };
        let related = account.related(row, navigation);
        let rows = related.iter().map(|(set, row)| self.entity(account, set, row, inner)).collect();
        Some(if self.is_verbose { json!({"results": Value::Array(rows)}) } else { Value::Array(rows) })
    }
}

//! The account's objects, who works for which company, and how an object is shown.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::authorization;
use super::objects::Kind;
use super::seed;
use crate::clock::{Clock, date_and_time};
use crate::exchange::{VendorAnswer, VendorRequest};
use crate::oauth::AuthorizationServer;
use crate::table::{Record, Table, text};

/// One account of the vendor.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    contacts: Table,
    companies: Table,
    /// The companies of each contact, the primary one first.
    pub(super) employers: BTreeMap<String, Vec<String>>,
    /// Id, first name, last name, e-mail address of those who work with the account.
    pub(super) owners: Vec<[String; 4]>,
    pub(crate) server: AuthorizationServer,
    pub(super) clock: Clock,
    next_id: u64,
}

/// What of an object is asked for.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// By name, beside what is always shown; empty: the default ones.
    properties: Vec<String>,
    associations: bool,
}

impl Wanted {
    /// Names come in one parameter with commas, in several, or both.
    pub(super) fn of(request: &VendorRequest) -> Self {
        let named = |name: &'static str| request.query.iter().filter(move |(own, _)| own == name);
        let list = |name| named(name).flat_map(|(_, value)| value.split(',')).map(|one| one.trim().to_owned());
        Self {
            properties: list("properties").filter(|name| !name.is_empty()).collect(),
            associations: list("associations").any(|name| Kind::named(&name) == Some(Kind::Company)),
        }
    }

    pub(super) fn properties(names: Vec<String>) -> Self {
        Self { properties: names, associations: false }
    }
}

impl Account {
    pub(crate) fn seeded(start: Clock) -> Self {
        let mut account = Self {
            contacts: Table::default(),
            companies: Table::default(),
            employers: BTreeMap::new(),
            owners: Vec::new(),
            server: authorization::server(),
            clock: start,
            next_id: seed::FIRST_NEW_ID,
        };
        seed::fill(&mut account);
        account
    }

    pub(super) fn table(&self, kind: Kind) -> &Table {
        match kind {
            Kind::Contact => &self.contacts,
            Kind::Company => &self.companies,
        }
    }

    pub(super) fn table_mut(&mut self, kind: Kind) -> &mut Table {
        match kind {
            Kind::Contact => &mut self.contacts,
            Kind::Company => &mut self.companies,
        }
    }

    pub(super) fn new_id(&mut self) -> String {
        self.next_id += 1;
        self.next_id.to_string()
    }

    /// The present, one second after the last write.
    pub(super) fn tick(&mut self) -> String {
        time(self.clock.tick())
    }

    /// Removes an object and what associates it.
    pub(super) fn remove(&mut self, kind: Kind, id: &str) {
        self.table_mut(kind).remove(id);
        match kind {
            Kind::Contact => {
                self.employers.remove(id);
            }
            Kind::Company => {
                for companies in self.employers.values_mut() {
                    companies.retain(|company| company != id);
                }
            }
        }
    }

    /// What a property holds; `None` where it is empty.
    pub(super) fn value(&self, record: &Record, property: &str) -> Option<String> {
        if property == "associatedcompanyid" {
            return self.employers.get(text(record, "hs_object_id"))?.first().cloned();
        }
        Some(text(record, property).to_owned()).filter(|value| !value.is_empty())
    }

    /// The object as the API shows it: properties that are asked for and empty are null, unknown ones are passed over.
    pub(super) fn show(&self, kind: Kind, record: &Record, wanted: &Wanted) -> Value {
        let id = text(record, "hs_object_id");
        let is_shown = |name: &str| match wanted.properties.as_slice() {
            [] => false,
            names => names.iter().any(|own| own == name),
        };
        let always = ["createdate", "hs_object_id", kind.changed_at()];
        let shown = kind.properties().iter().filter(|property| {
            let unasked = wanted.properties.is_empty() && property.is_default;
            unasked || always.contains(&property.name) || is_shown(property.name)
        });
        let properties: Map<String, Value> =
            shown.map(|property| (property.name.to_owned(), json!(self.value(record, property.name)))).collect();
        let mut object = json!({
            "id": id,
            "properties": properties,
            "createdAt": text(record, "createdate"),
            "updatedAt": text(record, kind.changed_at()),
            "archived": false,
        });
        let companies = self.employers.get(id).filter(|companies| wanted.associations && !companies.is_empty());
        if let (Kind::Contact, Some(companies)) = (kind, companies) {
            object["associations"] = json!({"companies": {"results": super::associations::shown(companies)}});
        }
        object
    }

    /// `GET /crm/v3/owners`.
    pub(super) fn owners(&self) -> VendorAnswer {
        let results: Vec<Value> = self
            .owners
            .iter()
            .map(|[id, first, last, email]| {
                json!({"id": id, "email": email, "firstName": first, "lastName": last, "archived": false})
            })
            .collect();
        VendorAnswer::json(200, &json!({ "results": results }))
    }
}

/// `2026-01-01T00:00:00.000Z`.
pub(super) fn time(seconds: i64) -> String {
    format!("{}.000Z", date_and_time(seconds))
}

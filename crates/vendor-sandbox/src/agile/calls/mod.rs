//! Calls that the documentation has and no unified resource uses: campaigns, documents, tickets, and what is done by an e-mail
//! address. They are rows of a table, `calls.json`: a record is listed, added, replaced or removed, or the call is another one in
//! other words. Callers of the gateway reach them by its proxy.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::http::Method;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::agile::input;
use crate::agile::lists::searches;
use crate::agile::replies::{Refusal, Reply};
use crate::agile::store::Account;
use crate::exchange::{Content, VendorRequest};

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    serde_json::from_str(include_str!("calls.json")).expect("the table of calls is checked by a test")
});

/// Everything that the file has.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    records: BTreeMap<String, Vec<Value>>,
    calls: Vec<Row>,
}

/// One call. Texts may hold `{name}`: a part of the path, `{form.name}`, `{query.name}`, `{body}`, `{contact}` or a member of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    /// Method and path.
    call: String,
    /// Whether the body is a form. Without it: JSON.
    #[serde(default)]
    form: bool,
    /// The address of the person whom it is about; without that person nothing happens.
    contact: Option<String>,
    /// The shelf whose records are answered.
    list: Option<String>,
    /// The shelf that gets a record.
    add: Option<String>,
    /// The shelf on which a record is replaced.
    replace: Option<String>,
    /// The shelf from which records go.
    remove: Option<String>,
    /// What those records have.
    #[serde(rename = "where", default)]
    place: BTreeMap<String, String>,
    /// What must be sent.
    #[serde(default)]
    needs: Vec<String>,
    /// What may be sent as null.
    #[serde(default)]
    may_be_null: Vec<String>,
    /// Further members of a new record.
    #[serde(default)]
    set: Map<String, Value>,
    /// The call that it is in other words.
    then: Option<String>,
    /// The body of that call.
    body: Option<Value>,
    /// What is answered instead: null is 204.
    #[serde(default, deserialize_with = "given")]
    answer: Option<Value>,
    /// The record that is answered instead.
    shows: Option<Shown>,
}

#[derive(Deserialize)]
struct Shown {
    from: String,
    #[serde(rename = "where")]
    place: BTreeMap<String, String>,
}

fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// Records by the name of their shelf.
#[derive(Debug, Clone)]
pub(in crate::agile) struct Shelves(BTreeMap<String, Vec<Value>>);

impl Shelves {
    pub(in crate::agile) fn seeded() -> Self {
        Self(TABLE.records.clone())
    }

    fn on(&mut self, name: &str) -> &mut Vec<Value> {
        self.0.entry(name.to_owned()).or_default()
    }
}

/// Whether a row of the table is this call.
pub(in crate::agile) fn knows(method: &str, path: &[&str]) -> bool {
    TABLE.calls.iter().any(|row| row.parts(method, path).is_some())
}

/// Answers a call of the table.
pub(in crate::agile) fn answer(
    account: &mut Account,
    request: &VendorRequest,
    method: &str,
    path: &[&str],
) -> Result<Reply, Refusal> {
    let found = TABLE.calls.iter().find_map(|row| Some((row, row.parts(method, path)?)));
    let (row, parts) = found.ok_or_else(Refusal::no_such_page)?;
    let mut sent = Sent { parts, form: Map::new(), body: Map::new(), query: &request.query, contact: None };
    if row.form {
        let Content::Form(pairs) = request.content() else { return Err(Refusal::not_this_content_type()) };
        sent.form = pairs.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
    } else if row.add.is_some() || row.replace.is_some() || row.body.is_some() {
        sent.body = row.json_body(request)?;
    }
    if let Some(email) = &row.contact {
        let email = sent.filled(&json!(email));
        let Some(person) = searches::person_with_email(account, email.as_str().unwrap_or_default()) else {
            return Ok(Reply::Nothing);
        };
        sent.contact = Some(account.show(person));
    }
    row.answer(account, request, &sent)
}

impl Row {
    /// What stands in the path for each `{name}`; `None` where this is another call.
    fn parts(&self, method: &str, path: &[&str]) -> Option<Map<String, Value>> {
        let (own_method, own_path) = self.call.split_once(' ')?;
        let own: Vec<&str> = own_path.split('/').collect();
        if own_method != method || own.len() != path.len() {
            return None;
        }
        let mut parts = Map::new();
        for (own, sent) in own.iter().zip(path) {
            match own.strip_prefix('{').and_then(|own| own.strip_suffix('}')) {
                Some(name) => drop(parts.insert(name.to_owned(), json!(sent))),
                None if own == sent => (),
                None => return None,
            }
        }
        Some(parts)
    }

    fn json_body(&self, request: &VendorRequest) -> Result<Map<String, Value>, Refusal> {
        let Content::Json(Value::Object(mut body)) = request.content() else { return input::json_body(request) };
        body.retain(|name, value| !(value.is_null() && self.may_be_null.contains(name)));
        if body.values().any(Value::is_null) {
            return input::json_body(request);
        }
        Ok(body)
    }

    fn answer(&self, account: &mut Account, request: &VendorRequest, sent: &Sent<'_>) -> Result<Reply, Refusal> {
        let all = if self.form { &sent.form } else { &sent.body };
        if let Some(missing) = self.needs.iter().find(|name| !all.contains_key(*name)) {
            return Err(Refusal::wrong_format(&format!("{missing} is missing")));
        }
        let reply = match (&self.list, &self.add, &self.replace, &self.remove, &self.then) {
            (Some(name), ..) => {
                let found = account.shelves.on(name).iter().filter(|record| sent.is_at(record, &self.place));
                Reply::many_or_nothing("record", found.cloned().collect())
            }
            (_, Some(name), ..) => self.add(account, name, sent),
            (_, _, Some(name), ..) => self.replace(account, name, sent)?,
            (_, _, _, Some(name), _) => {
                account.shelves.on(name).retain(|record| !sent.is_at(record, &self.place));
                Reply::Nothing
            }
            (.., Some(call)) => account.route(&self.other(call, request, sent))?,
            _ => Reply::Nothing,
        };
        Ok(match (&self.answer, &self.shows) {
            (Some(Value::Null), _) => Reply::Nothing,
            (Some(Value::String(text)), _) => Reply::Text(text.clone()),
            (Some(other), _) => Reply::One("answer", other.clone()),
            (None, Some(shown)) => {
                let found = account.shelves.on(&shown.from).iter().find(|record| sent.is_at(record, &shown.place));
                found.map_or(Reply::Nothing, |record| Reply::One("record", record.clone()))
            }
            (None, None) => reply,
        })
    }

    fn add(&self, account: &mut Account, name: &str, sent: &Sent<'_>) -> Reply {
        let mut record = if self.form { sent.form.clone() } else { sent.body.clone() };
        record.extend(self.set.iter().map(|(member, value)| (member.clone(), sent.filled(value))));
        record.insert("id".to_owned(), json!(account.new_id()));
        record.insert("created_time".to_owned(), json!(account.clock.tick()));
        let record = Value::Object(record);
        account.shelves.on(name).push(record.clone());
        Reply::One("record", record)
    }

    /// What the body leaves out is gone afterwards.
    fn replace(&self, account: &mut Account, name: &str, sent: &Sent<'_>) -> Result<Reply, Refusal> {
        let id = input::integer(&sent.body, "id")?;
        account.clock.tick();
        let old = account.shelves.on(name).iter_mut().find(|record| record["id"].as_i64() == id);
        let Some(old) = old else { return Ok(Reply::Nothing) };
        let mut record = sent.body.clone();
        record.extend(self.set.clone());
        record.insert("id".to_owned(), json!(id));
        *old = Value::Object(record);
        Ok(Reply::One("record", old.clone()))
    }

    /// The call that this one is in other words.
    fn other(&self, call: &str, request: &VendorRequest, sent: &Sent<'_>) -> VendorRequest {
        let (method, path) = call.split_once(' ').unwrap_or(("GET", call));
        let mut other = request.clone();
        other.method = Method::from_bytes(method.as_bytes()).unwrap_or(Method::GET);
        other.segments = ["dev", "api"].into_iter().chain(path.split('/')).map(str::to_owned).collect();
        other.body = self.body.as_ref().map(|body| sent.filled(body).to_string().into()).unwrap_or_default();
        other.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        other
    }
}

/// What a caller sent, and whom it is about.
struct Sent<'r> {
    parts: Map<String, Value>,
    form: Map<String, Value>,
    body: Map<String, Value>,
    query: &'r [(String, String)],
    contact: Option<Value>,
}

impl Sent<'_> {
    /// A value with what its holes stand for: the members of `...` are the object's own, and `sum` adds numbers.
    fn filled(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => {
                let hole = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
                hole.map_or_else(|| value.clone(), |hole| self.hole(hole))
            }
            Value::Array(items) => items.iter().map(|item| self.filled(item)).collect(),
            Value::Object(members) if members.contains_key("sum") => {
                let numbers = members["sum"].as_array().into_iter().flatten();
                let number = |item: &Value| as_number(&self.filled(item));
                json!(numbers.map(number).sum::<i64>())
            }
            Value::Object(members) => {
                let mut all = Map::new();
                for (name, own) in members {
                    match (name.as_str(), self.filled(own)) {
                        ("...", Value::Object(inner)) => all.extend(inner),
                        (_, own) => drop(all.insert(name.clone(), own)),
                    }
                }
                Value::Object(all)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    fn hole(&self, name: &str) -> Value {
        let contact = |member: &str| self.contact.as_ref().and_then(|contact| contact.get(member)).cloned();
        let found = match name.split_once('.') {
            Some(("form", member)) => self.form.get(member).cloned().map(decoded),
            Some(("query", member)) => self.query.iter().find(|(own, _)| own == member).map(|(_, value)| json!(value)),
            Some(("contact", member)) => contact(member),
            _ if name == "contact" => contact("id"),
            _ if name == "body" => Some(Value::Object(self.body.clone())),
            _ => self.parts.get(name).cloned(),
        };
        found.unwrap_or_default()
    }

    /// Whether a record has everything that it is looked for by; a list has it where one of its values is it.
    fn is_at(&self, record: &Value, place: &BTreeMap<String, String>) -> bool {
        place.iter().all(|(member, wanted)| {
            let wanted = as_text(&self.filled(&json!(wanted)));
            match &record[member.as_str()] {
                Value::Array(values) => values.iter().any(|own| as_text(own) == wanted),
                own => as_text(own) == wanted,
            }
        })
    }
}

/// Lists and objects are JSON inside a form.
fn decoded(value: Value) -> Value {
    let text = value.as_str().unwrap_or_default();
    match serde_json::from_str(text) {
        Ok(inner @ (Value::Array(_) | Value::Object(_))) => inner,
        _ => value,
    }
}

fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn as_number(value: &Value) -> i64 {
    value.as_i64().or_else(|| value.as_str()?.parse().ok()).unwrap_or_default()
}

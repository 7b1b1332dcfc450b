//! Persons and organizations: read, created, changed, deleted.

use serde_json::{Map, Value, json};

use super::replies;
use super::store::Company;
use crate::exchange::{Content, Outcome, Refusal, VendorAnswer, VendorRequest};
use crate::table::{Record, text};

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Person,
    Organization,
}

/// What a member of an item can hold. Null clears it, where it is not the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Name,
    User,
    Organization,
    /// `{value, primary, label}`, each with a value.
    Channels,
    Numbers,
    Number,
    Address,
    /// By the hash that the vendor has given each field.
    CustomFields,
}

/// The company's own fields: a text, a number, a choice of several.
pub(super) const CUSTOM_FIELDS: [&str; 3] = [
    "d4de1c1518b4531717c676029a45911c340390a6",
    "9f2e0b7c41d84e5f8a3b6c2d1e0f9a8b7c6d5e4f",
    "51c27e4a19c3bedd91162a9d446707c1f95174ea",
];

const PERSON: &[(&str, Holds)] = &[
    ("name", Holds::Name),
    ("owner_id", Holds::User),
    ("org_id", Holds::Organization),
    ("emails", Holds::Channels),
    ("phones", Holds::Channels),
    ("label_ids", Holds::Numbers),
    ("visible_to", Holds::Number),
    ("custom_fields", Holds::CustomFields),
];

const ORGANIZATION: &[(&str, Holds)] = &[
    ("name", Holds::Name),
    ("owner_id", Holds::User),
    ("address", Holds::Address),
    ("label_ids", Holds::Numbers),
    ("visible_to", Holds::Number),
    ("custom_fields", Holds::CustomFields),
];

/// The parts of an address; one that is not sent is null from then on.
pub(super) const ADDRESS: [&str; 10] = [
    "value",
    "street_number",
    "route",
    "sublocality",
    "subpremise",
    "locality",
    "admin_area_level_1",
    "admin_area_level_2",
    "country",
    "postal_code",
];

impl Kind {
    pub(super) fn named(plural: &str) -> Option<Self> {
        match plural {
            "persons" => Some(Self::Person),
            "organizations" => Some(Self::Organization),
            _ => None,
        }
    }

    pub(super) fn singular(self) -> &'static str {
        match self {
            Self::Person => "Person",
            Self::Organization => "Organization",
        }
    }

    fn members(self) -> &'static [(&'static str, Holds)] {
        match self {
            Self::Person => PERSON,
            Self::Organization => ORGANIZATION,
        }
    }
}

/// `GET /{kind}/{id}`.
pub(super) fn one(company: &Company, kind: Kind, id: &str) -> Outcome {
    answer_one(company, 200, kind, id)
}

/// `POST /{kind}`.
pub(super) fn create(company: &mut Company, request: &VendorRequest, kind: Kind) -> Outcome {
    let sent = sent(company, request, kind)?;
    if text(&sent, "name").is_empty() {
        return Err(replies::wrong("Validation failed: name: Required"));
    }
    let (id, now) = (company.new_id(), company.tick());
    let mut record: Record = kind.members().iter().map(|(name, holds)| ((*name).to_owned(), absent(*holds))).collect();
    record.insert("visible_to".to_owned(), json!(3));
    record.insert("owner_id".to_owned(), json!(company.users.first()));
    record.extend([
        ("id".to_owned(), json!(id)),
        ("add_time".to_owned(), now.clone()),
        ("is_deleted".to_owned(), json!(false)),
    ]);
    change(&mut record, kind, sent, now);
    company.table_mut(kind).insert(&id.to_string(), record);
    answer_one(company, 201, kind, &id.to_string())
}

/// `PATCH /{kind}/{id}`: what is not sent stays.
pub(super) fn update(company: &mut Company, request: &VendorRequest, kind: Kind, id: &str) -> Outcome {
    let sent = sent(company, request, kind)?;
    let now = company.tick();
    let record = company.table_mut(kind).get_mut(id).ok_or_else(|| replies::not_found(kind.singular()))?;
    change(record, kind, sent, now);
    answer_one(company, 200, kind, id)
}

/// `DELETE /{kind}/{id}`.
pub(super) fn delete(company: &mut Company, kind: Kind, id: &str) -> Outcome {
    let removed = company.remove(kind, id).ok_or_else(|| replies::not_found(kind.singular()))?;
    company.clock.tick();
    Ok(replies::item(200, &json!({ "id": removed["id"] })))
}

/// What was changed in a record, its name's parts and its time.
fn change(record: &mut Record, kind: Kind, sent: Record, now: Value) {
    let renamed = sent.contains_key("name");
    for (name, value) in sent {
        match (name.as_str(), value, record.get_mut(&name)) {
            // Custom fields that are not sent stay.
            ("custom_fields", Value::Object(new), Some(Value::Object(own))) => own.extend(new),
            // What was found out of an address is known of the same text again.
            ("address", new, Some(own)) if new["value"] == own["value"] && is_whole_alone(&new) => {}
            (_, value, _) => {
                record.insert(name, value);
            }
        }
    }
    if kind == Kind::Person && renamed {
        let name = text(record, "name").to_owned();
        let (first, last) = name.split_once(' ').map_or((name.as_str(), None), |(first, last)| (first, Some(last)));
        let parts = [("first_name".to_owned(), json!(first)), ("last_name".to_owned(), json!(last))];
        record.extend(parts);
    }
    record.insert("update_time".to_owned(), now);
}

fn answer_one(company: &Company, status: u16, kind: Kind, id: &str) -> Outcome {
    let record = company.table(kind).get(id).ok_or_else(|| replies::not_found(kind.singular()))?;
    Ok(VendorAnswer { status, ..replies::item(status, &Value::Object(record.clone())) })
}

/// The members of a body that an item has. A member that it does not have, or cannot be written, is refused.
fn sent(company: &Company, request: &VendorRequest, kind: Kind) -> Result<Record, Refusal> {
    let Content::Json(Value::Object(body)) = request.content() else {
        return Err(replies::wrong("Validation failed: the body is no JSON object"));
    };
    let mut sent = Record::new();
    for (name, value) in body {
        let known = kind.members().iter().find(|(own, _)| *own == name);
        let Some((_, holds)) = known else {
            return Err(replies::wrong(&format!("Validation failed: {name}: Unknown field")));
        };
        let read = holds.read(company, &value);
        sent.insert(
            name.clone(),
            read.ok_or_else(|| replies::wrong(&format!("Validation failed: {name}: Invalid value")))?,
        );
    }
    Ok(sent)
}

fn absent(holds: Holds) -> Value {
    match holds {
        Holds::Channels | Holds::Numbers => json!([]),
        Holds::CustomFields => CUSTOM_FIELDS.iter().map(|hash| ((*hash).to_owned(), Value::Null)).collect(),
        Holds::Name | Holds::User | Holds::Organization | Holds::Number | Holds::Address => Value::Null,
    }
}

impl Holds {
    /// A value as it is stored; `None` where the member cannot have it.
    fn read(self, company: &Company, value: &Value) -> Option<Value> {
        let cleared = value.is_null() && matches!(self, Self::Organization | Self::Address);
        if cleared {
            return Some(Value::Null);
        }
        match self {
            Self::Name => value.as_str().filter(|name| !name.is_empty()).map(Value::from),
            Self::User => value.as_u64().filter(|id| company.users.contains(id)).map(Value::from),
            Self::Organization => {
                let id = value.as_u64()?;
                company.table(Kind::Organization).contains(&id.to_string()).then(|| json!(id))
            }
            Self::Channels => value.as_array()?.iter().map(channel).collect::<Option<Vec<_>>>().map(with_one_primary),
            Self::Numbers => value.as_array()?.iter().all(Value::is_u64).then(|| value.clone()),
            Self::Number => value.is_u64().then(|| value.clone()),
            Self::Address => address(value.as_object()?),
            Self::CustomFields => {
                let fields = value.as_object()?;
                fields.keys().all(|hash| CUSTOM_FIELDS.contains(&hash.as_str())).then(|| value.clone())
            }
        }
    }
}

fn channel(item: &Value) -> Option<Value> {
    let item = item.as_object()?;
    let value = item.get("value")?.as_str().filter(|value| !value.is_empty())?;
    let known = item.iter().all(|(name, own)| match name.as_str() {
        "value" | "label" => own.is_string(),
        "primary" => own.is_boolean(),
        _ => false,
    });
    let label = item.get("label").cloned().unwrap_or_else(|| json!("work"));
    known.then(|| json!({"value": value, "primary": item.get("primary") == Some(&json!(true)), "label": label}))
}

/// Where none is said to be the primary one, or several are, it is the first of them.
fn with_one_primary(mut channels: Vec<Value>) -> Value {
    let first = channels.iter().position(|channel| channel["primary"] == true).unwrap_or(0);
    for (place, channel) in channels.iter_mut().enumerate() {
        channel["primary"] = json!(place == first);
    }
    Value::Array(channels)
}

fn is_whole_alone(address: &Value) -> bool {
    address.as_object().is_some_and(|parts| parts.iter().all(|(name, part)| name == "value" || part.is_null()))
}

/// The whole is all that has to be there.
fn address(parts: &Map<String, Value>) -> Option<Value> {
    let known =
        parts.iter().all(|(name, part)| ADDRESS.contains(&name.as_str()) && (part.is_string() || part.is_null()));
    parts.get("value")?.as_str().filter(|whole| known && !whole.is_empty())?;
    Some(ADDRESS.iter().map(|name| ((*name).to_owned(), parts.get(*name).cloned().unwrap_or_default())).collect())
}

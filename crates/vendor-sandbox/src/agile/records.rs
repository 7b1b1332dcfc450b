//! The one record behind persons, companies and leads, the users who own it, and how both look on the wire.

use serde_json::{Map, Value, json};

use super::AGILE_DOMAIN;
use super::store::Account;
use crate::agile::lists::cursor::{Listed, SortValue};

/// What a contact stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Person,
    Company,
    /// In no public documentation; the vendor's own pages save leads so.
    Lead,
}

impl Kind {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "PERSON" => Some(Self::Person),
            "COMPANY" => Some(Self::Company),
            "LEAD" => Some(Self::Lead),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Person => "PERSON",
            Self::Company => "COMPANY",
            Self::Lead => "LEAD",
        }
    }

    fn entity_type(self) -> &'static str {
        match self {
            Self::Person | Self::Lead => "contact_entity",
            Self::Company => "company_entity",
        }
    }
}

/// Whether a property is the vendor's own or the tenant's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    System,
    Custom,
}

/// One entry of `properties`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Property {
    pub(super) origin: Origin,
    pub(super) name: String,
    pub(super) subtype: Option<String>,
    pub(super) value: String,
    /// Whether it came as a number, as dates do.
    pub(super) is_number: bool,
}

impl Property {
    pub(super) fn system(name: &str, value: impl Into<String>) -> Self {
        Self { origin: Origin::System, name: name.to_owned(), subtype: None, value: value.into(), is_number: false }
    }

    pub(super) fn custom(name: &str, value: impl Into<String>) -> Self {
        Self { origin: Origin::Custom, ..Self::system(name, value) }
    }

    pub(super) fn of_subtype(name: &str, subtype: &str, value: impl Into<String>) -> Self {
        Self { subtype: Some(subtype.to_owned()), ..Self::system(name, value) }
    }

    pub(super) fn is_system(&self, name: &str) -> bool {
        self.origin == Origin::System && self.name == name
    }

    /// Whether an edit of `other` overwrites this one.
    pub(super) fn has_place_of(&self, other: &Self) -> bool {
        self.origin == other.origin && self.name == other.name && self.subtype == other.subtype
    }

    fn shown_value(&self) -> Value {
        let number = self.value.parse::<i64>().ok().filter(|_| self.is_number);
        number.map_or_else(|| json!(self.value), |number| json!(number))
    }

    fn to_json(&self) -> Value {
        let origin = match self.origin {
            Origin::System => "SYSTEM",
            Origin::Custom => "CUSTOM",
        };
        let mut members = Map::from_iter([
            ("type".to_owned(), json!(origin)),
            ("name".to_owned(), json!(self.name)),
            ("value".to_owned(), self.shown_value()),
        ]);
        if let Some(subtype) = &self.subtype {
            members.insert("subtype".to_owned(), json!(subtype));
        }
        Value::Object(members)
    }
}

/// A tag with the time it was given, in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) created_milliseconds: i64,
}

impl Tag {
    /// Adds the names that are not there yet.
    pub(super) fn add(tags: &mut Vec<Self>, names: Vec<String>, now: i64) {
        for name in names {
            if !tags.iter().any(|tag| tag.name == name) {
                tags.push(Self { name, created_milliseconds: now.saturating_mul(1000) });
            }
        }
    }

    pub(super) fn to_json(&self) -> Value {
        json!({"tag": self.name, "createdTime": self.created_milliseconds, "availableCount": 0, "entity_type": "tag"})
    }
}

/// A person, a company or a lead. Times are in seconds, 0 is never.
#[derive(Debug, Clone)]
pub(super) struct Contact {
    pub(super) id: i64,
    pub(super) kind: Kind,
    pub(super) created: i64,
    /// Moves only when something that the vendor tracks has changed.
    pub(super) updated: i64,
    pub(super) last_contacted: i64,
    pub(super) last_emailed: i64,
    pub(super) last_called: i64,
    pub(super) star_value: i64,
    pub(super) lead_score: i64,
    pub(super) tags: Vec<Tag>,
    /// Without `company` and `name_lower`, which follow from the rest.
    pub(super) properties: Vec<Property>,
    pub(super) company_id: Option<i64>,
    pub(super) owner_id: i64,
    /// Categories; 0 is none.
    pub(super) lead_source_id: i64,
    pub(super) lead_status_id: i64,
    pub(super) is_lead_converted: bool,
    pub(super) lead_converted: i64,
    pub(super) source: &'static str,
}

impl Contact {
    /// An empty record that came in through the API.
    pub(super) fn new(id: i64, kind: Kind, created: i64, owner_id: i64) -> Self {
        Self {
            id,
            kind,
            created,
            updated: 0,
            last_contacted: 0,
            last_emailed: 0,
            last_called: 0,
            star_value: 0,
            lead_score: 0,
            tags: Vec::new(),
            properties: Vec::new(),
            company_id: None,
            owner_id,
            lead_source_id: 0,
            lead_status_id: 0,
            is_lead_converted: false,
            lead_converted: 0,
            source: "api",
        }
    }

    /// The value of the first SYSTEM property of that name; empty without one.
    pub(super) fn system(&self, name: &str) -> &str {
        self.systems(name).next().unwrap_or_default()
    }

    /// The values of every SYSTEM property of that name.
    pub(super) fn systems(&self, name: &str) -> impl Iterator<Item = &str> {
        self.properties.iter().filter(move |property| property.is_system(name)).map(|property| property.value.as_str())
    }

    /// What people call it: a company's name, a person's names.
    pub(super) fn display_name(&self) -> String {
        match self.kind {
            Kind::Company => self.system("name").to_owned(),
            Kind::Person | Kind::Lead => {
                format!("{} {}", self.system("first_name"), self.system("last_name")).trim().to_owned()
            }
        }
    }

    /// Sets the properties given, adds those that are new, removes none.
    pub(super) fn overwrite(&mut self, properties: Vec<Property>) {
        for property in properties {
            match self.properties.iter_mut().find(|existing| existing.has_place_of(&property)) {
                Some(existing) => *existing = property,
                None => self.properties.push(property),
            }
        }
    }

    pub(super) fn add_tags(&mut self, names: Vec<String>, now: i64) {
        Tag::add(&mut self.tags, names, now);
    }

    /// What other records show of this one.
    pub(super) fn partial(&self) -> Value {
        let properties: Vec<Value> = self.properties.iter().map(Property::to_json).collect();
        json!({"id": self.id, "type": self.kind.name(), "created_time": self.created, "properties": properties})
    }

    /// The record on the wire; `company` and `owner` are what its ids point to.
    pub(super) fn to_json(&self, company: Option<&Contact>, owner: Option<&User>) -> Value {
        let mut properties: Vec<Value> = self.properties.iter().map(Property::to_json).collect();
        if let Some(company) = company {
            properties.push(Property::system("company", company.system("name")).to_json());
        }
        if self.kind == Kind::Company {
            properties.push(Property::system("name_lower", self.system("name").to_lowercase()).to_json());
        }
        let mut record = json!({
            "id": self.id,
            "type": self.kind.name(),
            "created_time": self.created,
            "updated_time": self.updated,
            "last_contacted": self.last_contacted,
            "last_emailed": self.last_emailed,
            "last_campaign_emaild": 0,
            "last_called": self.last_called,
            "viewed_time": 0,
            "viewed": {"viewed_time": 0},
            "star_value": self.star_value,
            "lead_score": self.lead_score,
            "klout_score": "",
            "tags": self.tags.iter().map(|tag| tag.name.as_str()).collect::<Vec<_>>(),
            "tagsWithTime": self.tags.iter().map(Tag::to_json).collect::<Vec<_>>(),
            "properties": properties,
            "campaignStatus": [],
            "entity_type": self.kind.entity_type(),
            "unsubscribeStatus": [],
            "emailBounceStatus": [],
            "formId": 0,
            "browserId": [],
            "lead_source_id": self.lead_source_id,
            "lead_status_id": self.lead_status_id,
            "is_lead_converted": self.is_lead_converted,
            "lead_converted_time": self.lead_converted,
            "is_duplicate_existed": false,
            "source": self.source,
        });
        if let Some(company_id) = self.company_id {
            record["contact_company_id"] = json!(company_id.to_string());
        }
        if let Some(owner) = owner {
            record["owner"] = owner.to_json();
        }
        record
    }
}

impl Listed for Contact {
    fn id(&self) -> i64 {
        self.id
    }

    fn sort_value(&self, field: &str) -> SortValue {
        match field {
            "created_time" => SortValue::Number(self.created),
            "updated_time" => SortValue::Number(self.updated),
            "last_contacted" => SortValue::Number(self.last_contacted),
            "lead_score" => SortValue::Number(self.lead_score),
            "star_value" => SortValue::Number(self.star_value),
            "name" => SortValue::Text(self.display_name().to_lowercase()),
            "first_name" | "last_name" => SortValue::Text(self.system(field).to_lowercase()),
            // A searchable custom field.
            label => {
                let mut custom = self.properties.iter();
                let found = custom.find(|property| property.origin == Origin::Custom && property.name == label);
                SortValue::Text(found.map(|property| property.value.to_lowercase()).unwrap_or_default())
            }
        }
    }

    fn show(&self, account: &Account) -> Value {
        account.show(self)
    }
}

/// Somebody who works with the account.
#[derive(Debug, Clone)]
pub(super) struct User {
    pub(super) id: i64,
    pub(super) email: String,
    pub(super) name: String,
    pub(super) phone: String,
    pub(super) is_admin: bool,
    pub(super) is_disabled: bool,
}

impl User {
    /// Everything, as `GET users` and a task's owner show it.
    pub(super) fn full(&self) -> Value {
        let mut record = self.to_json();
        record["is_admin"] = json!(self.is_admin);
        record["is_account_owner"] = json!(self.is_admin);
        record["is_disabled"] = json!(self.is_disabled);
        record["scopes"] = json!(["READ", "CREATE", "UPDATE", "DELETE"]);
        record
    }

    /// The partial form, which stands inside records.
    pub(super) fn to_json(&self) -> Value {
        let schedule = self.name.split(' ').next().unwrap_or_default();
        let calendar = format!("https://{AGILE_DOMAIN}.agilecrm.example/calendar/{schedule}");
        json!({
            "id": self.id,
            "domain": AGILE_DOMAIN,
            "email": self.email,
            "phone": self.phone,
            "name": self.name,
            "pic": format!("https://cdn.example/{}.png", self.id % 100),
            "schedule_id": schedule,
            "calendar_url": calendar,
            "calendarURL": calendar,
        })
    }
}

//! Values to write: made up by type and name from the canonical schema, always the same, or taken from what the vendor has
//! shown; ids of related records are never made up.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use unified_model::schema::ObjectType;
use unified_model::{Access, CanonicalSchema, Format, Kind, Operation, Property, Resource};

use super::connected::{Connected, RESOURCES};
use super::vendor_rules;

/// The most values that are tried in one field.
const MOST: usize = 12;

/// What can be written to one resource of one vendor.
pub struct Values<'v> {
    vendor: &'v Connected,
    pub resource: Resource,
    writable: BTreeSet<String>,
    /// The values that seeded records have, by the field's path.
    seen: BTreeMap<String, Vec<Value>>,
    /// The ids of the vendor's records.
    related: BTreeMap<Resource, Vec<Value>>,
    /// A pipeline and a stage of it.
    stages: Vec<(Value, Value)>,
    made: Cell<u32>,
}

impl<'v> Values<'v> {
    pub async fn of(vendor: &'v Connected, resource: Resource) -> Self {
        let mut related = BTreeMap::new();
        let lists = |resource: &Resource| vendor.entities(*resource).first().is_some_and(|entity| entity.all.is_some());
        // Of every resource, also where only one is tested; a list that settings switch off has nothing to show.
        for resource in RESOURCES.into_iter().filter(lists) {
            let records = vendor.page(resource, "limit=5").await;
            let ids = records.body["data"].as_array().into_iter().flatten().map(|record| record["id"].clone());
            related.insert(resource, ids.collect());
        }
        let mut stages = Vec::new();
        if vendor.entities(Resource::Pipelines).first().is_some_and(|entity| entity.all.is_some()) {
            for pipeline in vendor.list(Resource::Pipelines, "limit=200").await {
                let of_it = pipeline["stages"].as_array().into_iter().flatten();
                stages.extend(of_it.map(|stage| (pipeline["id"].clone(), stage["id"].clone())));
            }
        }
        let mut seen = BTreeMap::new();
        if vendor.offers(resource, Operation::All) {
            for record in vendor.page(resource, "limit=200").await.body["data"].as_array().into_iter().flatten() {
                remember(record, "", &mut seen);
            }
        }
        let covered = vendor.covered(resource).map(|covered| covered.fields.as_slice()).unwrap_or_default();
        let writable = covered.iter().filter(|field| field.writable).map(|field| field.field.clone()).collect();
        Self { vendor, resource, writable, seen, related, stages, made: Cell::new(0) }
    }

    /// The id of a record: the first, or a new one where the vendor lists none.
    pub async fn some_id(&self) -> String {
        match self.vendor.first(self.resource).await {
            Some(id) => id,
            None if self.vendor.offers(self.resource, Operation::Add) => {
                self.vendor.add(self.resource, &Value::Object(self.least())).await.id().unwrap_or_default()
            }
            None => "1".to_owned(),
        }
    }

    /// The members of a record that coverage calls writable, in the schema's order.
    pub fn writable(&self) -> impl Iterator<Item = &'static Property> {
        self.properties().filter(|property| self.writable.contains(&property.name))
    }

    /// Those that callers may send and coverage does not call writable.
    pub fn not_writable(&self) -> impl Iterator<Item = &'static Property> {
        let sendable = |property: &&Property| property.access != Access::WriteOnly;
        self.properties().filter(sendable).filter(|property| !self.writable.contains(&property.name))
    }

    fn properties(&self) -> impl Iterator<Item = &'static Property> {
        let own = |property: &&Property| !matches!(property.name.as_str(), "pass_through" | "custom_mappings");
        CanonicalSchema::built_in().resource(self.resource).record.properties.iter().filter(own)
    }

    /// Any good value.
    pub fn any(&self, property: &Property) -> Option<Value> {
        self.made_up(&property.name, property).into_iter().find(|value| !value.is_null())
    }

    /// Writable lists and objects with a value in each member that is not, and the paths of these.
    pub fn unwritable_members(&self) -> BTreeMap<String, (BTreeSet<String>, Value)> {
        let mut found = BTreeMap::new();
        for property in self.writable().filter(|property| property.name != "custom_fields") {
            let (object, in_list) = match &property.kind {
                Kind::Object(object) => (object, false),
                Kind::List(inner) => match &**inner {
                    Kind::Object(object) => (object, true),
                    _ => continue,
                },
                _ => continue,
            };
            let mut item = Map::new();
            let mut paths = BTreeSet::new();
            for member in object.properties.iter().filter(|member| member.access != Access::WriteOnly) {
                let path = format!("{}.{}", property.name, member.name);
                let is_writable = self.writable.contains(&path);
                // A value that is made up stands for an id that leads nowhere.
                let value = self.made_up(&path, member).into_iter().next();
                let Some(value) = value.or_else(|| (!is_writable).then(|| json!("1"))) else { continue };
                // One place is enough: an address as one text is the same as its parts.
                if !(is_writable && member.name == "string") {
                    item.insert(member.name.clone(), value);
                }
                if !is_writable {
                    paths.insert(path);
                }
            }
            let item = Value::Object(item);
            found.insert(property.name.clone(), (paths, if in_list { json!([item]) } else { item }));
        }
        found
    }

    /// The least that makes a record.
    pub fn least(&self) -> Map<String, Value> {
        let required = self.properties().filter(|property| property.required).map(|property| property.name.as_str());
        let entities = self.vendor.entities(self.resource).iter();
        let refusals = entities.flat_map(|entity| &entity.requires);
        let refused_without = refusals.filter_map(|requirement| requirement.fields.first());
        let names: Vec<&str> = required
            .chain(refused_without.map(String::as_str))
            .chain(vendor_rules::needed(self.vendor.service(), self.resource).iter().copied())
            .collect();
        self.properties()
            .filter(|property| names.contains(&property.name.as_str()))
            .filter_map(|property| Some((property.name.clone(), self.candidates(property).into_iter().next()?)))
            .collect()
    }

    /// The least that makes a record, and a value that follows from others in place of these.
    pub fn alone(&self, follower: &str, value: Value) -> Map<String, Value> {
        let entities = self.vendor.entities(self.resource).iter();
        let requires: Vec<&Vec<String>> = entities.flat_map(|entity| &entity.requires).map(|own| &own.fields).collect();
        let is_needed =
            |name: &String| requires.iter().any(|any| any.contains(name) && !any.iter().any(|own| own == follower));
        let mut body = self.least();
        body.retain(|name, _| {
            is_needed(name) || !vendor_rules::moves(self.vendor.service(), self.resource, follower, name)
        });
        for (name, own) in vendor_rules::beside(self.vendor.service(), self.resource, follower) {
            body.insert(name.to_owned(), json!(own));
        }
        body.insert(follower.to_owned(), value);
        body
    }

    /// Everything at once, each field with the `round`th of its values.
    pub fn everything(&self, round: usize) -> Map<String, Value> {
        let follows = vendor_rules::following(self.vendor.service(), self.resource);
        let mut all = self.least();
        for property in self.writable().filter(|property| !follows.contains(property.name.as_str())) {
            let values = self.candidates(property);
            if let Some(value) = values.get(round % values.len().max(1)) {
                all.insert(property.name.clone(), value.clone());
            }
        }
        // A name that has to be sent beside its parts is made of them.
        if let (Some(first), Some(last), Some(name)) = (all.get("first_name"), all.get("last_name"), all.get("name")) {
            let whole = format!("{} {}", first.as_str().unwrap_or_default(), last.as_str().unwrap_or_default());
            if name.is_string() {
                all.insert("name".to_owned(), json!(whole));
            }
        }
        for (pipeline, stage) in self.stages.iter().cycle().skip(round).take(1) {
            for (name, value) in [("pipeline_id", pipeline), ("pipeline_stage_id", stage)] {
                if let Some(own) = all.get_mut(name) {
                    *own = value.clone();
                }
            }
        }
        all
    }

    /// How many rounds it takes until every value was written.
    pub fn rounds(&self) -> usize {
        self.writable().map(|property| self.candidates(property).len()).max().unwrap_or(1).min(MOST)
    }

    /// The values to try in a field: those made up, then those that seeded records have.
    pub fn candidates(&self, property: &Property) -> Vec<Value> {
        let path = property.name.as_str();
        let mut values = self.made_up(path, property);
        let seen = self.seen.get(path).map(Vec::as_slice).unwrap_or_default();
        // A list of objects is made from the values of its members, which are seen ones too.
        if path == "custom_fields" || !matches!(&property.kind, Kind::List(inner) if matches!(**inner, Kind::Object(_)))
        {
            values.extend(seen.iter().take(3).cloned());
        }
        let mut distinct: Vec<Value> = Vec::new();
        let is_good = |value: &Value| !vendor_rules::is_refused(self.vendor.service(), self.resource, path, value);
        for value in values.into_iter().filter(|value| !value.is_null()).filter(is_good) {
            if !distinct.contains(&value) {
                distinct.push(value);
            }
        }
        distinct.truncate(MOST);
        distinct
    }

    fn made_up(&self, path: &str, property: &Property) -> Vec<Value> {
        let name = path.rsplit('.').next().unwrap_or(path);
        if let Some(ids) = self.ids(name) {
            return ids;
        }
        if let Some(own) = vendor_rules::vocabulary(self.vendor.service(), self.resource, path) {
            return own.iter().map(|word| json!(word)).collect();
        }
        match &property.kind {
            Kind::Text { one_of, .. } if path == "currency" || path.ends_with(".currency") => {
                one_of.iter().filter(|code| ["EUR", "USD"].contains(&code.as_str())).map(|code| json!(code)).collect()
            }
            Kind::Text { one_of, .. } if !one_of.is_empty() => one_of.iter().map(|value| json!(value)).collect(),
            Kind::Text { format, max_length, .. } => self.texts(name, *format, *max_length),
            // Places are counted as they come.
            Kind::Integer { .. } if name == "display_order" => vec![json!(0), json!(1)],
            Kind::Integer { minimum, maximum } => [40, 7]
                .iter()
                .map(|n: &i64| json!((*n).clamp(minimum.unwrap_or(0), maximum.unwrap_or(i64::MAX))))
                .collect(),
            Kind::Number => vec![json!(40), json!(7)],
            Kind::Boolean => vec![json!(true), json!(false)],
            Kind::Object(object) => self.objects(path, object),
            Kind::FreeObject => vec![json!({ "free": "text" })],
            Kind::List(inner) => self.lists(path, inner),
            Kind::Any => vec![json!("text")],
        }
    }

    /// Ids are taken from the records that they lead to, or from those seen in the same place; `None` where this is no id.
    fn ids(&self, name: &str) -> Option<Vec<Value>> {
        let of = |resource: Resource| self.related.get(&resource).cloned().unwrap_or_default();
        let shown = || self.seen.get(name).cloned().unwrap_or_default();
        let either = |first: Vec<Value>, second: Vec<Value>| if first.is_empty() { second } else { first };
        Some(match name {
            "company_id" => of(Resource::Companies).into_iter().take(2).collect(),
            "contact_id" | "primary_contact_id" => of(Resource::Contacts).into_iter().take(2).collect(),
            "contact_ids" => {
                let ids = either(of(Resource::Contacts), Vec::new());
                if ids.is_empty() { Vec::new() } else { vec![json!(ids[..1]), json!(ids[ids.len().min(1)..])] }
            }
            "lead_id" => of(Resource::Leads).into_iter().take(2).collect(),
            "opportunity_id" => of(Resource::Opportunities).into_iter().take(2).collect(),
            "pipeline_id" => self.stages.iter().map(|(pipeline, _)| pipeline.clone()).take(1).collect(),
            "pipeline_stage_id" => self.stages.iter().map(|(_, stage)| stage.clone()).take(3).collect(),
            "owner_id" | "user_id" => either(shown(), of(Resource::Users)).into_iter().take(2).collect(),
            _ if self.resource == Resource::Pipelines => return None,
            _ if name.ends_with("_id") || name.ends_with("_ids") => shown().into_iter().take(2).collect(),
            _ => return None,
        })
    }

    fn texts(&self, name: &str, format: Option<Format>, max_length: Option<usize>) -> Vec<Value> {
        let nth = self.made.get() + 1;
        self.made.set(nth);
        let at = name;
        let texts: Vec<String> = match (format, at) {
            (Some(Format::Date), _) => vec!["2031-05-17".to_owned(), "2027-02-28".to_owned()],
            (Some(Format::DateTime), _) => vec!["2031-05-17T09:45:00.000Z".to_owned()],
            (None, "email" | "email_address" | "username") => {
                vec![format!("ada{nth}@work.example"), format!("b.o'hara+{nth}@mail.example")]
            }
            (None, "number" | "fax" | "phone_number") => {
                vec![format!("+1 555 013 {nth:04}"), format!("+49 30 {nth:06}")]
            }
            (None, "url" | "image" | "photo_url" | "website" | "video_conference_url") => {
                vec![format!("https://own{nth}.example/?a=1&b=%20"), format!("https://own{nth}.example/päge")]
            }
            (None, "country") => vec!["DE".to_owned(), "US".to_owned()],
            (None, "language") => vec!["DE".to_owned(), "EN".to_owned()],
            (None, "birthday") => vec!["1990-01-31".to_owned()],
            (None, "annual_revenue" | "number_of_employees") => vec!["1200".to_owned(), "17".to_owned()],
            (None, "type") => ["linkedin", "twitter", "facebook", "mastodon"].map(str::to_owned).to_vec(),
            (None, "latitude" | "longitude") => vec!["12.5".to_owned()],
            (None, "start_datetime" | "activity_datetime" | "reminder_datetime") => {
                vec!["2031-05-17T09:45:00.000Z".to_owned(), "2031-05-16T22:15:00.000Z".to_owned()]
            }
            (None, "end_datetime") => {
                vec!["2031-05-17T11:15:00.000Z".to_owned(), "2031-05-18T00:30:00.000Z".to_owned()]
            }
            (None, "activity_date" | "end_date") => vec!["2031-05-17".to_owned()],
            (None, "first_name" | "last_name" | "middle_name") => vec!["O'Hara".to_owned(), "Zoë".to_owned()],
            (None, "name") => vec![format!("Ada Byron{nth}"), format!("Øre D'Arc & 100% \"{nth}\"")],
            (None, _) => vec![format!("{at} {nth}"), format!("O'Hara & \"Søns\" <b> 100% 翠光 {{{nth}}}")],
        };
        let fits = |text: &String| max_length.is_none_or(|most| text.chars().count() <= most);
        texts.into_iter().filter(fits).map(Value::from).collect()
    }

    /// An object with all its writable members, once for each value of the member with the most of them.
    fn objects(&self, path: &str, object: &ObjectType) -> Vec<Value> {
        let members: Vec<(&str, Vec<Value>)> = object
            .properties
            .iter()
            .filter(|member| self.writable.contains(&format!("{path}.{}", member.name)))
            .filter(|member| !self.is_absorbed(path, &member.name))
            .map(|member| (member.name.as_str(), self.made_up(&format!("{path}.{}", member.name), member)))
            .filter(|(_, values)| !values.is_empty())
            .collect();
        let rounds = members.iter().map(|(_, values)| values.len()).max().unwrap_or_default();
        let nth = |round: usize| -> Value {
            members.iter().map(|(name, values)| ((*name).to_owned(), values[round % values.len()].clone())).collect()
        };
        (0..rounds).map(nth).collect()
    }

    /// An address as one text stands for its parts, but where it is all that the vendor takes.
    fn is_absorbed(&self, path: &str, member: &str) -> bool {
        let is_whole = member == "string" && !self.writable.contains(&format!("{path}.line1"));
        !is_whole && vendor_rules::is_absorbed(&format!("{path}.{member}"))
    }

    fn lists(&self, path: &str, inner: &Kind) -> Vec<Value> {
        match inner {
            // Only the vendor knows which there are.
            Kind::Object(_) if path == "custom_fields" => {
                let known = vendor_rules::custom_fields(self.vendor.service(), self.resource);
                let item = |(id, value): &(&str, &str)| json!({ "id": id, "value": value });
                let distinct = known.len() > 1 && known.iter().skip(1).all(|(id, _)| *id != known[0].0);
                let both = distinct.then(|| known.iter().map(item).collect());
                known.iter().map(|own| json!([item(own)])).chain(both).collect()
            }
            Kind::Object(object) => {
                let items = self.objects(path, object);
                let mut lists: Vec<Value> = items.iter().map(|item| json!([item])).collect();
                // Two of them, with what tells one from the other.
                let other = self.objects(path, object);
                if let (Some(first), Some(second)) = (items.first(), other.get(1)) {
                    lists.insert(0, json!([first, second]));
                }
                // What is kept as a part of something else is tried with nothing beside it.
                for member in object.properties.iter().map(|member| format!("{path}.{}", member.name)) {
                    let name = member.rsplit('.').next().unwrap_or_default();
                    if self.writable.contains(&member) && self.is_absorbed(path, name) {
                        lists.push(json!([{ (name): "Dock 7" }]));
                    }
                }
                lists
            }
            Kind::Text { .. } => vec![json!(["Buyer", "follow_up"]), json!(["Renewal 2026"])],
            _ => Vec::new(),
        }
    }
}

/// Notes the distinct values of every field, lists of objects member by member.
fn remember(value: &Value, path: &str, seen: &mut BTreeMap<String, Vec<Value>>) {
    if !path.is_empty() {
        let known = seen.entry(path.to_owned()).or_default();
        let something = !value.is_null() && *value != json!([]) && *value != json!({}) && *value != json!("");
        if known.len() < 8 && something && !known.contains(value) {
            known.push(value.clone());
        }
    }
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, own)| remember(own, &below(name), seen)),
        Value::Array(items) => {
            for (name, own) in items.iter().filter_map(Value::as_object).flatten() {
                remember(own, &below(name), seen);
            }
        }
        _ => {}
    }
}

//! Rows that belong to a record and stand in tables of their own. Of a tenant's own field a row holds a value alone: read, it
//! gets the field's name and what people see as its value; written, it becomes a row of the table for the field's type.

use bytes::Bytes;
use connector_catalog::{ResourceDefinition, SideTable, TenantFields, ValueKind, ValueTable};
use field_mapping::{LookupTable, Zone};
use jiff::Timestamp;
use jiff::civil;
use serde_json::{Map, Value, json};
use unified_model::Warning;
use unified_model::answer::WarningKind;

use crate::call::dialect::Rewriting;
use crate::call::ids::as_text;
use crate::call::surroundings::Surroundings;

/// What a shown row has beside its own members: the field's name, its value, and the table that the row stands in.
const NAME: &str = "name";
const VALUE: &str = "value";
const SET: &str = "set";

/// The canonical field that holds the values of tenants' own fields.
const FIELD: &str = "custom_fields";

/// An answer whose rows of tenants' own fields say what they are. Without such rows it stays as it is.
pub(super) fn shown(resource: &ResourceDefinition, surroundings: &Surroundings, body: Bytes) -> Bytes {
    let tables = || resource.side_tables.iter().filter(|table| table.fields.is_some());
    if tables().next().is_none() {
        return body;
    }
    let Ok(mut answer) = serde_json::from_slice::<Value>(&body) else { return body };
    let mut changed = false;
    let records = match answer.get_mut("value") {
        Some(Value::Array(records)) => records.as_mut_slice(),
        _ => std::slice::from_mut(&mut answer),
    };
    for record in records {
        for table in tables() {
            let (Some(fields), Some(Value::Array(rows))) = (&table.fields, record.get_mut(&table.member)) else {
                continue;
            };
            for row in rows.iter_mut().filter_map(Value::as_object_mut) {
                Fields::new(fields, surroundings).show(row);
                changed = true;
            }
        }
    }
    if changed { Bytes::from(answer.to_string()) } else { body }
}

/// The tables that lack something that is sent: the definition of a field, or a choice that its field has.
pub(super) fn outdated(
    resource: &ResourceDefinition,
    surroundings: &Surroundings,
    sent: &Map<String, Value>,
) -> Vec<String> {
    let entries = || sent.get(FIELD).and_then(Value::as_array).into_iter().flatten();
    let mut outdated = Vec::new();
    for told in resource.side_tables.iter().filter_map(|table| table.fields.as_ref()) {
        let fields = Fields::new(told, surroundings);
        outdated.extend(entries().filter_map(|entry| fields.unknown_in(entry)));
    }
    outdated
}

/// The rows of a written record as their tables hold them.
pub(super) fn complete(
    resource: &ResourceDefinition,
    surroundings: &Surroundings,
    rewriting: &mut Rewriting<'_>,
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for table in &resource.side_tables {
        let before = rows(rewriting.before, &table.member);
        let Some(Value::Array(written)) = rewriting.record.remove(&table.member) else { continue };
        let mut completed: Vec<Value> = Vec::new();
        let mut added = Vec::new();
        for row in written {
            if before.contains(&row) {
                completed.push(row);
                continue;
            }
            let Value::Object(row) = row else { continue };
            let Some(fields) = &table.fields else {
                added.push(completed.len());
                completed.push(Value::Object(row));
                continue;
            };
            let fields = Fields::new(fields, surroundings);
            let old = fields.old(table, &row, &before);
            // What becomes of the field is said once: by the row that was made of the old one.
            completed.retain(|own| Some(own) != old);
            match fields.written(&row, (old, &before), surroundings.zone()) {
                Ok(Some(mut row)) => {
                    belong(table, &mut row, rewriting);
                    completed.push(Value::Object(row));
                }
                Ok(None) => {}
                Err(message) => {
                    warnings.push(Warning::about_field(WarningKind::UnsupportedField, FIELD, message));
                    completed.extend(old.cloned());
                }
            }
        }
        in_place(table, &resource.mapping.written_in(&table.member), &before, &mut completed, &added);
        for at in added {
            if let Some(Value::Object(row)) = completed.get_mut(at) {
                belong(table, row, rewriting);
            }
        }
        rewriting.record.insert(table.member.clone(), Value::Array(completed));
    }
    warnings
}

/// New rows are made before old ones are removed, so a record has both for a moment. Where the vendor has no room for that, as
/// many new rows as have no room become old ones changed, each the one that is most like it.
fn in_place(table: &SideTable, shown: &[&str], before: &[Value], rows: &mut [Value], added: &[usize]) {
    let is_kept = |old: &&Value| rows.iter().any(|row| row == *old);
    let mut going: Vec<&Value> = before.iter().filter(|old| !is_kept(old)).collect();
    let room = table.most.map_or(usize::MAX, |most| most.saturating_sub(before.len()));
    for at in added.iter().rev().take(added.len().saturating_sub(room)) {
        let Value::Object(row) = &mut rows[*at] else { continue };
        let alike = |old: &Value| row.iter().filter(|(name, value)| old.get(*name) == Some(*value)).count();
        let Some(place) = (0..going.len()).max_by_key(|place| (alike(going[*place]), going.len() - place)) else {
            return;
        };
        let old = going.remove(place);
        // What the caller's item does not have is cleared; what no item can show stays.
        for (name, value) in old.as_object().into_iter().flatten() {
            let kept = if shown.contains(&name.as_str()) { Value::Null } else { value.clone() };
            row.entry(name).or_insert(kept);
        }
    }
}

fn rows(record: &Map<String, Value>, member: &str) -> Vec<Value> {
    record.get(member).and_then(Value::as_array).cloned().unwrap_or_default()
}

/// A row that is new gets an id, and every row its owner's.
fn belong(table: &SideTable, row: &mut Map<String, Value>, rewriting: &mut Rewriting<'_>) {
    let has_key = row.get(&table.key).is_some_and(|key| !key.is_null());
    if !has_key {
        row.insert(table.key.clone(), Value::String((rewriting.mint)()));
    }
    row.insert(table.owner.clone(), Value::String(rewriting.id.to_owned()));
}

/// A tenant's fields with their definitions at hand.
struct Fields<'f> {
    told: &'f TenantFields,
    surroundings: &'f Surroundings,
    definitions: Option<&'f LookupTable>,
    choices: Option<&'f LookupTable>,
}

impl<'f> Fields<'f> {
    fn new(fields: &'f TenantFields, surroundings: &'f Surroundings) -> Self {
        let choices = fields.choices.as_ref().and_then(|choices| surroundings.table(&choices.lookup));
        Self { told: fields, surroundings, definitions: surroundings.table(&fields.definitions), choices }
    }

    fn show(&self, row: &mut Map<String, Value>) {
        let definition = row.get(&self.told.definition).map(as_text);
        let definition = definition.and_then(|id| self.surroundings.row(&self.told.definitions, &id));
        let by_type = definition.and_then(|definition| self.table(definition));
        let holds = |table: &&ValueTable| row.get(&table.value).is_some_and(|value| !value.is_null());
        let table = by_type.or_else(|| self.told.tables.iter().map(|(_, table)| table).find(holds));
        let Some(table) = table else { return };
        let value = row.get(&table.value).filter(|value| !value.is_null()).map(|value| self.seen(table, value));
        let name = definition.and_then(|definition| definition.get(&self.told.name)).cloned();
        row.insert(SET.to_owned(), json!(table.set));
        row.extend(name.map(|name| (NAME.to_owned(), name)));
        row.extend(value.map(|value| (VALUE.to_owned(), value)));
    }

    /// The table that lacks what an entry of the canonical list names.
    fn unknown_in(&self, entry: &Value) -> Option<String> {
        let text = |name: &str| entry.get(name).filter(|own| !own.is_null()).map(as_text);
        let (id, name) = (text("id"), text("name"));
        let named = || self.named(name.as_deref()?).next();
        let Some(definition) = (if id.is_some() { self.definition(id.as_deref(), None, &[]) } else { named() }) else {
            return Some(self.told.definitions.clone());
        };
        let value = entry.get("value").filter(|value| !value.is_null() && *value != "")?;
        let is_choice = self.table(definition)?.holds == ValueKind::Choice;
        let is_known = || self.choice(&as_text(self.id_of(definition)?), &as_text(value));
        let lookup = &self.told.choices.as_ref()?.lookup;
        (is_choice && is_known().is_none()).then(|| lookup.clone())
    }

    /// The row that holds the field already: the same row, else one of the same field.
    fn old<'r>(&self, table: &SideTable, row: &Map<String, Value>, before: &'r [Value]) -> Option<&'r Value> {
        if let Some(key) = row.get(&table.key).filter(|key| !key.is_null()) {
            return before.iter().find(|own| own.get(&table.key) == Some(key));
        }
        let id = as_text(self.id_of(self.meant(row, before)?).or_else(|| row.get(&self.told.definition))?);
        before.iter().find(|own| own.get(&self.told.definition).map(as_text).as_ref() == Some(&id))
    }

    /// What people see as the value.
    fn seen(&self, table: &ValueTable, value: &Value) -> Value {
        let label = || {
            let choices = self.told.choices.as_ref()?;
            self.surroundings.row(&choices.lookup, &as_text(value))?.get(&choices.label).cloned()
        };
        match table.holds {
            ValueKind::Choice => label().unwrap_or_else(|| value.clone()),
            ValueKind::Text | ValueKind::Number | ValueKind::Date => value.clone(),
        }
    }

    /// The table for a definition's type.
    fn table(&self, definition: &Value) -> Option<&'f ValueTable> {
        let kind = definition.get(&self.told.switch)?.as_str()?;
        self.told.tables.iter().find(|(name, _)| name == kind).map(|(_, table)| table)
    }

    fn id_of(&self, definition: &'f Value) -> Option<&'f Value> {
        self.definitions?.key_in(definition)
    }

    /// The definition that a row of a record with these rows means.
    fn meant(&self, row: &Map<String, Value>, before: &[Value]) -> Option<&'f Value> {
        let id = row.get(&self.told.definition).map(as_text);
        self.definition(id.as_deref(), row.get(NAME).and_then(Value::as_str), before)
    }

    /// The resource's definition with this id, else the one with this name. Of several with the name the one counts that is on a form
    /// of the record's.
    fn definition(&self, id: Option<&str>, name: Option<&str>, before: &[Value]) -> Option<&'f Value> {
        if let Some(id) = id.filter(|id| !id.is_empty()) {
            let found = self.definitions?.row(id).or_else(|| self.definitions?.row(&id.to_lowercase()));
            return found.filter(|definition| self.is_of_resource(definition));
        }
        let named: Vec<&Value> = self.named(name?).collect();
        if let [one] = named.as_slice() {
            return Some(one);
        }
        let forms = self.forms_of(before);
        let form = |definition: &Value| definition.get(self.told.form.as_ref()?).map(as_text);
        let mut on_them = named.into_iter().filter(|own| form(own).is_some_and(|form| forms.contains(&form)));
        on_them.next().filter(|_| on_them.next().is_none())
    }

    fn is_of_resource(&self, definition: &Value) -> bool {
        self.told.of.iter().all(|(member, text)| definition.get(member).is_some_and(|own| own == text.as_str()))
    }

    /// The resource's definitions with this name.
    fn named<'n>(&self, name: &'n str) -> impl Iterator<Item = &'f Value> {
        let rows = self.definitions.into_iter().flat_map(LookupTable::rows);
        let own = rows.filter(|definition| self.is_of_resource(definition));
        own.filter(move |definition| definition.get(&self.told.name).and_then(Value::as_str) == Some(name))
    }

    /// The forms that the fields of these rows are on.
    fn forms_of(&self, rows: &[Value]) -> Vec<String> {
        let Some(form) = &self.told.form else { return Vec::new() };
        let definitions = rows.iter().filter_map(|row| {
            let id = as_text(row.get(&self.told.definition)?);
            self.definitions?.row(&id)
        });
        definitions.filter_map(|definition| definition.get(form).map(as_text)).collect()
    }

    /// The row as its table is to hold it; `None`: it has no value, so there is to be none. Or why the value was not written.
    fn written(
        &self,
        row: &Map<String, Value>,
        (old, before): (Option<&Value>, &[Value]),
        zone: &Zone,
    ) -> Result<Option<Map<String, Value>>, String> {
        let Some(value) = row.get(VALUE).filter(|value| !value.is_null()) else { return Ok(None) };
        let Some(definition) = self.meant(row, before) else { return Err(self.not_found(row)) };
        let id = self.id_of(definition).or_else(|| row.get(&self.told.definition)).cloned().unwrap_or_default();
        let name = definition.get(&self.told.name).map(as_text).unwrap_or_default();
        let refuse = |why: &str| format!("`{name}` {why}; it was not written");
        let table = self.table(definition).ok_or_else(|| refuse("is of a type that has no table"))?;
        let typed = self.typed(table, &id, value, zone).map_err(|why| refuse(&why))?;
        if let Some(Value::Object(old)) = old
            && old.get(&table.value).is_some_and(|own| is_same(own, &typed))
        {
            return Ok(Some(old.clone()));
        }
        let mut written = old.and_then(Value::as_object).cloned().unwrap_or_default();
        written.insert(self.told.definition.clone(), id);
        written.insert(table.value.clone(), typed);
        written.insert(SET.to_owned(), json!(table.set));
        written.insert(VALUE.to_owned(), value.clone());
        Ok(Some(written))
    }

    /// Why a row's field cannot be written.
    fn not_found(&self, row: &Map<String, Value>) -> String {
        let text = |member: &str| row.get(member).and_then(Value::as_str).filter(|text| !text.is_empty());
        match (text(&self.told.definition), text(NAME)) {
            (None, Some(name)) if self.named(name).count() > 1 => {
                format!("there are several fields `{name}`; send the id of the one that is meant")
            }
            (id, name) => {
                format!("there is no such field here: `{}`; it was not written", id.or(name).unwrap_or_default())
            }
        }
    }

    /// The value as the table holds it, or why it cannot.
    fn typed(&self, table: &ValueTable, definition: &Value, value: &Value, zone: &Zone) -> Result<Value, String> {
        match table.holds {
            ValueKind::Text => match value {
                Value::Object(_) | Value::Array(_) => Err("takes a text".to_owned()),
                scalar => Ok(Value::String(as_text(scalar))),
            },
            ValueKind::Number => {
                let number = if value.is_number() { Some(value.clone()) } else { number(value) };
                number.ok_or_else(|| "takes a number".to_owned())
            }
            ValueKind::Date => {
                let time = value.as_str().and_then(|text| time(text, zone));
                time.map(Value::String).ok_or_else(|| "takes a day, as in 2024-05-31".to_owned())
            }
            ValueKind::Choice => {
                let wanted = as_text(value);
                let choice = self.choice(&as_text(definition), &wanted);
                choice.ok_or_else(|| format!("has no choice `{wanted}`"))
            }
        }
    }

    /// The id of a definition's choice, by what people see or by the id itself.
    fn choice(&self, definition: &str, wanted: &str) -> Option<Value> {
        let words = self.told.choices.as_ref()?;
        let choices = self.choices?;
        let text = |row: &Value, member: &str| row.get(member).map(as_text).unwrap_or_default();
        let own = || choices.rows().iter().filter(|row| text(row, &words.definition) == definition);
        let is_id = |row: &Value| choices.key_in(row).map(as_text).as_deref() == Some(wanted);
        let exact = own().find(|row| text(row, &words.label) == wanted || is_id(row));
        let alike = || own().find(|row| text(row, &words.label).to_lowercase() == wanted.to_lowercase());
        choices.key_in(exact.or_else(alike)?).cloned()
    }
}

/// Whether a table holds a value already, numbers by what they mean.
fn is_same(held: &Value, typed: &Value) -> bool {
    held == typed || (held.is_number() && typed.is_number() && held.as_f64() == typed.as_f64())
}

fn number(value: &Value) -> Option<Value> {
    let text = value.as_str()?.trim();
    let whole = text.parse::<i64>().ok().map(Value::from);
    whole.or_else(|| serde_json::Number::from_f64(text.parse().ok()?).map(Value::Number))
}

/// A day, a time without a zone, or an instant as clocks of the zone show it.
fn time(text: &str, zone: &Zone) -> Option<String> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(zone.clock_at(instant).to_string());
    }
    let time: civil::DateTime = text.parse().ok()?;
    Some(time.to_string())
}

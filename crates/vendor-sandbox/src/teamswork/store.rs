//! The instance's records, how they look with what they point to, and what becomes of links when a record goes.

use serde_json::{Value, json};

use super::forms::Forms;
use super::kinds::Kind;
use super::pipelines;
use super::seed;
use crate::clock::{Clock, date_and_time};
use crate::table::{Record, Table, text};
use crate::values::guid;
use crate::values::random::SplitMix;

/// One instance of the vendor. Records hold the ids of other records; [`show`](Self::show) makes objects of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Account {
    organizations: Table,
    contacts: Table,
    leads: Table,
    opportunities: Table,
    pub(super) forms: Forms,
    /// Who works with the instance, as records embed them.
    pub(super) users: Vec<Value>,
    pub(super) clock: Clock,
    ids: SplitMix,
}

impl Account {
    pub(crate) fn seeded(start: Clock) -> Self {
        let mut account = Self { clock: start, ids: SplitMix::new(seed::FIRST_NUMBER_OF_NEW_IDS), ..Self::default() };
        seed::fill(&mut account);
        account
    }

    pub(super) fn table(&self, kind: Kind) -> &Table {
        match kind {
            Kind::Organization => &self.organizations,
            Kind::Contact => &self.contacts,
            Kind::Lead => &self.leads,
            Kind::Opportunity => &self.opportunities,
        }
    }

    pub(super) fn table_mut(&mut self, kind: Kind) -> &mut Table {
        match kind {
            Kind::Organization => &mut self.organizations,
            Kind::Contact => &mut self.contacts,
            Kind::Lead => &mut self.leads,
            Kind::Opportunity => &mut self.opportunities,
        }
    }

    pub(super) fn new_id(&mut self) -> String {
        guid::next(&mut self.ids)
    }

    /// The present, one second after the last write.
    pub(super) fn tick(&mut self) -> Value {
        json!(format!("{}Z", date_and_time(self.clock.tick())))
    }

    /// The record as the vendor shows it.
    pub(super) fn show(&self, record: &Record) -> Value {
        let mut shown = record.clone();
        for (member, value) in &mut shown {
            match member.as_str() {
                "organization" => *value = self.reference(Kind::Organization, value),
                "contact" => *value = self.reference(Kind::Contact, value),
                "contacts" => {
                    let ids = value.as_array().map(Vec::as_slice).unwrap_or_default();
                    *value = ids.iter().map(|id| self.reference(Kind::Contact, id)).collect();
                }
                "owner" => {
                    // Whoever names an owner by the id alone gets the person that it leads to.
                    let known = self.users.iter().find(|user| !value["id"].is_null() && user["id"] == value["id"]);
                    *value = known.unwrap_or(value).clone();
                }
                "pipeline" => *value = json!({"id": value}),
                "stage" => *value = pipelines::stage_reference(value.as_str().unwrap_or_default()),
                _ => {}
            }
        }
        Value::Object(shown)
    }

    /// Removes the record and what points to it.
    pub(super) fn remove(&mut self, kind: Kind, id: &str) -> Option<Record> {
        let removed = self.table_mut(kind).remove(id)?;
        match kind {
            Kind::Organization => {
                for linked in [Kind::Contact, Kind::Lead, Kind::Opportunity] {
                    self.table_mut(linked).unlink("organization", id);
                }
            }
            Kind::Contact => {
                self.leads.unlink("contact", id);
                for opportunity in self.opportunities.records_mut() {
                    if let Some(Value::Array(contacts)) = opportunity.get_mut("contacts") {
                        contacts.retain(|contact| contact != id);
                    }
                }
            }
            Kind::Lead | Kind::Opportunity => {}
        }
        Some(removed)
    }

    fn reference(&self, kind: Kind, id: &Value) -> Value {
        let Some(id) = id.as_str() else { return Value::Null };
        let name = self.table(kind).get(id).map(display_name).unwrap_or_default();
        json!({"id": id, "name": name})
    }
}

fn display_name(record: &Record) -> String {
    match text(record, "name") {
        "" => format!("{} {}", text(record, "firstName"), text(record, "lastName")).trim().to_owned(),
        name => name.to_owned(),
    }
}

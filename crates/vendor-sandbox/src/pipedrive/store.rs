//! A company's persons and organizations.

use serde_json::{Value, json};

use super::items::Kind;
use super::seed;
use crate::clock::{Clock, date_and_time};
use crate::table::{Record, Table};

/// One company that uses the vendor.
#[derive(Debug, Clone)]
pub(super) struct Company {
    /// What its address begins with.
    pub(super) domain: &'static str,
    persons: Table,
    organizations: Table,
    /// Those who work with the account.
    pub(super) users: Vec<u64>,
    pub(super) clock: Clock,
    next_id: u64,
}

impl Company {
    pub(super) fn seeded(domain: &'static str, start: Clock) -> Self {
        let mut company = Self {
            domain,
            persons: Table::default(),
            organizations: Table::default(),
            users: Vec::new(),
            clock: start,
            next_id: seed::FIRST_NEW_ID,
        };
        seed::fill(&mut company);
        company
    }

    pub(super) fn table(&self, kind: Kind) -> &Table {
        match kind {
            Kind::Person => &self.persons,
            Kind::Organization => &self.organizations,
        }
    }

    pub(super) fn table_mut(&mut self, kind: Kind) -> &mut Table {
        match kind {
            Kind::Person => &mut self.persons,
            Kind::Organization => &mut self.organizations,
        }
    }

    pub(super) fn new_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// The present, one second after the last write.
    pub(super) fn tick(&mut self) -> Value {
        time(self.clock.tick())
    }

    /// Marks an item as deleted: it is gone from lists, and from the persons that it is linked to.
    pub(super) fn remove(&mut self, kind: Kind, id: &str) -> Option<Record> {
        let removed = self.table_mut(kind).remove(id)?;
        if kind == Kind::Organization {
            for person in self.persons.records_mut().filter(|person| person["org_id"] == removed["id"]) {
                person.insert("org_id".to_owned(), Value::Null);
            }
        }
        Some(removed)
    }
}

/// `2026-01-01T00:00:00Z`.
pub(super) fn time(seconds: i64) -> Value {
    json!(format!("{}Z", date_and_time(seconds)))
}

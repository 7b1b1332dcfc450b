//! The entity's records and the links between them.

use serde_json::{Value, json};

use super::seed;
use super::stages::Stage;
use crate::clock::{Clock, date_and_time};
use crate::exchange::{Refusal, VendorAnswer};
use crate::table::{Record, Table, text};
use crate::values::guid;
use crate::values::random::SplitMix;

use super::replies;

/// One entity of the vendor.
#[derive(Debug, Clone, Default)]
pub(crate) struct Account {
    pub(super) companies: Table,
    pub(super) contacts: Table,
    /// Which contacts belong to which companies.
    pub(super) memberships: Table,
    pub(super) leads: Table,
    pub(super) activities: Table,
    pub(super) tasks: Table,
    /// In the pipeline's order.
    pub(super) stages: Vec<Stage>,
    /// The user whose key is in use.
    pub(super) own_user_id: String,
    pub(super) clock: Clock,
    ids: SplitMix,
}

impl Account {
    pub(crate) fn seeded(start: Clock) -> Self {
        let mut account = Self { clock: start, ids: SplitMix::new(seed::FIRST_NUMBER_OF_NEW_IDS), ..Self::default() };
        seed::fill(&mut account);
        account
    }

    pub(super) fn new_id(&mut self) -> String {
        guid::next(&mut self.ids)
    }

    /// The present, one second after the last write.
    pub(super) fn tick(&mut self) -> Value {
        time(self.clock.tick())
    }

    /// What every new record begins with.
    pub(super) fn first_members(&mut self) -> (String, Record) {
        let (id, now) = (self.new_id(), self.tick());
        let members = [("id", json!(id)), ("createdAt", now.clone()), ("updatedAt", now)];
        (id, members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// The companies that a contact belongs to, or the contacts that belong to a company.
    pub(super) fn is_member(&self, contact: &str, company: &str) -> bool {
        self.memberships
            .records()
            .any(|known| text(known, "contactId") == contact && text(known, "companyId") == company)
    }

    /// Refuses links to records that are not there. Users are not known here and not checked.
    pub(super) fn check_links(&self, members: &Record) -> Result<(), Refusal> {
        for (name, table, what) in [
            ("companyId", &self.companies, "Company"),
            ("contactId", &self.contacts, "Contact"),
            ("leadId", &self.leads, "Lead"),
        ] {
            if members
                .get(name)
                .is_some_and(|id| id.as_str().is_some_and(|id| !table.contains(&id.to_ascii_lowercase())))
            {
                return Err(replies::not_found(what));
            }
        }
        Ok(())
    }

    pub(super) fn dashboard(&self) -> VendorAnswer {
        let counts = json!({
            "companies": self.companies.records().count(),
            "contacts": self.contacts.records().count(),
            "leads": self.leads.records().count(),
        });
        replies::one(200, &counts)
    }
}

/// A time on the wire.
pub(super) fn time(seconds: i64) -> Value {
    json!(format!("{}.000Z", date_and_time(seconds)))
}

/// Whether the record's link is the one asked for, if one is.
pub(super) fn points_to(record: &Record, member: &str, wanted: Option<&String>) -> bool {
    wanted.is_none_or(|id| text(record, member) == id)
}

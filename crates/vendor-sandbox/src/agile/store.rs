//! The account's records, and the rules that hold whoever changes them: links, derived properties, tracked changes.

use std::collections::BTreeMap;

use serde_json::Value;

use super::records::{Contact, Kind, Property, User};
use super::replies::Refusal;
use super::seed;
use crate::clock::Clock;
use crate::random::SplitMix;

/// One tenant of the vendor.
#[derive(Debug)]
pub(crate) struct Account {
    pub(super) contacts: BTreeMap<i64, Contact>,
    /// The first one is whose key is in use.
    pub(super) users: Vec<User>,
    pub(super) clock: Clock,
    ids: SplitMix,
    contact_limit: Option<usize>,
}

impl Account {
    pub(crate) fn seeded(start: Clock) -> Self {
        let contacts = seed::contacts().into_iter().map(|contact| (contact.id, contact)).collect();
        let ids = SplitMix::new(seed::FIRST_NUMBER_OF_NEW_IDS);
        Self { contacts, users: seed::users(), clock: start, ids, contact_limit: None }
    }

    pub(crate) fn limit_contacts(&mut self, limit: Option<usize>) {
        self.contact_limit = limit;
    }

    pub(super) fn is_full(&self) -> bool {
        self.contact_limit.is_some_and(|limit| self.contacts.len() >= limit)
    }

    pub(super) fn of_kind(&self, kind: Kind) -> Vec<&Contact> {
        self.contacts.values().filter(|contact| contact.kind == kind).collect()
    }

    /// The record as the vendor shows it.
    pub(super) fn show(&self, contact: &Contact) -> Value {
        let company = contact.company_id.and_then(|id| self.contacts.get(&id));
        let owner = self.users.iter().find(|user| user.id == contact.owner_id);
        contact.to_json(company, owner)
    }

    pub(super) fn company_name(&self, contact: &Contact) -> &str {
        contact
            .company_id
            .and_then(|id| self.contacts.get(&id))
            .map(|company| company.system("name"))
            .unwrap_or_default()
    }

    /// Adds an empty record of the key's user.
    pub(super) fn add(&mut self, kind: Kind, now: i64) -> i64 {
        let id = self.new_id();
        let owner_id = self.users.first().map_or(0, |user| user.id);
        self.contacts.insert(id, Contact::new(id, kind, now, owner_id));
        id
    }

    /// Applies `edit`; `updated_time` moves only when something that the vendor tracks is different afterwards.
    pub(super) fn change(&mut self, id: i64, now: i64, edit: impl FnOnce(&mut Contact)) -> Result<&Contact, Refusal> {
        let contact = self.contacts.get_mut(&id).ok_or_else(Refusal::no_such_contact)?;
        let before = contact.clone();
        edit(contact);
        let changed = before.properties != contact.properties
            || before.tags != contact.tags
            || before.star_value != contact.star_value
            || before.lead_score != contact.lead_score
            || before.company_id != contact.company_id
            || before.owner_id != contact.owner_id;
        if changed {
            contact.updated = now;
        }
        Ok(contact)
    }

    /// The company that a person's `company` property names, made when there is none. A blank name is no company.
    pub(super) fn company_named(&mut self, name: &str, now: i64) -> Option<i64> {
        if name.trim().is_empty() {
            return None;
        }
        let known = self.of_kind(Kind::Company).into_iter().find(|company| company.system("name") == name);
        if let Some(company) = known {
            return Some(company.id);
        }
        let id = self.add(Kind::Company, now);
        if let Some(company) = self.contacts.get_mut(&id) {
            company.properties.push(Property::system("name", name));
        }
        Some(id)
    }

    /// Whether the id is a company's, and so one that persons can be linked to.
    pub(super) fn is_company(&self, id: i64) -> bool {
        self.contacts.get(&id).is_some_and(|contact| contact.kind == Kind::Company)
    }

    /// Removes the record if it is there; the persons of a removed company stay behind without one.
    pub(super) fn remove(&mut self, id: i64) {
        if self.contacts.remove(&id).is_some() {
            for contact in self.contacts.values_mut().filter(|contact| contact.company_id == Some(id)) {
                contact.company_id = None;
            }
        }
    }

    /// Sixteen digits, in no order, below 2^53 as the vendor's are.
    fn new_id(&mut self) -> i64 {
        loop {
            let id = seed::sixteen_digits(&mut self.ids);
            if !self.contacts.contains_key(&id) {
                return id;
            }
        }
    }
}

//! The account's records, and the rules that hold whoever changes them: links, derived properties, tracked changes.

use std::collections::BTreeMap;

use serde_json::Value;

use super::calls::Shelves;
use super::deals::Deal;
use super::events::Event;
use super::notes::Note;
use super::records::{Contact, Kind, Property, User};
use super::replies::Refusal;
use super::seed::{self, work};
use super::tasks::Task;
use super::tracks::Track;
use crate::clock::Clock;
use crate::values::random::SplitMix;

/// One tenant of the vendor.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(super) contacts: BTreeMap<i64, Contact>,
    pub(super) deals: BTreeMap<i64, Deal>,
    pub(super) notes: BTreeMap<i64, Note>,
    pub(super) tasks: BTreeMap<i64, Task>,
    pub(super) events: BTreeMap<i64, Event>,
    pub(super) tracks: Vec<Track>,
    /// The first one is whose key is in use.
    pub(super) users: Vec<User>,
    pub(super) clock: Clock,
    /// What has no rules of its own: campaigns, documents, tickets.
    pub(super) shelves: Shelves,
    ids: SplitMix,
    contact_limit: Option<usize>,
}

impl Account {
    pub(crate) fn seeded(start: Clock) -> Self {
        let (contacts, users, tracks) = (seed::contacts(), seed::users(), work::tracks());
        let work = work::work(&contacts, &users, &tracks);
        Self {
            contacts: contacts.into_iter().map(|contact| (contact.id, contact)).collect(),
            deals: work.deals.into_iter().map(|deal| (deal.id, deal)).collect(),
            notes: work.notes.into_iter().map(|note| (note.id, note)).collect(),
            tasks: work.tasks.into_iter().map(|task| (task.id, task)).collect(),
            events: work.events.into_iter().map(|event| (event.id, event)).collect(),
            tracks,
            users,
            clock: start,
            shelves: Shelves::seeded(),
            ids: SplitMix::new(seed::FIRST_NUMBER_OF_NEW_IDS),
            contact_limit: None,
        }
    }

    pub(crate) fn limit_contacts(&mut self, limit: Option<usize>) {
        self.contact_limit = limit;
    }

    pub(super) fn is_full(&self) -> bool {
        // The plan counts contacts and companies; whether leads count as well is not known.
        let counted = self.contacts.values().filter(|contact| contact.kind != Kind::Lead).count();
        self.contact_limit.is_some_and(|limit| counted >= limit)
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

    /// Removes the record if it is there; what pointed to it stays behind without it, but for notes about nothing else.
    pub(super) fn remove(&mut self, id: i64) {
        if self.contacts.remove(&id).is_none() {
            return;
        }
        for contact in self.contacts.values_mut().filter(|contact| contact.company_id == Some(id)) {
            contact.company_id = None;
        }
        let deals = self.deals.values_mut().map(|deal| &mut deal.contact_ids);
        let tasks = self.tasks.values_mut().map(|task| &mut task.contact_ids);
        let events = self.events.values_mut().map(|event| &mut event.contact_ids);
        deals.chain(tasks).chain(events).for_each(|ids| ids.retain(|known| *known != id));
        self.notes.retain(|_, note| note.outlives(|note| &mut note.contact_ids, id));
    }

    /// Removes the deal if it is there, as [`remove`](Self::remove) does a contact.
    pub(super) fn remove_deal(&mut self, id: i64) {
        self.deals.remove(&id);
        let tasks = self.tasks.values_mut().map(|task| &mut task.deal_ids);
        let events = self.events.values_mut().map(|event| &mut event.deal_ids);
        tasks.chain(events).for_each(|ids| ids.retain(|known| *known != id));
        self.notes.retain(|_, note| note.outlives(|note| &mut note.deal_ids, id));
    }

    /// A note of the key's user.
    pub(super) fn add_note(
        &mut self,
        subject: String,
        description: String,
        contact_ids: Vec<i64>,
        deal_ids: Vec<i64>,
        now: i64,
    ) -> i64 {
        let (id, owner_id) = (self.new_id(), self.current_user_id());
        self.notes.insert(id, Note { id, subject, description, contact_ids, deal_ids, owner_id, created: now });
        id
    }

    /// Oldest first.
    pub(super) fn notes_of_deal(&self, deal: i64) -> impl Iterator<Item = &Note> {
        let mut notes: Vec<&Note> = self.notes.values().filter(|note| note.deal_ids.contains(&deal)).collect();
        notes.sort_by_key(|note| (note.created, note.id));
        notes.into_iter()
    }

    /// Those of the ids that contacts of any kind have.
    pub(super) fn known_contacts(&self, mut ids: Vec<i64>) -> Vec<i64> {
        ids.retain(|id| self.contacts.contains_key(id));
        ids
    }

    /// Those of the ids that deals have.
    pub(super) fn known_deals(&self, mut ids: Vec<i64>) -> Vec<i64> {
        ids.retain(|id| self.deals.contains_key(id));
        ids
    }

    /// Contacts as other records show them.
    pub(super) fn partials(&self, ids: &[i64]) -> Vec<Value> {
        ids.iter().filter_map(|id| self.contacts.get(id)).map(Contact::partial).collect()
    }

    /// Whose key is in use.
    pub(super) fn current_user_id(&self) -> i64 {
        self.users.first().map_or(0, |user| user.id)
    }

    /// A user as records show their owner.
    pub(super) fn user(&self, id: i64) -> Option<Value> {
        self.users.iter().find(|user| user.id == id).map(User::to_json)
    }

    /// A user as tasks show their owner.
    pub(super) fn full_user(&self, id: i64) -> Option<Value> {
        self.users.iter().find(|user| user.id == id).map(User::full)
    }

    pub(super) fn track(&self, id: i64) -> Option<&Track> {
        self.tracks.iter().find(|track| track.id == id)
    }

    /// 0 stands for the default track.
    pub(super) fn track_id(&self, id: i64) -> i64 {
        let default = || self.tracks.iter().find(|track| track.is_default).map_or(0, |track| track.id);
        if id == 0 { default() } else { id }
    }

    /// Sixteen digits, in no order, below 2^53 as the vendor's are.
    pub(super) fn new_id(&mut self) -> i64 {
        loop {
            let id = seed::sixteen_digits(&mut self.ids);
            let taken = self.contacts.contains_key(&id)
                || self.deals.contains_key(&id)
                || self.notes.contains_key(&id)
                || self.tasks.contains_key(&id)
                || self.events.contains_key(&id);
            if !taken {
                return id;
            }
        }
    }
}

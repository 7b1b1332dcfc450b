//! Notes, which are reachable only through the contacts and deals that they are about.

use serde_json::{Map, Value, json};

use super::deals;
use super::input;
use super::replies::{Refusal, Reply};
use super::store::Account;
use crate::agile::lists::cursor::{Listed, SortValue};
use crate::agile::lists::listing::Listing;
use crate::exchange::VendorRequest;

/// What somebody wrote about contacts and deals, of which there may be several.
#[derive(Debug, Clone)]
pub(super) struct Note {
    pub(super) id: i64,
    pub(super) subject: String,
    pub(super) description: String,
    pub(super) contact_ids: Vec<i64>,
    pub(super) deal_ids: Vec<i64>,
    pub(super) owner_id: i64,
    pub(super) created: i64,
}

impl Note {
    /// Takes `gone` out of these parents; false when it was the last thing that the note was about.
    pub(super) fn outlives(&mut self, parents: impl Fn(&mut Self) -> &mut Vec<i64>, gone: i64) -> bool {
        let before = parents(self).len();
        parents(self).retain(|known| *known != gone);
        let lost = parents(self).len() < before;
        !(lost && self.contact_ids.is_empty() && self.deal_ids.is_empty())
    }
}

impl Listed for Note {
    fn id(&self) -> i64 {
        self.id
    }

    fn sort_value(&self, _field: &str) -> SortValue {
        SortValue::Number(self.created)
    }

    fn show(&self, account: &Account) -> Value {
        let texts = |ids: &[i64]| ids.iter().map(i64::to_string).collect::<Vec<_>>();
        let mut record = json!({
            "id": self.id,
            "created_time": self.created,
            "subject": self.subject,
            "description": self.description,
            "contact_ids": texts(&self.contact_ids),
            "deal_ids": texts(&self.deal_ids),
            "entity_type": "note",
            "contacts": account.partials(&self.contact_ids),
        });
        if let Some(owner) = account.user(self.owner_id) {
            record["domainOwner"] = owner;
        }
        record
    }
}

/// `GET contacts/{id}/notes`: newest first; everything when no page size is sent.
pub(super) fn of_contact(account: &Account, request: &VendorRequest, contact: &str) -> Result<Reply, Refusal> {
    let contact = input::id(contact)?;
    let notes = account.notes.values().filter(|note| note.contact_ids.contains(&contact)).collect();
    Ok(Reply::Many("note", Listing::from_query(request, "-created_time")?.counted().show(account, notes)))
}

/// `GET opportunity/{id}/notes`: unpaged.
pub(super) fn of_deal(account: &Account, deal: &str) -> Result<Reply, Refusal> {
    let deal = input::id(deal)?;
    Ok(Reply::Many("note", account.notes_of_deal(deal).map(|note| note.show(account)).collect()))
}

/// `GET notes/{id}`
pub(super) fn one(account: &Account, id: &str) -> Result<Reply, Refusal> {
    Ok(show(account, input::id(id)?))
}

/// `GET notes/my/notes`: those of the key's user.
pub(super) fn mine(account: &Account, request: &VendorRequest) -> Result<Reply, Refusal> {
    let me = account.current_user_id();
    let notes = account.notes.values().filter(|note| note.owner_id == me).collect();
    Ok(Reply::Many("note", Listing::from_query(request, "-created_time")?.show(account, notes)))
}

/// `POST notes`: about contacts; deals are not taken here.
pub(super) fn create(account: &mut Account, request: &VendorRequest) -> Result<Reply, Refusal> {
    let body = input::json_body(request)?;
    let id = add(account, &body, Vec::new())?;
    Ok(show(account, id))
}

/// `POST opportunity/deals/notes`: answers the deal.
pub(super) fn create_for_deals(account: &mut Account, request: &VendorRequest) -> Result<Reply, Refusal> {
    let body = input::json_body(request)?;
    let deals = sent_deals(account, &body)?;
    let Some(first) = deals.first().copied() else { return Err(Refusal::wrong_format("deal_ids names no deal")) };
    add(account, &body, deals)?;
    Ok(deals::show(account, first))
}

/// `PUT notes`: the contacts are the ones sent and no others; the deals stay.
pub(super) fn replace(account: &mut Account, request: &VendorRequest) -> Result<Reply, Refusal> {
    let body = input::json_body(request)?;
    let id = input::edited_id(&body, "Please check id value should not be null.")?;
    let deals = account.notes.get(&id).map(|note| note.deal_ids.clone()).unwrap_or_default();
    save(account, id, &body, deals)?;
    Ok(show(account, id))
}

/// `PUT opportunity/deals/notes`: contacts and deals are the ones sent and no others; answers the deal.
pub(super) fn replace_for_deals(account: &mut Account, request: &VendorRequest) -> Result<Reply, Refusal> {
    let body = input::json_body(request)?;
    let id = input::edited_id(&body, "Please check id value should not be null.")?;
    let deals = sent_deals(account, &body)?;
    let Some(first) = deals.first().copied() else { return Err(Refusal::wrong_format("deal_ids names no deal")) };
    if !save(account, id, &body, deals)? {
        return Ok(Reply::Nothing);
    }
    Ok(deals::show(account, first))
}

/// `DELETE contacts/{contact}/notes/{note}`: takes the note from that contact; from its last parent, it is gone.
pub(super) fn unlink(account: &mut Account, contact: &str, note: &str) -> Result<Reply, Refusal> {
    let (contact, id) = (input::id(contact)?, input::id(note)?);
    account.clock.tick();
    let unlinked = |note: &mut Note| note.outlives(|note| &mut note.contact_ids, contact);
    if account.notes.get_mut(&id).is_some_and(|note| !unlinked(note)) {
        account.notes.remove(&id);
    }
    Ok(Reply::Nothing)
}

/// `POST contacts/notes/bulk`, a form with `ids`: gone, whoever the parents are.
pub(super) fn delete_many(account: &mut Account, request: &VendorRequest) -> Result<Reply, Refusal> {
    let form = input::form(request)?;
    let ids: Option<Vec<Value>> = form.get("ids").and_then(|text| serde_json::from_str(text).ok());
    let ids = Map::from_iter([("ids".to_owned(), Value::Array(input::mandatory(ids, "ids")?))]);
    for id in input::ids(&ids, "ids")?.unwrap_or_default() {
        account.notes.remove(&id);
    }
    account.clock.tick();
    Ok(Reply::Nothing)
}

fn show(account: &Account, id: i64) -> Reply {
    account.notes.get(&id).map_or(Reply::Nothing, |note| Reply::One("note", note.show(account)))
}

fn add(account: &mut Account, body: &Map<String, Value>, deals: Vec<i64>) -> Result<i64, Refusal> {
    let (subject, description) = texts(body)?;
    let contacts = account.known_contacts(input::ids(body, "contact_ids")?.unwrap_or_default());
    let owner = input::integer(body, "owner_id")?;
    let now = account.clock.tick();
    let id = account.add_note(subject, description, contacts, deals, now);
    if let (Some(note), Some(owner)) = (account.notes.get_mut(&id), owner) {
        note.owner_id = owner;
    }
    Ok(id)
}

/// Whether there was a note to save.
fn save(account: &mut Account, id: i64, body: &Map<String, Value>, deals: Vec<i64>) -> Result<bool, Refusal> {
    let (subject, description) = texts(body)?;
    let contact_ids = account.known_contacts(input::ids(body, "contact_ids")?.unwrap_or_default());
    let owner = input::integer(body, "owner_id")?;
    let me = account.current_user_id();
    let Some(note) = account.notes.get_mut(&id) else { return Ok(false) };
    *note = Note { subject, description, contact_ids, deal_ids: deals, owner_id: owner.unwrap_or(me), ..*note };
    account.clock.tick();
    Ok(true)
}

fn texts(body: &Map<String, Value>) -> Result<(String, String), Refusal> {
    let subject = input::mandatory(input::text(body, "subject")?, "subject")?;
    Ok((subject, input::mandatory(input::text(body, "description")?, "description")?))
}

fn sent_deals(account: &Account, body: &Map<String, Value>) -> Result<Vec<i64>, Refusal> {
    let mut deals = input::ids(body, "deal_ids")?.unwrap_or_default();
    deals.retain(|deal| account.deals.contains_key(deal));
    Ok(deals)
}

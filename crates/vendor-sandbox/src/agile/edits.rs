//! Changes to one part of a record, each at its own end-point.

use serde_json::{Map, Value};

use super::contacts::{star_value as allowed_star_value, take_company_name};
use super::input;
use super::records::{Contact, Kind, Tag};
use super::replies::{Refusal, Reply};
use super::store::Account;
use crate::exchange::VendorRequest;

const NO_ID: &str = "Please check id value passed.";

/// `PUT contacts/edit-properties`: overwrites and adds, never removes.
pub(super) fn properties(account: &mut Account, request: &VendorRequest) -> Result<Reply, Refusal> {
    let body = input::json_body(request)?;
    let id = input::edited_id(&body, "Please check id value should not be null.")?;
    let mut properties = input::properties(&body)?;
    let kind = account.contacts.get(&id).ok_or_else(Refusal::no_such_contact)?.kind;
    let now = account.clock.tick();
    let company_name = match kind {
        Kind::Person | Kind::Lead => take_company_name(&mut properties),
        Kind::Company => None,
    };
    let renamed = company_name.is_some();
    // An empty name means no company any more.
    let company_id = company_name.and_then(|name| account.company_named(&name, now));
    edit(account, id, now, |contact| {
        contact.overwrite(properties);
        if renamed {
            contact.company_id = company_id;
        }
    })
}

/// `PUT contacts/edit/lead-score`
pub(super) fn lead_score(account: &mut Account, request: &VendorRequest) -> Result<Reply, Refusal> {
    let (id, body) = edited(account, request)?;
    let score = input::integer(&body, "lead_score")?.ok_or_else(|| Refusal::wrong_format("lead_score is missing"))?;
    let now = account.clock.tick();
    edit(account, id, now, |contact| contact.lead_score = score)
}

/// `PUT contacts/edit/add-star`
pub(super) fn star_value(account: &mut Account, request: &VendorRequest) -> Result<Reply, Refusal> {
    let (id, body) = edited(account, request)?;
    let star = input::integer(&body, "star_value")?.ok_or_else(|| Refusal::wrong_format("star_value is missing"))?;
    let star = allowed_star_value(star)?;
    let now = account.clock.tick();
    edit(account, id, now, |contact| contact.star_value = star)
}

/// `PUT contacts/edit/tags`: adds.
pub(super) fn add_tags(account: &mut Account, request: &VendorRequest) -> Result<Reply, Refusal> {
    let (id, body) = edited(account, request)?;
    let tags = sent_tags(&body)?;
    let now = account.clock.tick();
    edit(account, id, now, |contact| contact.add_tags(tags, now))
}

/// `PUT contacts/delete/tags`: answers the tags that are left, not the record.
pub(super) fn remove_tags(account: &mut Account, request: &VendorRequest) -> Result<Reply, Refusal> {
    let (id, body) = edited(account, request)?;
    let tags = sent_tags(&body)?;
    let now = account.clock.tick();
    let contact = account.change(id, now, |contact| contact.tags.retain(|tag| !tags.contains(&tag.name)))?;
    Ok(Reply::Many("tag", contact.tags.iter().map(Tag::to_json).collect()))
}

/// `POST contacts/change-owner`: an owner whom nobody knows is a sentence with status 200.
pub(super) fn owner(account: &mut Account, request: &VendorRequest) -> Result<Reply, Refusal> {
    let form = input::form(request)?;
    let both = form.get("owner_email").zip(form.get("contact_id"));
    let (email, id) = both.ok_or_else(|| Refusal::wrong_format("owner_email and contact_id are needed"))?;
    let id = input::id(id)?;
    let Some(owner_id) = account.users.iter().find(|user| user.email == email).map(|user| user.id) else {
        return Ok(Reply::Text("Owner with this email does not exist.".to_owned()));
    };
    if !account.contacts.contains_key(&id) {
        return Err(Refusal::no_such_contact());
    }
    let now = account.clock.tick();
    edit(account, id, now, |contact| contact.owner_id = owner_id)
}

/// The record's id, which must be known, and the rest of the body.
fn edited(account: &Account, request: &VendorRequest) -> Result<(i64, Map<String, Value>), Refusal> {
    let body = input::json_body(request)?;
    let id = input::edited_id(&body, NO_ID)?;
    if account.contacts.contains_key(&id) { Ok((id, body)) } else { Err(Refusal::no_such_contact()) }
}

fn sent_tags(body: &Map<String, Value>) -> Result<Vec<String>, Refusal> {
    let tags = input::tags(body)?;
    if tags.is_empty() { Err(Refusal::text(400, "Sorry, tag input is empty")) } else { Ok(tags) }
}

fn edit(account: &mut Account, id: i64, now: i64, change: impl FnOnce(&mut Contact)) -> Result<Reply, Refusal> {
    let contact = account.change(id, now, change)?.clone();
    Ok(Reply::One("contact", account.show(&contact)))
}

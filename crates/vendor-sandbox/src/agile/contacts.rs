//! Lists of persons, companies and leads, and whole records: read, created, replaced, deleted.

use serde_json::{Map, Value};

use super::input;
use super::records::{Contact, Kind, Property};
use super::replies::{Refusal, Reply};
use super::store::Account;
use crate::agile::lists::listing::Listing;
use crate::exchange::VendorRequest;

const PAGE_SIZE_OF_GET: usize = 50;
const PAGE_SIZE_OF_LEADS: usize = 25;

/// `GET contacts`: persons only, in the order of their creation.
pub(super) fn by_creation(account: &Account, request: &VendorRequest) -> Result<Reply, Refusal> {
    let listing = Listing::from_query(request, "created_time")?.or_pages_of(PAGE_SIZE_OF_GET).counted();
    Ok(Reply::many_or_nothing("contact", listing.show(account, account.of_kind(Kind::Person))))
}

/// `POST contacts/list`: persons in any order.
pub(super) fn persons(account: &Account, request: &VendorRequest) -> Result<Reply, Refusal> {
    Ok(Reply::Many(
        "contact",
        Listing::from_form(request, "created_time")?.show(account, account.of_kind(Kind::Person)),
    ))
}

/// `POST contacts/companies/list`: companies in any order; all of them when no page size is sent.
pub(super) fn companies(account: &Account, request: &VendorRequest) -> Result<Reply, Refusal> {
    Ok(Reply::Many(
        "contact",
        Listing::from_form(request, "created_time")?.show(account, account.of_kind(Kind::Company)),
    ))
}

/// `POST leads/list`: leads, which no documented end-point lists; the vendor's own pages call this one.
pub(super) fn leads(account: &Account, request: &VendorRequest) -> Result<Reply, Refusal> {
    let listing = Listing::from_form(request, "-created_time")?.or_pages_of(PAGE_SIZE_OF_LEADS).counted();
    Ok(Reply::many_or_nothing("contact", listing.show(account, account.of_kind(Kind::Lead))))
}

/// `GET contacts/related/{company}`: the persons and leads of a company.
pub(super) fn related(account: &Account, request: &VendorRequest, company: &str) -> Result<Reply, Refusal> {
    let company = input::id(company)?;
    let persons = account.contacts.values().filter(|contact| contact.company_id == Some(company)).collect();
    Ok(Reply::Many("contact", Listing::from_query(request, "created_time")?.show(account, persons)))
}

/// `GET contacts/list/count`: a bare number.
pub(super) fn count(account: &Account) -> Reply {
    Reply::Text(account.of_kind(Kind::Person).len().to_string())
}

/// `GET contacts/{id}`, for persons and companies alike.
pub(super) fn one(account: &Account, id: &str) -> Result<Reply, Refusal> {
    let contact = account.contacts.get(&input::id(id)?);
    Ok(contact.map_or(Reply::Nothing, |contact| Reply::One("contact", account.show(contact))))
}

/// `POST contacts`: with the id of a record that exists, a replacement of it.
pub(super) fn create(account: &mut Account, request: &VendorRequest) -> Result<Reply, Refusal> {
    let body = input::json_body(request)?;
    if let Some(id) = input::integer(&body, "id")?.filter(|id| account.contacts.contains_key(id)) {
        return save(account, id, &body);
    }
    let sent = SentContact::read(&body, Kind::Person)?;
    if account.is_full() {
        return Err(Refusal::text(406, "Contacts limit is reached. Please upgrade your plan."));
    }
    if sent.kind == Kind::Person && is_duplicate(account, &sent.properties) {
        return Err(Refusal::text(400, "Sorry, duplicate contact found with the same email address."));
    }
    let now = account.clock.tick();
    let id = account.add(sent.kind, now);
    sent.put_into(account, id, now)?;
    // A record that was never changed has never been updated.
    if let Some(contact) = account.contacts.get_mut(&id) {
        contact.updated = 0;
    }
    one(account, &id.to_string())
}

/// `PUT contacts`: what the body leaves out is gone afterwards.
pub(super) fn replace(account: &mut Account, request: &VendorRequest) -> Result<Reply, Refusal> {
    let body = input::json_body(request)?;
    let id = input::edited_id(&body, "Please check id value should not be null.")?;
    save(account, id, &body)
}

/// `DELETE contacts/{id}`: 204 whether the record was there or not.
pub(super) fn delete(account: &mut Account, id: &str) -> Result<Reply, Refusal> {
    let id = input::id(id)?;
    account.clock.tick();
    account.remove(id);
    Ok(Reply::Nothing)
}

/// Takes a person's `company` property out of the list: the link it stands for is kept instead.
pub(super) fn take_company_name(properties: &mut Vec<Property>) -> Option<String> {
    let last = properties.iter().rposition(|property| property.is_system("company"))?;
    let name = properties.remove(last).value;
    properties.retain(|property| !property.is_system("company"));
    Some(name)
}

fn save(account: &mut Account, id: i64, body: &Map<String, Value>) -> Result<Reply, Refusal> {
    let kind = account.contacts.get(&id).ok_or_else(Refusal::no_such_contact)?.kind;
    let sent = SentContact::read(body, kind)?;
    let now = account.clock.tick();
    sent.put_into(account, id, now)?;
    one(account, &id.to_string())
}

fn is_duplicate(account: &Account, properties: &[Property]) -> bool {
    let emails: Vec<&str> = properties
        .iter()
        .filter(|property| property.is_system("email") && !property.value.is_empty())
        .map(|property| property.value.as_str())
        .collect();
    account.of_kind(Kind::Person).into_iter().any(|person| person.systems("email").any(|email| emails.contains(&email)))
}

/// A whole record as a caller sends it.
struct SentContact {
    kind: Kind,
    properties: Vec<Property>,
    tags: Vec<String>,
    star_value: i64,
    lead_score: i64,
    company_id: Option<i64>,
    lead_source_id: i64,
    lead_status_id: i64,
    is_lead_converted: bool,
}

impl SentContact {
    /// A body without `type` is of the kind given.
    fn read(body: &Map<String, Value>, otherwise: Kind) -> Result<Self, Refusal> {
        let kind = match body.get("type") {
            None => Some(otherwise),
            Some(name) => name.as_str().and_then(Kind::named),
        };
        let sent = Self {
            kind: kind.ok_or_else(|| Refusal::wrong_format("type is none of PERSON, COMPANY and LEAD"))?,
            properties: input::properties(body)?,
            tags: input::tags(body)?,
            star_value: star_value(input::integer(body, "star_value")?.unwrap_or(0))?,
            lead_score: input::integer(body, "lead_score")?.unwrap_or(0),
            company_id: input::integer(body, "contact_company_id")?,
            lead_source_id: input::integer(body, "lead_source_id")?.unwrap_or(0),
            lead_status_id: input::integer(body, "lead_status_id")?.unwrap_or(0),
            is_lead_converted: input::truth(body, "is_lead_converted")?.unwrap_or(false),
        };
        if sent.is_nameless() {
            return Err(Refusal::exception("java.lang.NullPointerException"));
        }
        Ok(sent)
    }

    fn is_nameless(&self) -> bool {
        let names: &[&str] = match self.kind {
            Kind::Person | Kind::Lead => &["first_name", "last_name"],
            Kind::Company => &["name"],
        };
        !names.iter().any(|name| {
            self.properties.iter().any(|property| property.is_system(name) && !property.value.trim().is_empty())
        })
    }

    /// Tags are the ones sent and no others; those that the record had keep their time.
    fn put_into(mut self, account: &mut Account, id: i64, now: i64) -> Result<(), Refusal> {
        let company_name = take_company_name(&mut self.properties);
        // The name counts only where no id is sent.
        let linked = self.company_id.filter(|company| account.is_company(*company));
        let company_id = linked.or_else(|| company_name.and_then(|name| account.company_named(&name, now)));
        account.change(id, now, |contact| self.overwrite(contact, company_id, now))?;
        Ok(())
    }

    fn overwrite(self, contact: &mut Contact, company_id: Option<i64>, now: i64) {
        if self.is_lead_converted && !contact.is_lead_converted {
            contact.lead_converted = now;
        }
        contact.kind = self.kind;
        contact.is_lead_converted = self.is_lead_converted;
        contact.lead_source_id = self.lead_source_id;
        contact.lead_status_id = self.lead_status_id;
        contact.properties = self.properties;
        contact.star_value = self.star_value;
        contact.lead_score = self.lead_score;
        contact.company_id = company_id;
        contact.tags.retain(|tag| self.tags.contains(&tag.name));
        contact.add_tags(self.tags, now);
    }
}

/// A star value as the vendor allows it.
pub(super) fn star_value(value: i64) -> Result<i64, Refusal> {
    match value {
        0..=5 => Ok(value),
        6.. => Err(Refusal::text(400, "Star value should be less then or equal to 5.")),
        _ => Err(Refusal::wrong_format("star_value is negative")),
    }
}

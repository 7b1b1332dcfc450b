//! Events: appointments, listed by a window of time and no other way.

use serde_json::{Map, Value, json};

use super::input;
use super::replies::{Refusal, Reply};
use super::store::Account;
use crate::agile::lists::cursor::Listed as _;
use crate::exchange::VendorRequest;

/// An appointment. Times are in seconds.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) id: i64,
    pub(super) title: String,
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) all_day: bool,
    pub(super) is_starred: bool,
    /// Stands for the priority.
    pub(super) colour: String,
    pub(super) kind: &'static str,
    pub(super) description: Option<String>,
    pub(super) contact_ids: Vec<i64>,
    pub(super) deal_ids: Vec<i64>,
    pub(super) owner_id: i64,
    pub(super) created: i64,
}

impl Event {
    fn show(&self, account: &Account) -> Value {
        let deals = self.deal_ids.iter().filter_map(|id| account.deals.get(id));
        let mut record = json!({
            "id": self.id,
            "start": self.start,
            "end": self.end,
            "search_range": [self.start, self.end],
            "entity_type": "event",
            "type": self.kind,
            "is_event_starred": self.is_starred,
            "allDay": self.all_day,
            "title": self.title,
            "color": self.colour,
            "created_time": self.created,
            "contacts": account.partials(&self.contact_ids),
            "deal_ids": self.deal_ids.iter().map(i64::to_string).collect::<Vec<_>>(),
            "deals": deals.map(|deal| json!({"id": deal.id(), "name": deal.name})).collect::<Vec<_>>(),
        });
        if let Some(description) = &self.description {
            record["description"] = json!(description);
        }
        if let Some(owner) = account.user(self.owner_id) {
            record["owner"] = owner;
        }
        record
    }
}

pub(super) fn route(
    account: &mut Account,
    request: &VendorRequest,
    method: &str,
    path: &[&str],
) -> Result<Reply, Refusal> {
    match (method, path) {
        ("GET", []) => within(account, request),
        ("POST", []) => create(account, &input::json_body(request)?),
        ("PUT", []) => replace(account, &input::json_body(request)?),
        ("DELETE", [id]) => delete(account, id),
        _ => Err(Refusal::no_such_page()),
    }
}

/// `GET contacts/{id}/events/sort`: unpaged, by their start.
pub(super) fn of_contact(account: &Account, contact: &str) -> Result<Reply, Refusal> {
    let contact = input::id(contact)?;
    Ok(all(account, |event| event.contact_ids.contains(&contact)))
}

/// `GET opportunity/{id}/events`: unpaged, by their start.
pub(super) fn of_deal(account: &Account, deal: &str) -> Result<Reply, Refusal> {
    let deal = input::id(deal)?;
    Ok(all(account, |event| event.deal_ids.contains(&deal)))
}

/// `GET events?start=&end=`: unpaged; both ends are mandatory.
fn within(account: &Account, request: &VendorRequest) -> Result<Reply, Refusal> {
    let bound = |name: &str| -> Result<i64, Refusal> {
        input::id(input::mandatory(request.query(name).filter(|value| !value.is_empty()), name)?)
    };
    let window = bound("start")?..=bound("end")?;
    Ok(all(account, |event| window.contains(&event.start) || window.contains(&event.end)))
}

fn all(account: &Account, wanted: impl Fn(&Event) -> bool) -> Reply {
    let mut events: Vec<&Event> = account.events.values().filter(|event| wanted(event)).collect();
    events.sort_by_key(|event| (event.start, event.id));
    Reply::many_or_nothing("event", events.into_iter().map(|event| event.show(account)).collect())
}

fn create(account: &mut Account, body: &Map<String, Value>) -> Result<Reply, Refusal> {
    let sent = read(account, body)?;
    let now = account.clock.tick();
    let id = account.new_id();
    account.events.insert(id, Event { id, created: now, ..sent });
    Ok(show(account, id))
}

/// `PUT events`: without an id, a new event; with one, what the body leaves out is gone afterwards.
fn replace(account: &mut Account, body: &Map<String, Value>) -> Result<Reply, Refusal> {
    let Some(id) = input::integer(body, "id")? else { return create(account, body) };
    let sent = read(account, body)?;
    let Some(event) = account.events.get_mut(&id) else { return Ok(Reply::Nothing) };
    *event = Event { id, created: event.created, kind: event.kind, ..sent };
    account.clock.tick();
    Ok(show(account, id))
}

fn delete(account: &mut Account, id: &str) -> Result<Reply, Refusal> {
    let id = input::id(id)?;
    account.clock.tick();
    account.events.remove(&id);
    Ok(Reply::Nothing)
}

fn show(account: &Account, id: i64) -> Reply {
    account.events.get(&id).map_or(Reply::Nothing, |event| Reply::One("event", event.show(account)))
}

fn read(account: &Account, body: &Map<String, Value>) -> Result<Event, Refusal> {
    Ok(Event {
        id: 0,
        title: input::mandatory(input::text(body, "title")?, "title")?,
        start: input::mandatory(input::integer(body, "start")?, "start")?,
        end: input::mandatory(input::integer(body, "end")?, "end")?,
        all_day: input::truth(body, "allDay")?.unwrap_or(false),
        is_starred: input::truth(body, "is_event_starred")?.unwrap_or(false),
        colour: input::text(body, "color")?.unwrap_or_else(|| "#36C".to_owned()),
        kind: "AGILE",
        description: input::text(body, "description")?,
        contact_ids: account.known_contacts(input::ids(body, "contacts")?.unwrap_or_default()),
        deal_ids: account.known_deals(input::ids(body, "deal_ids")?.unwrap_or_default()),
        owner_id: input::integer(body, "owner_id")?.unwrap_or_else(|| account.current_user_id()),
        created: 0,
    })
}

//! Deals: lists, whole records, and the partial update that takes some members and passes over others.

use serde_json::{Map, Value, json};

use super::input;
use super::notes;
use super::records::Tag;
use super::replies::{Refusal, Reply};
use super::store::Account;
use super::tracks::Track;
use crate::agile::lists::cursor::{Listed, SortValue};
use crate::agile::lists::listing::Listing;
use crate::exchange::VendorRequest;

const PAGE_SIZE: usize = 25;
const LARGEST_VALUE: f64 = 1_000_000_000_000.0;
const COLOURS: [&str; 10] = ["VIOLET", "INDIGO", "BLUE", "GREEN", "YELLOW", "ORANGE", "RED", "WHITE", "BLACK", "GREY"];

/// An opportunity. Times are in seconds, 0 is never.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Deal {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) expected_value: f64,
    pub(super) probability: i64,
    pub(super) milestone: String,
    pub(super) pipeline_id: i64,
    pub(super) close_date: Option<i64>,
    pub(super) owner_id: i64,
    /// Persons, companies and leads alike.
    pub(super) contact_ids: Vec<i64>,
    pub(super) custom_data: Vec<(String, String)>,
    pub(super) created: i64,
    pub(super) updated: i64,
    pub(super) milestone_changed: i64,
    pub(super) won_date: Option<i64>,
    pub(super) archived: bool,
    pub(super) source_id: i64,
    pub(super) lost_reason_id: i64,
    pub(super) colour: &'static str,
    pub(super) tags: Vec<Tag>,
}

impl Deal {
    pub(super) fn new(id: i64, created: i64, owner_id: i64) -> Self {
        Self {
            id,
            name: String::new(),
            description: None,
            expected_value: 0.0,
            probability: 0,
            milestone: String::new(),
            pipeline_id: 0,
            close_date: None,
            owner_id,
            contact_ids: Vec::new(),
            custom_data: Vec::new(),
            created,
            updated: 0,
            milestone_changed: 0,
            won_date: None,
            archived: false,
            source_id: 0,
            lost_reason_id: 0,
            colour: "GREY",
            tags: Vec::new(),
        }
    }

    /// The final milestones decide the probability; winning is dated.
    pub(super) fn settle(&mut self, track: Option<&Track>, now: i64) {
        let won = track.map_or("Won", Track::won_milestone);
        let lost = track.map_or("Lost", Track::lost_milestone);
        self.won_date = (self.milestone == won).then(|| self.won_date.unwrap_or(now));
        if self.milestone == won {
            self.probability = 100;
        } else if self.milestone == lost {
            self.probability = 0;
        }
    }
}

impl Listed for Deal {
    fn id(&self) -> i64 {
        self.id
    }

    fn sort_value(&self, field: &str) -> SortValue {
        match field {
            "updated_time" => SortValue::Number(self.updated),
            "close_date" => SortValue::Number(self.close_date.unwrap_or(0)),
            #[expect(clippy::cast_possible_truncation, reason = "no deal is worth more than 10^12")]
            "expected_value" => SortValue::Number((self.expected_value * 100.0) as i64),
            "probability" => SortValue::Number(self.probability),
            "name" => SortValue::Text(self.name.to_lowercase()),
            "milestone" => SortValue::Text(self.milestone.to_lowercase()),
            _ => SortValue::Number(self.created),
        }
    }

    fn show(&self, account: &Account) -> Value {
        let texts = |ids: &[i64]| ids.iter().map(i64::to_string).collect::<Vec<_>>();
        let notes: Vec<i64> = account.notes_of_deal(self.id).map(|note| note.id).collect();
        let custom = self.custom_data.iter().map(|(name, value)| json!({"name": name, "value": value}));
        let mut record = json!({
            "colorName": self.colour,
            "id": self.id,
            "name": self.name,
            "contact_ids": texts(&self.contact_ids),
            "custom_data": custom.collect::<Vec<_>>(),
            "products": [],
            "expected_value": self.expected_value,
            "total_deal_value": 0.0,
            "milestone": self.milestone,
            "probability": self.probability,
            "created_time": self.created,
            "updated_time": self.updated,
            "milestone_changed_time": self.milestone_changed,
            "won_date": self.won_date,
            "entity_type": "deal",
            "notes": [],
            "note_ids": texts(&notes),
            "note_created_time": 0,
            "pipeline_id": self.pipeline_id,
            "archived": self.archived,
            "lost_reason_id": self.lost_reason_id,
            "deal_source_id": self.source_id,
            "apply_discount": false,
            "discount_value": 0.0,
            "tags": self.tags.iter().map(|tag| tag.name.as_str()).collect::<Vec<_>>(),
            "tagsWithTime": self.tags.iter().map(Tag::to_json).collect::<Vec<_>>(),
            "contacts": account.partials(&self.contact_ids),
            // The settings of whoever owns it.
            "prefs": {"pic": "", "template": "blue", "width": "", "currency": "USD", "task_reminder": true},
        });
        if let Some(description) = &self.description {
            record["description"] = json!(description);
        }
        if let Some(close_date) = self.close_date {
            record["close_date"] = json!(close_date);
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
        ("GET", []) => list(account, request, |_| true),
        ("POST", []) => create(account, request),
        ("PUT", []) => replace(account, request),
        ("GET", ["based"]) => of_track(account, request),
        ("GET", ["byPipeline", "based"]) => by_milestone(account, request),
        ("GET", ["my", "deals"]) => {
            let me = account.current_user_id();
            list(account, request, |deal| deal.owner_id == me)
        }
        ("PUT", ["partial-update"]) => update_partly(account, request),
        ("PUT", ["partial-update", "delete-contact"]) => unlink_contacts(account, request),
        ("PUT", ["change-owner", owner, deal]) => change_owner(account, owner, deal),
        ("POST", ["bulk"]) => delete_many(account, request),
        ("POST", ["deals", "notes"]) => notes::create_for_deals(account, request),
        ("PUT", ["deals", "notes"]) => notes::replace_for_deals(account, request),
        ("GET", [deal, "notes"]) => notes::of_deal(account, deal),
        ("GET", [deal, "tasks"]) => super::tasks::of_deal(account, deal),
        ("GET", [deal, "events"]) => super::events::of_deal(account, deal),
        ("GET", [deal]) => one(account, deal),
        ("DELETE", [deal]) => delete(account, deal),
        _ => Err(Refusal::no_such_page()),
    }
}

/// `GET contacts/{id}/deals`: unpaged.
pub(super) fn of_contact(account: &Account, contact: &str) -> Result<Reply, Refusal> {
    let contact = input::id(contact)?;
    let deals = account.deals.values().filter(|deal| deal.contact_ids.contains(&contact));
    Ok(Reply::Many("opportunity", deals.map(|deal| deal.show(account)).collect()))
}

/// The deal as the vendor shows it; nothing when there is none.
pub(super) fn show(account: &Account, id: i64) -> Reply {
    account.deals.get(&id).map_or(Reply::Nothing, |deal| Reply::One("opportunity", deal.show(account)))
}

fn list(account: &Account, request: &VendorRequest, wanted: impl Fn(&Deal) -> bool) -> Result<Reply, Refusal> {
    let order = request.query("global_sort_key").filter(|key| !key.is_empty()).unwrap_or("-created_time");
    let listing = Listing::from_query(request, order)?.or_pages_of(PAGE_SIZE).counted();
    let deals = account.deals.values().filter(|deal| wanted(deal)).collect();
    Ok(Reply::many_or_nothing("opportunity", listing.show(account, deals)))
}

/// `GET opportunity/based?pipeline_id=`: 0 is the default track, 1 all tracks.
fn of_track(account: &Account, request: &VendorRequest) -> Result<Reply, Refusal> {
    match input::id(request.query("pipeline_id").unwrap_or("0"))? {
        1 => list(account, request, |_| true),
        wanted => {
            let track = account.track_id(wanted);
            list(account, request, |deal| deal.pipeline_id == track)
        }
    }
}

/// `GET opportunity/byPipeline/based?pipeline_id=`: an object with a list for each milestone.
fn by_milestone(account: &Account, request: &VendorRequest) -> Result<Reply, Refusal> {
    let wanted = account.track_id(input::id(request.query("pipeline_id").unwrap_or("0"))?);
    let Some(track) = account.track(wanted) else { return Ok(Reply::Nothing) };
    let lists = track.milestones.split(',').map(str::trim).map(|milestone| {
        let deals = account.deals.values().filter(|deal| deal.pipeline_id == wanted && deal.milestone == milestone);
        (milestone.to_owned(), deals.take(50).map(|deal| deal.show(account)).collect())
    });
    Ok(Reply::One("milestones", Value::Object(lists.collect())))
}

fn one(account: &Account, id: &str) -> Result<Reply, Refusal> {
    Ok(show(account, input::id(id)?))
}

/// `POST opportunity`: with the id of a deal that exists, a replacement of it.
fn create(account: &mut Account, request: &VendorRequest) -> Result<Reply, Refusal> {
    let body = input::json_body(request)?;
    if let Some(id) = input::integer(&body, "id")?.filter(|id| account.deals.contains_key(id)) {
        return save(account, id, &body);
    }
    let now = account.clock.tick();
    let id = account.new_id();
    let mut deal = Deal::new(id, now, account.current_user_id());
    fill(account, &mut deal, &body, now)?;
    deal.settle(account.track(deal.pipeline_id), now);
    account.deals.insert(id, deal);
    if let Some(subject) = input::text(&body, "note_subject")? {
        let text = input::text(&body, "note_description")?.unwrap_or_default();
        account.add_note(subject, text, Vec::new(), vec![id], now);
    }
    Ok(show(account, id))
}

/// `PUT opportunity`: what the body leaves out is gone afterwards.
fn replace(account: &mut Account, request: &VendorRequest) -> Result<Reply, Refusal> {
    let body = input::json_body(request)?;
    let id = input::edited_id(&body, "Please check id value should not be null.")?;
    save(account, id, &body)
}

fn save(account: &mut Account, id: i64, body: &Map<String, Value>) -> Result<Reply, Refusal> {
    change(account, id, |account, deal, now| {
        let fresh = Deal { won_date: deal.won_date, tags: deal.tags.clone(), ..Deal::new(id, deal.created, 0) };
        let kept = Deal { updated: deal.updated, milestone_changed: deal.milestone_changed, ..fresh };
        *deal = Deal { owner_id: account.current_user_id(), ..kept };
        fill(account, deal, body, now)
    })
}

/// `PUT opportunity/partial-update`: contacts are added, custom data is set by name, and of close date, owner, tags and source
/// nothing is taken.
fn update_partly(account: &mut Account, request: &VendorRequest) -> Result<Reply, Refusal> {
    let body = input::json_body(request)?;
    let Some(id) = input::integer(&body, "id")? else { return Ok(Reply::Nothing) };
    change(account, id, |account, deal, _| {
        if let Some(name) = input::text(&body, "name")? {
            deal.name = name;
        }
        if body.contains_key("description") {
            deal.description = input::text(&body, "description")?;
        }
        deal.expected_value = expected_value(&body)?.unwrap_or(deal.expected_value);
        deal.probability = percentage(&body, "probability")?.unwrap_or(deal.probability);
        deal.pipeline_id =
            input::integer(&body, "pipeline_id")?.map_or(deal.pipeline_id, |track| account.track_id(track));
        deal.milestone = input::text(&body, "milestone")?.unwrap_or_else(|| deal.milestone.clone());
        for contact in account.known_contacts(input::ids(&body, "contact_ids")?.unwrap_or_default()) {
            if !deal.contact_ids.contains(&contact) {
                deal.contact_ids.push(contact);
            }
        }
        for (name, value) in custom_data(&body)? {
            match deal.custom_data.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = value,
                None => deal.custom_data.push((name, value)),
            }
        }
        Ok(())
    })
}

/// `PUT opportunity/partial-update/delete-contact`
fn unlink_contacts(account: &mut Account, request: &VendorRequest) -> Result<Reply, Refusal> {
    let body = input::json_body(request)?;
    let Some(id) = input::integer(&body, "id")? else { return Ok(Reply::Nothing) };
    let gone = input::ids(&body, "contact_ids")?.unwrap_or_default();
    change(account, id, |_, deal, _| {
        deal.contact_ids.retain(|contact| !gone.contains(contact));
        Ok(())
    })
}

/// `PUT opportunity/change-owner/{owner}/{deal}`
fn change_owner(account: &mut Account, owner: &str, deal: &str) -> Result<Reply, Refusal> {
    let owner = input::id(owner)?;
    if account.user(owner).is_none() {
        return Err(Refusal::wrong_format("no such user"));
    }
    change(account, input::id(deal)?, |_, deal, _| {
        deal.owner_id = owner;
        Ok(())
    })
}

/// `DELETE opportunity/{id}`: 204 whether the deal was there or not.
fn delete(account: &mut Account, id: &str) -> Result<Reply, Refusal> {
    let id = input::id(id)?;
    account.clock.tick();
    account.remove_deal(id);
    Ok(Reply::Nothing)
}

/// `POST opportunity/bulk`: a form with `ids` or, as the documentation's sample has it, JSON in the place of the form.
fn delete_many(account: &mut Account, request: &VendorRequest) -> Result<Reply, Refusal> {
    let form = input::form(request)?;
    let ids = form.get("ids").map(|ids| format!("{{\"ids\":{ids}}}"));
    let text = ids.unwrap_or_else(|| String::from_utf8_lossy(&request.body).into_owned());
    let body = serde_json::from_str(&text).map_err(|_| Refusal::wrong_format("ids is no list"))?;
    for id in input::mandatory(input::ids(&body, "ids")?, "ids")? {
        account.remove_deal(id);
    }
    account.clock.tick();
    Ok(Reply::Text("Deals are being deleted.".to_owned()))
}

/// Applies `edit` to a copy, so that a refusal changes nothing. A deal that nobody knows is 204.
fn change(
    account: &mut Account,
    id: i64,
    edit: impl FnOnce(&Account, &mut Deal, i64) -> Result<(), Refusal>,
) -> Result<Reply, Refusal> {
    let Some(before) = account.deals.get(&id).cloned() else { return Ok(Reply::Nothing) };
    let now = account.clock.now().saturating_add(1);
    let mut deal = before.clone();
    edit(account, &mut deal, now)?;
    deal.settle(account.track(deal.pipeline_id), now);
    if (&deal.milestone, deal.pipeline_id) != (&before.milestone, before.pipeline_id) {
        deal.milestone_changed = now;
    }
    if deal != before {
        deal.updated = now;
    }
    account.clock.tick();
    account.deals.insert(id, deal);
    Ok(show(account, id))
}

/// Puts everything that a body says into an empty deal.
fn fill(account: &Account, deal: &mut Deal, body: &Map<String, Value>, now: i64) -> Result<(), Refusal> {
    deal.name = input::mandatory(input::text(body, "name")?, "name")?;
    deal.expected_value = input::mandatory(expected_value(body)?, "expected_value")?;
    // The server follows the milestone without looking whether there is one.
    let milestone = input::text(body, "milestone")?;
    deal.milestone = milestone.ok_or_else(|| Refusal::exception("java.lang.NullPointerException"))?;
    deal.description = input::text(body, "description")?;
    deal.probability = percentage(body, "probability")?.unwrap_or(0);
    deal.pipeline_id = account.track_id(input::integer(body, "pipeline_id")?.unwrap_or(0));
    deal.close_date = input::integer(body, "close_date")?;
    deal.owner_id = input::integer(body, "owner_id")?.unwrap_or(deal.owner_id);
    deal.contact_ids = account.known_contacts(input::ids(body, "contact_ids")?.unwrap_or_default());
    deal.custom_data = custom_data(body)?;
    deal.archived = input::truth(body, "archived")?.unwrap_or(false);
    deal.source_id = input::integer(body, "deal_source_id")?.unwrap_or(0);
    deal.lost_reason_id = input::integer(body, "lost_reason_id")?.unwrap_or(0);
    let colour = input::text(body, "colorName")?;
    let colour = colour.map(|name| COLOURS.into_iter().find(|known| *known == name));
    deal.colour = colour.unwrap_or(Some("GREY")).ok_or_else(|| Refusal::wrong_format("colorName"))?;
    let tags = input::tags(body)?;
    deal.tags.retain(|tag| tags.contains(&tag.name));
    Tag::add(&mut deal.tags, tags, now);
    Ok(())
}

fn expected_value(body: &Map<String, Value>) -> Result<Option<f64>, Refusal> {
    match input::amount(body, "expected_value")? {
        Some(value) if !value.is_finite() || value > LARGEST_VALUE => {
            Err(Refusal::wrong_format("expected_value is beyond 1000000000000"))
        }
        value => Ok(value),
    }
}

/// A whole number from 0 to 100.
pub(super) fn percentage(body: &Map<String, Value>, name: &str) -> Result<Option<i64>, Refusal> {
    match input::integer(body, name)? {
        Some(value) if !(0..=100).contains(&value) => Err(Refusal::wrong_format(name)),
        value => Ok(value),
    }
}

fn custom_data(body: &Map<String, Value>) -> Result<Vec<(String, String)>, Refusal> {
    let pairs = input::list(body, "custom_data")?.iter().map(|item| {
        let item = item.as_object().ok_or_else(|| Refusal::wrong_format("custom_data"))?;
        let name = input::mandatory(input::text(item, "name")?, "a name in custom_data")?;
        Ok((name, input::text(item, "value")?.unwrap_or_default()))
    });
    pairs.collect()
}

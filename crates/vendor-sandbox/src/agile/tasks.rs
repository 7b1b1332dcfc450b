//! Tasks: written with the ids of contacts, read with the contacts themselves.

use serde_json::{Map, Value, json};

use super::deals::percentage;
use super::input;
use super::replies::{Refusal, Reply};
use super::store::Account;
use crate::agile::lists::cursor::{Listed, SortValue};
use crate::agile::lists::listing::Listing;
use crate::exchange::VendorRequest;

const PRIORITIES: [&str; 3] = ["HIGH", "NORMAL", "LOW"];
const STATUSES: [&str; 3] = ["YET_TO_START", "IN_PROGRESS", "COMPLETED"];

/// Something to be done. Times are in seconds, 0 is never.
#[derive(Debug, Clone)]
pub(super) struct Task {
    pub(super) id: i64,
    pub(super) subject: String,
    /// The documented names, or whatever a tenant made up.
    pub(super) kind: String,
    pub(super) priority: String,
    pub(super) status: String,
    pub(super) due: i64,
    pub(super) progress: i64,
    pub(super) is_complete: bool,
    pub(super) description: Option<String>,
    /// The clock time of its end.
    pub(super) ending: Option<String>,
    pub(super) contact_ids: Vec<i64>,
    pub(super) deal_ids: Vec<i64>,
    /// Texts of the notes that the web pages attach to a task.
    pub(super) notes: Vec<&'static str>,
    pub(super) owner_id: i64,
    pub(super) started: i64,
    pub(super) completed: i64,
    pub(super) created: i64,
}

impl Listed for Task {
    fn id(&self) -> i64 {
        self.id
    }

    fn sort_value(&self, field: &str) -> SortValue {
        SortValue::Number(if field == "due" { self.due } else { self.created })
    }

    fn show(&self, account: &Account) -> Value {
        let notes = (1_i64..).zip(&self.notes).map(|(number, text)| {
            json!({"id": self.id - number, "subject": "Note", "description": text, "entity_type": "note"})
        });
        let deals = self.deal_ids.iter().filter_map(|id| account.deals.get(id));
        let mut record = json!({
            "id": self.id,
            "type": self.kind,
            "priority_type": self.priority,
            "due": self.due,
            "task_completed_time": self.completed,
            "task_start_time": self.started,
            "created_time": self.created,
            "is_complete": self.is_complete,
            "contacts": account.partials(&self.contact_ids),
            "subject": self.subject,
            "entity_type": "task",
            "notes": notes.collect::<Vec<_>>(),
            "note_ids": (1_i64..).zip(&self.notes).map(|(number, _)| (self.id - number).to_string()).collect::<Vec<_>>(),
            "progress": self.progress,
            "status": self.status,
            "deal_ids": self.deal_ids.iter().map(i64::to_string).collect::<Vec<_>>(),
            "deals": deals.map(|deal| json!({"id": deal.id, "name": deal.name})).collect::<Vec<_>>(),
        });
        if let Some(description) = &self.description {
            record["taskDescription"] = json!(description);
        }
        if let Some(ending) = &self.ending {
            record["task_ending_time"] = json!(ending);
        }
        if let Some(owner) = account.full_user(self.owner_id) {
            record["taskOwner"] = owner;
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
        ("GET", []) => Ok(all(account, |task| !task.is_complete)),
        ("POST", []) => create(account, &input::json_body(request)?),
        ("PUT", []) => replace(account, &input::json_body(request)?),
        ("GET", ["all"]) => Ok(all(account, |_| true)),
        ("GET", ["based"]) => based(account, request),
        ("GET", ["pending", days]) => pending(account, days),
        ("PUT", ["partial-update"]) => update_partly(account, &input::json_body(request)?),
        ("PUT", ["change-owner", owner, task]) => change_owner(account, owner, task),
        ("GET", [id]) => Ok(show(account, input::id(id)?)),
        ("DELETE", [id]) => delete(account, id),
        _ => Err(Refusal::no_such_page()),
    }
}

/// `GET contacts/{id}/tasks/sort`: unpaged, by due date.
pub(super) fn of_contact(account: &Account, contact: &str) -> Result<Reply, Refusal> {
    let contact = input::id(contact)?;
    Ok(all(account, |task| task.contact_ids.contains(&contact)))
}

/// `GET opportunity/{id}/tasks`: unpaged, by due date.
pub(super) fn of_deal(account: &Account, deal: &str) -> Result<Reply, Refusal> {
    let deal = input::id(deal)?;
    Ok(all(account, |task| task.deal_ids.contains(&deal)))
}

fn all(account: &Account, wanted: impl Fn(&Task) -> bool) -> Reply {
    let mut tasks: Vec<&Task> = account.tasks.values().filter(|task| wanted(task)).collect();
    tasks.sort_by_key(|task| (task.due, task.id));
    Reply::many_or_nothing("task", tasks.into_iter().map(|task| task.show(account)).collect())
}

/// `GET tasks/pending/{days}`: those of all users that are due within so many days.
fn pending(account: &Account, days: &str) -> Result<Reply, Refusal> {
    let end = account.clock.now().saturating_add(input::id(days)?.saturating_mul(86_400));
    Ok(all(account, |task| !task.is_complete && task.due <= end))
}

/// `GET tasks/based`: `criteria` says what `type` is about; with a page size, in pages.
fn based(account: &Account, request: &VendorRequest) -> Result<Reply, Refusal> {
    let sent = |name: &str| request.query(name).filter(|value| !value.is_empty());
    let owner = sent("owner").map(input::id).transpose()?;
    let pending = sent("pending") == Some("true");
    let wanted = |task: &&Task| {
        let as_asked = match (sent("criteria"), sent("type")) {
            (Some("CATEGORY"), Some(kind)) => task.kind == kind,
            (Some("STATUS"), Some(status)) => task.status == status,
            (Some("PRIORITY"), Some(priority)) => task.priority == priority,
            _ => true,
        };
        as_asked && owner.is_none_or(|owner| task.owner_id == owner) && !(pending && task.is_complete)
    };
    let listing = Listing::from_query(request, "created_time")?.counted();
    let tasks = account.tasks.values().filter(wanted).collect();
    Ok(Reply::many_or_nothing("task", listing.show(account, tasks)))
}

fn create(account: &mut Account, body: &Map<String, Value>) -> Result<Reply, Refusal> {
    let mut task = read(account, body)?;
    let now = account.clock.tick();
    task.id = account.new_id();
    task.created = now;
    settle(&mut task, now);
    let id = task.id;
    account.tasks.insert(id, task);
    Ok(show(account, id))
}

/// `PUT tasks`: what the body leaves out is gone afterwards.
fn replace(account: &mut Account, body: &Map<String, Value>) -> Result<Reply, Refusal> {
    let id = input::edited_id(body, "Please check id value should not be null.")?;
    let sent = read(account, body)?;
    Ok(change(account, id, |task| {
        let kept = Task { created: task.created, started: task.started, completed: task.completed, id, ..sent };
        *task = Task { notes: task.notes.clone(), ..kept };
    }))
}

/// `PUT tasks/partial-update`: contacts are added, a name outside its list is passed over without a word.
fn update_partly(account: &mut Account, body: &Map<String, Value>) -> Result<Reply, Refusal> {
    let Some(id) = input::integer(body, "id")? else { return Ok(Reply::Nothing) };
    let known = |name: &str, names: &[&str]| -> Result<Option<String>, Refusal> {
        Ok(input::text(body, name)?.filter(|text| names.contains(&text.as_str())))
    };
    let (subject, kind) = (input::text(body, "subject")?, input::text(body, "type")?);
    let (priority, status) = (known("priority_type", &PRIORITIES)?, known("status", &STATUSES)?);
    let (due, progress) = (input::integer(body, "due")?, percentage(body, "progress")?);
    let is_complete = input::truth(body, "is_complete")?;
    let contacts = account.known_contacts(input::ids(body, "contacts")?.unwrap_or_default());
    Ok(change(account, id, |task| {
        task.subject = subject.unwrap_or_else(|| task.subject.clone());
        task.kind = kind.unwrap_or_else(|| task.kind.clone());
        task.priority = priority.unwrap_or_else(|| task.priority.clone());
        task.status = status.unwrap_or_else(|| task.status.clone());
        task.due = due.unwrap_or(task.due);
        task.progress = progress.unwrap_or(task.progress);
        task.is_complete = is_complete.unwrap_or(task.is_complete);
        task.contact_ids.extend(contacts);
        let mut seen = std::collections::BTreeSet::new();
        task.contact_ids.retain(|contact| seen.insert(*contact));
    }))
}

fn change_owner(account: &mut Account, owner: &str, task: &str) -> Result<Reply, Refusal> {
    let owner = input::id(owner)?;
    if account.user(owner).is_none() {
        return Err(Refusal::wrong_format("no such user"));
    }
    Ok(change(account, input::id(task)?, |task| task.owner_id = owner))
}

fn delete(account: &mut Account, id: &str) -> Result<Reply, Refusal> {
    let id = input::id(id)?;
    account.clock.tick();
    account.tasks.remove(&id);
    Ok(Reply::Nothing)
}

/// A task that nobody knows is 204.
fn change(account: &mut Account, id: i64, edit: impl FnOnce(&mut Task)) -> Reply {
    let Some(task) = account.tasks.get_mut(&id) else { return Reply::Nothing };
    let now = account.clock.tick();
    edit(task);
    settle(task, now);
    show(account, id)
}

fn settle(task: &mut Task, now: i64) {
    if task.progress > 0 && task.started == 0 {
        task.started = now;
    }
    task.completed = match (task.is_complete, task.completed) {
        (true, 0) => now,
        (true, completed) => completed,
        (false, _) => 0,
    };
}

fn show(account: &Account, id: i64) -> Reply {
    account.tasks.get(&id).map_or(Reply::Nothing, |task| Reply::One("task", task.show(account)))
}

fn read(account: &Account, body: &Map<String, Value>) -> Result<Task, Refusal> {
    let of = |name: &str, names: &[&str]| match input::text(body, name)? {
        Some(text) if !names.contains(&text.as_str()) => Err(Refusal::wrong_format(name)),
        other => Ok(other),
    };
    Ok(Task {
        id: 0,
        subject: input::mandatory(input::text(body, "subject")?, "subject")?,
        kind: input::mandatory(input::text(body, "type")?, "type")?,
        priority: input::mandatory(of("priority_type", &PRIORITIES)?, "priority_type")?,
        status: of("status", &STATUSES)?.unwrap_or_else(|| STATUSES[0].to_owned()),
        due: input::mandatory(input::integer(body, "due")?, "due")?,
        progress: percentage(body, "progress")?.unwrap_or(0),
        is_complete: input::truth(body, "is_complete")?.unwrap_or(false),
        description: input::text(body, "taskDescription")?,
        ending: input::text(body, "task_ending_time")?,
        contact_ids: account.known_contacts(input::ids(body, "contacts")?.unwrap_or_default()),
        deal_ids: account.known_deals(input::ids(body, "deal_ids")?.unwrap_or_default()),
        notes: Vec::new(),
        owner_id: input::integer(body, "owner_id")?.unwrap_or_else(|| account.current_user_id()),
        started: 0,
        completed: 0,
        created: 0,
    })
}

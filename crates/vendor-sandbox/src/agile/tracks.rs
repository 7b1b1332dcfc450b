//! Tracks: pipelines whose milestones are one text, separated by commas.

use serde_json::{Map, Value, json};

use super::input;
use super::replies::{Refusal, Reply};
use super::store::Account;
use crate::exchange::VendorRequest;

/// The one name that no caller may give.
const RESERVED_NAME: &str = "Default";

/// A pipeline. Its milestones have no ids: their names are what deals point to.
#[derive(Debug, Clone)]
pub(super) struct Track {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) milestones: String,
    pub(super) is_default: bool,
    pub(super) won: Option<String>,
    pub(super) lost: Option<String>,
}

impl Track {
    pub(super) fn won_milestone(&self) -> &str {
        self.won.as_deref().unwrap_or("Won")
    }

    pub(super) fn lost_milestone(&self) -> &str {
        self.lost.as_deref().unwrap_or("Lost")
    }

    fn show(&self, account: &Account) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "milestones": self.milestones,
            "isDefault": self.is_default,
            "won_milestone": self.won,
            "lost_milestone": self.lost,
            "deals_exist": account.deals.values().any(|deal| deal.pipeline_id == self.id),
        })
    }
}

pub(super) fn route(
    account: &mut Account,
    request: &VendorRequest,
    method: &str,
    path: &[&str],
) -> Result<Reply, Refusal> {
    match (method, path) {
        ("GET", ["pipelines"]) => Ok(list(account)),
        ("POST", ["pipelines"]) => create(account, &input::json_body(request)?),
        ("PUT", ["pipelines"]) => replace(account, &input::json_body(request)?),
        ("DELETE", ["pipelines", id]) => delete(account, id),
        ("GET", [id]) => Ok(one(account, input::id(id)?)),
        _ => Err(Refusal::no_such_page()),
    }
}

fn list(account: &Account) -> Reply {
    Reply::Many("milestone", account.tracks.iter().map(|track| track.show(account)).collect())
}

fn one(account: &Account, id: i64) -> Reply {
    account.track(id).map_or(Reply::Nothing, |track| Reply::One("milestone", track.show(account)))
}

fn create(account: &mut Account, body: &Map<String, Value>) -> Result<Reply, Refusal> {
    let mut track = read(0, body)?;
    account.clock.tick();
    track.id = account.new_id();
    let id = track.id;
    account.tracks.push(track);
    Ok(one(account, id))
}

/// `PUT milestone/pipelines`: without an id, a new track. The final milestones that are not sent are the usual ones again.
fn replace(account: &mut Account, body: &Map<String, Value>) -> Result<Reply, Refusal> {
    let Some(id) = input::integer(body, "id")? else { return create(account, body) };
    let sent = read(id, body)?;
    let Some(track) = account.tracks.iter_mut().find(|track| track.id == id) else { return Ok(Reply::Nothing) };
    *track = Track { is_default: track.is_default, ..sent };
    account.clock.tick();
    Ok(one(account, id))
}

/// `DELETE milestone/pipelines/{id}`: the last one stays; when the default one goes, the next becomes it.
fn delete(account: &mut Account, id: &str) -> Result<Reply, Refusal> {
    let id = input::id(id)?;
    let known = account.track(id).is_some();
    if known && account.tracks.len() == 1 {
        return Err(Refusal::text(400, "Sorry, There should be atleast one track."));
    }
    account.clock.tick();
    account.tracks.retain(|track| track.id != id);
    if !account.tracks.iter().any(|track| track.is_default)
        && let Some(first) = account.tracks.first_mut()
    {
        first.is_default = true;
    }
    Ok(Reply::Nothing)
}

fn read(id: i64, body: &Map<String, Value>) -> Result<Track, Refusal> {
    let name = input::mandatory(input::text(body, "name")?, "name")?;
    if name == RESERVED_NAME {
        return Err(Refusal::text(400, "Track name should not be Default."));
    }
    Ok(Track {
        id,
        name,
        milestones: input::mandatory(input::text(body, "milestones")?, "milestones")?,
        is_default: false,
        won: input::text(body, "won_milestone")?,
        lost: input::text(body, "lost_milestone")?,
    })
}

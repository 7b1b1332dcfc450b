//! Lists behind opaque cursors and addresses of the vendor's: each page says where the next one is.

use connector_catalog::PageSize;
use field_mapping::PageFacts;
use unified_model::Position;

use super::fingerprint::Trail;
use super::window::{After, Place, Want, Window};
use crate::call::outcome::ConnectorError;

/// What is wrong with an address that cannot be followed.
pub(crate) const WITHOUT_A_QUERY: &str = "the address of the next page has no query, which is all of it that is used";

/// A place that the vendor named.
#[derive(Debug, Default)]
pub(crate) struct Chain {
    /// What it named it; `None`: the first page.
    pub(crate) sent: Option<Position>,
    /// What led here.
    pub(crate) trail: Trail,
    /// How many records come before, where that is counted.
    pub(crate) before: Option<u64>,
}

/// The window at a position; `send` is the parameter of a cursor, and addresses need none.
pub(crate) fn plan(size: &PageSize, send: Option<&str>, want: Want<'_>) -> Result<Window, ConnectorError> {
    let (chain, skip) = opened(want.at)?;
    let asked = skip.saturating_add(want.records).min(size.max.into());
    let mut window = Window { size: asked, skip, ..Window::default() };
    match (&chain.sent, send) {
        (None, _) => window.parameters.push((size.send.clone(), asked.to_string())),
        (Some(Position::Cursor(cursor)), Some(send)) => {
            window.parameters.push((size.send.clone(), asked.to_string()));
            window.parameters.push((send.to_owned(), cursor.clone()));
        }
        (Some(Position::NextQuery(query)), None) => window.follow(query),
        (Some(_), _) => return Err(ConnectorError::ForeignPosition),
    }
    window.place = Place::Chain(chain);
    Ok(window)
}

/// A position taken apart: the vendor's own, what led there, and how many records of the page there were delivered before.
pub(crate) fn opened(at: Option<&Position>) -> Result<(Chain, usize), ConnectorError> {
    let (at, taken) = match at {
        Some(Position::Within { at, taken }) => (at.as_deref(), *taken),
        other => (other, 0),
    };
    let taken = usize::try_from(taken).map_err(|_| ConnectorError::ForeignPosition)?;
    let Some(at) = at else { return Ok((Chain::default(), taken)) };
    let (sent, trail) = Trail::split(at);
    Ok((Chain { sent: Some(sent.clone()), trail, before: None }, taken))
}

/// Where the list stands after a page; `named` makes a position of what the vendor says.
pub(crate) fn after(window: &Window, chain: &Chain, facts: &PageFacts, named: fn(&str) -> Option<Position>) -> After {
    if let Some(left_at) = facts.left_at {
        return After::More(chain.within(left_at));
    }
    let Some(next) = window.next(facts) else { return After::End };
    named(next).map_or(After::Unusable(WITHOUT_A_QUERY), |next| chain.step_to(next))
}

#[expect(clippy::unnecessary_wraps, reason = "an address may be unusable, a cursor never is")]
pub(crate) fn cursor(next: &str) -> Option<Position> {
    Some(Position::Cursor(next.to_owned()))
}

pub(crate) fn address(next: &str) -> Option<Position> {
    query_of(next).map(Position::NextQuery)
}

/// Of an address that the vendor gives only the query is used, never the host.
pub(crate) fn query_of(address: &str) -> Option<String> {
    address.split_once('?').map(|(_, query)| query.to_owned())
}

impl Chain {
    /// Within the page here.
    pub(crate) fn within(&self, taken: usize) -> Position {
        let at = self.sent.clone().map(|sent| Box::new(self.trail.clone().join(sent)));
        Position::Within { at, taken: taken as u64 }
    }

    /// One step on, unless that leads back.
    pub(crate) fn step_to(&self, next: Position) -> After {
        let own = self.sent.as_ref().map(name);
        let to = name(&next);
        if own == Some(to) || self.trail.contains(to) {
            return After::StandsStill;
        }
        let trail = self.trail.clone();
        After::More(own.map_or(trail.clone(), |own| trail.with(own)).join(next))
    }
}

/// What the vendor named a place.
fn name(position: &Position) -> &str {
    match position {
        Position::Cursor(name) | Position::NextQuery(name) => name,
        Position::Rest(rest) => &rest.query,
        Position::Offset(_)
        | Position::Slice(_)
        | Position::Page(_)
        | Position::Skip(_)
        | Position::Trail { .. }
        | Position::Within { .. }
        | Position::Short { .. }
        | Position::Part { .. }
        | Position::Parents { .. } => "",
    }
}

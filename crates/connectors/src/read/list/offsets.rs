//! Lists by number of records to skip: the next page begins where the vendor's own ended, or where the vendor says.

use connector_catalog::PageSize;
use unified_model::Position;
use unified_model::position::{RestPosition, SkipPosition};

use super::cursors::{self, Chain};
use super::window::{After, Place, Shown, Want, Window};
use crate::call::outcome::ConnectorError;

/// Behind a number of records.
#[derive(Debug, Default)]
pub(crate) struct Skipped(pub(crate) SkipPosition);

pub(crate) fn plan(size: &PageSize, send: &str, want: Want<'_>) -> Result<Vec<Window>, ConnectorError> {
    let at = match want.at {
        None => SkipPosition::default(),
        Some(Position::Skip(at)) => at.clone(),
        Some(Position::Offset(from)) => SkipPosition { from: *from, ..SkipPosition::default() },
        Some(other) => return rest(other).map(|window| vec![window]),
    };
    let largest = usize::from(size.max);
    // A vendor that cut its last page will cut these.
    let each = at.cap.map_or(largest, |cap| largest.min(cap as usize)).max(1);
    // After a page that was short it may be over: one more will tell.
    let calls = if at.last.is_some() { 1 } else { want.calls.max(1) };
    let windows = (0..want.records).step_by(each).take(calls).map(|ahead| {
        let (from, asked) = (at.from + ahead as u64, largest.min(want.records - ahead));
        let parameters = vec![(size.send.clone(), asked.to_string()), (send.to_owned(), from.to_string())];
        let place = Place::Skip(Skipped(SkipPosition { from, ..at.clone() }));
        Window { parameters, size: asked, place, ..Window::default() }
    });
    Ok(windows.collect())
}

/// The rest of a page, under the vendor's own address.
fn rest(at: &Position) -> Result<Window, ConnectorError> {
    let (chain, skip) = cursors::opened(Some(at))?;
    let Some(Position::Rest(rest)) = &chain.sent else { return Err(ConnectorError::ForeignPosition) };
    let mut window = Window { size: usize::try_from(rest.left).unwrap_or(usize::MAX), skip, ..Window::default() };
    window.follow(&rest.query);
    let before = Some(rest.before);
    window.place = Place::Chain(Chain { before, ..chain });
    Ok(window)
}

pub(crate) fn after(window: &Window, Skipped(at): &Skipped, shown: Shown<'_>) -> After {
    let facts = shown.facts;
    let got = facts.vendor_records;
    let first = window.first_mark(facts);
    let over = at.over + window.skip as u64;
    let to = |from: u64| SkipPosition { from, over, first, ..SkipPosition::default() };
    let reached = at.from + got as u64;
    if window.repeats(facts) {
        // A single record may have moved on to the next page; it cannot do so twice.
        let (is_certain, over) = (at.again || got > 1, at.over + got as u64);
        let next = SkipPosition { over, again: true, ..to(reached) };
        return if is_certain { After::SamePage } else { After::More(Position::Skip(next)) };
    }
    if let Some(left_at) = facts.left_at {
        return After::More(Position::Skip(to(at.from + left_at as u64)));
    }
    let passed = reached.saturating_sub(over);
    if let Some(next) = window.next(facts) {
        let left = window.size.saturating_sub(got) as u64;
        return follow(
            &Chain::default(),
            next,
            RestPosition { before: passed, left, first, ..RestPosition::default() },
        );
    }
    if let Some(end) = shown.end(passed, window.size) {
        return end;
    }
    let cap = u32::try_from(got).ok().filter(|_| got < window.size);
    // Of a page cut short nobody knows whether the vendor skips what it showed or what it left out too: the next page may
    // begin with records that this one has. A vendor that cuts pages alike was seen not to.
    let is_doubtful = cap.is_some() && (cap != at.cap || window.skip > 0);
    let last = window.last_mark(facts).filter(|_| is_doubtful);
    After::More(Position::Skip(SkipPosition { cap, last, ..to(reached) }))
}

/// Where the list stands after a page under the vendor's own address.
pub(crate) fn after_rest(window: &Window, chain: &Chain, shown: Shown<'_>) -> After {
    let Shown { facts, total, .. } = shown;
    let Some(Position::Rest(rest)) = &chain.sent else { return After::End };
    if window.repeats(facts) {
        return After::StandsStill;
    }
    if let Some(left_at) = facts.left_at {
        return After::More(chain.within(left_at));
    }
    let got = facts.vendor_records;
    let passed = rest.before + got as u64;
    let left = rest.left.saturating_sub(got as u64);
    if let Some(next) = window.next(facts) {
        let first = window.first_mark(facts);
        return follow(chain, next, RestPosition { before: passed, left, first, ..RestPosition::default() });
    }
    let counted = After::More(Position::Skip(SkipPosition { from: passed, ..SkipPosition::default() }));
    // The rest of what was asked for may be empty before the list is.
    if got == 0 && rest.left == 0 && total != Some(passed) {
        return counted;
    }
    shown.end(passed, window.size).unwrap_or(counted)
}

/// On to an address; `rest` is what else is known of the place.
fn follow(chain: &Chain, address: &str, mut rest: RestPosition) -> After {
    let Some(query) = cursors::query_of(address) else { return After::Unusable(cursors::WITHOUT_A_QUERY) };
    rest.query = query;
    chain.step_to(Position::Rest(rest))
}

impl Skipped {
    pub(crate) fn continues(&mut self, at: &SkipPosition) -> bool {
        let is_next = self.0.from == at.from;
        if is_next {
            self.0 = at.clone();
        }
        is_next
    }
}

/// How many records come before a position, where pages did not overlap.
pub(crate) fn before(at: &Position) -> Option<u64> {
    match at {
        Position::Offset(from) => Some(*from),
        Position::Skip(at) => (at.over == 0).then_some(at.from),
        Position::Rest(rest) => Some(rest.before),
        Position::Trail { at, .. } => before(at),
        Position::Within { at: Some(at), taken } => before(at).map(|before| before + taken),
        Position::Within { at: None, .. }
        | Position::Cursor(_)
        | Position::NextQuery(_)
        | Position::Slice(_)
        | Position::Page(_)
        | Position::Short { .. }
        | Position::Part { .. }
        | Position::Parents { .. } => None,
    }
}

/// The position so many records back.
pub(crate) fn back(at: &Position, most: u64) -> Option<Position> {
    let from = before(at)?.checked_sub(most)?;
    Some(Position::Skip(SkipPosition { from, ..SkipPosition::default() }))
}

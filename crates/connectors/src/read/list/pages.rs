//! Lists by page number. The next page is that of the next number and the same size parameter: so nothing depends on how
//! many records the vendor puts on a page.

use connector_catalog::PageSize;
use unified_model::Position;
use unified_model::position::PagePosition;

use super::window::{After, Place, Shown, Want, Window};
use crate::call::outcome::ConnectorError;

/// More calls than this are worth another page size.
const MANY_CALLS: u64 = 4;

/// A numbered page.
#[derive(Debug, Default)]
pub(crate) struct Numbered {
    pub(crate) at: PagePosition,
    /// Where the list really is, when the first page is asked for once more in a larger size, to spare many small ones.
    instead: Option<PagePosition>,
}

pub(crate) fn plan(size: &PageSize, send: &str, first: u64, want: Want<'_>) -> Result<Vec<Window>, ConnectorError> {
    let largest = usize::from(size.max).min(want.records.max(1));
    let at = match want.at {
        None => sized(largest),
        Some(Position::Page(at)) => at.clone(),
        Some(Position::Offset(from)) => at_offset(*from, largest)?,
        Some(_) => return Err(ConnectorError::ForeignPosition),
    };
    let window = |at: PagePosition, skip: u64, instead: Option<PagePosition>| {
        let asked = [(&size.send, u64::from(at.size)), (&send.to_owned(), first + at.number)];
        let parameters = asked.map(|(name, value)| (name.clone(), value.to_string())).into();
        let size = at.size as usize;
        let skip = usize::try_from(skip).map_err(|_| ConnectorError::ForeignPosition)?;
        Ok(Window { parameters, size, skip, place: Place::Page(Numbered { at, instead }), ..Window::default() })
    };
    if let Some(larger) = larger(&at, want.records as u64, u64::from(size.max)) {
        let passed = at.before + at.taken;
        return Ok(vec![window(larger, passed, Some(at))?]);
    }
    let calls = calls(&at, want.records as u64).min(want.calls.max(1) as u64);
    let further = |ahead: u64| PagePosition { number: at.number + ahead, ..at.clone() };
    (0..calls).map(|ahead| window(further(ahead), if ahead == 0 { at.taken } else { 0 }, None)).collect()
}

fn sized(size: usize) -> PagePosition {
    PagePosition { size: u32::try_from(size).unwrap_or(u32::MAX), ..PagePosition::default() }
}

/// A number of records, which earlier versions sealed: a place between pages, where the size is what it was.
fn at_offset(from: u64, size: usize) -> Result<PagePosition, ConnectorError> {
    let at = sized(size);
    let pages = u64::from(at.size);
    if !from.is_multiple_of(pages) {
        return Err(ConnectorError::ForeignPosition);
    }
    Ok(PagePosition { number: from / pages, before: from, ..at })
}

/// How many pages hold the wanted records. After a first page that was short it may be over: one more will tell.
fn calls(at: &PagePosition, wanted: u64) -> u64 {
    let each = u64::from(at.each.unwrap_or(at.size)).max(1);
    if at.number == 1 && each < u64::from(at.size) {
        return 1;
    }
    (at.taken + wanted).div_ceil(each).max(1)
}

/// The first page in another size, where that holds what is wanted too. Its start is the list's, whatever the vendor makes
/// of the size; a later page would begin who knows where.
fn larger(at: &PagePosition, wanted: u64, max: u64) -> Option<PagePosition> {
    let passed = at.before + at.taken;
    let size = (passed + wanted).min(max);
    let is_obeyed = !at.stays && at.each == Some(at.size);
    let calls = calls(at, wanted);
    let helps = calls > 1 && size - size.min(passed) >= if calls > MANY_CALLS { size.div_ceil(2) } else { wanted };
    let larger = u32::try_from(size).ok()?;
    (passed > 0 && is_obeyed && helps).then_some(PagePosition { size: larger, ..PagePosition::default() })
}

pub(crate) fn after(window: &Window, numbered: &Numbered, shown: Shown<'_>) -> After {
    let Shown { facts, total, .. } = shown;
    let (at, got) = (&numbered.at, facts.vendor_records);
    let each = if at.number == 0 { u32::try_from(got).ok() } else { at.each };
    let next = PagePosition { number: at.number + 1, taken: 0, ..at.clone() };
    if window.repeats(facts) {
        // A single record may have moved on to the next page; it cannot do so twice.
        let is_certain = at.again || got > 1;
        return if is_certain {
            After::SamePage
        } else {
            After::More(Position::Page(PagePosition { again: true, ..next }))
        };
    }
    if let Some(left_at) = facts.left_at {
        return After::More(Position::Page(PagePosition { taken: left_at as u64, each, ..at.clone() }));
    }
    let passed = at.before + got as u64;
    if let Some(instead) = numbered.instead.as_ref().filter(|_| got <= window.skip && total != Some(passed)) {
        return After::More(Position::Page(PagePosition { stays: true, ..instead.clone() }));
    }
    if let Some(end) = shown.end(passed, window.size) {
        return end;
    }
    // Behind a shorter page the list may be over; if it goes on, its pages are of many sizes.
    let each = each.filter(|each| at.before == at.number * u64::from(*each) && got <= *each as usize);
    let first = window.first_mark(facts);
    After::More(Position::Page(PagePosition { before: passed, each, first, again: false, ..next }))
}

impl Numbered {
    pub(crate) fn continues(&mut self, at: &PagePosition) -> bool {
        let is_next = (self.at.size, self.at.number, 0) == (at.size, at.number, at.taken);
        if is_next {
            self.at = at.clone();
        }
        is_next
    }
}

/// The position so many records back, where every page before has as many records.
pub(crate) fn back(at: &PagePosition, most: u64) -> Option<Position> {
    let to = (at.before + at.taken).checked_sub(most)?;
    let each = u64::from(at.each?).max(1);
    let (number, taken) = (to / each, to % each);
    let before = to - taken;
    Some(Position::Page(PagePosition { number, taken, before, first: None, again: false, ..at.clone() }))
}

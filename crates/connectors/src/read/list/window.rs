//! Windows: the parts of a vendor's list that single calls ask for, and where the list stands after each.

use connector_catalog::{Paging, Template};
use field_mapping::{PageFacts, Probe, VendorPath};
use unified_model::answer::WarningKind;
use unified_model::{Position, Warning};

use super::cursors::{self, Chain};
use super::offsets::{self, Skipped};
use super::pages::{self, Numbered};
use super::{fingerprint, slices};
use crate::call::outcome::ConnectorError;

/// Where the list stands after a vendor page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum After {
    /// There may be more, from here.
    More(Position),
    /// This was the end.
    End,
    /// This was the end, although the vendor's total says that there is more.
    Missing,
    /// The vendor gave a cursor that it had given before.
    StandsStill,
    /// The vendor answers the same page whatever it is asked for.
    SamePage,
    /// The vendor says where to go on, in a way that cannot be followed.
    Unusable(&'static str),
}

impl After {
    /// The warning that a list ends where the vendor may have more.
    pub(crate) fn warning(&self) -> Option<Warning> {
        let (kind, message) = match self {
            Self::StandsStill => (
                WarningKind::CursorRepeated,
                "the vendor gave a cursor that it had given before, so the list was ended here",
            ),
            Self::SamePage => (
                WarningKind::PageRepeated,
                "the vendor answers the same page whatever page is asked for, so the list was ended here",
            ),
            Self::Missing => (
                WarningKind::TotalNotReached,
                "the vendor has no further records, although the total that it gives says so",
            ),
            Self::More(_) | Self::End | Self::Unusable(_) => return None,
        };
        Some(Warning::about_call(kind, message))
    }
}

/// The part of the vendor's list that one call asks for.
#[derive(Debug, Default)]
pub(crate) struct Window {
    /// Size and position, as the vendor wants them.
    pub(crate) parameters: Vec<(String, String)>,
    /// Whether the parameters are all that there are, because the vendor gave them.
    pub(crate) is_whole_query: bool,
    /// The page size that was asked for.
    pub(crate) size: usize,
    /// Records of the vendor's page that come before the first wanted one.
    pub(crate) skip: usize,
    /// What to pick beside the records.
    pub(crate) probes: Vec<Probe>,
    pub(crate) place: Place,
    pub(crate) picked: Picked,
}

/// Which of the probes is what.
#[derive(Debug, Default)]
pub(crate) struct Picked {
    next: Option<usize>,
    total: Option<usize>,
    first: Option<usize>,
    last: Option<usize>,
}

/// Where in the vendor's list a window is.
#[derive(Debug, Default)]
pub(crate) enum Place {
    /// The answer is the whole list.
    #[default]
    Whole,
    /// Behind a cursor, or at an address of the vendor's.
    Chain(Chain),
    /// A numbered page.
    Page(Numbered),
    /// Behind a number of records.
    Skip(Skipped),
}

/// What is asked for: from where, how much, by how many calls at most, and where a record's id is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Want<'a> {
    /// `None`: from the beginning.
    pub(crate) at: Option<&'a Position>,
    pub(crate) records: usize,
    pub(crate) calls: usize,
    pub(crate) id: Option<&'a VendorPath>,
}

/// What a page has shown of the list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown<'f> {
    pub(crate) facts: &'f PageFacts,
    /// How many records there are in all, where that is known.
    pub(crate) total: Option<u64>,
    pub(crate) short_page_ends: bool,
}

impl Shown<'_> {
    /// Whether this page of counted records is the last. `passed` have been passed with it, and it was asked for `size`.
    pub(crate) fn end(self, passed: u64, size: usize) -> Option<After> {
        let is_missing = self.total.is_some_and(|total| total > passed);
        match self.facts.vendor_records {
            _ if self.total == Some(passed) => Some(After::End),
            0 if is_missing => Some(After::Missing),
            0 => Some(After::End),
            got if got < size && self.short_page_ends && !is_missing => Some(After::End),
            _ => None,
        }
    }
}

/// The windows that hold the wanted records: several, where they are known ahead.
pub(crate) fn plan(paging: &Paging, want: Want<'_>) -> Result<Vec<Window>, ConnectorError> {
    match paging {
        Paging::None | Paging::Sliced => slices::plan(want.at).map(|window| vec![window]),
        Paging::Cursor { size, send, next, total } => {
            let window = cursors::plan(size, Some(send), want)?;
            Ok(vec![window.probing(Some(next), total.as_ref())])
        }
        Paging::NextUrl { size, next, total } => {
            Ok(vec![cursors::plan(size, None, want)?.probing(Some(next), total.as_ref())])
        }
        Paging::Page { size, send, first, total, .. } => {
            let windows = pages::plan(size, send, *first, want)?.into_iter();
            Ok(windows.map(|window| window.probing(None, total.as_ref()).telling(want.id)).collect())
        }
        Paging::Offset { size, send, next, total, .. } => {
            let windows = offsets::plan(size, send, want)?.into_iter();
            Ok(windows.map(|window| window.probing(next.as_ref(), total.as_ref()).telling(want.id)).collect())
        }
    }
}

/// Where the list stands after a page.
pub(crate) fn after(paging: &Paging, window: &Window, facts: &PageFacts, total: Option<u64>) -> After {
    let shown = |short_page_ends: bool| Shown { facts, total, short_page_ends };
    match (&window.place, paging) {
        (Place::Whole, _) => slices::after(facts),
        (Place::Chain(chain), Paging::Offset { short_page_ends, .. }) => {
            offsets::after_rest(window, chain, shown(*short_page_ends))
        }
        (Place::Chain(chain), Paging::NextUrl { .. }) => cursors::after(window, chain, facts, cursors::address),
        (Place::Chain(chain), _) => cursors::after(window, chain, facts, cursors::cursor),
        (Place::Page(at), Paging::Page { short_page_ends, .. }) => pages::after(window, at, shown(*short_page_ends)),
        (Place::Skip(at), Paging::Offset { short_page_ends, .. }) => {
            offsets::after(window, at, shown(*short_page_ends))
        }
        (Place::Page(_) | Place::Skip(_), _) => After::End,
    }
}

impl Window {
    fn probing(mut self, next: Option<&Probe>, total: Option<&Probe>) -> Self {
        self.picked.next = self.add(next.cloned());
        self.picked.total = self.add(total.cloned());
        self
    }

    /// Looks at the ids of the first and the last record as well, by which a page that comes twice is known.
    fn telling(mut self, id: Option<&VendorPath>) -> Self {
        self.picked.first = self.add(id.cloned().map(Probe::FirstRecord));
        if matches!(self.place, Place::Skip(_)) {
            self.picked.last = self.add(id.cloned().map(Probe::LastRecord));
        }
        self
    }

    fn add(&mut self, probe: Option<Probe>) -> Option<usize> {
        self.probes.push(probe?);
        Some(self.probes.len() - 1)
    }

    /// Asks what the vendor wants to be asked.
    pub(crate) fn follow(&mut self, query: &str) {
        self.parameters = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        self.is_whole_query = true;
    }

    /// The query that the vendor gave, without what every call carries in any case.
    pub(crate) fn linked_query(&self, own: &[(String, Template)]) -> Vec<(String, String)> {
        let is_own = |name: &str| own.iter().any(|(known, _)| known == name);
        self.parameters.iter().filter(|(name, _)| !is_own(name)).cloned().collect()
    }

    /// Whether the list was entered by a cursor of the vendor's.
    pub(crate) fn is_behind_a_cursor(&self) -> bool {
        matches!(&self.place, Place::Chain(chain) if chain.sent.is_some())
    }

    /// Takes over what is known at a position, where this window is the one that begins there.
    pub(crate) fn continues(&mut self, position: &Position) -> bool {
        match (&mut self.place, position) {
            (Place::Page(own), Position::Page(at)) => own.continues(at),
            (Place::Skip(own), Position::Skip(at)) => own.continues(at),
            _ => false,
        }
    }

    /// The fingerprint of the record behind which this page may begin before its first new one.
    pub(crate) fn overlaps(&self) -> Option<u64> {
        match &self.place {
            Place::Skip(at) => at.0.last,
            Place::Whole | Place::Chain(_) | Place::Page(_) => None,
        }
    }

    /// Whether the page is the one before once more.
    pub(crate) fn repeats(&self, facts: &PageFacts) -> bool {
        let first = self.first_mark(facts);
        first.is_some()
            && match &self.place {
                Place::Page(at) => at.at.number > 0 && at.at.first == first,
                // Where pages overlap, the first record may be the same one; one that is new tells them apart.
                Place::Skip(at) => at.0.first == first && (self.skip == 0 || self.skip >= facts.vendor_records),
                Place::Chain(chain) => matches!(&chain.sent, Some(Position::Rest(rest)) if rest.first == first),
                Place::Whole => false,
            }
    }

    /// How many vendor records have been passed once this page is, where that is known.
    pub(crate) fn passed(&self, facts: &PageFacts) -> Option<u64> {
        let got = facts.vendor_records as u64;
        match &self.place {
            Place::Whole => None,
            Place::Chain(chain) => chain.before.map(|before| before + got),
            Place::Page(at) => Some(at.at.before + got),
            Place::Skip(at) => Some((at.0.from + got).saturating_sub(at.0.over + self.skip as u64)),
        }
    }

    /// The number of records in all, where this page says so.
    pub(crate) fn total(&self, paging: &Paging, facts: &PageFacts) -> Option<u64> {
        match paging {
            Paging::Sliced => Some(facts.of_kind as u64),
            Paging::None
            | Paging::Cursor { .. }
            | Paging::NextUrl { .. }
            | Paging::Page { .. }
            | Paging::Offset { .. } => probed(self.picked.total, facts)?.parse().ok(),
        }
    }

    /// The next cursor or address.
    pub(crate) fn next<'f>(&self, facts: &'f PageFacts) -> Option<&'f str> {
        probed(self.picked.next, facts)
    }

    pub(crate) fn first_mark(&self, facts: &PageFacts) -> Option<u64> {
        probed(self.picked.first, facts).map(fingerprint::of)
    }

    pub(crate) fn last_mark(&self, facts: &PageFacts) -> Option<u64> {
        probed(self.picked.last, facts).map(fingerprint::of)
    }
}

fn probed(place: Option<usize>, facts: &PageFacts) -> Option<&str> {
    facts.probes.get(place?)?.as_deref()
}

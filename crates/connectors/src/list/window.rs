//! Windows: the parts of a vendor's list that single calls ask for, and where the list stands after each.

use connector_catalog::{PageSize, Paging, Template};
use field_mapping::{PageFacts, Probe};
use unified_model::Position;

use crate::outcome::ConnectorError;

/// Where the list stands after a vendor page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum After {
    /// There may be more, from here; for the rest of what was asked for, the vendor has given an address.
    More(Position, Option<Rest>),
    /// This was the end.
    End,
    /// The vendor said to go on from where this page began.
    StandsStill,
}

/// What a vendor cut off a page, and under which query it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rest {
    query: String,
    /// How many records of what was asked for are left.
    size: usize,
}

/// The part of the vendor's list that one call asks for.
#[derive(Debug, Default)]
pub(crate) struct Window {
    /// Size and position, as the vendor wants them.
    pub(crate) parameters: Vec<(String, String)>,
    /// Whether the parameters are all that there are, because the vendor gave them.
    pub(crate) is_whole_query: bool,
    /// The query of the vendor's that is followed, within a list of offsets.
    rest: Option<String>,
    /// The position that was sent, for cursors.
    pub(crate) sent: Option<Position>,
    /// How many vendor records come before the vendor's page.
    start: u64,
    /// The page size that was asked for.
    size: usize,
    /// Records of the vendor's page that come before the first wanted one.
    pub(crate) skip: usize,
    /// What to pick beside the records.
    pub(crate) probes: Vec<Probe>,
    next_probe: Option<usize>,
    total_probe: Option<usize>,
}

/// The windows that hold the `wanted` records from a position on: several, at most `most`, where they are known ahead.
pub(crate) fn plan(
    paging: &Paging,
    at: Option<&Position>,
    wanted: usize,
    most: usize,
) -> Result<Vec<Window>, ConnectorError> {
    match paging {
        Paging::None | Paging::Sliced => {
            let skip = match at {
                None => 0,
                Some(Position::Slice(from)) => usize::try_from(*from).map_err(|_| ConnectorError::ForeignPosition)?,
                Some(_) => return Err(ConnectorError::ForeignPosition),
            };
            Ok(vec![Window { skip, size: usize::MAX, ..Window::default() }])
        }
        Paging::Cursor { size, send, next, total } => {
            let mut window = Window::within(at, wanted, size)?;
            window.parameters.push((size.send.clone(), window.size.to_string()));
            match window.sent.clone() {
                None => {}
                Some(Position::Cursor(cursor)) => window.parameters.push((send.clone(), cursor)),
                Some(_) => return Err(ConnectorError::ForeignPosition),
            }
            Ok(vec![window.probing(Some(next), total.as_ref())])
        }
        Paging::NextUrl { size, next, total } => {
            let mut window = Window::within(at, wanted, size)?;
            match window.sent.clone() {
                None => window.parameters.push((size.send.clone(), window.size.to_string())),
                Some(Position::NextQuery(query)) => window.follow_query(&query),
                Some(_) => return Err(ConnectorError::ForeignPosition),
            }
            Ok(vec![window.probing(Some(next), total.as_ref())])
        }
        Paging::Page { size, send, first, total } => {
            let from = offset(at)?;
            let pages = pages(from, wanted, size.max.into());
            let windows = pages.numbers.take(most.max(1)).map(|number| {
                let start = number * pages.size as u64;
                let skip = usize::try_from(from.saturating_sub(start)).unwrap_or_default();
                let parameters =
                    vec![(size.send.clone(), pages.size.to_string()), (send.clone(), (first + number).to_string())];
                let window = Window { parameters, start, size: pages.size, skip, ..Window::default() };
                window.probing(None, total.as_ref())
            });
            Ok(windows.collect())
        }
        Paging::Offset { size, send, next, total } => {
            let from = offset(at)?;
            let largest = usize::from(size.max);
            let windows = (0..wanted).step_by(largest).take(most.max(1)).map(|before| {
                let (start, asked) = (from + before as u64, largest.min(wanted - before));
                let parameters = vec![(size.send.clone(), asked.to_string()), (send.clone(), start.to_string())];
                let window = Window { parameters, start, size: asked, ..Window::default() };
                window.probing(next.as_ref(), total.as_ref())
            });
            Ok(windows.collect())
        }
    }
}

/// Vendor pages of one size, counted from 0.
struct Pages {
    size: usize,
    numbers: std::ops::RangeInclusive<u64>,
}

/// The fewest pages that hold the `wanted` records from `from` on. A page number counts pages of one size, so the size is
/// chosen such that one page will do, if any size does; the least of them.
fn pages(from: u64, wanted: usize, max: usize) -> Pages {
    let page_of = |record: u64, size: usize| record / size as u64;
    let last = from + wanted.max(1) as u64 - 1;
    let single = (wanted.max(1)..=max).find(|size| page_of(from, *size) == page_of(last, *size));
    let size = single.unwrap_or(wanted.clamp(1, max.max(1)));
    Pages { size, numbers: page_of(from, size)..=page_of(last, size) }
}

fn offset(position: Option<&Position>) -> Result<u64, ConnectorError> {
    match position {
        None => Ok(0),
        Some(Position::Offset(from)) => Ok(*from),
        Some(_) => Err(ConnectorError::ForeignPosition),
    }
}

/// Where the list stands after a page.
pub(crate) fn after(paging: &Paging, window: &Window, facts: &PageFacts, total: Option<u64>) -> After {
    let next = window.next_probe.and_then(|at| facts.probes.get(at).cloned().flatten());
    match paging {
        Paging::None | Paging::Sliced => match facts.left_at {
            Some(left_at) => After::More(Position::Slice(left_at as u64), None),
            None => After::End,
        },
        Paging::Cursor { .. } => window.after_cursor(next.map(Position::Cursor), facts),
        Paging::NextUrl { .. } => {
            window.after_cursor(next.as_deref().and_then(query_of).map(Position::NextQuery), facts)
        }
        Paging::Page { .. } => window.after_offset(None, facts, total),
        Paging::Offset { .. } => {
            // A vendor may cut its pages shorter than its documentation says.
            let is_cut = facts.vendor_records > 0 && facts.left_at.is_none();
            let after = window.after_offset(next.as_deref().and_then(query_of), facts, total);
            let reached = window.start + facts.vendor_records as u64;
            match after {
                After::End if is_cut && total.is_some_and(|total| total > reached) => {
                    After::More(Position::Offset(reached), None)
                }
                after => after,
            }
        }
    }
}

/// Of an address that the vendor gives only the query is used, never the host.
fn query_of(address: &str) -> Option<String> {
    address.split_once('?').map(|(_, query)| query.to_owned())
}

impl Window {
    /// A vendor page behind a cursor, of which some records may have been delivered before.
    fn within(at: Option<&Position>, wanted: usize, size: &PageSize) -> Result<Self, ConnectorError> {
        let (sent, taken) = match at {
            Some(Position::Within { at, taken }) => (at.as_deref().cloned(), *taken),
            other => (other.cloned(), 0),
        };
        let skip = usize::try_from(taken).map_err(|_| ConnectorError::ForeignPosition)?;
        let size = skip.saturating_add(wanted).min(size.max.into());
        Ok(Self { sent, size, skip, ..Self::default() })
    }

    fn probing(mut self, next: Option<&Probe>, total: Option<&Probe>) -> Self {
        let mut add = |probe: Option<&Probe>| {
            self.probes.push(probe?.clone());
            Some(self.probes.len() - 1)
        };
        self.next_probe = add(next);
        self.total_probe = add(total);
        self
    }

    /// Asks for what the vendor cut off, as it wants to be asked.
    pub(crate) fn follow(&mut self, rest: &Rest) {
        self.follow_query(&rest.query);
        self.size = rest.size;
        self.rest = Some(rest.query.clone());
    }

    fn follow_query(&mut self, query: &str) {
        self.parameters = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        self.is_whole_query = true;
    }

    /// The query that the vendor gave, without what every call carries in any case.
    pub(crate) fn linked_query(&self, own: &[(String, Template)]) -> Vec<(String, String)> {
        let is_own = |name: &str| own.iter().any(|(known, _)| known == name);
        self.parameters.iter().filter(|(name, _)| !is_own(name)).cloned().collect()
    }

    /// Whether its first wanted record is the one at a position.
    pub(crate) fn starts_at(&self, position: &Position) -> bool {
        matches!(position, Position::Offset(from) if *from == self.start + self.skip as u64)
    }

    /// The number of records in all, where this page says so.
    pub(crate) fn total(&self, paging: &Paging, facts: &PageFacts) -> Option<u64> {
        match paging {
            Paging::Sliced => Some(facts.of_kind as u64),
            _ => self.total_probe.and_then(|at| facts.probes.get(at)?.as_deref()?.parse().ok()),
        }
    }

    fn after_cursor(&self, next: Option<Position>, facts: &PageFacts) -> After {
        if let Some(left_at) = facts.left_at {
            let at = self.sent.clone().map(Box::new);
            return After::More(Position::Within { at, taken: left_at as u64 }, None);
        }
        match next {
            None => After::End,
            Some(_) if facts.vendor_records == 0 => After::StandsStill,
            Some(next) if self.sent.as_ref() == Some(&next) => After::StandsStill,
            Some(next) => After::More(next, None),
        }
    }

    fn after_offset(&self, next: Option<String>, facts: &PageFacts, total: Option<u64>) -> After {
        if let Some(left_at) = facts.left_at {
            return After::More(Position::Offset(self.start + left_at as u64), None);
        }
        let reached = self.start + facts.vendor_records as u64;
        if let Some(query) = next {
            if facts.vendor_records == 0 || self.rest.as_ref() == Some(&query) {
                return After::StandsStill;
            }
            let left = self.size.saturating_sub(facts.vendor_records);
            let rest = (left > 0).then_some(Rest { query, size: left });
            return After::More(Position::Offset(reached), rest);
        }
        // A total that was passed already cannot be one; a full page is believed then.
        let is_full = facts.vendor_records >= self.size && total != Some(reached);
        if is_full { After::More(Position::Offset(reached), None) } else { After::End }
    }
}

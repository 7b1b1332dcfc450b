//! Listing: one page of canonical records from as many vendor pages as it takes.

use std::cell::RefCell;

use bytes::Bytes;
use connector_catalog::{
    ConnectorDefinition, Encoding, ErrorMeaning, ListWay, Paging, Plan, ResourceDefinition, SortStyle,
};
use field_mapping::{PageFacts, Probe, ReadError, Reading, Scratch, Shape};
use unified_model::answer::WarningKind;
use unified_model::{Direction, Operation, Position, UnifiedRequest, Warning};
use vendor_client::{RateLimit, VendorBody, VendorReply, VendorRequest, VendorSession};

use crate::exchange::{self, Exchange};
use crate::lookup::{Lookups, Surroundings};
use crate::outcome::{ConnectorError, Failure, OutcomeData, VendorOutcome};
use crate::{extend, filters};

/// The name that the call has in errors and in `_raw`.
const STEP: &str = "all";

/// More than most canonical records take, so that a page is seldom moved while it grows.
const RECORD_BYTES: usize = 1536;

/// The most vendor calls that one page may take, when records of another kind share the end-point.
const MOST_CALLS: usize = 20;

thread_local! {
    /// Parsing buffers, kept between calls; a page is mapped without an await in between.
    static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch::default());
}

/// Maps a vendor document with this thread's buffers.
pub(crate) fn read(
    resource: &ResourceDefinition,
    document: &[u8],
    reading: &Reading<'_>,
    out: &mut Vec<u8>,
) -> Result<PageFacts, ReadError> {
    SCRATCH.with_borrow_mut(|scratch| resource.mapping.read(document, reading, scratch, out))
}

/// How filters are written that no template can say.
pub(crate) trait WriteRules: Sync {
    /// The parameters that carry `request`'s filters.
    fn rules(
        &self,
        way: &ListWay,
        resource: &ResourceDefinition,
        request: &UnifiedRequest,
    ) -> Result<Vec<(String, String)>, ConnectorError>;
}

/// One unified page in the making.
struct Page<'a> {
    plan: &'a Plan,
    way: &'a ListWay,
    request: &'a UnifiedRequest,
    surroundings: Surroundings,
    parameters: Vec<(String, String)>,
    pass_through: Vec<(String, String)>,
    records: Vec<u8>,
    count: usize,
    total: Option<u64>,
    warnings: Vec<Warning>,
    filled_in: std::collections::BTreeMap<String, usize>,
    exchanges: Vec<Exchange>,
    rate_limit: Option<RateLimit>,
}

/// Where the list stands after a vendor page.
enum After {
    /// There may be more, from here.
    More(Position),
    /// This was the end.
    End,
}

pub(crate) async fn execute(
    plan: &Plan,
    request: &UnifiedRequest,
    vendor: &VendorSession,
    rules: &dyn WriteRules,
    lookups: &Lookups,
) -> Result<VendorOutcome, ConnectorError> {
    let resource = plan.resource();
    let list = resource.all.as_ref().ok_or_else(|| ConnectorError::Internal("a list without a plan".to_owned()))?;
    let names: Vec<&str> = request.filters.iter().map(|filter| filter.field.as_str()).collect();
    let sort = request.sort.as_ref().map(|sort| sort.by.as_str());
    let way = list.choose(&names, sort).map_err(ConnectorError::ListRefused)?;

    let mut parameters = filters::parameters(&way.request.query, request);
    if way.rules.is_some() {
        parameters.extend(rules.rules(way, resource, request)?);
    }
    parameters.extend(sort_parameters(way, resource, request));
    let reserved = way.reserved_parameters(plan.connector());
    let page = Page {
        plan,
        way,
        request,
        surroundings: lookups.surroundings(plan, request, vendor, &resource.mapping).await?,
        parameters,
        pass_through: extend::query(&request.pass_through_query, &reserved)?,
        records: Vec::with_capacity(RECORD_BYTES * usize::from(request.limit)),
        count: 0,
        total: None,
        warnings: Vec::new(),
        filled_in: std::collections::BTreeMap::new(),
        exchanges: Vec::new(),
        rate_limit: None,
    };
    if filters::is_unanswerable(&way.request.path, plan.connector(), request) {
        return Ok(page.done(None));
    }
    page.fill(vendor).await
}

fn sort_parameters(way: &ListWay, resource: &ResourceDefinition, request: &UnifiedRequest) -> Vec<(String, String)> {
    let (Some(style), Some(sort)) = (&way.sort, &request.sort) else { return Vec::new() };
    let Some(field) = resource.mapping.sort(&sort.by) else { return Vec::new() };
    match (style, sort.direction) {
        (SortStyle::Signed { send }, Direction::Ascending) => vec![(send.clone(), field.to_owned())],
        (SortStyle::Signed { send }, Direction::Descending) => vec![(send.clone(), format!("-{field}"))],
        (SortStyle::Pair { by, direction, ascending, .. }, Direction::Ascending) => {
            vec![(by.clone(), field.to_owned()), (direction.clone(), ascending.clone())]
        }
        (SortStyle::Pair { by, direction, descending, .. }, Direction::Descending) => {
            vec![(by.clone(), field.to_owned()), (direction.clone(), descending.clone())]
        }
    }
}

impl Page<'_> {
    fn limit(&self) -> usize {
        usize::from(self.request.limit)
    }

    fn connector(&self) -> &ConnectorDefinition {
        self.plan.connector()
    }

    async fn fill(mut self, vendor: &VendorSession) -> Result<VendorOutcome, ConnectorError> {
        let mut position = self.request.position.clone();
        let mut next = None;
        for _ in 0..MOST_CALLS {
            match self.fetch(position.take(), vendor).await? {
                After::End => {
                    next = None;
                    break;
                }
                After::More(from) if self.count >= self.limit() => {
                    next = Some(from);
                    break;
                }
                After::More(from) => {
                    position = Some(from.clone());
                    next = Some(from);
                }
            }
        }
        Ok(self.done(next))
    }

    fn done(mut self, next: Option<Position>) -> VendorOutcome {
        self.warnings.extend(filled_in_warnings(&self.filled_in));
        if self.records.is_empty() {
            self.records.extend_from_slice(b"[]");
        }
        let previous = self.previous();
        VendorOutcome {
            data: OutcomeData::Page { records: self.records, count: self.count, next, previous, total: self.total },
            warnings: self.warnings,
            exchanges: self.exchanges,
            rate_limit: self.rate_limit,
        }
    }

    /// Styles that count records can step back; an opaque cursor cannot.
    fn previous(&self) -> Option<Position> {
        let back = |from: u64| from.saturating_sub(u64::from(self.request.limit));
        match self.request.position.as_ref()? {
            Position::Offset(from) => Some(Position::Offset(back(*from))),
            Position::Slice(from) => Some(Position::Slice(back(*from))),
            Position::Cursor(_) | Position::NextQuery(_) => None,
        }
    }

    async fn fetch(&mut self, position: Option<Position>, vendor: &VendorSession) -> Result<After, ConnectorError> {
        let wanted = self.limit() - self.count;
        let window = Window::of(&self.way.paging, position, wanted)?;
        let request = self.vendor_request(&window)?;
        let reply = exchange::call(self.connector(), Operation::All, vendor, request)
            .await
            .map_err(|failure| self.refused(&window, failure))?;
        self.rate_limit = reply.rate_limit().or(self.rate_limit.take());
        if reply.status == 204 || reply.body.is_empty() {
            return Ok(After::End);
        }
        let facts = self.take(&reply, &window)?;
        Ok(self.after(&window, &facts))
    }

    /// A vendor cursor that a caller got from us and that the vendor no longer takes is the caller's to renew.
    fn refused(&self, window: &Window, failure: Failure) -> ConnectorError {
        match &failure {
            Failure::Answered(answer)
                if answer.meaning == Some(ErrorMeaning::CursorGone) && window.sent.is_some() && self.count == 0 =>
            {
                ConnectorError::ForeignPosition
            }
            _ => ConnectorError::reading(STEP, failure),
        }
    }

    fn vendor_request(&self, window: &Window) -> Result<VendorRequest, ConnectorError> {
        let template = &self.way.request;
        let path = filters::path(&template.path, self.request)
            .map_err(|hole| ConnectorError::Internal(format!("{hole} has no value in a list")))?;
        let mut parameters = self.parameters.clone();
        parameters.extend(window.parameters.iter().cloned());
        let (query, body) = match template.encode {
            Encoding::Form => (self.pass_through.clone(), VendorBody::Form(parameters)),
            Encoding::Json => {
                parameters.extend(self.pass_through.iter().cloned());
                (parameters, VendorBody::None)
            }
        };
        Ok(VendorRequest { step: STEP.to_owned(), method: template.method.clone(), path, query, body, safe: true })
    }

    /// Maps a vendor page and appends its records.
    fn take(&mut self, reply: &VendorReply, window: &Window) -> Result<PageFacts, ConnectorError> {
        let resource = self.plan.resource();
        let reading = Reading {
            records: &self.way.records,
            shape: Shape::List,
            kind: resource.kind.as_ref(),
            probes: &window.probes,
            select: self.request.fields.as_ref(),
            skip: window.skip,
            take: window.take,
            context: self.surroundings.context(),
        };
        let facts = if self.records.is_empty() {
            read(resource, &reply.body, &reading, &mut self.records)
        } else {
            let mut more = Vec::new();
            let facts = read(resource, &reply.body, &reading, &mut more);
            append(&mut self.records, &more);
            facts
        };
        let facts =
            facts.map_err(|error| ConnectorError::reading(STEP, exchange::unusable(reply, error.to_string())))?;
        self.count += facts.records;
        for (field, records) in &facts.filled_in {
            *self.filled_in.entry(field.clone()).or_default() += records;
        }
        if self.request.raw {
            self.exchanges.push(Exchange { step: self.exchange_name(), body: reply.body.clone() });
        }
        if self.total.is_none() {
            self.total = window.total_probe.and_then(|at| facts.probes.get(at)?.as_deref()?.parse().ok());
        }
        Ok(facts)
    }

    fn exchange_name(&self) -> String {
        match self.exchanges.len() {
            0 => STEP.to_owned(),
            more => format!("{STEP}-{}", more + 1),
        }
    }

    fn after(&mut self, window: &Window, facts: &PageFacts) -> After {
        let next = window.next_probe.and_then(|at| facts.probes.get(at).cloned().flatten());
        match &self.way.paging {
            Paging::None => After::End,
            Paging::Sliced => {
                self.total = Some(facts.of_kind as u64);
                let reached = window.skip + facts.records;
                if reached < facts.of_kind { After::More(Position::Slice(reached as u64)) } else { After::End }
            }
            Paging::Cursor { .. } => self.after_cursor(next.map(Position::Cursor), window, facts),
            Paging::NextUrl { .. } => {
                let query = next.and_then(|address| address.split_once('?').map(|(_, query)| query.to_owned()));
                self.after_cursor(query.map(Position::NextQuery), window, facts)
            }
            Paging::Page { .. } | Paging::Offset { .. } => {
                let reached = window.start + facts.records as u64;
                let full_page = facts.vendor_records >= window.size;
                let cut_short = window.skip + facts.records < facts.vendor_records;
                if full_page || cut_short { After::More(Position::Offset(reached)) } else { After::End }
            }
        }
    }

    fn after_cursor(&mut self, next: Option<Position>, window: &Window, facts: &PageFacts) -> After {
        let Some(next) = next else { return After::End };
        let stands_still = window.sent.as_ref() == Some(&next) || facts.vendor_records == 0;
        if !stands_still {
            return After::More(next);
        }
        self.warnings.push(Warning::about_call(
            WarningKind::CursorRepeated,
            "the vendor's cursor did not move on, so the list was ended here",
        ));
        After::End
    }
}

/// The part of the vendor's list that one call asks for.
struct Window {
    /// Size and position, as the vendor wants them.
    parameters: Vec<(String, String)>,
    /// The position that was sent, for cursors.
    sent: Option<Position>,
    /// The number of records before the first wanted one.
    start: u64,
    /// The page size that was asked for.
    size: usize,
    /// Records of the vendor's page that come before the first wanted one.
    skip: usize,
    /// The most records wanted.
    take: usize,
    probes: Vec<Probe>,
    next_probe: Option<usize>,
    total_probe: Option<usize>,
}

impl Window {
    fn of(paging: &Paging, position: Option<Position>, wanted: usize) -> Result<Self, ConnectorError> {
        let mut window = Self {
            parameters: Vec::new(),
            sent: position.clone(),
            start: 0,
            size: wanted,
            skip: 0,
            take: wanted,
            probes: Vec::new(),
            next_probe: None,
            total_probe: None,
        };
        match (paging, position) {
            // A vendor that answers more than was asked for is believed: what is cut off here could never be asked for again.
            (Paging::None, None) => window.take = usize::MAX,
            (Paging::Sliced, None) => {}
            (Paging::Sliced, Some(Position::Slice(from))) => {
                window.start = from;
                window.skip = usize::try_from(from).map_err(|_| ConnectorError::ForeignPosition)?;
            }
            (Paging::Cursor { size, send, next, total }, position) => {
                window.take = usize::MAX;
                window.sized(&size.send, wanted.min(size.max.into()));
                match position {
                    None => {}
                    Some(Position::Cursor(cursor)) => window.parameters.push((send.clone(), cursor)),
                    Some(_) => return Err(ConnectorError::ForeignPosition),
                }
                window.probe(Some(next), total.as_ref());
            }
            (Paging::NextUrl { size, next, total }, position) => {
                window.take = usize::MAX;
                match position {
                    None => window.sized(&size.send, wanted.min(size.max.into())),
                    Some(Position::NextQuery(query)) => {
                        window.parameters = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
                    }
                    Some(_) => return Err(ConnectorError::ForeignPosition),
                }
                window.probe(Some(next), total.as_ref());
            }
            (Paging::Page { size, send, first, total }, position) => {
                window.start = offset(position.as_ref())?;
                // A page number counts pages of one size: the window's start is found inside a page of that size.
                let page_size = wanted.min(size.max.into()).max(1);
                let page = window.start / page_size as u64;
                window.skip = usize::try_from(window.start % page_size as u64).unwrap_or_default();
                window.sized(&size.send, page_size);
                window.parameters.push((send.clone(), (first + page).to_string()));
                window.probe(None, total.as_ref());
            }
            (Paging::Offset { size, send, total }, position) => {
                window.start = offset(position.as_ref())?;
                window.sized(&size.send, wanted.min(size.max.into()));
                window.parameters.push((send.clone(), window.start.to_string()));
                window.probe(None, total.as_ref());
            }
            (Paging::None | Paging::Sliced, Some(_)) => return Err(ConnectorError::ForeignPosition),
        }
        Ok(window)
    }

    fn sized(&mut self, parameter: &str, size: usize) {
        self.size = size;
        self.parameters.push((parameter.to_owned(), size.to_string()));
    }

    fn probe(&mut self, next: Option<&Probe>, total: Option<&Probe>) {
        let mut add = |probe: Option<&Probe>| {
            let probe = probe?;
            self.probes.push(probe.clone());
            Some(self.probes.len() - 1)
        };
        self.next_probe = add(next);
        self.total_probe = add(total);
    }
}

fn offset(position: Option<&Position>) -> Result<u64, ConnectorError> {
    match position {
        None => Ok(0),
        Some(Position::Offset(from)) => Ok(*from),
        Some(_) => Err(ConnectorError::ForeignPosition),
    }
}

/// Joins two JSON arrays.
fn append(records: &mut Vec<u8>, more: &[u8]) {
    let inner = more.strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]")).unwrap_or_default();
    if inner.is_empty() {
        return;
    }
    records.pop();
    if records.last() != Some(&b'[') {
        records.push(b',');
    }
    records.extend_from_slice(inner);
    records.push(b']');
}

/// One warning for each required member that had to be filled in.
pub(crate) fn filled_in_warnings(
    filled_in: &std::collections::BTreeMap<String, usize>,
) -> impl Iterator<Item = Warning> {
    filled_in.iter().map(|(field, records)| {
        Warning::about_field(
            WarningKind::RequiredMemberMissing,
            field.clone(),
            format!("{records} vendor record(s) have no `{field}`; it is answered as an empty text"),
        )
    })
}

/// A whole-document body kept for `_raw`.
pub(crate) fn kept(step: &str, body: &Bytes) -> Exchange {
    Exchange { step: step.to_owned(), body: body.clone() }
}

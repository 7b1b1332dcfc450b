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

use crate::dialect::Dialect;
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

/// One unified page in the making.
struct Page<'a> {
    plan: &'a Plan,
    way: &'a ListWay,
    request: &'a UnifiedRequest,
    surroundings: Surroundings,
    dialect: &'a dyn Dialect,
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

/// What a vendor cut off a page, and under which query it is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rest {
    query: String,
    /// How many records of what was asked for are left.
    size: usize,
}

/// Where the list stands after a vendor page.
enum After {
    /// There may be more, from here; for the rest of what was asked for, the vendor has given an address.
    More(Position, Option<Rest>),
    /// This was the end.
    End,
}

pub(crate) async fn execute(
    plan: &Plan,
    request: &UnifiedRequest,
    vendor: &VendorSession,
    dialect: &dyn Dialect,
    lookups: &Lookups,
) -> Result<VendorOutcome, ConnectorError> {
    let resource = plan.resource();
    let list = resource.all.as_ref().ok_or_else(|| ConnectorError::Internal("a list without a plan".to_owned()))?;
    let names: Vec<&str> = request.filters.iter().map(|filter| filter.field.as_str()).collect();
    let sort = request.sort.as_ref().map(|sort| sort.by.as_str());
    let way = list.choose(&names, sort).map_err(ConnectorError::ListRefused)?;

    let surroundings = lookups.surroundings(plan, request, vendor, &resource.mapping).await?;
    let mut parameters = filters::parameters(&way.request.query, request);
    let mut unanswerable = filters::is_unanswerable(&way.request.path, plan.connector(), request);
    if way.rules.is_some() {
        let written = dialect.rules(way, resource, request, surroundings.context().zone)?;
        unanswerable |= written.is_none();
        parameters.extend(written.unwrap_or_default());
    }
    parameters.extend(sort_parameters(way, resource, request));
    let reserved = way.reserved_parameters(plan.connector());
    let page = Page {
        plan,
        way,
        request,
        surroundings,
        dialect,
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
    if unanswerable {
        return Ok(page.done(None));
    }
    page.fill(vendor).await
}

fn sort_parameters(way: &ListWay, resource: &ResourceDefinition, request: &UnifiedRequest) -> Vec<(String, String)> {
    if let Some(SortStyle::OrderBy { send, tie_breaker }) = &way.sort {
        return order_by(send, tie_breaker.as_deref(), resource, request);
    }
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
        (SortStyle::OrderBy { .. }, _) => Vec::new(),
    }
}

/// The sort's field, then the one that leaves no two records in doubt.
fn order_by(
    send: &str,
    tie_breaker: Option<&str>,
    resource: &ResourceDefinition,
    request: &UnifiedRequest,
) -> Vec<(String, String)> {
    let sorted = request.sort.as_ref().and_then(|sort| Some((resource.mapping.sort(&sort.by)?, sort.direction)));
    let first = sorted.map(|(field, direction)| match direction {
        Direction::Ascending => field.to_owned(),
        Direction::Descending => format!("{field} desc"),
    });
    let second = tie_breaker.filter(|field| sorted.is_none_or(|(first, _)| first != *field)).map(str::to_owned);
    let order: Vec<String> = first.into_iter().chain(second).collect();
    if order.is_empty() { Vec::new() } else { vec![(send.to_owned(), order.join(","))] }
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
        let mut rest = None;
        for _ in 0..MOST_CALLS {
            match self.fetch(position.take(), rest.take(), vendor).await? {
                After::End => {
                    next = None;
                    break;
                }
                After::More(from, _) if self.count >= self.limit() => {
                    next = Some(from);
                    break;
                }
                After::More(from, cut_off) => {
                    rest = cut_off;
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

    async fn fetch(
        &mut self,
        position: Option<Position>,
        rest: Option<Rest>,
        vendor: &VendorSession,
    ) -> Result<After, ConnectorError> {
        let wanted = self.limit() - self.count;
        let mut window = Window::of(&self.way.paging, position, wanted)?;
        if let Some(rest) = rest {
            window.follow(rest);
        }
        let request = self.vendor_request(&window)?;
        let reply = exchange::call(self.connector(), Operation::All, vendor, request)
            .await
            .map_err(|failure| self.refused(&window, failure))?;
        self.rate_limit = reply.rate_limit().or(self.rate_limit.take());
        if reply.status == 204 || reply.body.is_empty() {
            return Ok(After::End);
        }
        let body = self.dialect.shown(self.plan.resource(), &self.surroundings, reply.body.clone());
        let facts = self.take(&reply, &body, &window)?;
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
        if window.is_whole_query && template.encode != Encoding::Form {
            return Ok(self.linked_request(path, window));
        }
        let mut parameters = self.parameters.clone();
        parameters.extend(window.parameters.iter().cloned());
        let (query, body) = match template.encode {
            Encoding::Form => (self.pass_through.clone(), VendorBody::Form(parameters)),
            Encoding::Json | Encoding::OdataLink => {
                parameters.extend(self.pass_through.iter().cloned());
                (parameters, VendorBody::None)
            }
        };
        Ok(VendorRequest { step: STEP.to_owned(), method: template.method.clone(), path, query, body, safe: true })
    }

    /// The request of an address that the vendor gave. What every call carries is not said twice.
    fn linked_request(&self, path: String, window: &Window) -> VendorRequest {
        let own = &self.connector().query;
        let is_own = |name: &str| own.iter().any(|(known, _)| known == name);
        let query = window.parameters.iter().filter(|(name, _)| !is_own(name)).cloned().collect();
        let method = self.way.request.method.clone();
        VendorRequest { step: STEP.to_owned(), method, path, query, body: VendorBody::None, safe: true }
    }

    /// Maps a vendor page and appends its records.
    fn take(&mut self, reply: &VendorReply, body: &[u8], window: &Window) -> Result<PageFacts, ConnectorError> {
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
            read(resource, body, &reading, &mut self.records)
        } else {
            let mut more = Vec::new();
            let facts = read(resource, body, &reading, &mut more);
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
                if reached < facts.of_kind { After::More(Position::Slice(reached as u64), None) } else { After::End }
            }
            Paging::Cursor { .. } => self.after_cursor(next.map(Position::Cursor), window, facts),
            Paging::NextUrl { .. } => {
                let query = next.as_deref().and_then(query_of);
                self.after_cursor(query.map(Position::NextQuery), window, facts)
            }
            Paging::Page { .. } | Paging::Offset { .. } => {
                let query = next.as_deref().and_then(query_of);
                if window.rest.is_some() && (query == window.rest || facts.vendor_records == 0) {
                    return self.stands_still();
                }
                let reached = window.start + facts.records as u64;
                let full_page = facts.vendor_records >= window.size;
                let cut_short = window.skip + facts.records < facts.vendor_records;
                let rest = query.map(|query| Rest { query, size: window.size.saturating_sub(facts.vendor_records) });
                if full_page || cut_short || rest.is_some() {
                    After::More(Position::Offset(reached), rest.filter(|_| !cut_short))
                } else {
                    After::End
                }
            }
        }
    }

    fn after_cursor(&mut self, next: Option<Position>, window: &Window, facts: &PageFacts) -> After {
        let Some(next) = next else { return After::End };
        let stands_still = window.sent.as_ref() == Some(&next) || facts.vendor_records == 0;
        if stands_still { self.stands_still() } else { After::More(next, None) }
    }

    fn stands_still(&mut self) -> After {
        self.warnings.push(Warning::about_call(
            WarningKind::CursorRepeated,
            "the vendor's cursor did not move on, so the list was ended here",
        ));
        After::End
    }
}

/// Of an address that the vendor gives only the query is used, never the host.
fn query_of(address: &str) -> Option<String> {
    address.split_once('?').map(|(_, query)| query.to_owned())
}

/// The part of the vendor's list that one call asks for.
struct Window {
    /// Size and position, as the vendor wants them.
    parameters: Vec<(String, String)>,
    /// Whether the parameters are all that there are, because the vendor gave them.
    is_whole_query: bool,
    /// The query of the vendor's that is followed, within a list of offsets.
    rest: Option<String>,
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
            is_whole_query: false,
            rest: None,
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
                        window.is_whole_query = true;
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
            (Paging::Offset { size, send, next, total }, position) => {
                window.start = offset(position.as_ref())?;
                window.sized(&size.send, wanted.min(size.max.into()));
                window.parameters.push((send.clone(), window.start.to_string()));
                window.probe(next.as_ref(), total.as_ref());
            }
            (Paging::None | Paging::Sliced, Some(_)) => return Err(ConnectorError::ForeignPosition),
        }
        Ok(window)
    }

    /// Asks for what the vendor cut off, as it wants to be asked.
    fn follow(&mut self, rest: Rest) {
        self.parameters = url::form_urlencoded::parse(rest.query.as_bytes()).into_owned().collect();
        self.is_whole_query = true;
        self.size = rest.size;
        self.rest = Some(rest.query);
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

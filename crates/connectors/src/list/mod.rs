//! Listing: one page of canonical records from as many vendor pages as it takes.

mod collected;
mod loading;
mod parents;
mod window;

use std::borrow::Cow;

use connector_catalog::{Encoding, ErrorMeaning, Hole, ListWay, Plan, ResourceDefinition, SortStyle};
use field_mapping::{Nothing, PageFacts, Reading, Shape};
use futures_util::future::join_all;
use unified_model::answer::WarningKind;
use unified_model::{Direction, Operation, Position, UnifiedRequest, Warning};
use vendor_client::{VendorBody, VendorReply, VendorRequest, VendorSession};

use crate::dialect::Dialect;
use crate::lookup::{Lookups, Surroundings};
use crate::outcome::{ConnectorError, Failure, OutcomeData, VendorOutcome};
use crate::{exchange, extend, filters};

pub(crate) use collected::{append, kept, numbered, read, reading_warnings};

use collected::Collected;
use loading::{Loading, Wanted};
use window::{After, Window};

/// The name that the call has in errors and in `_raw`.
const STEP: &str = "all";

/// The most vendor calls that one page may take, when records of another kind share the end-point.
const MOST_CALLS: usize = 20;

/// One unified page in the making.
struct Page<'a> {
    plan: &'a Plan,
    way: &'a ListWay,
    request: &'a UnifiedRequest,
    surroundings: Surroundings,
    lookups: &'a Lookups,
    dialect: &'a dyn Dialect,
    loading: Loading<'a>,
    path: String,
    parameters: Vec<(String, String)>,
    pass_through: Vec<(String, String)>,
    total: Option<u64>,
    /// The vendor cursors that led here, so that one that comes back is known.
    seen: Vec<Position>,
    collected: Collected,
}

pub(crate) async fn execute(
    plan: &Plan,
    request: &UnifiedRequest,
    vendor: &VendorSession,
    dialect: &dyn Dialect,
    lookups: &Lookups,
) -> Result<VendorOutcome, ConnectorError> {
    let stepped_back = narrowed(request);
    let mut outcome = page(plan, &stepped_back, vendor, dialect, lookups).await?;
    if let OutcomeData::Page { previous: start, .. } = &mut outcome.data {
        *start = previous(plan, &stepped_back, request.limit);
    }
    Ok(outcome)
}

/// A step back must not go beyond where the step forward began.
fn narrowed(request: &UnifiedRequest) -> Cow<'_, UnifiedRequest> {
    let Some(Position::Short { at, most }) = &request.position else { return Cow::Borrowed(request) };
    let (position, limit) = (Some((**at).clone()), request.limit.min(*most).max(1));
    Cow::Owned(UnifiedRequest { position, limit, ..request.clone() })
}

/// Styles that count records can step back; an opaque cursor cannot. Nor can a list that shares its end-point with other
/// kinds: how many of the vendor's records make so many of the resource's is not known.
fn previous(plan: &Plan, request: &UnifiedRequest, limit: u16) -> Option<Position> {
    let (from, position): (u64, fn(u64) -> Position) = match request.position.as_ref()? {
        Position::Offset(from) => (*from, Position::Offset),
        Position::Slice(from) => (*from, Position::Slice),
        _ => return None,
    };
    if from == 0 || plan.resource().kind.is_some() {
        return None;
    }
    let most = u16::try_from(from).unwrap_or(u16::MAX).min(limit);
    let at = position(from - u64::from(most));
    Some(if most < limit { Position::Short { at: Box::new(at), most } } else { at })
}

async fn page(
    plan: &Plan,
    request: &UnifiedRequest,
    vendor: &VendorSession,
    dialect: &dyn Dialect,
    lookups: &Lookups,
) -> Result<VendorOutcome, ConnectorError> {
    let resource = plan.resource();
    let list = resource.all.as_ref().ok_or_else(|| ConnectorError::Internal("a list without a plan".to_owned()))?;
    if let Some(through) = list.parents.as_ref().filter(|_| request.filters.is_empty() && request.sort.is_none()) {
        let surroundings = lookups.surroundings(plan, request, vendor, &resource.mapping).await?;
        return parents::execute(plan, through, request, vendor, dialect, surroundings).await;
    }
    let names: Vec<&str> = request.filters.iter().map(|filter| filter.field.as_str()).collect();
    let sort = request.sort.as_ref().map(|sort| sort.by.as_str());
    let way = list.choose(&names, sort).map_err(ConnectorError::ListRefused)?;

    let mut parameters = filters::parameters(&way.request.query, plan, request);
    let mut unanswerable = filters::is_unanswerable(&way.request.path, plan, request);
    if way.rules.is_some() {
        let written = dialect.rules(way, resource, request, &plan.zone())?;
        unanswerable |= written.is_none();
        parameters.extend(written.unwrap_or_default());
    }
    parameters.extend(sort_parameters(way, resource, request));
    let path = filters::path(&way.request.path, plan, request)
        .map_err(|hole| ConnectorError::Internal(format!("{hole} has no value in a list")))?;
    let reserved = way.reserved_parameters(plan.connector());
    let pass_through = extend::query(&request.pass_through_query, &reserved)?;
    let surroundings = if unanswerable {
        Surroundings::default()
    } else {
        lookups.surroundings(plan, request, vendor, &resource.mapping).await?
    };
    let page = Page {
        plan,
        way,
        request,
        surroundings,
        lookups,
        dialect,
        loading: Loading::of(plan, request),
        path,
        parameters,
        pass_through,
        total: None,
        seen: Vec::new(),
        collected: Collected::new(request),
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
    async fn fill(mut self, vendor: &VendorSession) -> Result<VendorOutcome, ConnectorError> {
        let mut at = self.request.position.clone();
        let mut rest = None;
        let mut calls = 0;
        let next = loop {
            let mut windows = window::plan(&self.way.paging, at.as_ref(), self.collected.wanted(), MOST_CALLS - calls)?;
            if let Some(rest) = rest.take() {
                windows.truncate(1);
                for window in &mut windows {
                    window.follow(&rest);
                }
            }
            calls += windows.len();
            let replies = join_all(windows.iter().map(|window| self.call(window, vendor))).await;
            match self.take_all(&windows, replies, vendor).await? {
                After::More(from, _) if self.collected.is_full() || calls >= MOST_CALLS => break Some(from),
                After::More(from, cut_off) => {
                    at = Some(from);
                    rest = cut_off;
                }
                After::End | After::StandsStill => break None,
            }
        };
        Ok(self.done(next))
    }

    fn done(self, next: Option<Position>) -> VendorOutcome {
        self.collected.outcome(next, self.total)
    }

    /// Takes the answers in order, as far as each goes on where the one before has ended.
    async fn take_all(
        &mut self,
        windows: &[Window],
        replies: Vec<Result<VendorReply, Failure>>,
        vendor: &VendorSession,
    ) -> Result<After, ConnectorError> {
        let mut reached = After::End;
        for (place, (window, reply)) in windows.iter().zip(replies).enumerate() {
            let reply = match reply {
                // Nothing can belong to a record that is not there.
                Err(failure) if is_missing(&failure) && self.names_a_record() => return Ok(After::End),
                reply => reply.map_err(|failure| self.refused(window, failure))?,
            };
            reached = self.take(window, &reply, vendor).await?;
            let follows = |from: &Position| windows.get(place + 1).is_some_and(|next| next.starts_at(from));
            if !matches!(&reached, After::More(from, None) if follows(from)) {
                break;
            }
        }
        Ok(reached)
    }

    async fn call(&self, window: &Window, vendor: &VendorSession) -> Result<VendorReply, Failure> {
        exchange::call(self.plan.connector(), Operation::All, vendor, self.vendor_request(window)).await
    }

    /// Whether the list is that of one record, which a filter in its address names.
    fn names_a_record(&self) -> bool {
        self.way.request.path.holes().any(|hole| matches!(hole, Hole::Filter(_)))
    }

    /// A vendor cursor that a caller got from us and that the vendor no longer takes is the caller's to renew.
    fn refused(&self, window: &Window, failure: Failure) -> ConnectorError {
        match &failure {
            Failure::Answered(answer)
                if answer.meaning == Some(ErrorMeaning::CursorGone)
                    && window.sent.is_some()
                    && self.collected.is_empty() =>
            {
                ConnectorError::ForeignPosition
            }
            _ => ConnectorError::reading(STEP, failure),
        }
    }

    fn vendor_request(&self, window: &Window) -> VendorRequest {
        let template = &self.way.request;
        let form = template.encode == Encoding::Form;
        let (query, body) = if window.is_whole_query && !form {
            (window.linked_query(&self.plan.connector().query), VendorBody::None)
        } else {
            let parameters = self.parameters.iter().chain(&window.parameters).cloned();
            if form {
                (self.pass_through.clone(), VendorBody::Form(parameters.collect()))
            } else {
                (parameters.chain(self.pass_through.iter().cloned()).collect(), VendorBody::None)
            }
        };
        let (step, method, path) = (STEP.to_owned(), template.method.clone(), self.path.clone());
        VendorRequest { step, method, path, query, body, if_match: None, safe: true }
    }

    /// Maps a vendor page, appends its records and says where the list stands.
    async fn take(
        &mut self,
        window: &Window,
        reply: &VendorReply,
        vendor: &VendorSession,
    ) -> Result<After, ConnectorError> {
        let empty = self.way.empty;
        if exchange::is_empty(reply, empty).map_err(|failure| ConnectorError::reading(STEP, failure))? {
            self.collected.saw(reply);
            return Ok(After::End);
        }
        let resource = self.plan.resource();
        let reading = Reading {
            records: &self.way.records,
            shape: if self.way.one_or_none { Shape::OneOrNone } else { Shape::List },
            kind: resource.kind.as_ref(),
            id: resource.mapping.id_at(),
            nothing: Nothing { null: empty.is_null || self.way.one_or_none, missing: empty.missing },
            probes: &window.probes,
            select: self.loading.shown(),
            skip: window.skip,
            take: self.collected.wanted(),
            context: self.surroundings.context(),
        };
        let wanted = Wanted { skip: reading.skip, take: reading.take };
        let whole = (reply.body.clone(), reading.records);
        let (body, loaded) = self.loading.complete(self.plan, self.request, vendor, whole, wanted).await?;
        let before = self.surroundings.may_be_outdated().then(|| self.collected.clone());
        let shown = self.dialect.shown(resource, &self.surroundings, body.clone());
        let mut facts = self.collected.take(resource, reply, &shown, &reading)?;
        // Rows are added: what a kept table does not know may be in a fresh one.
        let mut fresh: Option<Surroundings> = None;
        while let Some(more) = {
            let around = fresh.as_ref().unwrap_or(&self.surroundings);
            self.lookups.refreshed(self.plan, self.request, vendor, around).await
        } {
            self.collected = before.clone().unwrap_or_else(|| Collected::new(self.request));
            let shown = self.dialect.shown(resource, &more, body.clone());
            let reading = Reading { context: more.context(), ..reading };
            facts = self.collected.take(resource, reply, &shown, &reading)?;
            fresh = Some(more);
        }
        self.surroundings = fresh.unwrap_or_else(|| std::mem::take(&mut self.surroundings));
        self.collected.loaded(loaded);
        self.total = window.total(&self.way.paging, &facts).or(self.total);
        Ok(self.after(window, &facts))
    }

    fn after(&mut self, window: &Window, facts: &PageFacts) -> After {
        let mut after = window::after(&self.way.paging, window, facts, self.total);
        self.seen.extend(window.sent.clone());
        if let After::More(from @ (Position::Cursor(_) | Position::NextQuery(_)), _) = &after
            && self.seen.contains(from)
        {
            after = After::StandsStill;
        }
        if matches!(after, After::StandsStill) {
            self.collected.warnings.push(stands_still());
        }
        after
    }
}

fn stands_still() -> Warning {
    Warning::about_call(WarningKind::CursorRepeated, "the vendor's cursor did not move on, so the list was ended here")
}

fn is_missing(failure: &Failure) -> bool {
    matches!(failure, Failure::Answered(answer) if answer.meaning == Some(ErrorMeaning::NotFound))
}

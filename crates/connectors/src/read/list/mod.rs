//! Listing: one page of canonical records from as many vendor pages as it takes.

mod checked;
mod collected;
mod cursors;
mod fingerprint;
mod loading;
mod offsets;
mod overlap;
mod pages;
mod parents;
mod post_filters;
mod slices;
mod window;

use std::borrow::Cow;

use connector_catalog::{
    Asked, Encoding, ErrorMeaning, FilterRules, Hole, ListPlan, ListWay, Paging, Plan, ResourceDefinition, SortStyle,
};
use field_mapping::{Nothing, PageFacts, Reading, Shape};
use futures_util::future::join_all;
use unified_model::answer::WarningKind;
use unified_model::{Direction, Operation, Position, UnifiedRequest, Warning};
use vendor_client::{VendorBody, VendorReply, VendorRequest};

use crate::call::context::CallContext;
use crate::call::exchange;
use crate::call::outcome::{ConnectorError, Failure, OutcomeData, VendorOutcome};
use crate::call::surroundings::Surroundings;
use crate::lookup;
use crate::request::since::Bounds;
use crate::request::{filters, pass_through};

pub(crate) use collected::numbered;

use collected::{Collected, STEP};
use loading::{Loading, Wanted};
use post_filters::PostFilters;
use window::{After, Want, Window};

/// The most vendor calls that one page may take, when records of another kind share the end-point.
const MOST_CALLS: usize = 20;

/// One unified page in the making.
struct Page<'a> {
    context: CallContext<'a>,
    way: &'a ListWay,
    surroundings: Surroundings,
    loading: Loading<'a>,
    path: String,
    parameters: Vec<(String, String)>,
    pass_through: Vec<(String, String)>,
    total: Option<u64>,
    post_filters: PostFilters<'a>,
    /// Whether the vendor's total counts records of another kind too.
    counts_others: bool,
    collected: Collected,
}

/// Answers a page of the list.
pub(crate) async fn execute(context: CallContext<'_>) -> Result<VendorOutcome, ConnectorError> {
    let stepped_back = narrowed(context.request);
    let mut outcome = page(context.with_request(&stepped_back)).await?;
    if let OutcomeData::Page { previous: start, .. } = &mut outcome.data {
        *start = previous(context.plan, &stepped_back, context.request.limit);
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
    let applies_some = |list: &ListPlan| list.ways.iter().any(|way| !way.post_filters.is_empty());
    let leaves_out = !request.filters.is_empty() && plan.resource().all.as_ref().is_some_and(applies_some);
    let position = request.position.as_ref().filter(|_| plan.resource().kind.is_none() && !leaves_out)?;
    let from = match position {
        Position::Slice(from) => *from,
        Position::Page(at) => at.before + at.taken,
        other => offsets::before(other)?,
    };
    let most = u16::try_from(from).unwrap_or(u16::MAX).min(limit);
    let at = match position {
        _ if from == 0 => return None,
        Position::Slice(_) => Position::Slice(from - u64::from(most)),
        Position::Page(at) => pages::back(at, u64::from(most))?,
        other => offsets::back(other, u64::from(most))?,
    };
    Some(if most < limit { Position::Short { at: Box::new(at), most } } else { at })
}

async fn page(context: CallContext<'_>) -> Result<VendorOutcome, ConnectorError> {
    let CallContext { plan, request, .. } = context;
    let list = plan.resource().all.as_ref();
    let list = list.ok_or_else(|| ConnectorError::Internal("a list without a plan".to_owned()))?;
    if let Some(through) = list.parents.as_ref().filter(|_| request.filters.is_empty() && request.sort.is_none()) {
        let surroundings = lookup::surroundings(context).await?;
        return parents::execute(context, through, surroundings).await;
    }
    let way = chosen(list, plan, request)?;
    let (parameters, is_answerable) = parameters(context, way)?;
    let path = filters::path(&way.request.path, plan, request)
        .map_err(|hole| ConnectorError::Internal(format!("{hole} has no value in a list")))?;
    let reserved = way.reserved_parameters(plan.connector(), plan.settings());
    let joined = way.rules.and_then(FilterRules::joined);
    let pass_through = pass_through::query_without(joined, &request.pass_through_query, &reserved)?;
    let surroundings = if is_answerable { lookup::surroundings(context).await? } else { Surroundings::default() };
    let page = Page {
        context,
        way,
        surroundings,
        loading: Loading::of(plan, request),
        path,
        parameters,
        pass_through,
        total: None,
        post_filters: PostFilters::of(plan, way, request),
        counts_others: false,
        collected: Collected::new(request),
    };
    if is_answerable { page.fill().await } else { Ok(page.done(None)) }
}

/// The way to list that carries what is asked for.
fn chosen<'p>(list: &'p ListPlan, plan: &Plan, request: &UnifiedRequest) -> Result<&'p ListWay, ConnectorError> {
    let names: Vec<&str> = request.filters.iter().map(|filter| filter.field.as_str()).collect();
    let sort = request.sort.as_ref().map(|sort| sort.by.as_str());
    let unsendable = filters::unsendable(plan, request);
    list.choose_for(Asked { filters: &names, unsendable: &unsendable, sort }).map_err(ConnectorError::ListRefused)
}

/// The parameters of every call, and whether any record can be what they ask for.
fn parameters(context: CallContext<'_>, way: &ListWay) -> Result<(Vec<(String, String)>, bool), ConnectorError> {
    let CallContext { plan, request, .. } = context;
    let mut parameters = filters::parameters(&way.request.query, plan, request);
    let mut unanswerable =
        filters::is_unanswerable(&way.request.path, plan, request) || filters::is_never_met(plan, request);
    if way.rules.is_some() {
        let written = context.dialect.rules(way, context.with_request(&carried(way, request)))?;
        unanswerable |= written.is_none();
        parameters.extend(written.unwrap_or_default());
    }
    parameters.extend(sort_parameters(way, plan.resource(), request));
    Ok((parameters, !unanswerable))
}

/// The request with those of its filters that the way to list carries: the gateway applies the others.
fn carried<'r>(way: &ListWay, request: &'r UnifiedRequest) -> Cow<'r, UnifiedRequest> {
    let is_sent = |name: &str| way.filters.iter().any(|(known, _)| known == name);
    if request.filters.iter().all(|filter| is_sent(&filter.field)) {
        return Cow::Borrowed(request);
    }
    let filters = request.filters.iter().filter(|filter| is_sent(&filter.field)).cloned().collect();
    Cow::Owned(UnifiedRequest { filters, ..request.clone() })
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
    async fn fill(mut self) -> Result<VendorOutcome, ConnectorError> {
        let mut at = self.context.request.position.clone();
        let mut calls = 0;
        let next = loop {
            let id = self.context.resource().mapping.id_at();
            let (records, calls_left) = (self.collected.wanted(), MOST_CALLS - calls);
            let want = Want { at: at.as_ref(), records, calls: calls_left, id };
            let mut windows = window::plan(&self.way.paging, want)?;
            calls += windows.len();
            let replies = join_all(windows.iter().map(|window| self.call(window))).await;
            match self.take_all(&mut windows, replies).await? {
                After::More(from) if self.collected.is_full() || calls >= MOST_CALLS => break Some(from),
                After::More(from) => at = Some(from),
                After::End => break None,
                ended => {
                    self.ended_early(&ended);
                    break None;
                }
            }
        };
        self.check_total(next.as_ref());
        self.check_bounds();
        Ok(self.done(next))
    }

    /// Says why a list ends where the vendor may have more.
    fn ended_early(&mut self, ended: &After) {
        self.total = None;
        self.collected.warnings.extend(ended.warning());
    }

    /// Leaves out what the vendor let through because its clocks cannot say what was asked for; it counted that as well.
    fn check_bounds(&mut self) {
        let bounds = Bounds::of(self.context, self.way);
        if bounds.is_some_and(|bounds| self.collected.keep(&bounds)) {
            self.total = None;
        }
    }

    /// A page that is the whole list knows how many records there are; a vendor that counts otherwise is not repeated.
    fn check_total(&mut self, next: Option<&Position>) {
        let is_whole = self.context.request.position.is_none() && next.is_none();
        let leaves_out = !self.post_filters.is_empty() && self.way.paging != Paging::Sliced;
        if (self.counts_others || leaves_out) && !is_whole {
            self.total = None;
        }
        if let Some(total) = self.total.filter(|_| is_whole) {
            let count = self.collected.count() as u64;
            self.total = Some(count);
            if total > count && self.context.resource().kind.is_none() && self.post_filters.is_empty() {
                self.ended_early(&After::Missing);
            }
        }
    }

    fn done(self, next: Option<Position>) -> VendorOutcome {
        self.collected.outcome(next, self.total)
    }

    /// Takes the answers in order, as far as each goes on where the one before has ended.
    async fn take_all(
        &mut self,
        windows: &mut [Window],
        replies: Vec<Result<VendorReply, Failure>>,
    ) -> Result<After, ConnectorError> {
        let mut reached = After::End;
        for (place, (window, reply)) in windows.iter_mut().zip(replies).enumerate() {
            if let (After::More(from), true) = (&reached, place > 0)
                && !window.continues(from)
            {
                break;
            }
            let reply = match reply {
                // Nothing can belong to a record that is not there.
                Err(failure) if is_missing(&failure) && self.names_a_record() => return Ok(After::End),
                reply => reply.map_err(|failure| self.refused(window, failure))?,
            };
            reached = self.take(window, &reply).await?;
            if !matches!(reached, After::More(_)) {
                break;
            }
        }
        Ok(reached)
    }

    async fn call(&self, window: &Window) -> Result<VendorReply, Failure> {
        exchange::call(self.context, Operation::All, self.vendor_request(window)).await
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
                    && window.is_behind_a_cursor()
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
            (window.linked_query(&self.context.connector().query), VendorBody::None)
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
    async fn take(&mut self, window: &mut Window, reply: &VendorReply) -> Result<After, ConnectorError> {
        let empty = self.way.empty;
        if exchange::is_empty(reply, empty).map_err(|failure| ConnectorError::reading(STEP, failure))? {
            self.collected.saw(reply);
            return Ok(window::after(&self.way.paging, window, &PageFacts::default(), self.total));
        }
        let resource = self.context.resource();
        checked::check(self.way, &resource.mapping, self.context.request, &reply.body)?;
        if let (Some(last), Some(id)) = (window.overlaps(), resource.mapping.id_at()) {
            window.skip = overlap::of(&reply.body, &self.way.records, id, last);
        }
        let reading = Reading {
            records: &self.way.records,
            shape: if self.way.one_or_none { Shape::OneOrNone } else { Shape::List },
            kind: resource.kind.as_ref(),
            left_out: &[],
            id: resource.mapping.id_at(),
            nothing: Nothing { null: empty.is_null || self.way.one_or_none, missing: empty.missing },
            probes: &window.probes,
            select: self.loading.shown(),
            skip: window.skip,
            take: self.collected.wanted(),
            context: self.surroundings.context(),
        };
        // Which records fit is not known before what belongs to them is.
        let take = if self.post_filters.is_empty() { reading.take } else { usize::MAX };
        let wanted = Wanted { skip: reading.skip, take };
        let whole = (reply.body.clone(), reading.records);
        let (body, loaded) = self.loading.complete(self.context, whole, wanted).await?;
        let before = self.surroundings.may_be_outdated().then(|| self.collected.clone());
        let mark = self.collected.mark();
        let mut facts = {
            // Gone before the page may be shown anew: it can be large.
            let shown = self.context.dialect.shown(resource, &self.surroundings, body.clone());
            let left_out = self.post_filters.left_out(&shown, reading.records, reading.context);
            self.collected.take(resource, reply, &shown, &Reading { left_out: &left_out, ..reading })?
        };
        // Rows are added: what a kept table does not know may be in a fresh one.
        let mut fresh: Option<Surroundings> = None;
        while let Some(more) = {
            let around = fresh.as_ref().unwrap_or(&self.surroundings);
            lookup::refreshed(self.context, around).await
        } {
            self.collected = before.clone().unwrap_or_else(|| Collected::new(self.context.request));
            let shown = self.context.dialect.shown(resource, &more, body.clone());
            let left_out = self.post_filters.left_out(&shown, reading.records, more.context());
            let reading = Reading { context: more.context(), left_out: &left_out, ..reading };
            facts = self.collected.take(resource, reply, &shown, &reading)?;
            fresh = Some(more);
        }
        self.surroundings = fresh.unwrap_or_else(|| std::mem::take(&mut self.surroundings));
        self.collected.loaded(loaded);
        if window.repeats(&facts) {
            self.collected.rewind(mark, &facts);
        }
        self.collected.warnings.extend(cut(self.way.at_most, &facts));
        self.counts_others |= facts.of_kind < facts.vendor_records && self.way.paging != Paging::Sliced;
        self.total = self.total(window, &facts);
        match window::after(&self.way.paging, window, &facts, self.total) {
            After::Unusable(reason) => Err(ConnectorError::reading(STEP, exchange::unusable(reply, reason))),
            after => Ok(after),
        }
    }

    /// The vendor's number of records, unless that cannot be: it has shown more, or has counted others with them.
    fn total(&self, window: &Window, facts: &PageFacts) -> Option<u64> {
        let passed = window.passed(facts).unwrap_or_default();
        let total = window.total(&self.way.paging, facts).or(self.total);
        total.filter(|total| *total >= passed)
    }
}

/// The warning that the vendor answers no more records, although it may have some.
fn cut(at_most: Option<u16>, facts: &PageFacts) -> Option<Warning> {
    let most = at_most.filter(|most| facts.vendor_records >= usize::from(*most))?;
    let message =
        format!("the vendor shows the first {most} records that it finds, and no further ones; there may be more");
    Some(Warning::about_call(WarningKind::ListCut, message))
}

fn is_missing(failure: &Failure) -> bool {
    matches!(failure, Failure::Answered(answer) if answer.meaning == Some(ErrorMeaning::NotFound))
}

//! Lists through other records: page by page of the parents, the children of several at once, each child once and in order.

use connector_catalog::template::is_path_segment;
use connector_catalog::{Encoding, ErrorMeaning, Hole, ParentSource, ParentsPlan};
use field_mapping::{KindGuard, Nothing, PageFacts, Probe, Reading, Shape};
use futures_util::future::join_all;
use serde_json::Value;
use unified_model::{Operation, Position, is_blank};
use vendor_client::{VendorBody, VendorReply, VendorRequest};

use super::collected::{Collected, STEP};
use super::overlap;
use super::window::{self, After, Want, Window};
use crate::call::context::CallContext;
use crate::call::exchange;
use crate::call::ids::{as_text, id_text};
use crate::call::outcome::{ConnectorError, Failure, VendorOutcome};
use crate::call::surroundings::Surroundings;
use crate::request::{filters, pass_through};

/// How far the walk has come.
#[derive(Debug, Clone, Default)]
struct Place {
    source: usize,
    /// The page of parents; `None`: the first.
    page: Option<Position>,
    parent: usize,
    /// How many of that parent's children were passed.
    taken: usize,
}

/// One unified page in the making.
struct Walk<'a> {
    context: CallContext<'a>,
    through: &'a ParentsPlan,
    surroundings: Surroundings,
    pass_through: Vec<(String, String)>,
    collected: Collected,
    calls: usize,
}

pub(crate) async fn execute(
    context: CallContext<'_>,
    through: &ParentsPlan,
    surroundings: Surroundings,
) -> Result<VendorOutcome, ConnectorError> {
    let CallContext { plan, request, .. } = context;
    let reserved: Vec<&str> = plan.connector().query.iter().map(|(name, _)| name.as_str()).collect();
    let pass_through = pass_through::query(&request.pass_through_query, &reserved)?;
    let collected = Collected::new(request);
    let walk = Walk { context, through, surroundings, pass_through, collected, calls: 0 };
    walk.run().await
}

impl Walk<'_> {
    async fn run(mut self) -> Result<VendorOutcome, ConnectorError> {
        let (mut place, mut known) = opened(self.context.request.position.as_ref(), self.through)?;
        let next = loop {
            let Some(source) = self.through.sources.get(place.source) else { break None };
            let (ids, after) = self.parents(source, place.page.as_ref()).await?;
            if let Some(id) = known.take() {
                place.find_again(&id, &ids);
            }
            self.children(source, &ids, &mut place).await?;
            if let Some(id) = ids.get(place.parent) {
                break Some(place.position(id));
            }
            place = match after {
                After::More(page) => Place { source: place.source, page: Some(page), ..Place::default() },
                After::End | After::Missing | After::StandsStill | After::SamePage | After::Unusable(_) => {
                    Place { source: place.source + 1, ..Place::default() }
                }
            };
            if self.collected.is_full() || self.calls + 1 >= self.through.calls {
                let goes_on = place.source < self.through.sources.len();
                break goes_on.then(|| place.position(""));
            }
        };
        Ok(self.collected.outcome(next, None))
    }

    /// The ids of a page of parents, and where the next page is.
    async fn parents(
        &mut self,
        source: &ParentSource,
        page: Option<&Position>,
    ) -> Result<(Vec<String>, After), ConnectorError> {
        // As many as one page could get through; always the same number, or a place in the page would mean another parent.
        let size = (self.through.calls - 1).min(source.paging.largest().unwrap_or(usize::MAX));
        let want = Want { at: page, records: size, calls: 1, id: Some(&source.id) };
        let windows = window::plan(&source.paging, want)?.into_iter();
        let mut window =
            windows.take(1).next().ok_or_else(|| ConnectorError::Internal("a page without a window".to_owned()))?;
        let request = self.parents_request(source, &window)?;
        let reply = self.call(request).await.map_err(|failure| self.refused(&window, failure))?;
        self.calls += 1;
        self.collected.saw(&reply);
        if exchange::is_empty(&reply, source.empty).map_err(|failure| ConnectorError::reading(STEP, failure))? {
            return Ok((Vec::new(), window::after(&source.paging, &window, &PageFacts::default(), None)));
        }
        let unusable = |reason: &str| ConnectorError::reading(STEP, exchange::unusable(&reply, reason));
        let document: Value = serde_json::from_slice(&reply.body).map_err(|error| unusable(&error.to_string()))?;
        let parents = exchange::rows(&document, &source.records, source.empty)
            .ok_or_else(|| unusable("the parents are not where the definition says"))?;
        if let Some(last) = window.overlaps() {
            window.skip = overlap::among(&parents, &source.id, last);
        }
        let facts = PageFacts {
            vendor_records: parents.len(),
            probes: window.probes.iter().map(|probe| probed(probe, &document, &parents)).collect(),
            ..PageFacts::default()
        };
        let total = window.total(&source.paging, &facts).filter(|total| window.passed(&facts) <= Some(*total));
        let after = window::after(&source.paging, &window, &facts, total);
        if let After::Unusable(reason) = after {
            return Err(unusable(reason));
        }
        self.collected.warnings.extend(after.warning());
        let known = if window.repeats(&facts) { parents.len() } else { window.skip };
        let new = parents.iter().skip(known);
        let ids: Option<Vec<String>> = new.map(|parent| id_text(source.id.find(parent)?)).collect();
        let mut ids = ids.ok_or_else(|| unusable("one of the parents has no id"))?;
        // A dot segment would climb the path, and a blank one would ask for every parent's children.
        ids.retain(|id| !is_blank(id) && is_path_segment(id));
        Ok((ids, after))
    }

    /// Goes from parent to parent until the page is full, the calls are used up, or the parents are.
    async fn children(
        &mut self,
        source: &ParentSource,
        ids: &[String],
        place: &mut Place,
    ) -> Result<(), ConnectorError> {
        let mut at_once = 0;
        while place.parent < ids.len() && !self.collected.is_full() && self.calls < self.through.calls {
            // No more than the page may need, as long as parents turn out to have children.
            at_once = (at_once * 2).max(self.collected.wanted()).min(self.through.fan_out);
            let budget = at_once.min(self.through.calls - self.calls);
            let several: Vec<&String> = ids[place.parent..].iter().take(budget).collect();
            self.calls += several.len();
            let replies = join_all(several.iter().map(|id| self.call(self.children_request(source, id)))).await;
            for (id, reply) in several.into_iter().zip(replies) {
                if self.collected.is_full() {
                    break;
                }
                let left_at = self.take(source, id, reply, place.taken)?;
                place.parent += usize::from(left_at.is_none());
                place.taken = left_at.unwrap_or(0);
            }
        }
        Ok(())
    }

    /// Appends a parent's children; the first that there was no room for.
    fn take(
        &mut self,
        source: &ParentSource,
        id: &str,
        reply: Result<VendorReply, Failure>,
        passed: usize,
    ) -> Result<Option<usize>, ConnectorError> {
        let reply = match reply {
            Ok(reply) => reply,
            // The parent went away meanwhile, and its children with it.
            Err(Failure::Answered(answer)) if answer.meaning == Some(ErrorMeaning::NotFound) => return Ok(None),
            Err(failure) => return Err(ConnectorError::reading(STEP, failure)),
        };
        if exchange::is_empty(&reply, source.empty).map_err(|failure| ConnectorError::reading(STEP, failure))? {
            self.collected.saw(&reply);
            return Ok(None);
        }
        let resource = self.context.resource();
        let mut kind: KindGuard = resource.kind.clone().unwrap_or_default();
        kind.members.extend(source.first.iter().map(|path| (path.clone(), Value::from(id))));
        kind.absent.extend(source.none.iter().cloned());
        let reading = Reading {
            records: &source.children_at,
            shape: Shape::List,
            kind: Some(&kind),
            left_out: &[],
            id: resource.mapping.id_at(),
            nothing: Nothing { null: source.empty.is_null, missing: source.empty.missing },
            probes: &[],
            select: self.context.request.fields.as_ref(),
            skip: passed,
            take: self.collected.wanted(),
            context: self.surroundings.context(),
        };
        let body = self.context.dialect.shown(resource, &self.surroundings, reply.body.clone());
        Ok(self.collected.take(resource, &reply, &body, &reading)?.left_at)
    }

    async fn call(&self, request: VendorRequest) -> Result<VendorReply, Failure> {
        exchange::call(self.context, Operation::All, request).await
    }

    /// A vendor cursor that a caller got from us and that the vendor no longer takes is the caller's to renew.
    fn refused(&self, window: &Window, failure: Failure) -> ConnectorError {
        match &failure {
            Failure::Answered(answer)
                if answer.meaning == Some(ErrorMeaning::CursorGone)
                    && window.is_behind_a_cursor()
                    && self.calls == 0 =>
            {
                ConnectorError::ForeignPosition
            }
            _ => ConnectorError::reading(STEP, failure),
        }
    }

    fn parents_request(&self, source: &ParentSource, window: &Window) -> Result<VendorRequest, ConnectorError> {
        let template = &source.request;
        let CallContext { plan, request, .. } = self.context;
        let path = filters::path(&template.path, plan, request)
            .map_err(|hole| ConnectorError::Internal(format!("{hole} has no value in a list of parents")))?;
        let fixed = filters::parameters(&template.query, plan, request);
        let parameters: Vec<_> = fixed.into_iter().chain(window.parameters.iter().cloned()).collect();
        let (query, body) = if template.encode == Encoding::Form {
            (Vec::new(), VendorBody::Form(parameters))
        } else if window.is_whole_query {
            (window.linked_query(&plan.connector().query), VendorBody::None)
        } else {
            (parameters, VendorBody::None)
        };
        Ok(VendorRequest {
            step: STEP.to_owned(),
            method: template.method.clone(),
            path,
            query,
            body,
            if_match: None,
            safe: true,
        })
    }

    fn children_request(&self, source: &ParentSource, id: &str) -> VendorRequest {
        let template = &source.children;
        let value = |hole: &Hole| (*hole == Hole::Parent).then(|| id.into());
        // The compiler lets no other hole stand there.
        let path = template.path.render_path(value).unwrap_or_default();
        VendorRequest {
            step: STEP.to_owned(),
            method: template.method.clone(),
            path,
            query: self.pass_through.clone(),
            body: VendorBody::None,
            if_match: None,
            safe: true,
        }
    }
}

impl Place {
    fn position(&self, id: &str) -> Position {
        Position::Parents {
            source: u16::try_from(self.source).unwrap_or(u16::MAX),
            page: self.page.clone().map(Box::new),
            parent: u32::try_from(self.parent).unwrap_or(u32::MAX),
            id: id.to_owned(),
            taken: self.taken as u64,
        }
    }

    /// The page of parents may have changed: the parent counts, not its number. Where it is gone, the one in its place is next.
    fn find_again(&mut self, id: &str, ids: &[String]) {
        if ids.get(self.parent).is_some_and(|here| here == id) {
            return;
        }
        match ids.iter().position(|known| known == id) {
            Some(parent) => self.parent = parent,
            None => self.taken = 0,
        }
    }
}

/// The place of a position, and the id of its parent.
fn opened(position: Option<&Position>, through: &ParentsPlan) -> Result<(Place, Option<String>), ConnectorError> {
    let (source, page, parent, id, taken) = match position {
        None => return Ok((Place::default(), None)),
        Some(Position::Parents { source, page, parent, id, taken }) => (source, page, parent, id, taken),
        Some(_) => return Err(ConnectorError::ForeignPosition),
    };
    let number = |number: u64| usize::try_from(number).map_err(|_| ConnectorError::ForeignPosition);
    let place = Place {
        source: usize::from(*source),
        page: page.as_deref().cloned(),
        parent: number(u64::from(*parent))?,
        taken: number(*taken)?,
    };
    if place.source >= through.sources.len() {
        return Err(ConnectorError::ForeignPosition);
    }
    Ok((place, Some(id.clone()).filter(|id| !id.is_empty())))
}

fn probed(probe: &Probe, document: &Value, records: &[&Value]) -> Option<String> {
    let found = match probe {
        Probe::Document(path) => path.find(document),
        Probe::FirstRecord(path) => path.find(records.first()?),
        Probe::LastRecord(path) => path.find(records.last()?),
    };
    found.filter(|value| !value.is_null()).map(as_text).filter(|text| !text.is_empty())
}

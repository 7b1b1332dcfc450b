//! One record, fetched by its id.

use bytes::Bytes;
use connector_catalog::template::is_path_segment;
use connector_catalog::{Emptiness, ErrorMeaning, ListRefusal, OnePlan, Plan, RequestTemplate, ResourceDefinition};
use field_mapping::{Mapping, Nothing, PageFacts, Probe, ReadError, Reading, Shape, VendorPath};
use futures_util::future::join;
use serde_json::{Map, Value};
use unified_model::{Operation, RecordId};
use vendor_client::{VendorBody, VendorReply, VendorRequest};

use crate::call::context::CallContext;
use crate::call::exchange;
use crate::call::ids::{as_text, id_text, is_same};
use crate::call::outcome::{ConnectorError, Failure, OutcomeData, VendorOutcome};
use crate::call::surroundings::Surroundings;
use crate::lookup;
use crate::read::load::{self, Loaded};
use crate::read::records;
use crate::request::{filters, pass_through};

/// An id that the vendor cannot have issued is not asked for: some vendors answer it with 500, and `..` would climb the path.
pub(crate) fn check_id(plan: &Plan, id: &RecordId) -> Result<(), ConnectorError> {
    let fits = plan.resource().ids.as_ref().is_none_or(|pattern| pattern.regex.is_match(id.as_str()));
    if fits && is_path_segment(id.as_str()) { Ok(()) } else { Err(ConnectorError::NotFound(id.clone())) }
}

/// Answers the record.
pub(crate) async fn execute(context: CallContext<'_>) -> Result<VendorOutcome, ConnectorError> {
    let request = context.request;
    if !request.filters.is_empty() {
        let unsupported = request.filters.iter().map(|filter| filter.field.clone()).collect();
        return Err(ConnectorError::ListRefused(ListRefusal::UnsupportedFilters {
            unsupported,
            supported: Vec::new(),
        }));
    }
    let mut surroundings = lookup::surroundings(context).await?;
    let (fetched, loaded) = join(fetch(context), load::for_one(context)).await;
    let fetched = fetched?;
    let mut loaded = loaded?;
    let mut exchanges = vec![records::kept(ONE, &fetched.reply.body)];
    exchanges.append(&mut loaded.exchanges);
    let mut read = mapped(context, &surroundings, &fetched, &loaded)?;
    // Rows are added: what a kept table does not know may be in a fresh one.
    while let Some(fresh) = lookup::refreshed(context, &surroundings).await {
        surroundings = fresh;
        read = mapped(context, &surroundings, &fetched, &loaded)?;
    }
    let (record, facts) = read;
    if facts.records == 0 {
        return Err(ConnectorError::NotFound(fetched.id));
    }
    Ok(VendorOutcome {
        data: OutcomeData::Record(record),
        warnings: records::reading_warnings(&facts.filled_in, &facts.too_large, &facts.unreadable).collect(),
        exchanges: if request.raw { exchanges } else { Vec::new() },
    })
}

/// The canonical record of what was fetched.
fn mapped(
    context: CallContext<'_>,
    surroundings: &Surroundings,
    fetched: &Fetched,
    loaded: &Loaded,
) -> Result<(Vec<u8>, PageFacts), ConnectorError> {
    let resource = context.resource();
    let shown = context.dialect.shown(resource, surroundings, fetched.document.clone());
    let completed = loaded.put_into(&shown, &fetched.record_at);
    let whole = whole()?;
    let (document, at) = match &completed {
        Some(record) => (record.as_slice(), &whole),
        None => (&*shown, &fetched.record_at),
    };
    let probes: Vec<Probe> = resource.mapping.id_at().map(|at| Probe::FirstRecord(at.clone())).into_iter().collect();
    let reading = Reading {
        records: at,
        shape: Shape::One,
        kind: resource.kind.as_ref(),
        left_out: &[],
        id: resource.mapping.id_at(),
        nothing: Nothing::default(),
        probes: &probes,
        select: context.request.fields.as_ref(),
        skip: 0,
        take: 1,
        context: surroundings.context(),
    };
    let mut record = Vec::with_capacity(2048);
    let facts =
        records::read(resource, document, &reading, &mut record).map_err(|error| fetched.none_or_unusable(&error))?;
    match facts.probes.first() {
        Some(id) => fetched.check_id(id.as_deref())?,
        None => drop(fetched.record(&resource.mapping)?),
    }
    Ok((record, facts))
}

/// The name that fetching a record has in errors and in `_raw`.
pub(crate) const ONE: &str = "one";

/// A record as the vendor answered it.
pub(crate) struct Fetched {
    pub(crate) id: RecordId,
    pub(crate) reply: VendorReply,
    /// The answer, or the one record that was picked from it.
    pub(crate) document: Bytes,
    /// Where the record is in the document.
    pub(crate) record_at: VendorPath,
    /// How the vendor says that there is none.
    empty: Emptiness,
}

impl Fetched {
    /// The record as JSON, which is that of the id that was asked for. Where it has none, it must have something to read.
    pub(crate) fn record(&self, mapping: &Mapping) -> Result<Map<String, Value>, ConnectorError> {
        let document: Value =
            serde_json::from_slice(&self.document).map_err(|error| self.unusable(error.to_string()))?;
        if self.says_there_is_none(&document) {
            return Err(ConnectorError::NotFound(self.id.clone()));
        }
        let record = match self.record_at.find(&document) {
            Some(Value::Array(records)) => records.first(),
            found => found,
        };
        let Some(Value::Object(record)) = record else { return Err(self.unusable("the record is no object")) };
        match mapping.id_at() {
            Some(at) => self.check_id(at.find(&Value::Object(record.clone())).and_then(id_text).as_deref())?,
            None if record.keys().all(|member| mapping.fields_of(member).is_empty()) => {
                return Err(self.unusable("it has nothing of such a record"));
            }
            None => (),
        }
        Ok(record.clone())
    }

    /// Whether the record is the one that was asked for, in any spelling of its id. What a vendor answers under another id
    /// must neither be shown as this record nor be written over it.
    fn check_id(&self, found: Option<&str>) -> Result<(), ConnectorError> {
        match found {
            None => Err(self.unusable("the record has no id")),
            Some(found) if is_same(self.id.as_str(), found) => Ok(()),
            Some(found) => Err(self.unusable(format!("it has the id `{found}`, and `{}` was asked for", self.id))),
        }
    }

    /// An empty list in the place of the record, or what the definition says.
    fn says_there_is_none(&self, document: &Value) -> bool {
        match self.record_at.find(document) {
            Some(Value::Array(records)) => records.is_empty(),
            Some(Value::Null) => self.empty.is_null,
            Some(_) => false,
            None => self.empty.missing && document.is_object(),
        }
    }

    /// Why no record could be read: there is none, or the answer is none.
    fn none_or_unusable(&self, error: &ReadError) -> ConnectorError {
        match serde_json::from_slice(&self.document) {
            Ok(document) if self.says_there_is_none(&document) => ConnectorError::NotFound(self.id.clone()),
            _ => self.unusable(error.to_string()),
        }
    }

    fn unusable(&self, reason: impl Into<String>) -> ConnectorError {
        ConnectorError::reading(ONE, exchange::unusable(&self.reply, reason))
    }
}

/// Fetches the record of `request.id`, whatever its kind. A missing one is `NotFound`, however the vendor says so.
pub(crate) async fn fetch(context: CallContext<'_>) -> Result<Fetched, ConnectorError> {
    let id = context.id("a record is fetched without an id")?;
    let one = one_plan(context.resource())?;
    let vendor_request = vendor_request(context, &one.request)?;
    let mut reply = exchange::call(context, Operation::One, vendor_request)
        .await
        .map_err(|failure| missing_or(&id, ONE, failure))?;
    if one.pick.is_none() {
        reply.body = context.dialect.one(reply.body);
    }
    if exchange::is_empty(&reply, one.empty).map_err(|failure| ConnectorError::reading(ONE, failure))? {
        return Err(ConnectorError::NotFound(id));
    }
    let (document, record_at) = match &one.pick {
        None => (reply.body.clone(), one.record.clone()),
        Some(pick) => (picked(&reply, one, pick, &id)?, whole()?),
    };
    Ok(Fetched { id, reply, document, record_at, empty: one.empty })
}

fn vendor_request(context: CallContext<'_>, template: &RequestTemplate) -> Result<VendorRequest, ConnectorError> {
    let CallContext { plan, request, .. } = context;
    let path = filters::path(&template.path, plan, request)
        .map_err(|hole| ConnectorError::Internal(format!("{hole} has no value")))?;
    let mut query = filters::parameters(&template.query, plan, request);
    let reserved: Vec<&str> =
        plan.connector().query.iter().chain(&template.query).map(|(name, _)| name.as_str()).collect();
    query.extend(pass_through::query(&request.pass_through_query, &reserved)?);
    Ok(VendorRequest {
        step: ONE.to_owned(),
        method: template.method.clone(),
        path,
        query,
        body: VendorBody::None,
        if_match: None,
        safe: true,
    })
}

/// The one record of a list that has the id.
fn picked(reply: &VendorReply, one: &OnePlan, pick: &VendorPath, id: &RecordId) -> Result<Bytes, ConnectorError> {
    let unusable = |reason: &str| ConnectorError::reading(ONE, exchange::unusable(reply, reason));
    let document: Value = serde_json::from_slice(&reply.body).map_err(|error| unusable(&error.to_string()))?;
    let records = exchange::rows(&document, &one.record, one.empty)
        .ok_or_else(|| unusable("the records are not where the definition says"))?;
    let is_it = |record: &&&Value| pick.find(record).is_some_and(|own| is_same(id.as_str(), &as_text(own)));
    let record = records.iter().find(is_it).ok_or_else(|| ConnectorError::NotFound(id.clone()))?;
    Ok(record.to_string().into_bytes().into())
}

fn whole() -> Result<VendorPath, ConnectorError> {
    VendorPath::parse("$").map_err(ConnectorError::Internal)
}

/// What `not_found` means: the record is not there.
fn missing_or(id: &RecordId, step: &str, failure: Failure) -> ConnectorError {
    match &failure {
        Failure::Answered(answer) if answer.meaning == Some(ErrorMeaning::NotFound) => {
            ConnectorError::NotFound(id.clone())
        }
        _ => ConnectorError::reading(step, failure),
    }
}

fn one_plan(resource: &ResourceDefinition) -> Result<&OnePlan, ConnectorError> {
    resource.one.as_ref().ok_or_else(|| ConnectorError::Internal("the definition fetches no single record".to_owned()))
}

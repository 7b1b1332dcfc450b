//! Data that a vendor keeps beside its records, fetched by the record's id and put into the record before it is mapped.

use connector_catalog::Load;
use field_mapping::VendorPath;
use futures_util::future::try_join_all;
use serde_json::Value;
use unified_model::{Operation, RecordId, UnifiedRequest};
use vendor_client::{VendorBody, VendorRequest};

use crate::call::context::CallContext;
use crate::call::exchange;
use crate::call::outcome::{ConnectorError, Exchange};
use crate::request::filters;

/// What was loaded for one record.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    parts: Vec<(String, Value)>,
    /// The vendor's own answers.
    pub(crate) exchanges: Vec<Exchange>,
}

impl Loaded {
    /// The members that it adds to the record.
    pub(crate) fn members(self) -> impl Iterator<Item = (String, Value)> {
        self.parts.into_iter()
    }

    /// The record of an answer with the members in it; `None` where nothing was loaded, or where the answer holds no record.
    pub(crate) fn put_into(&self, answer: &[u8], record: &VendorPath) -> Option<Vec<u8>> {
        if self.parts.is_empty() {
            return None;
        }
        let document: Value = serde_json::from_slice(answer).ok()?;
        let found = record.find(&document)?;
        let found = found.as_array().map_or(Some(found), |records| records.first())?;
        let mut members = found.as_object()?.clone();
        members.extend(self.parts.iter().cloned());
        Some(Value::Object(members).to_string().into_bytes())
    }
}

/// Everything that belongs to the record of `request.id`, fetched at once.
pub(crate) async fn for_one(context: CallContext<'_>) -> Result<Loaded, ConnectorError> {
    let Some(id) = &context.request.id else { return Ok(Loaded::default()) };
    let loads = context.resource().loads.iter().filter(|load| load.one);
    let fetched = try_join_all(loads.map(|load| fetch(context, load, id))).await?;
    let mut loaded = Loaded::default();
    for (member, value, exchange) in fetched {
        loaded.parts.push((member, value));
        loaded.exchanges.push(exchange);
    }
    Ok(loaded)
}

/// One member of one record.
pub(crate) async fn fetch(
    context: CallContext<'_>,
    load: &Load,
    id: &RecordId,
) -> Result<(String, Value, Exchange), ConnectorError> {
    let step = format!("load-{}", load.member);
    let of_record = UnifiedRequest { id: Some(id.clone()), ..context.request.clone() };
    let path = filters::path(&load.request.path, context.plan, &of_record)
        .map_err(|hole| ConnectorError::Internal(format!("{hole} has no value in {step}")))?;
    let vendor_request = VendorRequest {
        step: step.clone(),
        method: load.request.method.clone(),
        path,
        query: filters::parameters(&load.request.query, context.plan, &of_record),
        body: VendorBody::None,
        if_match: None,
        safe: true,
    };
    let reply = exchange::call(context, Operation::All, vendor_request)
        .await
        .map_err(|failure| ConnectorError::reading(&step, failure))?;
    let kept = Exchange { step: step.clone(), body: reply.body.clone() };
    if exchange::is_empty(&reply, load.empty).map_err(|failure| ConnectorError::reading(&step, failure))? {
        return Ok((load.member.clone(), Value::Null, kept));
    }
    let unusable = |reason: String| ConnectorError::reading(&step, exchange::unusable(&reply, reason));
    let document: Value = serde_json::from_slice(&reply.body).map_err(|error| unusable(error.to_string()))?;
    let misplaced = || unusable("the loaded data is not where the definition says".to_owned());
    if load.records.goes_through_lists() {
        let rows = exchange::rows(&document, &load.records, load.empty).ok_or_else(misplaced)?;
        return Ok((load.member.clone(), rows.into_iter().cloned().collect(), kept));
    }
    let value = match load.records.find(&document) {
        Some(Value::Null) if load.empty.is_null => Value::Null,
        None if load.empty.missing && document.is_object() => Value::Null,
        Some(Value::Null) | None => return Err(misplaced()),
        Some(value) => value.clone(),
    };
    Ok((load.member.clone(), value, kept))
}

//! Removing a record that belongs to several others: from the one that the caller names, or from all of them, and then said so.

use connector_catalog::{DeleteFrom, DeletePlan, Plan, RequestTemplate, Send};
use serde_json::{Map, Value};
use unified_model::answer::WarningKind;
use unified_model::{PassThroughValue, RecordId, UnifiedRequest, Warning};

use crate::call::ids::as_text;
use crate::call::outcome::ConnectorError;

static NOTHING: Send = Send::Nothing;

/// What a caller names with `pass_through[<filter>]`: the one of the records that this one belongs to from which it is taken.
pub(super) struct Named<'d> {
    from: Option<(&'d DeleteFrom, RecordId)>,
}

/// What the caller names; nothing, where the definition has no such request.
pub(super) fn named<'d>(
    plan: &Plan,
    delete: &'d DeletePlan,
    request: &UnifiedRequest,
) -> Result<Named<'d>, ConnectorError> {
    for (name, value) in &request.pass_through_query {
        let Some(from) = delete.from.iter().find(|from| from.filter == *name) else { continue };
        let refused = || ConnectorError::BadRequest {
            at: format!("pass_through[{name}]"),
            message: format!("is not an id of {}; nothing was written", plan.connector().name),
        };
        let PassThroughValue::Text(id) = value else { return Err(refused()) };
        let fits = plan.connector().ids.as_ref().is_none_or(|pattern| pattern.regex.is_match(id));
        let id = id.parse().ok().filter(|_| fits).ok_or_else(refused)?;
        return Ok(Named { from: Some((from, id)) });
    }
    Ok(Named { from: None })
}

impl Named<'_> {
    /// What `{parent}` stands for.
    pub(super) fn parent(&self, request: &UnifiedRequest) -> Option<RecordId> {
        self.from.as_ref().map(|(_, id)| id.clone()).or_else(|| request.parent.clone())
    }

    pub(super) fn request<'d>(&'d self, delete: &'d DeletePlan) -> (&'d RequestTemplate, &'d Send) {
        self.from.as_ref().map_or((&delete.request, &delete.send), |(from, _)| (&from.request, &NOTHING))
    }
}

/// Holds the record to belonging to the one that was named, or warns of all that it is taken from.
pub(super) fn check(
    plan: &Plan,
    delete: &DeletePlan,
    named: &Named<'_>,
    record: &Map<String, Value>,
) -> Result<Option<Warning>, ConnectorError> {
    let whole = Value::Object(record.clone());
    let values = |found: Option<Value>| match found {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(values)) => values,
        Some(one) => vec![one],
    };
    if let Some((from, id)) = &named.from {
        let path = plan.resource().mapping.filter(&from.filter).and_then(|filter| filter.check.as_ref());
        let own = values(path.and_then(|path| path.take(&whole)));
        if own.iter().any(|own| as_text(own) == id.as_str()) {
            return Ok(None);
        }
        return Err(ConnectorError::BadRequest {
            at: format!("pass_through[{}]", from.filter),
            message: format!("the record does not belong to `{id}`; nothing was written"),
        });
    }
    let count = delete.shared.iter().map(|path| values(path.take(&whole)).len()).sum::<usize>();
    Ok((count > 1).then(|| {
        let parameters: Vec<String> = delete.from.iter().map(|from| format!("pass_through[{}]", from.filter)).collect();
        let how = if parameters.is_empty() {
            String::new()
        } else {
            format!("; {} takes it from one alone", parameters.join(" or "))
        };
        let message = format!("the record belonged to {count} others, and is gone from all of them{how}");
        Warning::about_call(WarningKind::SideEffect, message)
    }))
}

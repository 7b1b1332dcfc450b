//! Agile CRM beyond `rest`. What no declarative step can say:
//! 1. `filterJson`: a list of rules as JSON text inside a form member, each rule with the vendor's own condition name, dates
//!    in epoch milliseconds, and the resource's kind as type and rules beside them (<https://github.com/agilecrm/rest-api>,
//!    "Get contacts by dynamic filter").
//! 2. A contact's company is kept twice, as a link and as a name, and each restores the other: clearing one clears both.

use std::borrow::Cow;

use connector_catalog::{Comparison, ListWay, ResourceDefinition};
use serde_json::{Value, json};
use unified_model::{Filter, FilterValue, Operation, UnifiedRequest};

use super::odata::conventions::BORROWED;
use crate::call::context::CallContext;
use crate::call::dialect::{Conventions, Dialect};
use crate::call::outcome::ConnectorError;
use crate::request::filters;

/// The protocol `agile`.
#[derive(Debug)]
pub(super) struct Agile;

impl Dialect for Agile {
    fn conventions(&self) -> &'static Conventions {
        &BORROWED
    }

    fn completed<'r>(&self, request: &'r UnifiedRequest) -> Cow<'r, UnifiedRequest> {
        let mut request = Cow::Borrowed(request);
        if request.operation == Operation::Update {
            clear_company(&mut request);
        }
        request
    }

    /// Writes the `filterJson` member of a dynamic filter.
    fn rules(&self, way: &ListWay, context: CallContext<'_>) -> Result<Option<Vec<(String, String)>>, ConnectorError> {
        let (resource, request) = (context.resource(), context.request);
        let mut rules: Vec<Value> =
            request.filters.iter().map(|filter| rule(way, resource, filter)).collect::<Result<_, _>>()?;
        let mut contact_type = None;
        // What tells the resource's records from others is their type, and what else the kind names.
        if let Some(name) = &way.record_type {
            contact_type = Some(json!(name));
        }
        for (path, value) in resource.kind.iter().flat_map(|kind| &kind.members) {
            match path.root() {
                Some("type") | None => contact_type = Some(value.clone()),
                Some(member) => rules.push(json!({ "LHS": member, "CONDITION": "EQUALS", "RHS": value })),
            }
        }
        let filter = json!({ "rules": rules, "contact_type": contact_type });
        Ok(Some(vec![("filterJson".to_owned(), filter.to_string())]))
    }
}

fn clear_company(request: &mut Cow<'_, UnifiedRequest>) {
    for (cleared, other) in [("company_id", "company_name"), ("company_name", "company_id")] {
        if request.body.get(cleared).is_some_and(Value::is_null) && !request.body.contains_key(other) {
            request.to_mut().body.insert(other.to_owned(), Value::Null);
        }
    }
}

fn rule(way: &ListWay, resource: &ResourceDefinition, filter: &Filter) -> Result<Value, ConnectorError> {
    let (comparison, field) = filters::ruled(way, resource, filter)?;
    let condition = match comparison {
        Comparison::Eq => "EQUALS",
        Comparison::Ge => "AFTER",
        Comparison::Contains => "CONTAINS",
    };
    // Dates and numbers are numbers, as the vendor's page has them.
    let value = match &filter.value {
        // AFTER leaves the instant itself out; `updated_since` includes it.
        FilterValue::Instant(instant) if comparison == Comparison::Ge => {
            json!(instant.as_millisecond().saturating_sub(1))
        }
        FilterValue::Instant(instant) => json!(instant.as_millisecond()),
        FilterValue::Number(number) => serde_json::from_str(&number.to_string()).unwrap_or_default(),
        FilterValue::Text(text) => json!(text),
    };
    Ok(json!({ "LHS": field.at.first(), "CONDITION": condition, "RHS": value }))
}

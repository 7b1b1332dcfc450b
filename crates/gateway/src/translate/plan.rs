//! What a connector does not offer: operations, filters, sorts, and fields of a write.

use connector_catalog::{Because, ConnectorDefinition, ListRefusal, Part, PlanError};
use serde_json::{Map, Value, json};
use unified_model::{Resource, UnifiedRequest};

use super::headers::unknown_service;
use crate::error::{Class, ErrorType, GatewayError};

pub(crate) fn plan(error: PlanError) -> GatewayError {
    match error {
        PlanError::UnknownService(service) => unknown_service(service.as_str()),
        PlanError::Unsupported { service, resource, operation, supported, because } => {
            let offered = match supported.as_slice() {
                [] => "nothing".to_owned(),
                some => some.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            };
            let message =
                format!("{service} does not support `{operation}` on {resource}; it supports {offered} there.");
            not_supported(&message, &because)
        }
        PlanError::NoCustomFields { service, resource } => {
            let message = format!("{service} has no way to say which fields of their own its {resource} have.");
            not_supported(&message, &Because::Definition)
        }
        PlanError::SwitchedOff { service, resource, operation, wanted } => {
            let wanted = wanted.iter().map(ToString::to_string).collect::<Vec<_>>().join(", or ");
            let message = format!(
                "{service} supports `{operation}` on {resource} only with other settings of the connection: {wanted}."
            );
            not_supported(&message, &Because::Definition)
        }
    }
}

/// An operation that is not there, and whose limit that is.
fn not_supported(message: &str, because: &Because) -> GatewayError {
    let mut detail = Map::from_iter([("message".to_owned(), message.into())]);
    detail.extend(said_of(because));
    GatewayError::new(ErrorType::ConnectorOperationUnsupportedError, Class::Refused, Value::Object(detail))
}

/// Whose limit it is, as `detail` says it: a vendor's with what is known of it.
fn said_of(because: &Because) -> Map<String, Value> {
    let members = match because {
        Because::Vendor { evidence, why } => json!({ "because": "vendor", "evidence": evidence, "why": why }),
        Because::Definition => json!({ "because": "definition" }),
    };
    members.as_object().cloned().unwrap_or_default()
}

/// Whose limit several parts of a resource are: the vendor's where it is that of each.
fn because_of<'p>(
    connector: &ConnectorDefinition,
    resource: Resource,
    parts: impl IntoIterator<Item = Part<'p>>,
) -> Map<String, Value> {
    let reasons: Vec<Because> = parts.into_iter().map(|part| connector.because(resource, part)).collect();
    let definitions = reasons.iter().find(|reason| **reason == Because::Definition);
    said_of(definitions.or(reasons.first()).unwrap_or(&Because::Definition))
}

/// The definition has no call for a part of a write. The same request fails again, so the status is none that SDKs repeat.
pub(super) fn not_carried(fields: &[String], connector: &ConnectorDefinition) -> GatewayError {
    let message = match fields {
        [] => format!("No call of {} writes what was sent; nothing was written.", connector.name),
        fields => format!("No call of {} writes {}; nothing was written.", connector.name, fields.join(", ")),
    };
    let detail = json!({ "message": message, "fields": fields, "outcome": "not_run", "because": "definition" });
    GatewayError::new(ErrorType::ConnectorWorkflowMappingError, Class::Ours, detail)
}

pub(super) fn list_refused(
    refusal: ListRefusal,
    request: &UnifiedRequest,
    connector: &ConnectorDefinition,
) -> GatewayError {
    let service_id = connector.service_id.as_str();
    let on = format!("the {} resource of {}", request.resource, connector.name);
    match refusal {
        ListRefusal::UnsupportedFilters { unsupported, supported } => {
            let because = because_of(connector, request.resource, unsupported.iter().map(|name| Part::Filter(name)));
            let detail = json!({
                "context": format!("{on} cannot filter by {}", unsupported.join(", ")),
                "service_id": service_id,
                "unsupported_filters": unsupported,
                "supported_filters": supported,
            });
            let detail = beside(detail, because);
            GatewayError::new(ErrorType::UnsupportedFiltersError, Class::Refused, detail)
        }
        ListRefusal::FiltersNotTogether { asked, combinations } => {
            let detail = json!({
                "context": format!("{on} cannot filter and sort by all of this at once"),
                "service_id": service_id,
                "unsupported_filters": asked,
                "supported_combinations": combinations,
            });
            let detail = beside(detail, said_of(&Because::Definition));
            GatewayError::new(ErrorType::UnsupportedFiltersError, Class::Refused, detail)
        }
        ListRefusal::Ignored { ignored } => {
            let detail = json!({
                "context": format!(
                    "{on} did not filter by {}: it answered records that the filter excludes, so none is passed on",
                    ignored.join(", ")
                ),
                "service_id": service_id,
                "unsupported_filters": ignored,
                "because": "vendor",
                "why": "The vendor's answer shows that it does not know the parameter",
            });
            GatewayError::new(ErrorType::UnsupportedFiltersError, Class::Refused, detail)
        }
        ListRefusal::UnsupportedSort { by, supported } => {
            let because = because_of(connector, request.resource, [Part::Sort(&by)]);
            let filtered = if request.filters.is_empty() { "" } else { " beside these filters" };
            let detail = json!({
                "context": format!("{on} cannot sort by {by}{filtered}"),
                "service_id": service_id,
                "supported_sort_by": supported,
            });
            let detail = beside(detail, because);
            GatewayError::new(ErrorType::UnsupportedSortFieldError, Class::Refused, detail)
        }
    }
}

/// An object with further members.
fn beside(mut detail: Value, more: Map<String, Value>) -> Value {
    if let Value::Object(members) = &mut detail {
        members.extend(more);
    }
    detail
}

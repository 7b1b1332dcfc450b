//! Why a plan could not be carried out.

use connector_catalog::ConnectorDefinition;
use connectors::{ConnectorError, Contention};
use serde_json::Value;
use unified_model::UnifiedRequest;

use super::ours::{internal, unavailable};
use super::plan::{list_refused, not_carried, plan};
use super::request::{cursor, not_found};
use super::stage::{Reached, Stage};
use super::vendor::call;
use crate::cursor::ForeignCursor;
use crate::error::{Class, ErrorType, GatewayError};

pub(crate) fn connector(
    error: ConnectorError,
    request: &UnifiedRequest,
    connector: &ConnectorDefinition,
) -> GatewayError {
    match error {
        ConnectorError::NotFound(id) => not_found(id.as_str()).from_vendor(),
        ConnectorError::ForeignPosition => cursor(ForeignCursor),
        ConnectorError::BadRequest { at, message } => {
            GatewayError::new(ErrorType::RequestValidationError, Class::Refused, format!("{at}: {message}"))
        }
        ConnectorError::Conflict { contention, progress } => {
            conflict(contention, Reached::of(request, &progress), connector)
        }
        // Locks are taken before anything is written.
        ConnectorError::Store(cause) => unavailable(&cause),
        ConnectorError::Internal(cause) => internal(&cause),
        ConnectorError::NotCarried { fields } => not_carried(&fields, connector),
        ConnectorError::NotOffered(error) => plan(error),
        ConnectorError::ListRefused(refusal) => list_refused(refusal, request, connector),
        ConnectorError::Call { failure, progress } => {
            call(*failure, Reached::of(request, &progress), connector).from_vendor()
        }
    }
}

/// Why a vendor could not say whether it takes the credentials, or that it does not.
pub(crate) fn check(error: ConnectorError, connector: &ConnectorDefinition) -> GatewayError {
    match error {
        ConnectorError::Call { failure, progress } => {
            call(*failure, Reached { stage: Stage::Reading, progress: &progress }, connector).from_vendor()
        }
        ConnectorError::Internal(cause) | ConnectorError::Store(cause) => internal(&cause),
        ConnectorError::NotFound(_)
        | ConnectorError::ForeignPosition
        | ConnectorError::BadRequest { .. }
        | ConnectorError::Conflict { .. }
        | ConnectorError::NotCarried { .. }
        | ConnectorError::NotOffered(_)
        | ConnectorError::ListRefused(_) => internal(&error.to_string()),
    }
}

/// Another write to the record stands in the way. A later repeat may pass, but no SDK repeats a 409 by itself.
fn conflict(contention: Contention, reached: Reached<'_>, connector: &ConnectorDefinition) -> GatewayError {
    let name = &connector.name;
    let said = match contention {
        Contention::Busy => {
            "Other writes to this record took all of the call's time; nothing was sent. Send the request again."
                .to_owned()
        }
        Contention::Changed => format!(
            "{name} says that somebody else changed the record while this change was being written, twice in a row. \
             Read the record and send the request again."
        ),
        Contention::LockLost => format!(
            "The record's lock ran out before {name} was sent the change, so another write may have come in between. \
             Read the record and send the request again."
        ),
    };
    let detail = Value::Object(reached.detail(&said, true));
    GatewayError::new(ErrorType::ConflictError, Class::Refused, detail)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use unified_model::{Operation, RequestParts, Resource, UnifiedRequest};

    use super::*;
    use crate::translate::broken_write;

    #[test]
    fn a_write_that_broke_in_the_gateway_is_never_answered_with_a_status_that_sdks_repeat() {
        let body = br#"{"first_name":"Ada"}"#;
        let (resource, operation) = (Resource::Contacts, Operation::Add);
        let parts = RequestParts { resource, operation, parent: None, id: None, query: "", body: Some(body) };
        let request = UnifiedRequest::new(unified_model::CanonicalSchema::built_in(), parts).unwrap();
        let catalog = connector_catalog::Catalog::built_in().unwrap();
        let error = connector(broken_write(), &request, catalog.connectors().next().unwrap());
        assert_eq!((error.error_type, error.status), (ErrorType::ConnectorExecutionError, 400));
        assert_eq!(error.detail["outcome"], "unknown");
    }
}

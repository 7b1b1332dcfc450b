//! What is the gateway's own fault: its store is away, or it broke.

use std::time::Duration;

use connectors::{ConnectorError, Failure, Progress};

use crate::error::{Class, ErrorType, GatewayError};

/// The wait that a caller is told when nobody says one.
pub(super) const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(1);

/// The store is away, and the vendor was not asked.
pub(super) fn unavailable(cause: &str) -> GatewayError {
    tracing::warn!(cause, "the store is not available");
    let detail = "The gateway's own store is not available at the moment, and nothing was sent to the vendor; repeat the \
                  request after Retry-After.";
    let mut error = GatewayError::new(ErrorType::ServiceUnavailableError, Class::Ours, detail);
    error.retry_after = Some(DEFAULT_RETRY_AFTER);
    error
}

pub(super) fn internal(cause: &str) -> GatewayError {
    tracing::error!(cause, "the gateway broke");
    GatewayError::new(
        ErrorType::InternalError,
        Class::Ours,
        "The gateway broke; its log says why under this request's id.",
    )
}

/// A write whose task broke: nobody knows how far it came.
pub(crate) fn broken_write() -> ConnectorError {
    ConnectorError::Call {
        failure: Box::new(Failure::Unusable {
            status: 0,
            reason: "the gateway broke while it was writing".to_owned(),
            excerpt: String::new(),
        }),
        progress: Progress { writing: true, ..Progress::default() },
    }
}

//! What is refused before a request is a unified one, or beside it.

use std::time::Duration;

use crate::edge::EdgeError;
use crate::error::{Class, ErrorType, GatewayError};

/// When a client that was refused for want of room may try again.
const SOON: Duration = Duration::from_secs(1);

impl From<EdgeError> for GatewayError {
    fn from(error: EdgeError) -> Self {
        let detail = error.to_string();
        let refused = |error_type| Self::new(error_type, Class::Refused, detail.clone());
        let missing = |error_type| Self::new(error_type, Class::NotFound, detail.clone());
        match error {
            EdgeError::NoRoute { .. }
            | EdgeError::WrongMethod { .. }
            | EdgeError::NothingNamed { .. }
            | EdgeError::NoResource(_)
            | EdgeError::NotServed { .. }
            | EdgeError::NotMapped(_) => missing(ErrorType::EntityNotFoundError),
            EdgeError::NoConnectorToShow(_) | EdgeError::NoConnector(_) | EdgeError::NoUnifiedApi { .. } => {
                missing(ErrorType::ConnectorNotFoundError)
            }
            EdgeError::ForeignCursor => Self::new(ErrorType::InvalidCursorError, Class::CursorGone, detail),
            EdgeError::MissingHeader(_) | EdgeError::Header { .. } => refused(ErrorType::RequestHeadersValidationError),
            EdgeError::MissingSessionToken | EdgeError::SessionToken(_) | EdgeError::NotTheSessions(_) => {
                Self::new(ErrorType::UnauthorizedError, Class::Credentials, detail)
            }
            EdgeError::ForeignOrigin | EdgeError::NotForSessions | EdgeError::SessionOfOtherApis => {
                Self::new(ErrorType::UnauthorizedError, Class::Forbidden, detail).with_status(403)
            }
            EdgeError::BodyTooLarge(_) => refused(ErrorType::RequestValidationError).with_status(413),
            EdgeError::BodyTooSlow | EdgeError::HeaderTimeout(_) => {
                refused(ErrorType::RequestValidationError).with_status(408)
            }
            EdgeError::AddressTooLong(_) => refused(ErrorType::RequestValidationError).with_status(414),
            EdgeError::HeadersTooLong(_) => refused(ErrorType::RequestHeadersValidationError).with_status(431),
            EdgeError::TooManyConnections => full(ErrorType::ServiceUnavailableError, &detail),
            EdgeError::TooManyOfOneClient(_) => full(ErrorType::TooManyRequestsError, &detail),
            EdgeError::Panicked => Self::new(ErrorType::InternalError, Class::Ours, detail),
        }
    }
}

/// There is no room at the moment.
fn full(error_type: ErrorType, detail: &str) -> GatewayError {
    GatewayError { retry_after: Some(SOON), ..GatewayError::new(error_type, Class::RateLimited, detail) }
}

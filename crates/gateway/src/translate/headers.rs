//! Headers that are missing or cannot be used.

use serde_json::Value;

use super::edge::EdgeError;
use crate::error::{Class, ErrorType, GatewayError};

pub(crate) fn missing_header(name: &'static str) -> GatewayError {
    EdgeError::MissingHeader(name).into()
}

/// A header that cannot be used.
pub(crate) fn invalid_header(detail: impl Into<Value>) -> GatewayError {
    GatewayError::new(ErrorType::RequestHeadersValidationError, Class::Refused, detail)
}

pub(crate) fn missing_authorization() -> GatewayError {
    let detail = "Missing authentication: send `Authorization: Bearer <API key>`.";
    GatewayError::new(ErrorType::UnauthorizedError, Class::Credentials, detail)
}

/// The API key of an `Authorization` header.
pub(crate) fn bearer(header: &str) -> Result<&str, GatewayError> {
    let key =
        header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, key)| key.trim());
    key.filter(|key| !key.is_empty()).ok_or_else(missing_authorization)
}

pub(crate) fn unknown_service(found: &str) -> GatewayError {
    let detail =
        format!("There is no connector `{}`; check x-apideck-service-id.", found.chars().take(80).collect::<String>());
    GatewayError::new(ErrorType::ConnectorNotFoundError, Class::NotFound, detail)
}

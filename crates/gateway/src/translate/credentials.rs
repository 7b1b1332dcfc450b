//! Why there are no credentials that a vendor takes.

use serde_json::json;
use vendor_client::CredentialError;

use super::ours::{internal, unavailable};
use crate::error::{Class, ErrorType, GatewayError};

/// Why there is no access token.
pub(super) fn unrenewed(error: CredentialError, service: &str) -> GatewayError {
    let said = error.to_string();
    match error {
        CredentialError::Missing(missing) => {
            let message = format!("The connection to {service} lacks settings.");
            let detail = json!({ "message": message, "missing": missing });
            GatewayError::new(ErrorType::ConnectionSettingsError, Class::Refused, detail)
        }
        CredentialError::Unreadable(cause) | CredentialError::Store(cause) => internal(&cause),
        CredentialError::Unavailable { cause, .. } => unavailable(&cause),
        CredentialError::NotAuthorized(reason) => not_authorized(service, &reason),
        CredentialError::RefreshFailed { reason, expires_at, retry_after } => {
            let wait = u64::try_from(retry_after.as_millis()).unwrap_or(u64::MAX);
            let detail = json!({
                "type": "refresh_token_connector_error",
                "message": said,
                "debug": {
                    "reason": reason,
                    "credentials_expire_at_ms": expires_at.map(jiff::Timestamp::as_millisecond),
                    "retry_after_ms": wait,
                    "cooldown_remaining_ms": wait,
                },
            });
            let mut error = GatewayError::new(ErrorType::UnauthorizedError, Class::Credentials, detail);
            error.retry_after = Some(retry_after);
            error
        }
        CredentialError::RefreshLimited { retry_after } => {
            let detail = json!({ "message": said, "context": said, "error": { "message": said } });
            let mut error = GatewayError::new(ErrorType::ConnectorRateLimitError, Class::RateLimited, detail);
            error.retry_after = Some(retry_after);
            error
        }
        CredentialError::NoOauthClient => no_oauth_client(service),
    }
}

pub(super) fn not_authorized(service: &str, reason: &str) -> GatewayError {
    let detail = json!({
        "message": format!("The connection to {service} is not authorised: {reason}."),
        "hint": "Send the consumer to the connection's authorize_url, which GET /vault/connections answers; where it has none, \
                 correct its settings.",
    });
    GatewayError::new(ErrorType::ConnectorCredentialsError, Class::Credentials, detail)
}

pub(super) fn no_oauth_client(service: &str) -> GatewayError {
    let detail =
        format!("The application's integration of {service} has no OAuth client id or secret; its operator sets both.");
    GatewayError::new(ErrorType::OAuthCredentialsNotFoundError, Class::NotFound, detail)
}

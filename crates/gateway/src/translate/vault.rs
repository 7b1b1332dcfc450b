//! What the vault refuses: callers, connections, and the changes of administrators.

use connection_vault::{AdminError, AuthorizeError, SessionAction, VaultError};
use serde_json::{Value, json};

use super::credentials::{no_oauth_client, not_authorized, unrenewed};
use super::headers::unknown_service;
use super::ours::{internal, unavailable};
use crate::error::{Class, ErrorType, GatewayError};

pub(crate) fn vault(error: VaultError) -> GatewayError {
    let text = error.to_string();
    match error {
        VaultError::Unauthorized => {
            let detail =
                "The API key is unknown or revoked, or belongs to another application than x-apideck-app-id names.";
            GatewayError::new(ErrorType::UnauthorizedError, Class::Credentials, detail)
        }
        VaultError::MissingScope(scope) => {
            let detail = format!("The API key lacks the scope `{scope}`; call with one that has it.");
            GatewayError::new(ErrorType::ForbiddenError, Class::Forbidden, detail)
        }
        VaultError::UnknownService(service) => unknown_service(service.as_str()),
        VaultError::NoConnection { consumer_id, service } => {
            let to = service.map(|service| format!(" to {service}")).unwrap_or_default();
            let detail = format!("Consumer '{consumer_id}' has no callable connection{to}; add one first.");
            GatewayError::new(ErrorType::ConnectionNotFoundError, Class::NotFound, detail)
        }
        VaultError::Ambiguous(services) => {
            let detail = json!({
                "message": "The consumer has several connections; name one in x-apideck-service-id.",
                "candidates": services,
            });
            GatewayError::new(ErrorType::RequestHeadersValidationError, Class::Refused, detail)
        }
        VaultError::Disabled(service) => {
            let detail = format!("The connection to {service} is disabled; enable it first.");
            GatewayError::new(ErrorType::ConnectorDisabledError, Class::Forbidden, detail)
        }
        VaultError::MissingSettings { service, missing } => {
            let detail =
                json!({ "message": format!("The connection to {service} lacks settings."), "missing": missing });
            GatewayError::new(ErrorType::ConnectionSettingsError, Class::Refused, detail)
        }
        VaultError::FieldMap { service, message } => {
            let detail = format!("The field map of the connection to {service} does not fit its connector: {message}");
            GatewayError::new(ErrorType::ConnectionSettingsError, Class::Refused, detail)
        }
        VaultError::NotAuthorized { service, reason } => not_authorized(service.as_str(), &reason),
        VaultError::NoIntegration(service) => {
            let detail = format!("The application has no integration of {service}; its operator adds one.");
            GatewayError::new(ErrorType::IntegrationNotFoundError, Class::NotFound, detail)
        }
        VaultError::IntegrationDisabled(service) => {
            let detail = format!("The application's integration of {service} is disabled; its operator enables it.");
            GatewayError::new(ErrorType::ConnectorDisabledError, Class::Refused, detail)
        }
        VaultError::NoOauthClient(service) => no_oauth_client(service.as_str()),
        VaultError::NoConsumer(consumer_id) => {
            let detail = format!("There is no consumer `{consumer_id}`; create it, or check x-apideck-consumer-id.");
            GatewayError::new(ErrorType::EntityNotFoundError, Class::NotFound, detail)
        }
        VaultError::NoMappingTarget(id) => {
            let detail = format!(
                "The application defines no custom mapping `{id}`; list those that it has at /vault/custom-mappings."
            );
            GatewayError::new(ErrorType::EntityNotFoundError, Class::NotFound, detail)
        }
        VaultError::Unavailable(cause) => unavailable(&cause),
        VaultError::Store(_) | VaultError::Internal(_) | VaultError::Sealed(_) | VaultError::InUse(_) => {
            internal(&text)
        }
    }
}

/// What an administrator's change is refused for, as a caller of the Vault API sees it.
pub(crate) fn admin(error: AdminError) -> GatewayError {
    let text = error.to_string();
    let refused = |detail: Value| GatewayError::new(ErrorType::RequestValidationError, Class::Refused, detail);
    match error {
        AdminError::Vault(error) => vault(error),
        AdminError::Settings { service, problems } => {
            let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
            refused(json!({ "message": format!("The settings do not fit {service}."), "settings": problems }))
        }
        AdminError::EnterAgain { service, changed, secrets } => {
            let (changed, listed) = (changed.join(", "), secrets.join(", "));
            let message = format!(
                "{changed} says where the secrets of {service} are sent: send {listed} again in the same request."
            );
            refused(json!({ "message": message, "enter_again": secrets }))
        }
        AdminError::NotAllowed(action) => not_allowed(action),
        AdminError::FieldMap { .. }
        | AdminError::Name { .. }
        | AdminError::ApplicationId(_)
        | AdminError::MappingTargetKey(_)
        | AdminError::Configuration(_)
        | AdminError::CustomMapping { .. }
        | AdminError::Session(_)
        | AdminError::Size { .. }
        | AdminError::RedirectUri(_)
        | AdminError::Origin(_)
        | AdminError::ApiKeyMalformed
        | AdminError::NoScope
        | AdminError::ApiKeyLifetime
        | AdminError::SameMasterKey => refused(text.into()),
        AdminError::ApplicationExists(_) | AdminError::ApiKeyExists | AdminError::ConnectionExists { .. } => {
            GatewayError::new(ErrorType::ConflictError, Class::Refused, text)
        }
        AdminError::UnknownApplication(_) | AdminError::UnknownApiKey(_) | AdminError::UnknownSession(_) => {
            GatewayError::new(ErrorType::EntityNotFoundError, Class::NotFound, text)
        }
    }
}

/// What a session may not do.
#[must_use]
pub fn not_allowed(action: SessionAction) -> GatewayError {
    let action = action.as_str();
    let detail = format!("The session does not allow `{action}`; create one whose settings.allow_actions name it.");
    GatewayError::new(ErrorType::UnauthorizedError, Class::Forbidden, detail).with_status(403)
}

impl From<AdminError> for GatewayError {
    fn from(error: AdminError) -> Self {
        admin(error)
    }
}

impl From<VaultError> for GatewayError {
    fn from(error: VaultError) -> Self {
        vault(error)
    }
}

impl From<AuthorizeError> for GatewayError {
    fn from(error: AuthorizeError) -> Self {
        let text = error.to_string();
        let refused = |error_type| GatewayError::new(error_type, Class::Refused, text.clone());
        match error {
            AuthorizeError::State(_) => refused(ErrorType::OAuthInvalidStateError),
            AuthorizeError::RedirectUri(_) => refused(ErrorType::OAuthRedirectUriError),
            AuthorizeError::Exchange(_) => {
                let hint = "Authorise the connection anew; a code works once.";
                let detail = json!({ "message": text, "hint": hint });
                GatewayError::new(ErrorType::OAuthCodeExchangeError, Class::Credentials, detail).from_vendor()
            }
            AuthorizeError::Vendor { error, description } => {
                let detail = json!({ "message": text, "error": error, "error_description": description });
                GatewayError::new(ErrorType::OAuthConnectorError, Class::Credentials, detail).from_vendor()
            }
            AuthorizeError::ConfirmToken => {
                let detail = format!("{text}; it works once, and not for long: authorise the connection anew.");
                GatewayError::new(ErrorType::InvalidStateError, Class::Refused, detail)
            }
            AuthorizeError::NotOffered(_) => refused(ErrorType::InvalidStateError),
            AuthorizeError::Renewal { service, error } => unrenewed(error, service.as_str()),
            AuthorizeError::Vault(error) => vault(error),
            AuthorizeError::Admin(error) => admin(error),
        }
    }
}

//! Who calls the Vault API, and what is said: an application by its API key, or a consumer's browser by its session.

use std::collections::BTreeSet;

use axum::extract::Request;
use connection_vault::{Caller, Session, SessionAction};
use gateway::{Class, ErrorType, GatewayError};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use unified_model::QueryValues;

use super::super::{Http, check_content_type, failure, text};
use super::target::Target;

/// One call, once it is known whose it is.
pub(super) struct Call {
    pub(super) caller: Caller,
    /// Empty where the operation needs none.
    pub(super) consumer_id: String,
    /// What a session may do; `None` for an application, which may do everything.
    actions: Option<BTreeSet<SessionAction>>,
    pub(super) path: String,
    pub(super) query: String,
    parameters: QueryValues,
    body: Map<String, Value>,
}

impl Http {
    pub(super) async fn vault_call(&self, request: Request, target: &Target) -> Result<Call, GatewayError> {
        let (head, body) = request.into_parts();
        let headers = &head.headers;
        let authorization = text(headers, "authorization")?;
        let application_id = present(text(headers, "x-apideck-app-id")?);
        let consumer_id = present(text(headers, "x-apideck-consumer-id")?);
        let is_session = text(headers, "x-apideck-auth-type")?.is_some_and(|kind| kind.eq_ignore_ascii_case("jwt"));
        let (caller, consumer_id, actions) = if is_session {
            let session = self.session(authorization, target)?;
            check_own("x-apideck-app-id", application_id, &session.caller.application_id)?;
            check_own("x-apideck-consumer-id", consumer_id, &session.consumer_id)?;
            (session.caller, session.consumer_id, Some(session.actions))
        } else {
            let caller = self.inner.gateway.caller(authorization, application_id).await?;
            if target.needs_consumer() && consumer_id.is_none() {
                let detail = "Missing header: x-apideck-consumer-id. Send it with every request.";
                return Err(failure::invalid_header(detail));
            }
            (caller, consumer_id.unwrap_or_default().to_owned(), None)
        };
        let schema = target.schema()?;
        let body = if schema.takes_body() {
            check_content_type(headers)?;
            schema.check_body(&self.read(body).await?)?
        } else {
            Map::new()
        };
        let (path, query) = (head.uri.path().to_owned(), head.uri.query().unwrap_or_default().to_owned());
        let parameters = schema.check_query(&query)?;
        Ok(Call { caller, consumer_id, actions, path, query, parameters, body })
    }

    fn session(&self, authorization: Option<&str>, target: &Target) -> Result<Session, GatewayError> {
        let unauthorized = |detail: String| GatewayError::new(ErrorType::UnauthorizedError, Class::Credentials, detail);
        let token = authorization
            .and_then(|header| header.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let (_, token) = token.ok_or_else(|| {
            unauthorized("Missing authentication: send `Authorization: Bearer <session token>`.".to_owned())
        })?;
        let session = self.inner.gateway.vault().session(token.trim()).map_err(|fault| {
            unauthorized(format!("The session token {fault}; create a session at POST /vault/sessions."))
        })?;
        if !target.is_for_sessions() {
            return Err(forbidden("A session cannot ask for this; call with the API key."));
        }
        Ok(session)
    }
}

impl Call {
    /// Whether a session may do it; an application may.
    pub(super) fn allow(&self, action: SessionAction) -> Result<(), GatewayError> {
        match &self.actions {
            Some(actions) if !actions.contains(&action) => Err(forbidden(
                "The session does not allow this action; create one whose settings.allow_actions name it.",
            )),
            Some(_) | None => Ok(()),
        }
    }

    pub(super) fn is_session(&self) -> bool {
        self.actions.is_some()
    }

    /// The body, which fits its schema already.
    pub(super) fn body<T: DeserializeOwned>(&self) -> Result<T, GatewayError> {
        serde_json::from_value(Value::Object(self.body.clone()))
            .map_err(|error| failure::invalid(format!("body: {error}")))
    }

    /// A parameter of the query, by its name with brackets.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name)
    }
}

fn check_own(name: &str, sent: Option<&str>, own: &str) -> Result<(), GatewayError> {
    if sent.is_none_or(|sent| sent == own) {
        return Ok(());
    }
    let detail = format!("{name} is another than the session's; leave it out, or send the session's own.");
    Err(GatewayError::new(ErrorType::UnauthorizedError, Class::Credentials, detail))
}

fn forbidden(detail: &str) -> GatewayError {
    GatewayError::new(ErrorType::UnauthorizedError, Class::Forbidden, detail).with_status(403)
}

fn present(value: Option<&str>) -> Option<&str> {
    value.map(str::trim).filter(|value| !value.is_empty())
}

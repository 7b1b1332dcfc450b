//! Who calls the Vault API, and what is said: an application by its API key, or a consumer's browser by its session.

use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::Arc;

use axum::extract::Request;
use connection_vault::{Caller, ChangedBy, Scope, Session, SessionAction};
use gateway::{CallNotes, Class, ErrorType, GatewayError, not_allowed};
use http::HeaderMap;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use unified_model::QueryValues;

use super::super::{Http, check_content_type, failure, text};
use super::cross_origin::{Readers, origin};
use super::target::{CRM, Target};

/// One call, once it is known whose it is.
pub(super) struct Call {
    visitor: Visitor,
    pub(super) path: String,
    pub(super) query: String,
    parameters: QueryValues,
    body: Map<String, Value>,
}

/// Who calls, as the headers say.
pub(super) struct Visitor {
    pub(super) caller: Caller,
    /// Empty where nobody was named, and nobody has to be.
    pub(super) consumer_id: String,
    /// What a session may do; `None` for an application, which may do everything.
    actions: Option<BTreeSet<SessionAction>>,
    /// Empty for an application.
    session_id: String,
    /// Whether the CRM API is among those that it is for.
    pub(super) sees_crm: bool,
}

impl Deref for Call {
    type Target = Visitor;

    fn deref(&self) -> &Visitor {
        &self.visitor
    }
}

impl Http {
    pub(super) async fn vault_call(
        &self,
        request: Request,
        target: &Target,
        readers: &mut Readers,
        notes: &CallNotes,
    ) -> Result<Call, GatewayError> {
        let (head, body) = request.into_parts();
        let kind = text(&head.headers, "x-apideck-auth-type")?;
        let visitor = if kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("jwt")) {
            self.browser(&head.headers, target, readers, notes).await?
        } else {
            self.application(&head.headers, target, notes).await?
        };
        let schema = target.schema()?;
        let body = if schema.takes_body() {
            check_content_type(&head.headers)?;
            schema.check_body(&self.read(body).await?)?
        } else {
            Map::new()
        };
        let (path, query) = (head.uri.path().to_owned(), head.uri.query().unwrap_or_default().to_owned());
        let parameters = schema.check_query(&query)?;
        Ok(Call { visitor, path, query, parameters, body })
    }

    /// An application, by its API key.
    async fn application(
        &self,
        headers: &HeaderMap,
        target: &Target,
        notes: &CallNotes,
    ) -> Result<Visitor, GatewayError> {
        let authorization = text(headers, "authorization")?;
        let application_id = present(text(headers, "x-apideck-app-id")?);
        let consumer_id = present(text(headers, "x-apideck-consumer-id")?);
        let caller = self.inner.gateway.caller(authorization, application_id).await?;
        notes.called_by(&caller, consumer_id);
        caller.require(Scope::Vault)?;
        if target.needs_consumer() && consumer_id.is_none() {
            let detail = "Missing header: x-apideck-consumer-id. Send it with every request.";
            return Err(failure::invalid_header(detail));
        }
        let consumer_id = consumer_id.unwrap_or_default().to_owned();
        Ok(Visitor { caller, consumer_id, actions: None, session_id: String::new(), sees_crm: true })
    }

    /// A consumer's browser, by its session.
    async fn browser(
        &self,
        headers: &HeaderMap,
        target: &Target,
        readers: &mut Readers,
        notes: &CallNotes,
    ) -> Result<Visitor, GatewayError> {
        *readers = Readers::Any;
        let token = text(headers, "authorization")?
            .and_then(|header| header.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let (_, token) = token.ok_or_else(|| {
            unauthorized("Missing authentication: send `Authorization: Bearer <session token>`.".to_owned())
        })?;
        let session = self.inner.gateway.vault().sessions().open(token.trim()).await?.map_err(|fault| {
            unauthorized(format!("The session token {fault}; create a session at POST /vault/sessions."))
        })?;
        *readers = Readers::Of(Arc::clone(&session.caller.application_id));
        notes.called_by(&session.caller, Some(&session.consumer_id));
        if let Some(origin) = origin(headers)
            && !self.lists(&session.caller.application_id, &origin).await
        {
            return Err(forbidden("The page's origin is none of the application's; add it to its origins."));
        }
        check_own(headers, "x-apideck-app-id", &session.caller.application_id)?;
        check_own(headers, "x-apideck-consumer-id", &session.consumer_id)?;
        if !target.is_for_sessions() {
            return Err(forbidden("A session cannot ask for this; call with the API key."));
        }
        let apis = &session.unified_apis;
        let sees_crm = apis.is_empty() || apis.iter().any(|api| api == CRM);
        if !sees_crm && target.names_service() {
            return Err(forbidden("The session is for other APIs; create one whose settings.unified_apis name crm."));
        }
        let Session { id: session_id, caller, consumer_id, actions, .. } = session;
        Ok(Visitor { caller, consumer_id, actions: Some(actions), session_id, sees_crm })
    }
}

impl Call {
    /// Whether a session may do it; an application may.
    pub(super) fn allow(&self, action: SessionAction) -> Result<(), GatewayError> {
        match &self.actions {
            Some(actions) if !actions.contains(&action) => Err(not_allowed(action)),
            Some(_) | None => Ok(()),
        }
    }

    /// Who asks for a change.
    pub(super) fn changed_by(&self) -> ChangedBy {
        match &self.actions {
            None => ChangedBy::Application { api_key_id: self.caller.api_key_id() },
            Some(actions) => ChangedBy::Session {
                id: self.session_id.clone(),
                may_reauthorize: actions.contains(&SessionAction::Reauthorize),
            },
        }
    }

    /// The body, which fits its schema already.
    pub(super) fn body<T: DeserializeOwned>(&self) -> Result<T, GatewayError> {
        serde_json::from_value(Value::Object(self.body.clone()))
            .map_err(|error| failure::invalid(format!("body: {error}")))
    }

    /// A member of the body, where null has to be told from nothing.
    pub(super) fn member(&self, name: &str) -> Option<&Value> {
        self.body.get(name)
    }

    /// Every value of a parameter that may repeat.
    pub(super) fn every(&self, name: &str) -> &[String] {
        self.parameters.every(name)
    }

    /// A parameter of the query, by its name with brackets.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name)
    }
}

fn check_own(headers: &HeaderMap, name: &str, own: &str) -> Result<(), GatewayError> {
    if present(text(headers, name)?).is_none_or(|sent| sent == own) {
        return Ok(());
    }
    Err(unauthorized(format!("{name} is another than the session's; leave it out, or send the session's own.")))
}

fn unauthorized(detail: String) -> GatewayError {
    GatewayError::new(ErrorType::UnauthorizedError, Class::Credentials, detail)
}

fn forbidden(detail: &str) -> GatewayError {
    GatewayError::new(ErrorType::UnauthorizedError, Class::Forbidden, detail).with_status(403)
}

fn present(value: Option<&str>) -> Option<&str> {
    value.map(str::trim).filter(|value| !value.is_empty())
}

//! Who calls the Vault API, and what is said: an application by its API key, or a consumer's browser by its session.

use std::collections::BTreeSet;
use std::ops::Deref;

use axum::extract::Request;
use connection_vault::{AdminError, Caller, ChangedBy, Scope, Session, SessionAction, VaultError};
use gateway::{CallNotes, EdgeError, GatewayError, not_allowed};
use http::HeaderMap;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use unified_model::{ConsumerId, QueryValues, ServiceId};

use super::cross_origin::{Readers, origin};
use super::target::Target;
use crate::http::reply::links::{OwnAddress, PublicUrl};
use crate::http::request::headers::{APPLICATION_ID, AUTH_TYPE, AUTHORIZATION, CONSUMER_ID, given, text};
use crate::http::request::sent::Sent;
use crate::http::request::{Http, body, invalid};
use crate::http::unified_api::OFFERED_ID;

/// One call, once it is known whose it is.
pub(super) struct Call {
    visitor: Visitor,
    sent: Sent,
    parameters: QueryValues,
    body: Map<String, Value>,
}

/// The consumer that a header names.
enum Named {
    /// Nobody, and nobody has to be.
    Nobody,
    Consumer(ConsumerId),
    /// What no consumer can be called.
    Impossible(String),
}

impl Named {
    fn by(header: Option<&str>) -> Self {
        header.map_or(Self::Nobody, |name| {
            name.parse().map_or_else(|_| Self::Impossible(name.to_owned()), Self::Consumer)
        })
    }

    fn known(&self) -> Option<&ConsumerId> {
        if let Self::Consumer(id) = self { Some(id) } else { None }
    }
}

/// Who calls, as the headers say.
pub(super) struct Visitor {
    pub(super) caller: Caller,
    consumer: Named,
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
        let sent = Sent::of(&request);
        let (head, content) = request.into_parts();
        let kind = text(&head.headers, AUTH_TYPE)?;
        let visitor = if kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("jwt")) {
            self.browser(&head.headers, target, readers, notes).await?
        } else {
            self.application(&head.headers, target, notes).await?
        };
        let schema = target.schema()?;
        let body = if schema.takes_body() {
            body::check_content_type(&head.headers)?;
            schema.check_body(&body::read(content, self.max_body_bytes()).await?)?
        } else {
            Map::new()
        };
        let parameters = schema.check_query(sent.query())?;
        Ok(Call { visitor, sent, parameters, body })
    }

    /// An application, by its API key.
    async fn application(
        &self,
        headers: &HeaderMap,
        target: &Target,
        notes: &CallNotes,
    ) -> Result<Visitor, GatewayError> {
        let authorization = text(headers, AUTHORIZATION)?;
        let application_id = given(headers, APPLICATION_ID)?;
        let consumer = Named::by(given(headers, CONSUMER_ID)?);
        let caller = self.gateway().caller(authorization, application_id).await?;
        notes.called_by(&caller, consumer.known());
        caller.require(Scope::Vault)?;
        if target.needs_consumer() && matches!(consumer, Named::Nobody) {
            return Err(EdgeError::MissingHeader(CONSUMER_ID).into());
        }
        Ok(Visitor { caller, consumer, actions: None, session_id: String::new(), sees_crm: true })
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
        let token = text(headers, AUTHORIZATION)?
            .and_then(|header| header.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let (_, token) = token.ok_or(EdgeError::MissingSessionToken)?;
        let session = self.vault().sessions().open(token.trim()).await?;
        let session = session.map_err(|fault| EdgeError::SessionToken(fault.to_string()))?;
        *readers = Readers::Of(session.caller.application_id.clone());
        notes.called_by(&session.caller, Some(&session.consumer_id));
        if let Some(origin) = origin(headers)
            && !self.lists(&session.caller.application_id, &origin).await
        {
            return Err(EdgeError::ForeignOrigin.into());
        }
        check_own(headers, APPLICATION_ID, &session.caller.application_id)?;
        check_own(headers, CONSUMER_ID, &session.consumer_id)?;
        if !target.is_for_sessions() {
            return Err(EdgeError::NotForSessions.into());
        }
        let apis = &session.unified_apis;
        let sees_crm = apis.is_empty() || apis.iter().any(|api| api == OFFERED_ID);
        if !sees_crm && target.names_service() {
            return Err(EdgeError::SessionOfOtherApis.into());
        }
        let Session { id: session_id, caller, consumer_id, actions, .. } = session;
        let consumer = Named::Consumer(consumer_id);
        Ok(Visitor { caller, consumer, actions: Some(actions), session_id, sees_crm })
    }
}

impl Visitor {
    /// The consumer that it is about, where one was named.
    pub(super) fn named_consumer(&self) -> Result<Option<&ConsumerId>, GatewayError> {
        match &self.consumer {
            Named::Nobody => Ok(None),
            Named::Consumer(id) => Ok(Some(id)),
            Named::Impossible(name) => Err(VaultError::NoConsumer(name.clone()).into()),
        }
    }

    /// The consumer that it is about.
    pub(super) fn consumer(&self) -> Result<&ConsumerId, GatewayError> {
        self.named_consumer()?.ok_or_else(|| EdgeError::MissingHeader(CONSUMER_ID).into())
    }

    /// The same for a call that adds the consumer when it is new.
    pub(super) fn new_consumer(&self) -> Result<&ConsumerId, GatewayError> {
        if let Named::Impossible(_) = &self.consumer {
            return Err(AdminError::Name { what: "a consumer id" }.into());
        }
        self.consumer()
    }

    /// The same for a call that needs the consumer's connection.
    pub(super) fn connected_consumer(&self, service: &ServiceId) -> Result<&ConsumerId, GatewayError> {
        if let Named::Impossible(name) = &self.consumer {
            let (consumer_id, service) = (name.clone(), Some(service.clone()));
            return Err(VaultError::NoConnection { consumer_id, service }.into());
        }
        self.consumer()
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

    /// The call's own address, as its caller sent it.
    pub(super) fn own_address<'a>(&'a self, public_url: &'a PublicUrl) -> OwnAddress<'a> {
        OwnAddress { public_url, path: self.sent.path(), query: self.sent.query() }
    }

    /// The body, which fits its schema already.
    pub(super) fn body<T: DeserializeOwned>(&self) -> Result<T, GatewayError> {
        serde_json::from_value(Value::Object(self.body.clone()))
            .map_err(|error| invalid("body", error.to_string()).into())
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

fn check_own(headers: &HeaderMap, name: &'static str, own: &str) -> Result<(), EdgeError> {
    if given(headers, name)?.is_none_or(|sent| sent == own) { Ok(()) } else { Err(EdgeError::NotTheSessions(name)) }
}

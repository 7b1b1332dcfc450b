//! Tokens of a connection: brought along, obtained, tried, and confirmed.

use std::time::Duration;

use axum::response::Response;
use connection_vault::{ConnectionState, ImportedConnection, ImportedTokens, SessionAction};
use gateway::{CallNotes, GatewayError};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use unified_model::{RequestError, ServiceId};

use super::call::Call;
use super::connections::settings;
use crate::http::reply::envelope;
use crate::http::request::{Http, invalid};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Import {
    credentials: Option<Credentials>,
    settings: Option<Map<String, Value>>,
    metadata: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credentials {
    access_token: Option<String>,
    refresh_token: Option<String>,
    issued_at: Option<String>,
    expires_in: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirmation {
    confirm_token: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallbackState {
    redirect_uri: Option<String>,
}

impl Http {
    pub(super) async fn import(&self, call: &Call, service: ServiceId) -> Result<Response, GatewayError> {
        let body: Import = call.body()?;
        let tokens = body.credentials.map(Credentials::tokens).transpose()?;
        let settings = settings(body.settings.unwrap_or_default())?;
        let vault = self.vault();
        vault
            .authorisations()
            .import(
                &call.caller,
                call.new_consumer()?,
                &service,
                ImportedConnection { tokens, settings, metadata: body.metadata },
            )
            .await?;
        self.one_connection(call, service).await
    }

    pub(super) async fn token(&self, call: &Call, service: ServiceId) -> Result<Response, GatewayError> {
        let _: Map<String, Value> = call.body()?;
        self.vault().authorisations().obtain_token(&call.caller, call.connected_consumer(&service)?, &service).await?;
        self.one_connection(call, service).await
    }

    /// Renews the token, where there is one, and asks the vendor whether it takes the credentials.
    pub(super) async fn validate(
        &self,
        call: &Call,
        service: ServiceId,
        notes: &CallNotes,
    ) -> Result<Response, GatewayError> {
        let _: Map<String, Value> = call.body()?;
        let vault = self.vault();
        vault.authorisations().validate(&call.caller, call.connected_consumer(&service)?, &service).await?;
        self.check_credentials(call, &service, notes).await?;
        let view = vault.connections().view(&call.caller, call.consumer()?, &service).await?;
        Ok(envelope::ok(&json!({ "id": format!("crm+{service}"), "state": view.state.as_str() })))
    }

    /// Asks the vendor whether it takes the credentials of a connection that can be called.
    pub(super) async fn check_credentials(
        &self,
        call: &Call,
        service: &ServiceId,
        notes: &CallNotes,
    ) -> Result<(), GatewayError> {
        let view = self.vault().connections().view(&call.caller, call.consumer()?, service).await?;
        if view.state != ConnectionState::Callable || !view.enabled {
            return Ok(());
        }
        self.gateway().check_connection(&call.caller, call.consumer()?, service, notes).await
    }

    pub(super) async fn confirm(&self, call: &Call, service: ServiceId) -> Result<Response, GatewayError> {
        let body: Confirmation = call.body()?;
        let token = SecretString::from(body.confirm_token);
        self.vault().authorisations().confirm(&call.caller, call.consumer()?, &service, &token).await?;
        self.one_connection(call, service).await
    }

    pub(super) async fn callback_state(&self, call: &Call, service: ServiceId) -> Result<Response, GatewayError> {
        let body: CallbackState = call.body()?;
        let redirect_uri = body.redirect_uri.as_deref();
        let vault = self.vault();
        let view = vault.connections().view(&call.caller, call.consumer()?, &service).await?;
        if view.is_authorized() {
            call.allow(SessionAction::Reauthorize)?;
        }
        let state =
            vault.authorisations().callback_state(&call.caller, call.new_consumer()?, &service, redirect_uri).await?;
        Ok(envelope::ok(&json!({ "state": state })))
    }
}

impl Credentials {
    fn tokens(self) -> Result<ImportedTokens, RequestError> {
        let token = |name: &str, token: Option<String>| match token {
            Some(text) if text.is_empty() || text.len() > 16 * 1024 || text.chars().any(char::is_control) => {
                Err(invalid(&format!("credentials.{name}"), "must be a token, without line breaks"))
            }
            token => Ok(token.map(SecretString::from)),
        };
        let issued_at = self.issued_at.map(|text| text.parse::<jiff::Timestamp>()).transpose().map_err(|_| {
            invalid("credentials.issued_at", "must be a date and time with zone, such as 2020-09-30T07:43:32Z")
        })?;
        let tokens = ImportedTokens {
            access_token: token("access_token", self.access_token)?,
            refresh_token: token("refresh_token", self.refresh_token)?,
            issued_at,
            expires_in: self.expires_in.map(|seconds| Duration::from_secs(seconds.min(u64::from(u32::MAX)))),
        };
        if tokens.access_token.is_none() && tokens.refresh_token.is_none() {
            return Err(invalid("credentials", "needs `access_token` or `refresh_token`"));
        }
        Ok(tokens)
    }
}

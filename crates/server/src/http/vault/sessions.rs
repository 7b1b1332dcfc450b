//! Sessions.

use axum::response::Response;
use connection_vault::SessionRequest;
use gateway::GatewayError;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::call::Call;
use crate::http::reply::envelope;
use crate::http::request::Http;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewSession {
    consumer_metadata: Option<Map<String, Value>>,
    redirect_uri: Option<String>,
    #[serde(default)]
    settings: Map<String, Value>,
    theme: Option<Value>,
    custom_consumer_settings: Option<Value>,
}

impl Http {
    pub(super) async fn create_session(&self, call: &Call) -> Result<Response, GatewayError> {
        let body: NewSession = call.body()?;
        let request = SessionRequest {
            consumer_metadata: body.consumer_metadata,
            redirect_uri: body.redirect_uri,
            settings: body.settings,
            theme: body.theme,
            custom_consumer_settings: body.custom_consumer_settings,
        };
        let token = self.vault().sessions().create(&call.caller, call.new_consumer()?, request).await?;
        let session_uri = format!("{}/vault/session/{token}", self.public_url().as_str());
        Ok(envelope::ok(&json!({ "session_uri": session_uri, "session_token": token })))
    }
}

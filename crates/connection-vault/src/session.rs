//! Sessions: what lets a consumer's browser use a part of the Vault API, for a while.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::signed::Claims;
use crate::{AdminError, Caller, TokenFault, Vault, VaultError, name};

const LONGEST: Duration = Duration::from_hours(7 * 24);
const SHORTEST: Duration = Duration::from_mins(1);
const USUAL: Duration = Duration::from_hours(1);

/// What a session is asked to be. What the pages make of the texts is theirs to say; here they travel unchanged.
#[derive(Debug, Clone, Default)]
pub struct SessionRequest {
    /// Who the consumer is; kept with the consumer.
    pub consumer_metadata: Option<Map<String, Value>>,
    /// Where a page sends the consumer at last.
    pub redirect_uri: Option<String>,
    /// How the page behaves. `session_length` and `allow_actions` are ours to keep.
    pub settings: Map<String, Value>,
    /// How the page looks.
    pub theme: Option<Value>,
    /// Whatever else the page is to know.
    pub custom_consumer_settings: Option<Value>,
}

/// Something that a session may or may not do, beside reading and authorising for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionAction {
    /// Delete a connection.
    Delete,
    /// Revoke its authorisation.
    Disconnect,
    /// Authorise it anew.
    Reauthorize,
    /// Switch it off.
    Disable,
}

/// A session that is believed.
#[derive(Debug, Clone)]
pub struct Session {
    /// The application.
    pub caller: Caller,
    /// The consumer, and no other.
    pub consumer_id: String,
    /// What it may do.
    pub actions: BTreeSet<SessionAction>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct SessionClaims {
    jti: String,
    application_id: String,
    consumer_id: String,
    iat: i64,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect_uri: Option<String>,
    settings: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    theme: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consumer_metadata: Option<Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_consumer_settings: Option<Value>,
}

impl Claims for SessionClaims {
    const PURPOSE: &'static str = "trunkline vault session v1";

    fn expires_at(&self) -> i64 {
        self.exp
    }
}

impl SessionAction {
    const EVERY: [Self; 4] = [Self::Delete, Self::Disconnect, Self::Reauthorize, Self::Disable];
}

impl Vault {
    /// Begins a session of a consumer, which is added when it is new: its token.
    pub async fn create_session(
        &self,
        caller: &Caller,
        consumer_id: &str,
        request: SessionRequest,
    ) -> Result<String, AdminError> {
        name::check("a consumer id", consumer_id)?;
        let inner = &self.inner;
        let now = (inner.clock)();
        let length = length(request.settings.get("session_length"))?;
        if let Some(uri) = &request.redirect_uri {
            url::Url::parse(uri).map_err(|_| {
                AdminError::Session(
                    "redirect_uri: must be an absolute address, such as https://app.example/done".into(),
                )
            })?;
        }
        let mut write = inner.store.write().await?;
        write.keep_consumer(&caller.application_id, consumer_id, now).await?;
        if let Some(metadata) = &request.consumer_metadata {
            write.update_consumer(&caller.application_id, consumer_id, metadata, now).await?;
        }
        write.commit(None).await?;
        let claims = SessionClaims {
            jti: uuid::Uuid::new_v4().to_string(),
            application_id: caller.application_id.to_string(),
            consumer_id: consumer_id.to_owned(),
            iat: now.as_second(),
            exp: (now + length).as_second(),
            redirect_uri: request.redirect_uri,
            settings: request.settings,
            theme: request.theme,
            consumer_metadata: request.consumer_metadata,
            custom_consumer_settings: request.custom_consumer_settings,
        };
        Ok(inner.sign(&claims)?)
    }

    /// Whose session a token is.
    pub fn session(&self, token: &str) -> Result<Session, TokenFault> {
        let claims: SessionClaims = self.inner.verify(token, (self.inner.clock)())?;
        let actions = match claims.settings.get("allow_actions") {
            Some(Value::Array(named)) => {
                named.iter().filter_map(|name| SessionAction::deserialize(name).ok()).collect()
            }
            Some(_) | None => SessionAction::EVERY.into_iter().collect(),
        };
        let caller = Caller { application_id: claims.application_id.into() };
        Ok(Session { caller, consumer_id: claims.consumer_id, actions })
    }

    /// The applications that let pages of this origin call.
    pub async fn applications_of_origin(&self, origin: &str) -> Result<Arc<[String]>, VaultError> {
        let key: Arc<str> = origin.into();
        let none = || Arc::from(Vec::new());
        // Nobody's memory is for origins of any length.
        if origin.len() > 255 {
            return Ok(none());
        }
        let inner = &self.inner;
        Ok(inner.origins.get_or_load(&key, || inner.load_origin(&key)).await?.unwrap_or_else(none))
    }
}

impl crate::vault::Inner {
    async fn load_origin(&self, origin: &str) -> Result<Option<Arc<[String]>>, VaultError> {
        let applications = self.store.applications().await?;
        let of_origin = applications.into_iter().filter(|one| one.origins.iter().any(|known| known == origin));
        let ids: Vec<String> = of_origin.map(|application| application.id).collect();
        Ok((!ids.is_empty()).then(|| ids.into()))
    }
}

/// `30m`, `1h`, `2 days`: up to a week.
fn length(text: Option<&Value>) -> Result<Duration, AdminError> {
    let Some(text) = text else { return Ok(USUAL) };
    let wrong = || {
        AdminError::Session("settings.session_length: must be a length from 1m to 1w, such as 30m, 1h or 2d".to_owned())
    };
    let span: jiff::SignedDuration = match text.as_str() {
        Some(text) => text
            .parse::<jiff::Span>()
            .ok()
            .and_then(|span| span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok())
            .ok_or_else(wrong)?,
        None => return Err(wrong()),
    };
    let length = Duration::try_from(span).map_err(|_| wrong())?;
    if (SHORTEST..=LONGEST).contains(&length) { Ok(length) } else { Err(wrong()) }
}

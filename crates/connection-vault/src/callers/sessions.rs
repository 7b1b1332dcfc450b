//! Sessions: what lets a consumer's browser use a part of the Vault API, for a while.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use unified_model::{ApplicationId, ConsumerId};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::caller::Caller;
use crate::access::{ApiKeyId, SessionAction};
use crate::core::{Core, name};
use crate::error::{AdminError, AuthorizeError, VaultError};
use crate::sealing::{Claims, TokenFault};
use crate::tenancy::Applications;

const LONGEST: Duration = Duration::from_hours(7 * 24);
const SHORTEST: Duration = Duration::from_mins(1);
const USUAL: Duration = Duration::from_hours(1);
/// It travels in a header, and few servers on the way take longer ones.
const LONGEST_TOKEN: usize = 6 * 1024;

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

/// A session that is believed.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its id.
    pub id: String,
    /// The application.
    pub caller: Caller,
    /// The consumer, and no other.
    pub consumer_id: ConsumerId,
    /// What it may do.
    pub actions: BTreeSet<SessionAction>,
    /// The unified APIs that it is for; empty: all.
    pub unified_apis: Vec<String>,
}

/// A session as an operator lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SessionSummary {
    /// Its id.
    pub id: String,
    /// The application.
    pub application_id: ApplicationId,
    /// The consumer that it is of.
    pub consumer_id: ConsumerId,
    /// The API key that it was created with.
    pub api_key_id: Option<ApiKeyId>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct SessionClaims {
    jti: String,
    application_id: ApplicationId,
    consumer_id: ConsumerId,
    iat: i64,
    exp: i64,
    /// The API key that it was created with. Sessions from before they were kept have none, and end with their time alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    api_key_id: Option<String>,
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

/// The sessions of a vault.
#[derive(Clone)]
pub struct Sessions {
    core: Arc<Core>,
    applications: Applications,
}

impl Sessions {
    pub(crate) fn new(core: &Arc<Core>, applications: &Applications) -> Self {
        Self { core: Arc::clone(core), applications: applications.clone() }
    }

    /// Begins a session of a consumer, which is added when it is new: its token.
    pub async fn create(
        &self,
        caller: &Caller,
        consumer_id: &ConsumerId,
        request: SessionRequest,
    ) -> Result<String, AuthorizeError> {
        let now = self.core.now();
        let length = length(request.settings.get("session_length"))?;
        if let Some(uri) = &request.redirect_uri {
            self.applications.redirect_uri(&caller.application_id, Some(uri)).await?;
        }
        let claims = SessionClaims {
            jti: uuid::Uuid::new_v4().to_string(),
            application_id: caller.application_id.clone(),
            consumer_id: consumer_id.clone(),
            iat: now.as_second(),
            exp: (now + length).as_second(),
            api_key_id: caller.api_key_id().map(|id| id.to_string()),
            redirect_uri: request.redirect_uri,
            settings: request.settings,
            theme: request.theme,
            consumer_metadata: request.consumer_metadata.clone(),
            custom_consumer_settings: request.custom_consumer_settings,
        };
        let token = self.core.sealer.sign(&claims)?;
        if token.len() > LONGEST_TOKEN {
            let problem = format!(
                "the session would be a token of {} bytes, and {LONGEST_TOKEN} is the most: say less in theme and \
                 custom_consumer_settings",
                token.len()
            );
            return Err(AdminError::Session(problem).into());
        }
        let mut write = self.core.store.write().await?;
        write.keep_consumer(&caller.application_id, consumer_id, now).await?;
        let metadata = request.consumer_metadata.unwrap_or_default();
        write.change_consumer(&caller.application_id, consumer_id, metadata, now).await?;
        let session = SessionSummary {
            id: claims.jti,
            application_id: claims.application_id,
            consumer_id: claims.consumer_id,
            api_key_id: caller.api_key_id(),
            created_at: now,
            expires_at: now + length,
            revoked_at: None,
        };
        write.add_session(&session).await?;
        write.commit_quietly().await?;
        Ok(token)
    }

    /// An application's sessions whose time is not over, or those of one consumer; the newest first.
    pub async fn list(
        &self,
        application_id: &ApplicationId,
        consumer_id: Option<&ConsumerId>,
    ) -> Result<Vec<SessionSummary>, AdminError> {
        self.core.require_application(application_id).await?;
        Ok(self.core.store.sessions(application_id, consumer_id, self.core.now()).await?)
    }

    /// Ends a session before its time. To revoke it again changes nothing.
    pub async fn revoke(&self, id: &str) -> Result<(), AdminError> {
        let mut write = self.core.store.write().await?;
        let is_known = name::is_well_formed(id) && write.revoke_session(id, self.core.now()).await?;
        if !is_known {
            return Err(AdminError::UnknownSession(id.to_owned()));
        }
        Ok(write.commit_quietly().await?)
    }

    /// Whose session a token is. It ends with its consumer, also where another has taken the name since, and with the API key
    /// that it was created with.
    pub async fn open(&self, token: &str) -> Result<Result<Session, TokenFault>, VaultError> {
        let now = self.core.now();
        let claims: SessionClaims = match self.core.sealer.verify(token, now) {
            Ok(claims) => claims,
            Err(fault) => return Ok(Err(fault)),
        };
        let of = (&claims.application_id, &claims.consumer_id);
        let standing = self.core.store.standing(of, &claims.jti, now).await?;
        let Some(standing) = standing.filter(|standing| standing.consumer_since.as_second() <= claims.iat) else {
            return Ok(Err(TokenFault::Expired));
        };
        let has_lost_key = claims.api_key_id.is_some() && !(standing.is_on_record && standing.has_key);
        if standing.is_revoked || has_lost_key {
            return Ok(Err(TokenFault::Revoked));
        }
        let named = |setting: &str| claims.settings.get(setting).and_then(Value::as_array);
        let actions = match named("allow_actions") {
            Some(named) => named.iter().filter_map(|name| SessionAction::deserialize(name).ok()).collect(),
            None => SessionAction::EVERY.into_iter().collect(),
        };
        let apis = named("unified_apis").into_iter().flatten().filter_map(Value::as_str);
        Ok(Ok(Session {
            actions,
            unified_apis: apis.map(str::to_owned).collect(),
            caller: Caller::without_key(&claims.application_id),
            id: claims.jti,
            consumer_id: claims.consumer_id,
        }))
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

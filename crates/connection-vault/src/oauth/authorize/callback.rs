//! The consumer comes back from the vendor. The `state` is spent before the code is exchanged, so that neither works twice.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use vendor_client::{ACCESS_TOKEN, REFRESH_TOKEN, TokenReply, TokenRequest};

use super::state::StateClaims;
use super::{VERIFIER, random_token};
use crate::connections::ConnectionRow;
use crate::core::ConnectionName;
use crate::core::abort_point;
use crate::error::{AuthorizeError, VaultError};
use crate::events::EventType;
use crate::oauth::Authorisations;
use crate::oauth::authorization::{AuthorizationRow, Stage};
use crate::oauth::client::until_stored;
use crate::oauth::link::LINK_LIFETIME;
use crate::store::Write;

/// How long an exchange may take before it counts as interrupted.
const EXCHANGE_WITHIN: Duration = Duration::from_mins(1);

/// What the vendor sent the consumer back with.
#[derive(Debug, Clone)]
pub struct Callback<'r> {
    /// Our signed `state`.
    pub state: &'r str,
    /// The code, or what went wrong.
    pub outcome: CallbackOutcome,
    /// Our own callback, as the consent page was given it.
    pub callback: &'r str,
}

/// The code, or what went wrong.
#[derive(Debug, Clone)]
pub enum CallbackOutcome {
    /// The consumer consented.
    Code(SecretString),
    /// The consumer or the vendor did not.
    Error {
        /// Its code.
        error: String,
        /// Its sentence.
        description: Option<String>,
    },
}

impl Authorisations {
    /// Completes an authorisation: where the consumer is to be sent, and what went wrong, if something did. The outer error is
    /// one after which there is nowhere to send the consumer to.
    pub async fn complete(&self, callback: Callback<'_>) -> Result<(Url, Option<AuthorizeError>), AuthorizeError> {
        let row = self.spend_state(callback.state, &callback.outcome).await?;
        abort_point::pass("connect.exchanging");
        let mut target = Url::parse(&row.redirect_uri)
            .map_err(|_| AuthorizeError::RedirectUri("the address to go back to cannot be used".to_owned()))?;
        // It goes on when the browser hangs up: the code is spent either way.
        let task = tokio::spawn({
            let (authorisations, row, outcome) = (self.clone(), row.clone(), callback.outcome);
            let callback = callback.callback.to_owned();
            async move { authorisations.exchanged(row, outcome, &callback).await }
        });
        let completed = task.await.unwrap_or_else(|error| Err(VaultError::Internal(error.to_string()).into()));
        match completed {
            Ok(confirm_token) => {
                if let (Some(nonce), Some(token)) = (&row.nonce, confirm_token) {
                    let fragment = form(&[
                        ("nonce", nonce),
                        ("confirm_token", token.expose_secret()),
                        ("service_id", row.service.as_str()),
                    ]);
                    target.set_fragment(Some(&fragment));
                }
                Ok((target, None))
            }
            Err(error) => Ok((target, Some(error))),
        }
    }
}

impl Authorisations {
    async fn spend_state(&self, state: &str, outcome: &CallbackOutcome) -> Result<AuthorizationRow, AuthorizeError> {
        let now = self.core.now();
        let claims: StateClaims = self.core.sealer.verify(state, now)?;
        let used = || AuthorizeError::State("was used before; authorise the connection anew".to_owned());
        let mut write = self.core.write_sealed().await?;
        let mut row = write.authorization(&claims.jti).await?.ok_or_else(used)?;
        if !claims.is_for(&row) {
            return Err(AuthorizeError::State("belongs to another connection".to_owned()));
        }
        if row.stage != Stage::Asked {
            return Err(used());
        }
        match outcome {
            CallbackOutcome::Code(_) => {
                row.stage = Stage::Exchanging;
                row.expires_at = now + EXCHANGE_WITHIN;
                write.update_authorization(&row).await?;
            }
            // Nothing is exchanged, so nothing can be lost on the way.
            CallbackOutcome::Error { .. } => write.drop_authorization(&row.id).await?,
        }
        if !write.use_link(&row.link, now + LINK_LIFETIME).await? {
            return Err(used());
        }
        write.commit_quietly().await?;
        Ok(row)
    }

    /// Exchanges the code and stores the tokens. The token that confirms them, where there is a second step.
    async fn exchanged(
        &self,
        row: AuthorizationRow,
        outcome: CallbackOutcome,
        callback: &str,
    ) -> Result<Option<SecretString>, AuthorizeError> {
        let answer = self.exchange(&row, outcome, callback).await;
        abort_point::pass("connect.answered");
        let granted = match answer {
            Ok(granted) => granted,
            Err(error) => {
                let mut write = self.core.store.write().await?;
                write.drop_authorization(&row.id).await?;
                write.commit_quietly().await?;
                return Err(error);
            }
        };
        let confirm_token = until_stored(|| self.keep_reply(&row, &granted)).await?;
        abort_point::pass("connect.stored");
        Ok(confirm_token)
    }

    async fn keep_reply(&self, row: &AuthorizationRow, granted: &Granted) -> Result<Option<SecretString>, VaultError> {
        let now = self.core.now();
        let write = self.core.write_sealed().await?;
        if row.nonce.is_some() {
            return self.await_confirmation(write, row.clone(), &granted.reply, now).await.map(Some);
        }
        self.connect(write, row, granted, now).await?;
        Ok(None)
    }

    async fn exchange(
        &self,
        row: &AuthorizationRow,
        outcome: CallbackOutcome,
        callback: &str,
    ) -> Result<Granted, AuthorizeError> {
        let code = match outcome {
            CallbackOutcome::Code(code) => code,
            CallbackOutcome::Error { error, description } => return Err(AuthorizeError::Vendor { error, description }),
        };
        let connector = self.code_connector(&row.service)?;
        let sealed = row.sealed.get(VERIFIER);
        let verifier = sealed.map(|blob| self.core.sealer.open(&row.place(VERIFIER), blob)).transpose()?;
        let integration = self.renewals.oauth_client(&row.application_id, connector).await?;
        let (credentials, destinations) = self.settings_of(&row.name(), connector).await?;
        let request = TokenRequest::Code { code: &code, redirect_uri: callback, verifier: verifier.as_ref() };
        let reply = self.renewals.way_out()?.token(connector, &credentials, &integration.client, request).await;
        Ok(Granted { reply: reply.map_err(AuthorizeError::Exchange)?, destinations })
    }

    /// Keeps the tokens where nothing uses them until the application has confirmed that the consumer is its own.
    async fn await_confirmation(
        &self,
        mut write: Write<'_>,
        mut row: AuthorizationRow,
        reply: &TokenReply,
        now: Timestamp,
    ) -> Result<SecretString, VaultError> {
        let mut granted = ConnectionRow::new(&row.name(), now);
        self.core.accept(&mut granted, reply, now)?;
        let mut sealed = BTreeMap::new();
        let tokens = [(ACCESS_TOKEN, Some(&reply.access_token)), (REFRESH_TOKEN, reply.refresh_token.as_ref())];
        for (name, token) in tokens {
            if let Some(token) = token {
                sealed.insert(name.to_owned(), self.core.sealer.seal(&row.place(name), token)?);
            }
        }
        for (name, value) in &reply.kept {
            let value = SecretString::from(value.as_str());
            sealed.insert(name.clone(), self.core.sealer.seal(&row.place(name), &value)?);
        }
        let confirm_token = random_token()?;
        row.stage = Stage::Granted;
        row.sealed = sealed;
        row.granted = granted.grant;
        row.confirm_hash = Some(confirm_hash(&confirm_token));
        row.expires_at = now + self.confirm_within;
        if !write.update_authorization(&row).await? {
            let reason = "the authorisation was taken away while the vendor was asked: its consumer was deleted, or it \
                          took too long";
            return Err(VaultError::NotAuthorized { service: row.service, reason: reason.to_owned() });
        }
        let detail = "the consumer consented, and the application has yet to confirm it";
        write.tell(&row.name(), EventType::AuthorizationPending, detail, now).await?;
        write.commit_quietly().await?;
        Ok(confirm_token)
    }

    async fn connect(
        &self,
        mut write: Write<'_>,
        row: &AuthorizationRow,
        granted: &Granted,
        now: Timestamp,
    ) -> Result<(), VaultError> {
        write.drop_authorization(&row.id).await?;
        let mut connection = write.connection_or_new(&row.name(), now).await?;
        if connection.destinations(self.core.connector(&row.service)?) != granted.destinations {
            let reason = "the address that its tokens are sent to was changed while the vendor was asked".to_owned();
            return Err(VaultError::NotAuthorized { service: row.service.clone(), reason });
        }
        connection.drop_tokens();
        self.core.accept(&mut connection, &granted.reply, now)?;
        // Another account may have consented than before.
        connection.revision += 1;
        write.update_connection(&connection).await?;
        write.tell(&connection.name(), EventType::Callable, "", now).await?;
        self.core.commit(write, connection.change()).await
    }
}

/// What a code was exchanged for.
struct Granted {
    reply: TokenReply,
    /// Where the connection's secrets went at that time.
    destinations: BTreeMap<String, Option<String>>,
}

impl Write<'_> {
    /// The connection, added where there was none.
    pub(super) async fn connection_or_new(
        &mut self,
        name: &ConnectionName,
        now: Timestamp,
    ) -> Result<ConnectionRow, VaultError> {
        if let Some(row) = self.connection(name).await? {
            return Ok(row);
        }
        let row = ConnectionRow::new(name, now);
        self.keep_consumer(&name.application_id, &name.consumer_id, now).await?;
        if self.add_connection(&row).await? {
            self.tell(&row.name(), EventType::Created, "", now).await?;
            return Ok(row);
        }
        // Somebody else has added it just now.
        self.require_connection(name).await
    }
}

pub(super) fn confirm_hash(token: &SecretString) -> Vec<u8> {
    blake3::hash(token.expose_secret().as_bytes()).as_bytes().to_vec()
}

fn form(pairs: &[(&str, &str)]) -> String {
    let mut serializer = url::form_urlencoded::Serializer::new(String::new());
    serializer.extend_pairs(pairs).finish()
}

//! Asking the vendor, and making the most of what it answers: new tokens are stored before anybody uses them.

use std::time::Duration;

use connector_catalog::OAuthGrant;
use jiff::Timestamp;
use vendor_client::{CredentialError, REFRESH_TOKEN, TokenError, TokenReply, TokenRequest, VendorError};

use super::claim::Claim;
use super::{CredentialErrorOf, Renewals};
use crate::connections::{ConnectionRow, Grant, GrantEnd, Held, RefreshFailure};
use crate::core::abort_point;
use crate::error::VaultError;
use crate::events::EventType;
use crate::oauth::client::until_stored;
use crate::store::Write;

const FIRST_COOLDOWN: Duration = Duration::from_secs(5);
const LONGEST_COOLDOWN: Duration = Duration::from_mins(10);
/// Where the vendor says "too many" and not for how long.
const LIMITED_FOR: Duration = Duration::from_mins(1);
/// No vendor is believed that wants to be left alone for longer.
const LIMITED_FOR_AT_MOST: Duration = Duration::from_hours(24);

impl Renewals {
    pub(super) async fn ask(&self, claim: Claim) -> Result<Held, CredentialError> {
        let answer = self.ask_vendor(&claim).await;
        abort_point::pass("refresh.answered");
        let stored = until_stored(|| self.keep_answer(&claim, &answer)).await;
        abort_point::pass("refresh.stored");
        stored.map_err(|error| CredentialErrorOf::from(error).0)?
    }

    async fn ask_vendor(&self, claim: &Claim) -> Result<TokenReply, Unrenewed> {
        let client = self.client.get().ok_or(Unrenewed::NoWayOut)?;
        let integration = self.oauth_client(&claim.name.application_id, &claim.connector).await?;
        let oauth2 = claim.connector.auth.oauth2().ok_or(Unrenewed::NoRefreshToken)?;
        let credentials = &claim.held.credentials;
        let scopes = &integration.scopes;
        let ask = async |request| client.token(&claim.connector, credentials, &integration.client, request).await;
        let anew = match oauth2.grant {
            OAuthGrant::ClientCredentials => Some(TokenRequest::ClientCredentials { scopes }),
            OAuthGrant::Password => Some(TokenRequest::Password { scopes }),
            OAuthGrant::AuthorizationCode => None,
        };
        let refreshed = match credentials.settings.get(REFRESH_TOKEN) {
            Some(token) => Some(ask(TokenRequest::Refresh(token)).await),
            None => None,
        };
        match (refreshed, anew) {
            // The refresh token is over; what it was given for may not be.
            (None | Some(Err(TokenError::GrantOver(_))), Some(anew)) => Ok(ask(anew).await?),
            (Some(refreshed), _) => Ok(refreshed?),
            (None, None) => Err(Unrenewed::NoRefreshToken),
        }
    }

    /// Stores what became of the renewal. The outer error is the store's, and then nothing has been stored.
    async fn keep_answer(
        &self,
        claim: &Claim,
        answer: &Result<TokenReply, Unrenewed>,
    ) -> Result<Result<Held, CredentialError>, VaultError> {
        let now = self.core.now();
        let mut write = self.core.write_sealed().await?;
        let mut row = match write.require_connection(&claim.name).await {
            Ok(row) => row,
            Err(error @ VaultError::NoConnection { .. }) => return Ok(Err(CredentialErrorOf::from(error).0)),
            Err(error) => return Err(error),
        };
        write.drop_refresh_intent(&row.id).await?;
        let was_replaced = row.id != claim.row.id || version(&row) != version(&claim.row);
        let outcome = match answer {
            // The consumer authorised anew while we asked: what that brought counts.
            _ if was_replaced => Ok(()),
            Ok(reply) => {
                let had_failed = row.grant.as_ref().is_some_and(|grant| grant.failure.is_some());
                self.core.accept(&mut row, reply, now)?;
                if had_failed {
                    write.tell(&row.name(), EventType::RefreshRecovered, "", now).await?;
                }
                Ok(())
            }
            Err(reason) => Err(self.note_failure(&mut write, claim, &mut row, reason, now).await?),
        };
        if !was_replaced {
            write.update_connection(&row).await?;
        }
        let held = self.core.held(&row, &claim.connector);
        self.core.commit(write, row.change()).await?;
        Ok(match outcome {
            Ok(()) => held.map_err(|error| CredentialErrorOf::from(error).0),
            Err(error) => Err(error),
        })
    }

    async fn note_failure(
        &self,
        write: &mut Write<'_>,
        claim: &Claim,
        row: &mut ConnectionRow,
        reason: &Unrenewed,
        now: Timestamp,
    ) -> Result<CredentialError, VaultError> {
        // Where there is no grant yet, there is something to remember the failure with all the same.
        let mut grant = row.grant.clone().unwrap_or_else(|| Grant::none(now));
        let before = grant.failure.take();
        let was_doubtful = claim.is_recovery || before.as_ref().is_some_and(|failure| failure.is_doubtful);
        let attempts = before.as_ref().map_or(0, |failure| failure.attempts) + 1;
        let mut failure = RefreshFailure {
            at: now,
            reason: reason.to_string(),
            retry_at: now + reason.cooldown(attempts),
            attempts,
            is_doubtful: was_doubtful || reason.is_doubtful(),
            is_limit: matches!(reason, Unrenewed::Vendor(TokenError::RateLimited { .. })),
        };
        let error = if let Some(end) = reason.end(was_doubtful) {
            // Nobody waits for what is over.
            failure.retry_at = now;
            grant.ended = Some(GrantEnd::Refused(end.clone()));
            write.tell(&row.name(), EventType::RefreshFailed, &end, now).await?;
            CredentialError::NotAuthorized(end)
        } else {
            if before.is_none() {
                write.tell(&row.name(), EventType::RefreshPending, &failure.reason, now).await?;
            }
            match reason {
                Unrenewed::NoClient(_) => CredentialError::NoOauthClient,
                Unrenewed::NoWayOut | Unrenewed::NoRefreshToken | Unrenewed::Vendor(_) => failure.error(&grant, now),
            }
        };
        grant.failure = Some(failure);
        row.grant = Some(grant);
        Ok(error)
    }
}

/// Why there is no new token.
#[derive(Debug, thiserror::Error)]
enum Unrenewed {
    #[error("this process has no way out to vendors")]
    NoWayOut,
    #[error("{0}")]
    NoClient(#[from] VaultError),
    #[error("the vendor gave no refresh token, and the access token has ended")]
    NoRefreshToken,
    #[error(transparent)]
    Vendor(#[from] TokenError),
}

impl Unrenewed {
    /// Why the grant is over, if that is what it means.
    fn end(&self, was_doubtful: bool) -> Option<String> {
        match self {
            Self::Vendor(TokenError::GrantOver(refusal)) if was_doubtful => Some(format!(
                "the renewal of the token was interrupted, so that a new refresh token may have been lost, and the vendor \
                 no longer takes the old one: {refusal}"
            )),
            Self::Vendor(TokenError::GrantOver(refusal)) => {
                Some(format!("the vendor no longer takes the refresh token: {refusal}"))
            }
            Self::NoRefreshToken => Some(self.to_string()),
            Self::NoWayOut
            | Self::NoClient(_)
            | Self::Vendor(
                TokenError::Refused(_)
                | TokenError::RateLimited { .. }
                | TokenError::Unusable { .. }
                | TokenError::Vendor(_),
            ) => None,
        }
    }

    /// Whether the vendor may have renewed the token all the same.
    fn is_doubtful(&self) -> bool {
        match self {
            // What was refused did not happen, whatever else the answer says.
            Self::Vendor(TokenError::Unusable { status, .. }) => !(400..500).contains(status),
            Self::Vendor(TokenError::Vendor(error)) => matches!(
                error,
                VendorError::Timeout { sent: true } | VendorError::Broken { .. } | VendorError::TooLarge { .. }
            ),
            Self::Vendor(TokenError::GrantOver(_) | TokenError::Refused(_) | TokenError::RateLimited { .. })
            | Self::NoWayOut
            | Self::NoClient(_)
            | Self::NoRefreshToken => false,
        }
    }

    fn cooldown(&self, attempts: u32) -> Duration {
        if let Self::Vendor(TokenError::RateLimited { retry_after }) = self {
            return retry_after.unwrap_or(LIMITED_FOR).clamp(Duration::from_secs(1), LIMITED_FOR_AT_MOST);
        }
        let doublings = (attempts - 1).min(16);
        FIRST_COOLDOWN.saturating_mul(1 << doublings).min(LONGEST_COOLDOWN)
    }
}

impl RefreshFailure {
    /// What a call is told that needs the token before it is tried again.
    pub(super) fn error(&self, grant: &Grant, now: Timestamp) -> CredentialError {
        let retry_after = Duration::try_from(self.retry_at.duration_since(now)).unwrap_or_default();
        if self.is_limit {
            return CredentialError::RefreshLimited { retry_after };
        }
        CredentialError::RefreshFailed { reason: self.reason.clone(), expires_at: grant.expires_at, retry_after }
    }
}

fn version(row: &ConnectionRow) -> i64 {
    row.grant.as_ref().map_or(0, |grant| grant.version)
}

//! What a vendor granted to a connection, and that it refuses what was granted: the facts of it. The tokens themselves are sealed
//! beside them.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The longest time before its end at which a token is renewed.
const AHEAD: Duration = Duration::from_mins(1);

/// The facts of an OAuth grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// How often its tokens have been replaced: what one process has seen can be told from what is stored.
    pub version: i64,
    /// When the access token was issued.
    pub issued_at: Timestamp,
    /// When the access token ends; `None` where it does not end by itself.
    pub expires_at: Option<Timestamp>,
    /// What was granted, as the vendor says it.
    pub scope: Option<String>,
    /// Whether the access token is to be renewed before it is used: it came from elsewhere, and nobody said when it ends.
    #[serde(default)]
    pub is_due: bool,
    /// Why the consumer has to authorise again.
    #[serde(default)]
    pub ended: Option<GrantEnd>,
    /// The last attempt to renew it that failed; gone once one succeeds.
    #[serde(default)]
    pub failure: Option<RefreshFailure>,
}

/// Why a grant is no longer one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantEnd {
    /// It was revoked here.
    Revoked,
    /// The vendor refuses to renew it; its reason.
    Refused(String),
    /// The address that its tokens are sent to was changed here.
    Moved,
}

/// A failed attempt to renew a grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshFailure {
    /// When.
    pub at: Timestamp,
    /// Why, without a secret.
    pub reason: String,
    /// Nobody tries again before.
    pub retry_at: Timestamp,
    /// How many attempts in a row have failed.
    pub attempts: u32,
    /// Whether the vendor may have renewed it all the same: then it may refuse the token that is stored.
    pub is_doubtful: bool,
    /// Whether the vendor only said that there were too many requests.
    #[serde(default)]
    pub is_limit: bool,
}

/// That a vendor refuses a connection's credentials. It is shown, and never keeps a call from being made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedCredentials {
    /// When that was seen to be so.
    pub at: Timestamp,
    /// Of which revision of the connection: other settings may be right.
    pub revision: i64,
}

impl Grant {
    /// Whether the access token is to be renewed before it is used.
    #[must_use]
    pub fn wants_renewal(&self, now: Timestamp) -> bool {
        self.is_due || self.expires_at.is_some_and(|end| now + self.margin(end) >= end)
    }

    /// Whether the access token cannot be used any more.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| now >= end)
    }

    /// A minute, and less for tokens that live for less than four.
    fn margin(&self, end: Timestamp) -> Duration {
        let lifetime = Duration::try_from(end.duration_since(self.issued_at)).unwrap_or_default();
        AHEAD.min(lifetime / 4)
    }
}

impl Grant {
    /// What stands for a grant that there is none of yet.
    pub(crate) fn none(now: Timestamp) -> Self {
        Self { version: 0, issued_at: now, expires_at: None, scope: None, is_due: true, ended: None, failure: None }
    }

    /// The same as the successor of another.
    pub(crate) fn after(self, before: Option<&Self>) -> Self {
        Self { version: before.map_or(0, |grant| grant.version) + 1, ..self }
    }
}

impl GrantEnd {
    /// Why the consumer has to authorise again.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::Revoked => "the authorisation was revoked".to_owned(),
            Self::Refused(reason) => reason.clone(),
            Self::Moved => "the address that its tokens are sent to was changed".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(lifetime: Option<i64>) -> Grant {
        let issued_at = Timestamp::UNIX_EPOCH;
        let expires_at = lifetime.map(|seconds| Timestamp::constant(seconds, 0));
        Grant { version: 1, issued_at, expires_at, scope: None, is_due: false, ended: None, failure: None }
    }

    #[test]
    fn a_token_is_renewed_a_minute_ahead_of_its_end_or_sooner_where_it_is_short() {
        for (lifetime, due_at) in [(3600, 3540), (240, 180), (40, 30), (0, 0)] {
            let grant = grant(Some(lifetime));
            assert!(grant.wants_renewal(Timestamp::constant(due_at, 0)), "{lifetime}");
            assert!(due_at == 0 || !grant.wants_renewal(Timestamp::constant(due_at - 1, 0)), "{lifetime}");
        }
        assert!(!grant(None).wants_renewal(Timestamp::MAX));
    }
}

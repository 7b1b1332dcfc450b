//! What a session may do.

use serde::{Deserialize, Serialize};

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

impl SessionAction {
    pub(crate) const EVERY: [Self; 4] = [Self::Delete, Self::Disconnect, Self::Reauthorize, Self::Disable];

    /// Its name in `allow_actions`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Disconnect => "disconnect",
            Self::Reauthorize => "reauthorize",
            Self::Disable => "disable",
        }
    }
}

//! That a vendor refuses a connection's credentials. It is shown, and never keeps a call from being made.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// That a vendor refuses a connection's credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedCredentials {
    /// When that was last seen to be so.
    pub at: Timestamp,
    /// Of which revision of the connection: other settings may be right.
    pub revision: i64,
}

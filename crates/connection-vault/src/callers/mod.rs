//! Who calls: API keys and sessions.

pub(crate) mod api_key;
pub(crate) mod session;
pub(crate) mod session_rows;

//! Who calls: API keys and sessions.

mod api_key;
mod api_key_rows;
mod api_keys;
mod caller;
mod session_rows;
mod sessions;

#[cfg(test)]
pub(crate) use api_key_rows::API_KEY;
pub use api_keys::{ApiKeySummary, ApiKeys, NewApiKey};
pub use caller::Caller;
#[cfg(test)]
pub(crate) use session_rows::STANDING;
pub use sessions::{Session, SessionRequest, SessionSummary, Sessions};

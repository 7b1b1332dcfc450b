//! What callers may do, in words that every other room knows.

mod api_key_id;
mod scope;
mod session_action;

pub use api_key_id::ApiKeyId;
pub use scope::{Scope, Scopes};
pub use session_action::SessionAction;

//! Applications, API keys, consumers, connections and their sealed secrets. Secrets leave only as `Credentials`, for one
//! outgoing request, or as an operator's export, which is on record.

mod access;
mod callers;
mod calls;
mod connections;
mod core;
mod error;
mod events;
mod memory;
mod oauth;
#[cfg(test)]
mod plans;
mod rotation;
mod sealing;
mod store;
mod tenancy;
mod vault;

pub use access::scope::{Scope, Scopes};
pub use callers::api_key::{ApiKeyId, ApiKeySummary, NewApiKey};
pub use callers::session::{Session, SessionAction, SessionRequest, SessionSummary};
pub use calls::call_log::{LogFilter, LogPosition, LoggedCall, PathMatch};
pub use calls::logging::LogBounds;
pub use connections::FieldMap;
pub use connections::change::{ConnectionPatch, NewConnection};
pub use connections::configuration::{Configuration, DefaultTarget, RecordDefault};
pub use connections::connection::Connection;
pub use connections::export::ExportedConnection;
pub use connections::grant::{Grant, GrantEnd, RefreshFailure};
pub use connections::readdress::ChangedBy;
pub use connections::summary::{ApplicationSummary, ConnectionState, ConnectionSummary};
pub use connections::view::{ConnectionHealth, ConnectionView};
pub use error::{AdminError, SettingProblem, VaultError};
pub use events::event::Event;
pub use oauth::authorize::{Authorize, AuthorizeError, Callback, CallbackOutcome, ImportedTokens};
pub use oauth::link::LinkVerb;
pub use rotation::Rotation;
pub use sealing::master_key::{MasterKey, MasterKeyError};
pub use sealing::signed::TokenFault;
pub use storage::{PostgresUrl, StoreLocation};
pub use tenancy::application::ApplicationPatch;
pub use tenancy::consumer::{ConsumerPage, ConsumerSummary};
pub use tenancy::integration::{IntegrationPatch, IntegrationState, IntegrationSummary};
pub use tenancy::mapping_target::MappingTarget;
pub use tenancy::origin::Origins;
pub use vault::{Caller, Clock, Vault, VaultOptions};

//! Applications, API keys, consumers, connections and their sealed secrets. Secrets leave only as `Credentials`, for one
//! outgoing request.

mod abort_point;
mod admin;
mod api_key;
mod application;
mod authorization;
mod authorize;
mod change;
mod configuration;
mod connection;
mod consumer;
mod custom_mapping;
mod error;
mod event;
mod grant;
mod integration;
mod keeping;
mod keyring;
mod link;
mod mapping_target;
mod master_key;
mod name;
mod renewal;
mod rotation;
mod seal;
mod session;
mod settings;
mod signed;
mod store;
mod summary;
mod tokens;
mod vault;
mod view;
mod warm;
mod watching;

pub use api_key::{ApiKeyId, ApiKeySummary};
pub use application::ApplicationPatch;
pub use authorize::{Authorize, AuthorizeError, Callback, CallbackOutcome, ImportedTokens};
pub use change::{ConnectionPatch, NewConnection};
pub use configuration::Default as RecordDefault;
pub use connection::Connection;
pub use consumer::{ConsumerPage, ConsumerSummary};
pub use error::{AdminError, SettingProblem, VaultError};
pub use event::Event;
pub use grant::{Grant, GrantEnd, RefreshFailure};
pub use integration::{IntegrationPatch, IntegrationState, IntegrationSummary};
pub use mapping_target::MappingTarget;
pub use master_key::{MasterKey, MasterKeyError};
pub use rotation::Rotation;
pub use session::{Session, SessionAction, SessionRequest};
pub use signed::TokenFault;
pub use store::{PostgresUrl, StoreLocation};
pub use summary::{ApplicationSummary, ConnectionState, ConnectionSummary};
pub use vault::{Caller, Clock, Vault, VaultOptions};
pub use view::{ConnectionHealth, ConnectionView};

/// A connection's own mapping lines: resource, canonical field, vendor path.
pub type FieldMap = std::collections::BTreeMap<unified_model::Resource, std::collections::BTreeMap<String, String>>;

/// What new records of a resource begin with: by resource, the canonical or custom fields and their values.
pub type Configuration = std::collections::BTreeMap<unified_model::Resource, serde_json::Value>;

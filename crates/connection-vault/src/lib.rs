//! Applications, API keys, consumers, connections and their sealed secrets. Secrets leave only as `Credentials`, for one
//! outgoing request.

mod admin;
mod api_key;
mod change;
mod connection;
mod error;
mod keyring;
mod master_key;
mod name;
mod rotation;
mod seal;
mod settings;
mod store;
mod summary;
mod vault;
mod warm;
mod watching;

pub use api_key::{ApiKeyId, ApiKeySummary};
pub use change::{ConnectionPatch, NewConnection};
pub use connection::Connection;
pub use error::{AdminError, SettingProblem, VaultError};
pub use master_key::{MasterKey, MasterKeyError};
pub use rotation::Rotation;
pub use store::{PostgresUrl, StoreLocation};
pub use summary::{ApplicationSummary, ConnectionState, ConnectionSummary};
pub use vault::{Caller, Clock, Vault, VaultOptions};

/// A connection's own mapping lines: resource, canonical field, vendor path.
pub type FieldMap = std::collections::BTreeMap<unified_model::Resource, std::collections::BTreeMap<String, String>>;

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

pub use self::core::Clock;
pub use self::core::name::{application_id, consumer_id};
pub use access::{ApiKeyId, Scope, Scopes, SessionAction};
pub use callers::{ApiKeySummary, ApiKeys, Caller, NewApiKey, Session, SessionRequest, SessionSummary, Sessions};
pub use calls::{CallLog, Calls, Connection, LogBounds, LogFilter, LogPosition, LoggedCall, PathMatch};
pub use connections::{
    ChangedBy, Configuration, ConnectionHealth, ConnectionPatch, ConnectionState, ConnectionSummary, ConnectionView,
    Connections, DefaultTarget, ExportedConnection, FieldMap, Grant, GrantEnd, NewConnection, RecordDefault,
    RefreshFailure, RefusedCredentials,
};
pub use error::{AdminError, AuthorizeError, SettingProblem, VaultError};
pub use events::{Event, Events};
pub use jobs::JobCounts;
pub use oauth::{Authorisations, Authorize, Callback, CallbackOutcome, ImportedConnection, ImportedTokens, LinkVerb};
pub use rotation::Rotation;
pub use sealing::{MasterKey, MasterKeyError, TokenFault};
pub use storage::{PostgresUrl, StoreLocation};
pub use tenancy::{
    ApplicationPatch, ApplicationSummary, Applications, ConsumerPage, ConsumerSummary, Consumers, IntegrationPatch,
    IntegrationState, IntegrationSummary, Integrations, MappingTarget, MappingTargets, NewMappingTarget, Origins,
};
pub use vault::{Vault, VaultOptions};

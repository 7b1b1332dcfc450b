//! Why an administrator's change is refused.

use connector_catalog::Diagnostic;
use storage::StorageError;
use unified_model::ServiceId;

use super::{VaultError, list};
use crate::access::{ApiKeyId, SessionAction};

/// Why an administrator's change is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdminError {
    /// A name that cannot be an id or a title.
    #[error("{what} must be 1 to 255 printable characters, without a space at either end")]
    Name {
        /// Which name.
        what: &'static str,
    },
    /// An application's id that cannot stand in an address.
    #[error("`{0}` cannot be the id of an application: it stands in addresses, so leave out blanks and slashes")]
    ApplicationId(String),
    /// A field's key that cannot be one.
    #[error("`{0}` cannot be the key of a custom mapping: use 1 to 64 of a-z, 0-9 and _")]
    MappingTargetKey(String),
    /// Defaults of a resource that do not fit it.
    #[error("the configuration does not fit: {0}")]
    Configuration(String),
    /// A place in the vendor's records that cannot be read.
    #[error("the custom mapping `{id}` is no JSONPath: {reason}")]
    CustomMapping {
        /// The application's field.
        id: String,
        /// What is wrong, and where.
        reason: String,
    },
    /// More than may be kept.
    #[error("{what}: takes {found} bytes as JSON, and {most} is the most; keep less")]
    Size {
        /// What, by its name in a body.
        what: &'static str,
        /// How much is allowed.
        most: usize,
        /// How much it is.
        found: usize,
    },
    /// A session that cannot be.
    #[error("{0}")]
    Session(String),
    /// An address that nobody can be sent back to.
    #[error(
        "`{0}` cannot be a redirect address: write an absolute https address (http for loopback) without a fragment"
    )]
    RedirectUri(String),
    /// An origin that no web page has.
    #[error("`{0}` is not an origin: write a scheme and a host, as in https://app.example.com")]
    Origin(String),
    /// The application id is taken.
    #[error("there is an application `{0}` already")]
    ApplicationExists(String),
    /// There is no such application.
    #[error("there is no application `{0}`")]
    UnknownApplication(String),
    /// Somebody has that API key already.
    #[error("that API key exists already")]
    ApiKeyExists,
    /// A chosen API key that cannot be used.
    #[error("an API key must be 8 to 255 visible ASCII characters")]
    ApiKeyMalformed,
    /// A rotation to the master key that is in use.
    #[error("that is the master key in use: make a new one")]
    SameMasterKey,
    /// There is no such API key.
    #[error("there is no API key with the id `{0}`")]
    UnknownApiKey(ApiKeyId),
    /// Scopes that name nothing.
    #[error("an API key without a scope opens nothing: name one or more, or none for all of them")]
    NoScope,
    /// An end that would never come, or has come.
    #[error("an API key lives for a minute or more, and for a hundred years at the most")]
    ApiKeyLifetime,
    /// There is no such session.
    #[error("there is no session with the id `{0}`")]
    UnknownSession(String),
    /// The consumer is connected to that service already.
    #[error("consumer `{consumer_id}` is connected to {service} already")]
    ConnectionExists {
        /// The consumer.
        consumer_id: String,
        /// The service.
        service: ServiceId,
    },
    /// Settings that the connector's definition does not take: all of them.
    #[error("the settings do not fit {service}: {}", list(.problems))]
    Settings {
        /// The service.
        service: ServiceId,
        /// What is wrong, a line for each setting.
        problems: Vec<SettingProblem>,
    },
    /// Stored secrets would go to another address than they were entered for.
    #[error(
        "{} of {service} says where its secrets are sent: enter {} again in the same request",
        list(.changed), list(.secrets)
    )]
    EnterAgain {
        /// The service.
        service: ServiceId,
        /// The settings that would send them elsewhere.
        changed: Vec<String>,
        /// The secrets that have to be entered again.
        secrets: Vec<String>,
    },
    /// A session that may not do that.
    #[error("the session does not allow `{}`; create one whose settings.allow_actions name it", .0.as_str())]
    NotAllowed(SessionAction),
    /// A field map that does not fit the connector's definition: every mistake.
    #[error("the field map does not fit {service}: {}", list(.problems))]
    FieldMap {
        /// The service.
        service: ServiceId,
        /// Every mistake.
        problems: Vec<Diagnostic>,
    },
    /// What a call would be told as well: the store, a seal, an unknown service, a missing connection.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// What is wrong with one setting. Never its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingProblem {
    /// The connector has no such setting.
    #[error("`{setting}` is not one of its settings ({})", .allowed.join(", "))]
    Unknown {
        /// The setting.
        setting: String,
        /// The settings that it has.
        allowed: Vec<String>,
    },
    /// The vendor's token brings the value, so nobody sets it.
    #[error("`{setting}` comes with the vendor's token and is not set by hand")]
    FromToken {
        /// The setting.
        setting: String,
    },
    /// The value does not match the setting's pattern.
    #[error("`{setting}` must match {pattern}")]
    Pattern {
        /// The setting.
        setting: String,
        /// The pattern.
        pattern: String,
    },
    /// The value is none of those that the setting takes.
    #[error("`{setting}` must be one of {}", .allowed.join(", "))]
    Option {
        /// The setting.
        setting: String,
        /// The values that it takes.
        allowed: Vec<String>,
    },
    /// The value is not what the setting's input takes.
    #[error("`{setting}` must be {expected}")]
    Malformed {
        /// The setting.
        setting: String,
        /// What it takes, as a noun phrase.
        expected: &'static str,
    },
}

impl From<StorageError> for AdminError {
    fn from(error: StorageError) -> Self {
        Self::Vault(error.into())
    }
}

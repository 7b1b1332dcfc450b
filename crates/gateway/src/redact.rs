//! Secrets of a connection are taken out of whatever a vendor echoes, before a caller or a log sees it. Texts of ours, and those
//! of a definition, hold none: they are left as they are, whatever a secret may look like.

use connection_vault::Connection;
use connectors::{ConnectorError, Exchange, Failure};
use secrecy::ExposeSecret;
use unified_model::Warning;
use unified_model::answer::WarningKind;
use vendor_client::{ACCESS_TOKEN, CredentialError, Echoes, REFRESH_TOKEN, RelayError, VendorError};

use crate::response::Raw;

/// A failed call in which what the vendor said holds no secret of the connection.
pub(crate) async fn connector_error(mut error: ConnectorError, connection: &Connection) -> ConnectorError {
    if let ConnectorError::Call { failure, .. } = &mut error {
        let secrets = secrets_of(connection).await;
        match failure.as_mut() {
            Failure::Answered(answer) => {
                if let Some(message) = answer.message.as_mut().filter(|message| !is_defined(message, connection)) {
                    secrets.scrub_text(message);
                }
                if let Some(code) = &mut answer.code {
                    secrets.scrub_text(code);
                }
                secrets.scrub_value(&mut answer.body);
            }
            // The reason may name what the vendor answered: an id, a place.
            Failure::Unusable { reason, excerpt, .. } => {
                secrets.scrub_text(reason);
                secrets.scrub_text(excerpt);
            }
            Failure::Transport(error) => scrub_transport(&secrets, error),
        }
    }
    error
}

/// The same for what could not be passed on.
pub(crate) async fn relay_error(mut error: RelayError, connection: &Connection) -> RelayError {
    if let RelayError::Vendor(error) = &mut error {
        scrub_transport(&secrets_of(connection).await, error);
    }
    error
}

/// Whether a message is one that an error rule of the definition gives.
fn is_defined(message: &str, connection: &Connection) -> bool {
    connection.connector.errors.iter().any(|rule| rule.message.as_deref() == Some(message))
}

/// The same without any secret of the connection.
pub(crate) async fn raw(raw: Raw, connection: &Connection) -> Raw {
    let secrets = secrets_of(connection).await;
    let scrub = |exchange: Exchange| Exchange { body: secrets.scrub_bytes(exchange.body), ..exchange };
    let mut calls = raw.calls;
    for call in &mut calls {
        call.scrub(&secrets);
    }
    Raw { answers: raw.answers.into_iter().map(scrub).collect(), calls }
}

/// Warnings whose messages hold no secret of the connection.
pub(crate) async fn warnings(mut warnings: Vec<Warning>, connection: &Connection) -> Vec<Warning> {
    if warnings.is_empty() {
        return warnings;
    }
    let secrets = secrets_of(connection).await;
    for warning in
        warnings.iter_mut().filter(|warning| echoes(warning.kind) && !is_defined(&warning.message, connection))
    {
        secrets.scrub_text(&mut warning.message);
    }
    warnings
}

/// Whether the message of such a warning has what a vendor said, or what stands in its record.
fn echoes(kind: WarningKind) -> bool {
    match kind {
        WarningKind::DownstreamRequestFailed | WarningKind::SideEffect => true,
        WarningKind::ReadOnlyField
        | WarningKind::UnsupportedField
        | WarningKind::ValueChanged
        | WarningKind::RequiredMemberMissing
        | WarningKind::ValueTooLarge
        | WarningKind::ValueUnreadable
        | WarningKind::CursorRepeated
        | WarningKind::PageRepeated
        | WarningKind::TotalNotReached
        | WarningKind::ListCut
        | WarningKind::PartLeftOut => false,
    }
}

/// The connection's secrets, as a vendor may echo them.
async fn secrets_of(connection: &Connection) -> Echoes {
    let Ok(credentials) = connection.credentials.current().await else { return Echoes::default() };
    let sensitive = connection.connector.settings.iter().filter(|setting| setting.sensitive);
    let sensitive = sensitive.map(|setting| setting.name.as_str()).chain([ACCESS_TOKEN, REFRESH_TOKEN]);
    let secrets = sensitive.filter_map(|name| credentials.settings.get(name));
    let users: Vec<&str> = credentials.settings.values().map(ExposeSecret::expose_secret).collect();
    Echoes::of(secrets, &users)
}

/// Reasons come from libraries, and addresses from settings.
fn scrub_transport(secrets: &Echoes, error: &mut VendorError) {
    match error {
        VendorError::Unreachable { host, reason }
        | VendorError::Forbidden { host, reason }
        | VendorError::Broken { host, reason } => {
            secrets.scrub_text(host);
            secrets.scrub_text(reason);
        }
        VendorError::Settings(reason)
        | VendorError::Credentials(
            CredentialError::NotAuthorized(reason) | CredentialError::RefreshFailed { reason, .. },
        ) => secrets.scrub_text(reason),
        VendorError::Credentials(
            CredentialError::Missing(_)
            | CredentialError::Unreadable(_)
            | CredentialError::RefreshLimited { .. }
            | CredentialError::NoOauthClient
            | CredentialError::Store(_)
            | CredentialError::Unavailable { .. },
        )
        | VendorError::Timeout { .. }
        | VendorError::TooLarge { .. }
        | VendorError::LimiterFull { .. } => {}
    }
}

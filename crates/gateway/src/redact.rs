//! Secrets of a connection are taken out of whatever a vendor echoes, before a caller or a log sees it. Texts of ours, and those
//! of a definition, hold none: they are left as they are, whatever a secret may look like.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use connection_vault::Connection;
use connectors::{ConnectorError, Exchange, Failure};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::ExposeSecret;
use serde_json::Value;
use unified_model::Warning;
use unified_model::answer::WarningKind;
use vendor_client::{ACCESS_TOKEN, CredentialError, REFRESH_TOKEN, RelayError, VendorError};

/// What stands where a secret stood.
const REDACTED: &str = "[redacted]";
/// Shorter values would match by chance and say nothing.
const SHORTEST_SECRET: usize = 4;

/// A failed call in which what the vendor said holds no secret of the connection.
pub(crate) async fn connector_error(mut error: ConnectorError, connection: &Connection) -> ConnectorError {
    if let ConnectorError::Call { failure, .. } = &mut error {
        let secrets = Secrets::of(connection).await;
        match failure.as_mut() {
            Failure::Answered(answer) => {
                if let Some(message) = answer.message.as_mut().filter(|message| !is_defined(message, connection)) {
                    secrets.scrub_text(message);
                }
                secrets.scrub_value(&mut answer.body);
            }
            Failure::Unusable { excerpt, .. } => secrets.scrub_text(excerpt),
            Failure::Transport(error) => secrets.scrub_transport(error),
        }
    }
    error
}

/// The same for what could not be passed on.
pub(crate) async fn relay_error(mut error: RelayError, connection: &Connection) -> RelayError {
    if let RelayError::Vendor(error) = &mut error {
        Secrets::of(connection).await.scrub_transport(error);
    }
    error
}

/// Whether a message is one that an error rule of the definition gives.
fn is_defined(message: &str, connection: &Connection) -> bool {
    connection.connector.errors.iter().any(|rule| rule.message.as_deref() == Some(message))
}

/// Exchanges whose bodies hold no secret of the connection.
pub(crate) async fn exchanges(exchanges: Vec<Exchange>, connection: &Connection) -> Vec<Exchange> {
    let secrets = Secrets::of(connection).await;
    exchanges.into_iter().map(|exchange| Exchange { body: secrets.scrub_bytes(exchange.body), ..exchange }).collect()
}

/// Warnings whose messages hold no secret of the connection.
pub(crate) async fn warnings(mut warnings: Vec<Warning>, connection: &Connection) -> Vec<Warning> {
    if warnings.is_empty() {
        return warnings;
    }
    let secrets = Secrets::of(connection).await;
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
        | WarningKind::CursorRepeated => false,
    }
}

/// Every form in which a vendor could echo a secret, the longest first.
struct Secrets(Vec<String>);

impl Secrets {
    async fn of(connection: &Connection) -> Self {
        let Ok(credentials) = connection.credentials.current().await else { return Self(Vec::new()) };
        let mut forms = Vec::new();
        let sensitive = connection.connector.settings.iter().filter(|setting| setting.sensitive);
        let sensitive = sensitive.map(|setting| setting.name.as_str()).chain([ACCESS_TOKEN, REFRESH_TOKEN]);
        for sensitive in sensitive {
            let Some(secret) = credentials.settings.get(sensitive) else { continue };
            let secret = secret.expose_secret();
            if secret.len() < SHORTEST_SECRET {
                continue;
            }
            write_in_every_way(secret, &mut forms);
            for (name, other) in &credentials.settings {
                if name != sensitive {
                    encode(&format!("{}:{secret}", other.expose_secret()), &mut forms);
                }
            }
        }
        forms.sort_unstable_by(|left, right| right.len().cmp(&left.len()).then_with(|| left.cmp(right)));
        forms.dedup();
        Self(forms)
    }

    fn scrub_text(&self, text: &mut String) {
        for secret in &self.0 {
            if text.contains(secret.as_str()) {
                *text = text.replace(secret.as_str(), REDACTED);
            }
        }
        self.scrub_end(text);
    }

    /// Reasons come from libraries, and addresses from settings.
    fn scrub_transport(&self, error: &mut VendorError) {
        match error {
            VendorError::Unreachable { host, reason }
            | VendorError::Forbidden { host, reason }
            | VendorError::Broken { host, reason } => {
                self.scrub_text(host);
                self.scrub_text(reason);
            }
            VendorError::Settings(reason) => self.scrub_text(reason),
            VendorError::Credentials(
                CredentialError::NotAuthorized(reason) | CredentialError::RefreshFailed { reason, .. },
            ) => self.scrub_text(reason),
            VendorError::Credentials(
                CredentialError::Missing(_)
                | CredentialError::Unreadable(_)
                | CredentialError::RefreshLimited { .. }
                | CredentialError::NoOauthClient
                | CredentialError::Store(_),
            )
            | VendorError::Timeout { .. }
            | VendorError::TooLarge { .. }
            | VendorError::LimiterFull { .. } => {}
        }
    }

    /// Long answers are shown cut, and the cut may go through a secret.
    fn scrub_end(&self, text: &mut String) {
        let whole = text.trim_end_matches(char::REPLACEMENT_CHARACTER);
        let cut = self.0.iter().filter_map(|secret| {
            let beginnings = secret.char_indices().map(|(end, _)| &secret[..end]);
            let shown = beginnings.filter(|part| part.len() >= SHORTEST_SECRET && whole.ends_with(part));
            shown.map(str::len).max()
        });
        if let Some(length) = cut.max() {
            text.truncate(whole.len() - length);
            text.push_str(REDACTED);
        }
    }

    fn scrub_value(&self, value: &mut Value) {
        match value {
            Value::String(text) => self.scrub_text(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.scrub_value(item)),
            Value::Object(members) => {
                let taken = std::mem::take(members);
                for (mut name, mut value) in taken {
                    self.scrub_text(&mut name);
                    self.scrub_value(&mut value);
                    members.insert(name, value);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn scrub_bytes(&self, bytes: Bytes) -> Bytes {
        if self.0.iter().any(|secret| memchr::memmem::find(&bytes, secret.as_bytes()).is_some()) {
            let mut text = String::from_utf8_lossy(&bytes).into_owned();
            self.scrub_text(&mut text);
            return Bytes::from(text);
        }
        // JSON can spell any character in escapes, which only reading it undoes.
        if memchr::memchr(b'\\', &bytes).is_none() {
            return bytes;
        }
        let Ok(mut value) = serde_json::from_slice::<Value>(&bytes) else { return bytes };
        let before = value.clone();
        self.scrub_value(&mut value);
        if value == before { bytes } else { Bytes::from(value.to_string()) }
    }
}

/// Plain, escaped in JSON once and twice, encoded for an address, and in Base64.
fn write_in_every_way(secret: &str, forms: &mut Vec<String>) {
    let in_json = escaped(secret);
    let in_address = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
    // What need not be encoded, and so often is not.
    let in_address =
        ["%2D-", "%2E.", "%5F_", "%7E~"].iter().fold(in_address, |text, pair| text.replace(&pair[..3], &pair[3..]));
    forms.push(escaped(&in_json));
    forms.push(in_json.replace('/', "\\/"));
    forms.push(in_json);
    forms.push(in_address.replace("%20", "+"));
    forms.push(in_address);
    forms.push(secret.to_owned());
    encode(secret, forms);
}

/// `text` as JSON has it between quotes.
fn escaped(text: &str) -> String {
    let quoted = Value::String(text.to_owned()).to_string();
    quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default().to_owned()
}

fn encode(text: &str, forms: &mut Vec<String>) {
    let encoded = STANDARD.encode(text);
    forms.push(encoded.replace('/', "\\/"));
    forms.push(encoded.trim_end_matches('=').to_owned());
    forms.push(URL_SAFE_NO_PAD.encode(text));
}

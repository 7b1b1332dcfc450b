//! Secrets of a connection are taken out of whatever a vendor echoes, before a caller or a log sees it. Texts of ours, and those
//! of a definition, hold none: they are left as they are, whatever a secret may look like.

use std::fmt::Write as _;

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
/// Fewer letters of Base64 could be those of any text.
const SHORTEST_IN_BASE64: usize = 8;

/// A failed call in which what the vendor said holds no secret of the connection.
pub(crate) async fn connector_error(mut error: ConnectorError, connection: &Connection) -> ConnectorError {
    if let ConnectorError::Call { failure, .. } = &mut error {
        let secrets = Secrets::of(connection).await;
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
        | WarningKind::CursorRepeated
        | WarningKind::PageRepeated
        | WarningKind::TotalNotReached => false,
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
            VendorError::Settings(reason)
            | VendorError::Credentials(
                CredentialError::NotAuthorized(reason) | CredentialError::RefreshFailed { reason, .. },
            ) => self.scrub_text(reason),
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

/// Plain, escaped in JSON once and twice, encoded for an address, in hexadecimal digits, and in Base64.
fn write_in_every_way(secret: &str, forms: &mut Vec<String>) {
    let in_json = escaped(secret);
    forms.push(escaped(&in_json));
    forms.push(in_json.replace('/', "\\/"));
    forms.push(in_json);
    in_addresses(secret, forms);
    forms.push(hexadecimal(secret, ""));
    forms.push(hexadecimal(secret, "").to_uppercase());
    forms.push(secret.to_owned());
    encode(secret, forms);
    within_base64(secret.as_bytes(), forms);
}

/// As an address or a form has it: what need not be encoded as it is or encoded, with digits of either case.
fn in_addresses(text: &str, forms: &mut Vec<String>) {
    let encoded = utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let seldom = ["%2D-", "%2E.", "%5F_", "%7E~"]
        .iter()
        .fold(encoded.clone(), |text, pair| text.replace(&pair[..3], &pair[3..]));
    for form in [encoded, seldom] {
        forms.push(form.replace("%20", "+"));
        forms.push(in_lower_case(&form).replace("%20", "+"));
        forms.push(in_lower_case(&form));
        forms.push(form);
    }
    forms.push(hexadecimal(text, "%"));
    forms.push(hexadecimal(text, "%").to_uppercase());
}

/// With the digits after each `%` in lower case.
fn in_lower_case(encoded: &str) -> String {
    let mut parts = encoded.split('%');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // Two ASCII digits follow each `%`.
        let (digits, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        text.extend(["%", &digits.to_ascii_lowercase(), rest]);
    }
    text
}

/// Each byte in two digits, with this before it.
fn hexadecimal(text: &str, before: &str) -> String {
    text.bytes().fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{before}{byte:02x}");
        digits
    })
}

/// What Base64 of a longer text has of a secret that stands anywhere in it: all but the letters at its edges, which it shares
/// with its neighbours.
fn within_base64(secret: &[u8], forms: &mut Vec<String>) {
    for shift in 0..3 {
        let shifted = [&[0; 2][..shift], secret].concat();
        let (first, end) = ((shift * 8).div_ceil(6), shifted.len() * 8 / 6);
        for encoded in [STANDARD.encode(&shifted), URL_SAFE_NO_PAD.encode(&shifted)] {
            let inner = encoded.get(first..end).unwrap_or_default();
            if inner.len() >= SHORTEST_IN_BASE64 {
                forms.push(inner.replace('/', "\\/"));
                in_addresses(inner, forms);
                forms.push(inner.to_owned());
            }
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "k3y/with+signs=&more stuff";

    /// How a vendor could echo a secret.
    fn echoes() -> Vec<String> {
        let percent = |byte: u8| format!("%{byte:02X}");
        let mut echoes = vec![
            SECRET.to_owned(),
            escaped(SECRET),
            "k3y%2Fwith%2Bsigns%3D%26more%20stuff".to_owned(),
            "k3y%2fwith%2bsigns%3d%26more+stuff".to_owned(),
            SECRET.bytes().map(percent).collect(),
            SECRET.bytes().map(percent).collect::<String>().to_lowercase(),
            hexadecimal(SECRET, ""),
            hexadecimal(SECRET, "").to_uppercase(),
        ];
        for before in ["", "u", "us", "user:"] {
            for after in ["", "x", "xy", "\n"] {
                let text = format!("{before}{SECRET}{after}");
                echoes.push(STANDARD.encode(&text));
                echoes.push(URL_SAFE_NO_PAD.encode(&text));
            }
        }
        echoes
    }

    #[test]
    fn a_secret_is_taken_out_in_every_form() {
        let mut forms = Vec::new();
        write_in_every_way(SECRET, &mut forms);
        forms.sort_unstable_by_key(|form| std::cmp::Reverse(form.len()));
        let secrets = Secrets(forms);
        for echo in echoes() {
            let mut text = format!("you sent <{echo}> to us");
            secrets.scrub_text(&mut text);
            assert!(text.contains(REDACTED), "{echo}");
            let left = text.len() - "you sent <> to us".len() - REDACTED.len();
            // Letters at the edges say less than a byte of the secret each.
            assert!(left <= 16, "{echo}: {text}");
        }
        let mut innocent = "a text that has nothing to do with it".to_owned();
        secrets.scrub_text(&mut innocent);
        assert_eq!(innocent, "a text that has nothing to do with it");
    }
}

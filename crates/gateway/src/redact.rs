//! Secrets of a connection are taken out of whatever a vendor echoes, before a caller or a log sees it.

use base64::Engine as _;
use bytes::Bytes;
use connection_vault::Connection;
use connectors::Exchange;
use secrecy::ExposeSecret;
use serde_json::Value;
use unified_model::Warning;

use crate::error::GatewayError;

/// What stands where a secret stood.
const REDACTED: &str = "[redacted]";
/// Shorter values would match by chance and say nothing.
const SHORTEST_SECRET: usize = 4;

/// An error whose texts hold no secret of the connection.
pub(crate) async fn error(mut error: GatewayError, connection: &Connection) -> GatewayError {
    let secrets = Secrets::of(connection).await;
    secrets.scrub_value(&mut error.detail);
    for downstream in &mut error.downstream_errors {
        secrets.scrub_text(&mut downstream.message);
        secrets.scrub_text(&mut downstream.detail);
        secrets.scrub_text(&mut downstream.code);
    }
    error
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
    warnings.iter_mut().for_each(|warning| secrets.scrub_text(&mut warning.message));
    warnings
}

/// Every form in which a vendor could echo a secret: plain, inside JSON text, and as Basic authorisation.
struct Secrets(Vec<String>);

impl Secrets {
    async fn of(connection: &Connection) -> Self {
        let Ok(credentials) = connection.credentials.current().await else { return Self(Vec::new()) };
        let mut forms = Vec::new();
        for setting in connection.connector.settings.iter().filter(|setting| setting.sensitive) {
            let Some(secret) = credentials.settings.get(&setting.name) else { continue };
            let secret = secret.expose_secret();
            if secret.len() < SHORTEST_SECRET {
                continue;
            }
            for (name, other) in &credentials.settings {
                if *name != setting.name {
                    let pair = format!("{}:{secret}", other.expose_secret());
                    forms.push(base64::engine::general_purpose::STANDARD.encode(pair));
                }
            }
            let in_json = Value::String(secret.to_owned()).to_string();
            forms.push(in_json.trim_matches('"').to_owned());
            forms.push(secret.to_owned());
        }
        Self(forms)
    }

    fn scrub_text(&self, text: &mut String) {
        for secret in &self.0 {
            if text.contains(secret.as_str()) {
                *text = text.replace(secret.as_str(), REDACTED);
            }
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
        let holds_one = self.0.iter().any(|secret| memchr::memmem::find(&bytes, secret.as_bytes()).is_some());
        if !holds_one {
            return bytes;
        }
        let mut text = String::from_utf8_lossy(&bytes).into_owned();
        self.scrub_text(&mut text);
        Bytes::from(text)
    }
}

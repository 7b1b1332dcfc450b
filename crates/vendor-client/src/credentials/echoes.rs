//! Secrets that a vendor was sent, taken out of whatever it says.

use std::fmt;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::credentials::spellings::Spellings;

/// What stands where a secret stood.
const REDACTED: &str = "[redacted]";
/// Shorter values would match by chance and say nothing.
const SHORTEST_SECRET: usize = 4;
/// Fewer letters of Base64 could be those of any text.
const SHORTEST_IN_BASE64: usize = 8;

/// Every form in which a vendor could echo a secret.
#[derive(Default)]
pub struct Echoes {
    /// The longest first.
    forms: Vec<String>,
    /// The secrets themselves, however their characters are escaped.
    spellings: Vec<Spellings>,
}

impl fmt::Debug for Echoes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Echoes(..)")
    }
}

impl Echoes {
    /// Those of some secrets; `users` are the names that may stand before one in Basic authorisation. Secrets of fewer than four
    /// bytes are passed over.
    #[must_use]
    pub fn of<'s>(secrets: impl IntoIterator<Item = &'s SecretString>, users: &[&str]) -> Self {
        let (mut forms, mut spellings) = (Vec::new(), Vec::new());
        for secret in secrets.into_iter().map(ExposeSecret::expose_secret) {
            if secret.len() < SHORTEST_SECRET {
                continue;
            }
            spellings.push(Spellings::of(secret));
            write_in_every_way(secret, &mut forms);
            for user in users.iter().filter(|user| **user != secret) {
                encode(&format!("{user}:{secret}"), &mut forms);
            }
        }
        forms.sort_unstable_by(|left, right| right.len().cmp(&left.len()).then_with(|| left.cmp(right)));
        forms.dedup();
        Self { forms, spellings }
    }

    /// Puts `[redacted]` where a secret stands in a text, or begins where the text was cut.
    pub fn scrub_text(&self, text: &mut String) {
        self.scrub_spelled(text);
        for secret in &self.forms {
            if text.contains(secret.as_str()) {
                *text = text.replace(secret.as_str(), REDACTED);
            }
        }
        self.scrub_end(text);
    }

    fn scrub_spelled(&self, text: &mut String) {
        for secret in &self.spellings {
            for place in secret.find(text).into_iter().rev() {
                text.replace_range(place, REDACTED);
            }
        }
    }

    /// Long answers are shown cut, and the cut may go through a secret.
    fn scrub_end(&self, text: &mut String) {
        let whole = text.trim_end_matches(char::REPLACEMENT_CHARACTER);
        let cut = self.forms.iter().filter_map(|secret| {
            let beginnings = secret.char_indices().map(|(end, _)| &secret[..end]);
            let shown = beginnings.filter(|part| part.len() >= SHORTEST_SECRET && whole.ends_with(part));
            shown.map(str::len).max()
        });
        if let Some(length) = cut.max() {
            text.truncate(whole.len() - length);
            text.push_str(REDACTED);
        }
    }

    /// The same in every text and every name of a JSON value.
    pub fn scrub_value(&self, value: &mut Value) {
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

    /// The same in an answer. One without a secret stays as it is.
    #[must_use]
    pub fn scrub_bytes(&self, bytes: Bytes) -> Bytes {
        if self.forms.iter().any(|secret| memchr::memmem::find(&bytes, secret.as_bytes()).is_some()) {
            let mut text = String::from_utf8_lossy(&bytes).into_owned();
            self.scrub_text(&mut text);
            return Bytes::from(text);
        }
        // JSON can spell any character in escapes, which only reading it undoes.
        if memchr::memchr(b'\\', &bytes).is_none() {
            return bytes;
        }
        let Ok(mut value) = serde_json::from_slice::<Value>(&bytes) else {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let mut scrubbed = text.clone();
            self.scrub_text(&mut scrubbed);
            return if scrubbed == text { bytes } else { Bytes::from(scrubbed) };
        };
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
        let secrets = Echoes::of([&SECRET.into()], &["user"]);
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

//! What a token end-point answers, the refusals that no RFC foresees included.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use connector_catalog::OAuth2;
use http::header::RETRY_AFTER;
use secrecy::SecretString;
use serde_json::{Map, Value};

use crate::credentials::echoes::Echoes;
use crate::error::VendorError;
use crate::wire::reply::VendorReply;

/// How the refusal of a dead grant is spelled (RFC 6749, 5.2).
const INVALID_GRANT: &str = "invalid_grant";
/// How much of a vendor's description is shown.
const LONGEST_DESCRIPTION: usize = 300;
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// What a token end-point gives.
#[derive(Debug, Clone)]
pub struct TokenReply {
    /// The access token.
    pub access_token: SecretString,
    /// The refresh token, where there is a new one; never an empty text.
    pub refresh_token: Option<SecretString>,
    /// How long the access token lives, where that is known.
    pub expires_in: Option<Duration>,
    /// What was granted, where the reply says so.
    pub scope: Option<String>,
    /// Settings that the reply names.
    pub kept: BTreeMap<String, String>,
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The grant is over: only the consumer's consent brings a new one.
    #[error("the vendor says that the grant is over: {0}")]
    GrantOver(Refusal),
    /// The vendor refuses for another reason.
    #[error("the vendor refuses a token: {0}")]
    Refused(Refusal),
    /// Too many requests.
    #[error("the vendor's token end-point has had too many requests")]
    RateLimited {
        /// When the vendor wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// The answer is none that tokens come in.
    #[error("the token end-point answered {status} with {reason}")]
    Unusable {
        /// Its HTTP status.
        status: u16,
        /// What is wrong with the answer.
        reason: String,
    },
    /// There is no answer.
    #[error(transparent)]
    Vendor(#[from] VendorError),
}

impl TokenError {
    /// The same without secrets that the vendor repeats in its own words.
    pub(super) fn without(mut self, secrets: &Echoes) -> Self {
        if let Self::GrantOver(refusal) | Self::Refused(refusal) = &mut self {
            secrets.scrub_text(&mut refusal.error);
            refusal.description.iter_mut().for_each(|description| secrets.scrub_text(description));
        }
        self
    }
}

/// A refusal in the vendor's words, without the secrets that it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Its code, as `invalid_client`.
    pub error: String,
    /// Its sentence.
    pub description: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.error)?;
        match &self.description {
            Some(description) => write!(formatter, " ({description})"),
            None => Ok(()),
        }
    }
}

/// What a token end-point answered: a token, or why there is none. A token counts in whatever form it comes, since with a new
/// refresh token the old one is void; what stands beside it and cannot be read is passed over.
pub(super) fn read(oauth2: &OAuth2, answer: &VendorReply, now: jiff::Timestamp) -> Result<TokenReply, TokenError> {
    let status = answer.status;
    let members = Members::read(&answer.body).unwrap_or_default();
    if !(200..300).contains(&status) {
        return Err(refused(oauth2, answer, &members, now));
    }
    if let Some(token) = members.text("access_token") {
        return Ok(token_reply(oauth2, &members, token));
    }
    match members.refusal_in_success(oauth2) {
        Some(refusal) => Err(refusal.of(oauth2)),
        // Nothing of the body is shown: it may hold a token.
        None => Err(TokenError::Unusable { status, reason: "no token that could be read".to_owned() }),
    }
}

fn token_reply(oauth2: &OAuth2, members: &Members, access_token: String) -> TokenReply {
    let kept = oauth2.keep.iter().filter_map(|(setting, member)| Some((setting.clone(), members.text(member)?)));
    TokenReply {
        access_token: access_token.into(),
        refresh_token: members.text("refresh_token").map(Into::into),
        expires_in: members.0.get("expires_in").and_then(lifetime).or(oauth2.expires_in),
        scope: members.0.get("scope").and_then(scope),
        kept: kept.collect(),
    }
}

/// What an answer without success means.
fn refused(oauth2: &OAuth2, answer: &VendorReply, members: &Members, now: jiff::Timestamp) -> TokenError {
    let status = answer.status;
    if status == 429 {
        return TokenError::RateLimited { retry_after: answer.wait_header(RETRY_AFTER.as_str(), now) };
    }
    if status >= 500 {
        return TokenError::Unusable { status, reason: "an error of the vendor's own".to_owned() };
    }
    match members.refusal() {
        Some(refusal) => refusal.of(oauth2),
        None => TokenError::Unusable { status, reason: "no token and no error that could be read".to_owned() },
    }
}

/// A whole number of seconds, or a fraction, as a number or as text. Nothing, a text that is no number and less than nothing say
/// that the end is not known.
fn lifetime(value: &Value) -> Option<Duration> {
    let seconds = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    Duration::try_from_secs_f64(seconds?.trunc()).ok()
}

/// A text, or a list of texts.
fn scope(value: &Value) -> Option<String> {
    match value {
        Value::Array(scopes) => Some(scopes.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => text(value),
    }
}

/// The members of an answer, whatever media type it has: those of a JSON object, or of a form.
#[derive(Debug, Default)]
struct Members(Map<String, Value>);

impl Members {
    fn read(body: &[u8]) -> Option<Self> {
        let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body).trim_ascii();
        if body.first() != Some(&b'{') {
            return Self::of_form(body);
        }
        let mended = field_mapping::mend(body).map(|(mended, _)| mended);
        let text = String::from_utf8_lossy(mended.as_deref().unwrap_or(body));
        // What follows the object, as the notices of some servers do, is nothing of its own.
        let object = serde_json::Deserializer::from_str(&text).into_iter::<Map<String, Value>>().next()?;
        object.ok().map(Self)
    }

    fn of_form(body: &[u8]) -> Option<Self> {
        let is_form =
            !body.is_empty() && body.iter().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'{' | b'"'));
        let pairs =
            form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), Value::from(value.into_owned())));
        is_form.then(|| Self(pairs.collect()))
    }

    /// A member's text that is not blank, or its number.
    fn text(&self, name: &str) -> Option<String> {
        text(self.0.get(name)?)
    }

    fn first(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.text(name))
    }

    /// `error` and `error_description` of RFC 6749, an object in the place of `error`, or the `status` and `message` that some vendors
    /// have in their stead.
    fn refusal(&self) -> Option<Refusal> {
        if let Some(Value::Object(inner)) = self.0.get("error") {
            let inner = Self(inner.clone());
            let error = inner.first(&["error", "code", "type", "status", "message"])?;
            return Some(Refusal::new(error, inner.first(&["error_description", "description", "message"])));
        }
        Some(Refusal::new(self.first(&["error", "status"])?, self.first(&["error_description", "message"])))
    }

    /// The same in an answer of success, where a `status` may say that all is well.
    fn refusal_in_success(&self, oauth2: &OAuth2) -> Option<Refusal> {
        let refusal = self.refusal()?;
        let has_error = self.0.get("error").is_some_and(|error| error.is_object() || text(error).is_some());
        (has_error || oauth2.grant_over.contains(&refusal.error)).then_some(refusal)
    }
}

impl Refusal {
    fn new(error: String, description: Option<String>) -> Self {
        let shortened = |text: String| text.chars().take(LONGEST_DESCRIPTION).collect();
        Self { error: shortened(error), description: description.map(shortened) }
    }

    /// Whether it ends the grant.
    fn of(self, oauth2: &OAuth2) -> TokenError {
        let is_over = self.error.eq_ignore_ascii_case(INVALID_GRANT) || oauth2.grant_over.contains(&self.error);
        if is_over { TokenError::GrantOver(self) } else { TokenError::Refused(self) }
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use connector_catalog::Catalog;
    use serde_json::json;

    use super::*;

    /// A vendor whose refresh tokens stay as they are.
    fn vendor() -> OAuth2 {
        let catalog = Catalog::built_in().unwrap();
        catalog.connectors().find_map(|connector| connector.auth.oauth2()).unwrap().clone()
    }

    fn read_200(body: &[u8]) -> Result<TokenReply, TokenError> {
        let answer = VendorReply { status: 200, headers: http::HeaderMap::new(), body: body.to_vec().into() };
        read(&vendor(), &answer, jiff::Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn an_empty_refresh_token_replaces_none() {
        for (sent, expected) in [
            (json!("new"), Some("new")),
            (json!(""), None),
            (json!(" "), None),
            (json!(null), None),
            (json!(false), None),
        ] {
            let reply = json!({ "access_token": "a", "token_type": "bearer", "refresh_token": sent });
            let token = read_200(reply.to_string().as_bytes()).unwrap().refresh_token;
            assert_eq!(token.as_ref().map(secrecy::ExposeSecret::expose_secret), expected);
        }
    }

    #[test]
    fn a_lifetime_that_says_nothing_is_the_definitions() {
        for (sent, seconds) in [
            (json!(60), Some(60)),
            (json!("60"), Some(60)),
            (json!(60.9), Some(60)),
            (json!("60.0"), Some(60)),
            (json!(-1), None),
            (json!(""), None),
            (json!("soon"), None),
            (json!(null), None),
            (json!([60]), None),
            (json!(1e300), None),
        ] {
            let reply = json!({ "access_token": "a", "expires_in": sent }).to_string();
            let expected = seconds.map(Duration::from_secs).or(vendor().expires_in);
            assert_eq!(read_200(reply.as_bytes()).unwrap().expires_in, expected, "{reply}");
        }
    }

    #[test]
    fn what_is_no_token_is_never_taken_for_one() {
        for body in [
            &b""[..],
            b"<p>access_token=a</p>",
            b"[]",
            b"null",
            b"access_token",
            b"access_token=",
            b"{\"access_token\":\"a",
            b"{\"access_token\":{\"a\":1}}",
            b"{\"status\":\"ok\"}",
        ] {
            let error = read_200(body).unwrap_err();
            assert!(matches!(error, TokenError::Unusable { status: 200, .. }), "{error}");
        }
    }

    #[test]
    fn a_refusal_repeats_no_secret_that_was_sent() {
        let secret = SecretString::from("r3fresh/token");
        let echoes = Echoes::of([&secret], &["client"]);
        let body = json!({ "error": "bad r3fresh/token", "error_description": "no such token: r3fresh%2Ftoken" });
        let answer = VendorReply { status: 400, headers: http::HeaderMap::new(), body: body.to_string().into() };
        let error = read(&vendor(), &answer, jiff::Timestamp::UNIX_EPOCH).unwrap_err().without(&echoes);
        let expected =
            Refusal { error: "bad [redacted]".to_owned(), description: Some("no such token: [redacted]".to_owned()) };
        assert_eq!(error, TokenError::Refused(expected));
    }
}

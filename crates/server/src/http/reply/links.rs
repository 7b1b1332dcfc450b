//! Addresses of our own, on the configured public URL.

use gateway::ErrorType;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use unified_model::ServiceId;

/// The address that callers reach this gateway at, without a final slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Takes an address; a final slash is dropped.
    #[must_use]
    pub fn new(address: &str) -> Self {
        Self(address.trim_end_matches('/').to_owned())
    }

    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether callers reach the gateway by HTTPS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.0.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"))
    }

    /// The picture of a connector in a list.
    #[must_use]
    pub fn connector_icon(&self, service: &ServiceId) -> String {
        format!("{}/pictures/{service}/icon.svg", self.0)
    }

    /// The picture of a connector beside its name.
    #[must_use]
    pub fn connector_logo(&self, service: &ServiceId) -> String {
        format!("{}/pictures/{service}/logo.svg", self.0)
    }

    /// Where an error type is explained.
    #[must_use]
    pub fn error_reference(&self, error_type: ErrorType) -> String {
        format!("{}/docs/errors#{}", self.0, error_type.type_name().to_ascii_lowercase())
    }
}

/// A request's own address, as its caller sent it.
#[derive(Clone, Copy)]
pub(in crate::http) struct OwnAddress<'a> {
    pub(in crate::http) public_url: &'a PublicUrl,
    pub(in crate::http) path: &'a str,
    pub(in crate::http) query: &'a str,
}

impl OwnAddress<'_> {
    fn current(self) -> String {
        let Self { public_url: PublicUrl(url), path, query } = self;
        if query.is_empty() { format!("{url}{path}") } else { format!("{url}{path}?{query}") }
    }

    /// The address with another cursor, the rest of the query as it was sent.
    fn with_cursor(self, cursor: &str) -> String {
        let Self { public_url: PublicUrl(url), path, query } = self;
        let is_cursor = |pair: &str| percent_decode_str(pair.split('=').next().unwrap_or_default()).eq(*b"cursor");
        let mut pairs: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !is_cursor(pair)).collect();
        let cursor = format!("cursor={cursor}");
        pairs.push(&cursor);
        format!("{url}{path}?{}", pairs.join("&"))
    }
}

/// The addresses around a page.
#[derive(Serialize)]
pub(in crate::http) struct Links {
    previous: Option<String>,
    current: String,
    next: Option<String>,
}

impl Links {
    /// A request's address, and the same with other cursors.
    pub(in crate::http) fn around(own: OwnAddress<'_>, previous: Option<&str>, next: Option<&str>) -> Self {
        let with = |cursor: &str| own.with_cursor(cursor);
        Self { previous: previous.map(with), current: own.current(), next: next.map(with) }
    }
}

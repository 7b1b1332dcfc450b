//! Addresses of our own, on the configured public URL.

use gateway::ErrorType;
use percent_encoding::percent_decode_str;

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

    /// Where an error type is explained.
    #[must_use]
    pub fn error_reference(&self, error_type: ErrorType) -> String {
        format!("{}/docs/errors#{}", self.0, error_type.type_name().to_ascii_lowercase())
    }

    /// This request's own address.
    pub(in crate::http) fn current(&self, path: &str, query: &str) -> String {
        if query.is_empty() { format!("{}{path}", self.0) } else { format!("{}{path}?{query}", self.0) }
    }

    /// This request's address with another cursor, the rest of the query as it was sent.
    pub(in crate::http) fn with_cursor(&self, path: &str, query: &str, cursor: &str) -> String {
        let is_cursor = |pair: &str| percent_decode_str(pair.split('=').next().unwrap_or_default()).eq(*b"cursor");
        let mut pairs: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !is_cursor(pair)).collect();
        let cursor = format!("cursor={cursor}");
        pairs.push(&cursor);
        format!("{}{path}?{}", self.0, pairs.join("&"))
    }
}

//! What a path names: ids and the like, decoded.

use axum::extract::{FromRequestParts as _, RawPathParams};
use http::request::Parts;
use unified_model::RequestError;

use super::invalid;

/// The names in a path, by what its route calls them.
#[derive(Debug)]
pub(crate) struct Names(RawPathParams);

impl Names {
    /// # Errors
    /// A name is no UTF-8.
    pub(crate) async fn of(head: &mut Parts) -> Result<Self, RequestError> {
        let names = RawPathParams::from_request_parts(head, &()).await;
        names.map(Self).map_err(|_| invalid("path", "percent-encoded bytes must be UTF-8"))
    }

    /// A name; empty where the path has nothing at its place.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value).unwrap_or_default()
    }
}

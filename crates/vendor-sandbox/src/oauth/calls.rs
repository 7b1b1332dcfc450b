//! How often a token end-point was asked, for tests that count: a renewal too many would not show in what it answers.

use serde::Serialize;

use crate::exchange::VendorRequest;

/// The calls that a vendor's authorization server has seen since the last reset, those spoiled by a fault included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct OAuthCalls {
    /// Token requests with an authorization code.
    pub codes: u32,
    /// Token requests with a refresh token.
    pub refreshes: u32,
    /// Token requests of either kind, and others, that got no token.
    pub refused: u32,
    /// Requests to take a grant back.
    pub revocations: u32,
}

/// Counts a call, if it is one of these. `status` is `None` where nothing was answered.
pub(crate) fn count(calls: &mut OAuthCalls, request: &VendorRequest, status: Option<u16>) {
    let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    match (request.method.as_str(), segments.as_slice()) {
        ("POST", ["oauth", .., "token"]) => {
            match request.parameter("grant_type").as_deref() {
                Some("authorization_code") => calls.codes += 1,
                Some("refresh_token") => calls.refreshes += 1,
                Some(_) | None => {}
            }
            if status != Some(200) {
                calls.refused += 1;
            }
        }
        ("POST", ["oauth", .., "revoke"]) | ("DELETE", ["oauth", .., "refresh-tokens", _]) => calls.revocations += 1,
        _ => {}
    }
}

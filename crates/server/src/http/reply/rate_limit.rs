//! What a vendor says of its limits, as headers of ours.

use http::{HeaderMap, HeaderValue};
use vendor_client::RateLimit;

/// Adds what is known. The reset is in seconds since 1970, whatever the vendor's own unit.
pub(in crate::http) fn headers(limit: &RateLimit, to: &mut HeaderMap) {
    let values = [
        ("x-downstream-ratelimit-limit", limit.limit),
        ("x-downstream-ratelimit-remaining", limit.remaining),
        ("x-downstream-ratelimit-reset", limit.reset),
    ];
    for (name, value) in values {
        if let Some(value) = value {
            to.insert(name, HeaderValue::from(value));
        }
    }
}

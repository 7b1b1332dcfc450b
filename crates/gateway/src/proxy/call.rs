//! A call of the Proxy API as it arrives.

use std::time::Duration;

use http::{HeaderMap, Method};
use unified_model::ConsumerId;

/// A call of the Proxy API as it arrives. Empty texts count as absent.
pub struct ProxyCall<'a> {
    /// The `x-apideck-consumer-id` header.
    pub consumer_id: Option<&'a ConsumerId>,
    /// The `x-apideck-service-id` header.
    pub service_id: Option<&'a str>,
    /// The `x-apideck-unified-api` header.
    pub unified_api: Option<&'a str>,
    /// The `x-apideck-downstream-url` header.
    pub downstream_url: Option<&'a str>,
    /// The `x-apideck-downstream-authorization` header.
    pub downstream_authorization: Option<&'a str>,
    /// What follows `/proxy` in the path, as it was sent.
    pub rest: &'a str,
    /// The query, as it was sent.
    pub query: &'a str,
    /// The method that the vendor is to see.
    pub method: Method,
    /// How long to wait for the vendor.
    pub timeout: Duration,
    /// Whether redirects within the vendor's own address are followed.
    pub follows_redirects: bool,
    /// Every header of the call.
    pub headers: HeaderMap,
}

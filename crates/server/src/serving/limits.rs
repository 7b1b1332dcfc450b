//! What is allowed to clients: how slow they may be, and how many there may be.

use std::time::Duration;

use ipnet::IpNet;

/// What is allowed to clients.
#[derive(Debug, Clone)]
pub struct ClientLimits {
    /// How long the line and the headers of a request may take from their first byte, or from the connection's beginning.
    pub header: Duration,
    /// Within this time a part of the body has to come, or its end.
    pub body: Duration,
    /// How long a connection may wait for its next request.
    pub idle: Duration,
    /// For how long a client may take nothing of an answer.
    pub write: Duration,
    /// How many connections there may be.
    pub connections: usize,
    /// How many connections one address may have, and how many calls under way where a proxy names the address.
    pub per_client: usize,
    /// Whose word on a client's address counts.
    pub trusted_proxies: Vec<IpNet>,
}

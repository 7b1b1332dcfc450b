//! `[server]`: the gateway's own address, and what it allows to clients.

use std::net::SocketAddr;
use std::num::{NonZeroU64, NonZeroUsize};

use serde::Deserialize;

/// The gateway's own address.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Where to listen.
    pub listen: SocketAddr,
    /// What callers see in `links` and `ref`; without it `http://` and `listen`.
    pub public_url: Option<String>,
    /// The largest request body, in bytes.
    pub max_body_bytes: usize,
    /// How long the line and the headers of a request may take, in seconds.
    pub header_timeout_seconds: NonZeroU64,
    /// Within how many seconds 64 KiB of a body, or its end, have to come.
    pub body_timeout_seconds: NonZeroU64,
    /// How long a connection may wait for its next request, in seconds.
    pub idle_timeout_seconds: NonZeroU64,
    /// For how many seconds a client may take nothing of an answer.
    pub write_timeout_seconds: NonZeroU64,
    /// How many connections of clients there may be.
    pub max_connections: NonZeroUsize,
    /// How many of them one address may have.
    pub max_connections_per_client: NonZeroUsize,
    /// Networks of the proxies whose word on a client's address counts.
    pub trusted_proxies: Vec<ipnet::IpNet>,
    /// How long calls under way may take once the server is asked to stop, in seconds.
    pub stop_within_seconds: NonZeroU64,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            max_body_bytes: 1024 * 1024,
            header_timeout_seconds: const { NonZeroU64::new(10).unwrap() },
            body_timeout_seconds: const { NonZeroU64::new(30).unwrap() },
            idle_timeout_seconds: const { NonZeroU64::new(75).unwrap() },
            write_timeout_seconds: const { NonZeroU64::new(30).unwrap() },
            max_connections: const { NonZeroUsize::new(10_000).unwrap() },
            max_connections_per_client: const { NonZeroUsize::new(1000).unwrap() },
            trusted_proxies: Vec::new(),
            stop_within_seconds: const { NonZeroU64::new(30).unwrap() },
        }
    }
}

impl Server {
    pub(super) fn check(&self) -> Result<(), String> {
        match self.public_url.as_deref().filter(|url| !is_public_url(url)) {
            Some(url) => Err(format!(
                "public_url: `{url}` is not what callers could open: write https:// (or http://), a host and no \
                 `?` or `#`, as in https://crm.example.com"
            )),
            None => Ok(()),
        }
    }
}

fn is_public_url(text: &str) -> bool {
    let has_scheme = text.starts_with("https://") || text.starts_with("http://");
    let url = url::Url::parse(text).ok().filter(|url| url.has_host() && url.username().is_empty());
    has_scheme && url.is_some_and(|url| url.query().is_none() && url.fragment().is_none())
}

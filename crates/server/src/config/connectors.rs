//! `[connectors.<service id>]`: decisions about one connector.

use std::time::Duration;

use connector_catalog::Limits;
use serde::Deserialize;
use vendor_client::ConnectorOverrides;

/// Decisions about one connector.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Connector {
    /// Replaces the vendor's base address.
    pub base_url: Option<String>,
    /// Replaces the address of the vendor's OAuth consent page.
    pub authorize_url: Option<String>,
    /// Replaces the address that the vendor gives OAuth tokens at.
    pub token_url: Option<String>,
    /// Replaces the address that the vendor takes OAuth grants back at.
    pub revoke_url: Option<String>,
    /// Replaces the whole time that one unified call may take.
    pub timeout_seconds: Option<u64>,
    /// Replaces the limits of each connection.
    pub limits: Option<ConnectorLimits>,
}

/// The limits of each connection to a vendor.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectorLimits {
    /// How many requests.
    pub requests: u32,
    /// In how many seconds.
    pub per_seconds: u64,
    /// How many at once.
    pub concurrency: u32,
}

impl Connector {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.timeout_seconds == Some(0) {
            return Err("timeout_seconds: 0 would end every call before it begins; write 1 or more".to_owned());
        }
        let Some(limits) = &self.limits else { return Ok(()) };
        let counts = [
            ("requests", u64::from(limits.requests)),
            ("per_seconds", limits.per_seconds),
            ("concurrency", u64::from(limits.concurrency)),
        ];
        match counts.into_iter().find(|(_, count)| *count == 0) {
            Some((name, _)) => Err(format!("limits: {name} = 0 would let no call through; write 1 or more")),
            None => Ok(()),
        }
    }

    pub(super) fn overrides(&self) -> ConnectorOverrides {
        ConnectorOverrides {
            base_url: self.base_url.clone(),
            authorize_url: self.authorize_url.clone(),
            token_url: self.token_url.clone(),
            revoke_url: self.revoke_url.clone(),
            timeout: self.timeout_seconds.map(Duration::from_secs),
            limits: self.limits.as_ref().map(|limits| Limits {
                requests: limits.requests,
                per: Duration::from_secs(limits.per_seconds),
                concurrency: limits.concurrency,
            }),
        }
    }
}

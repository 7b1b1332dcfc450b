//! What an API key may be used for.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A part of the gateway that an API key opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Scope {
    /// Reading records.
    #[serde(rename = "crm:read")]
    CrmRead,
    /// Adding, changing and deleting records.
    #[serde(rename = "crm:write")]
    CrmWrite,
    /// The Vault API: consumers, connections, sessions, the log of calls.
    #[serde(rename = "vault")]
    Vault,
    /// The Proxy API.
    #[serde(rename = "proxy")]
    Proxy,
    /// Webhooks.
    #[serde(rename = "webhooks")]
    Webhooks,
    /// Tools for language models.
    #[serde(rename = "mcp")]
    Mcp,
}

/// The scopes of an API key; `None`: all of them, also those that are still to come.
pub type Scopes = Option<BTreeSet<Scope>>;

impl Scope {
    /// Every scope.
    pub const EVERY: [Self; 6] = [Self::CrmRead, Self::CrmWrite, Self::Vault, Self::Proxy, Self::Webhooks, Self::Mcp];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CrmRead => "crm:read",
            Self::CrmWrite => "crm:write",
            Self::Vault => "vault",
            Self::Proxy => "proxy",
            Self::Webhooks => "webhooks",
            Self::Mcp => "mcp",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::EVERY.into_iter().find(|scope| scope.as_str() == text).ok_or_else(|| {
            let known = Self::EVERY.map(Self::as_str).join(", ");
            format!("there is no scope `{text}`; those that there are: {known}")
        })
    }
}

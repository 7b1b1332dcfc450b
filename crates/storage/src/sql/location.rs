//! Where the database is, as an operator writes it.

use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};

/// Where the database is. Written as a path, or as `postgres://user@host/database`.
#[derive(Debug, Clone)]
pub enum StoreLocation {
    /// An `SQLite` file, made when there is none. For one server and its command line, on one machine.
    File(PathBuf),
    /// A database on a `PostgreSQL` server, for any number of servers.
    Postgres(PostgresUrl),
    /// Gone when the store is: for tests and the sandbox.
    Memory,
}

/// An address that may hold a password: it is never shown.
#[derive(Clone)]
pub struct PostgresUrl(SecretString);

impl PostgresUrl {
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PostgresUrl([REDACTED])")
    }
}

/// Whatever has a scheme is an address. One that is wrong is refused when it is opened, where no message repeats it.
impl From<String> for StoreLocation {
    fn from(text: String) -> Self {
        if text.contains("://") { Self::Postgres(PostgresUrl(text.into())) } else { Self::File(text.into()) }
    }
}

impl FromStr for StoreLocation {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.to_owned().into())
    }
}

impl<'de> Deserialize<'de> for StoreLocation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

//! What is remembered of a connection between calls: its limiter and what its calls share.

pub(crate) mod prepared;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use connector_catalog::{ConnectorDefinition, Limits};
use moka::Expiry;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use crate::clock::Clock;
use crate::connection::prepared::Prepared;
use crate::credentials::Credentials;
use crate::error::VendorError;
use crate::limiter::Limiter;

/// What identifies a connection to limiters and caches.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ConnectionKey(pub Arc<str>);

/// What is remembered of one connection.
pub(crate) struct Connection {
    limits: Limits,
    pub(crate) limiter: Arc<Limiter>,
    prepared: Mutex<Option<Arc<Prepared>>>,
}

/// Every connection that was used lately.
#[derive(Clone)]
pub(crate) struct Connections {
    known: Cache<ConnectionKey, Arc<Connection>>,
    clock: Clock,
}

/// A connection is forgotten when it was not used for a while: at least for as long as its limits count requests, so that
/// forgetting allows nothing that remembering would not.
struct WhenIdle;

const IDLE: Duration = Duration::from_mins(10);

impl Connections {
    pub(crate) fn new(max_remembered: u64, clock: Clock) -> Self {
        let known = Cache::builder()
            .max_capacity(max_remembered)
            .eviction_policy(EvictionPolicy::lru())
            .expire_after(WhenIdle)
            .build();
        Self { known, clock }
    }

    /// The connection as it is remembered, or anew when the operator has changed its limits.
    pub(crate) fn get(&self, key: ConnectionKey, limits: Limits) -> Arc<Connection> {
        let new = || {
            let limiter = Limiter::new(limits, self.clock.clone());
            Arc::new(Connection { limits, limiter, prepared: Mutex::default() })
        };
        match self.known.get(&key) {
            Some(connection) if connection.limits == limits => connection,
            Some(_) => {
                let connection = new();
                self.known.insert(key, Arc::clone(&connection));
                connection
            }
            None => self.known.get_with(key, new),
        }
    }
}

impl Connection {
    /// What was rendered from exactly these, or what `render` makes of them.
    pub(crate) fn prepared(
        &self,
        connector: &Arc<ConnectorDefinition>,
        credentials: &Arc<Credentials>,
        render: impl FnOnce() -> Result<Prepared, VendorError>,
    ) -> Result<Arc<Prepared>, VendorError> {
        let remembered = self.prepared.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(prepared) = remembered.filter(|prepared| prepared.is_from(connector, credentials)) {
            return Ok(prepared);
        }
        let prepared = Arc::new(render()?);
        *self.prepared.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&prepared));
        Ok(prepared)
    }
}

impl Expiry<ConnectionKey, Arc<Connection>> for WhenIdle {
    fn expire_after_create(&self, _: &ConnectionKey, connection: &Arc<Connection>, _: Instant) -> Option<Duration> {
        Some(connection.limits.per.max(IDLE))
    }

    fn expire_after_read(
        &self,
        _: &ConnectionKey,
        connection: &Arc<Connection>,
        _: Instant,
        _: Option<Duration>,
        _: Instant,
    ) -> Option<Duration> {
        Some(connection.limits.per.max(IDLE))
    }

    fn expire_after_update(
        &self,
        _: &ConnectionKey,
        connection: &Arc<Connection>,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(connection.limits.per.max(IDLE))
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn limits(requests: u32) -> Limits {
        Limits { requests, per: Duration::from_secs(1), concurrency: 1 }
    }

    #[test]
    fn a_connection_is_remembered_until_its_limits_change() {
        let connections = Connections::new(10, Clock::manual(Timestamp::UNIX_EPOCH));
        let key = || ConnectionKey("a".into());
        let first = connections.get(key(), limits(1));
        assert!(Arc::ptr_eq(&first, &connections.get(key(), limits(1))));
        let changed = connections.get(key(), limits(2));
        assert!(!Arc::ptr_eq(&first, &changed));
        assert!(Arc::ptr_eq(&changed, &connections.get(key(), limits(2))));
    }

    #[test]
    fn no_more_connections_are_remembered_than_allowed() {
        let connections = Connections::new(10, Clock::manual(Timestamp::UNIX_EPOCH));
        for number in 0..1000 {
            connections.get(ConnectionKey(number.to_string().into()), limits(1));
        }
        connections.known.run_pending_tasks();
        assert!(connections.known.entry_count() <= 10);
        assert!(connections.known.contains_key(&ConnectionKey("999".into())));
    }
}

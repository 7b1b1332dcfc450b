//! Whether vendors take the credentials of connections: counted call by call, and kept where that changes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::Calls;
use super::connection::Connection;
use crate::connections::RefusedCredentials;
use crate::core::ConnectionName;
use crate::error::VaultError;
use crate::events::EventType;

/// So many refusals in a row,
const REFUSALS: u32 = 3;
/// over at least so long, are no accident.
const OVER: Duration = Duration::from_mins(1);
/// More connections are not counted at once; what is forgotten is counted from the start.
const MOST_COUNTED: usize = 10_000;
/// A call does not wait longer for its health to be kept.
const KEPT_WITHIN: Duration = Duration::from_secs(2);

/// The refusals in a row, by the key of the connection.
#[derive(Debug, Clone, Default)]
pub(super) struct Refusals(Arc<Mutex<HashMap<Arc<str>, InARow>>>);

#[derive(Debug, Clone, Copy)]
struct InARow {
    first: Timestamp,
    count: u32,
}

impl Refusals {
    /// Counts one; whether there are enough by now.
    fn add(&self, key: &Arc<str>, now: Timestamp) -> bool {
        let mut counted = self.counted();
        if counted.len() >= MOST_COUNTED && !counted.contains_key(key) {
            counted.clear();
        }
        let in_a_row = counted.entry(Arc::clone(key)).or_insert(InARow { first: now, count: 0 });
        in_a_row.count += 1;
        in_a_row.count >= REFUSALS && now.duration_since(in_a_row.first).unsigned_abs() >= OVER
    }

    fn end(&self, key: &Arc<str>) {
        let mut counted = self.counted();
        if !counted.is_empty() {
            counted.remove(key);
        }
    }

    fn counted(&self) -> MutexGuard<'_, HashMap<Arc<str>, InARow>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Calls {
    /// The vendor took the credentials. Where it was known to refuse them, it no longer is.
    pub async fn credentials_accepted(&self, connection: &Connection) {
        self.refusals.end(&connection.key.0);
        if connection.is_refused {
            self.keep_health(connection, None).await;
        }
    }

    /// The vendor refused the credentials of a call. Three times in a row, over a minute, make the connection's health say so.
    pub async fn credentials_refused(&self, connection: &Connection) {
        if self.refusals.add(&connection.key.0, self.core.now()) && !connection.is_refused {
            self.keep_health(connection, Some(self.core.now())).await;
        }
    }

    /// The vendor refused the credentials when it was asked about nothing else.
    pub async fn check_failed(&self, connection: &Connection) {
        self.keep_health(connection, Some(self.core.now())).await;
    }

    /// Calls never fail for their health.
    async fn keep_health(&self, connection: &Connection, refused_at: Option<Timestamp>) {
        let kept = tokio::time::timeout(KEPT_WITHIN, self.change_health(connection, refused_at)).await;
        let error = match kept {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the store took too long".to_owned(),
        };
        tracing::warn!(error, "whether a vendor takes a connection's credentials could not be stored");
    }

    async fn change_health(&self, connection: &Connection, refused_at: Option<Timestamp>) -> Result<(), VaultError> {
        let service = &connection.connector.service_id;
        let name = ConnectionName::new(&connection.application_id, &connection.consumer_id, service);
        let mut write = self.core.store.write().await?;
        let mut row = write.require_connection(&name).await?;
        // Whatever was found out about other settings says nothing of these.
        if *connection.key.0 != *row.key() {
            return Ok(());
        }
        let was_refused = row.refused_now().is_some();
        row.refused = refused_at.map(|at| RefusedCredentials { at, revision: row.revision });
        write.update_refused(&row).await?;
        let now = self.core.now();
        match (was_refused, refused_at) {
            (false, Some(_)) => {
                let detail = "the vendor refuses the connection's credentials";
                write.tell(&row.name(), EventType::CredentialsRefused, detail, now).await?;
            }
            (true, None) => write.tell(&row.name(), EventType::CredentialsAccepted, "", now).await?,
            (true, Some(_)) | (false, None) => {}
        }
        self.core.commit(write, row.change()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_in_a_row_over_a_minute_are_enough_and_nothing_less_is() {
        let at = |seconds| Timestamp::constant(seconds, 0);
        let (refusals, key) = (Refusals::default(), Arc::<str>::from("a.1"));
        let added: Vec<bool> = [0, 10, 59].into_iter().map(|second| refusals.add(&key, at(second))).collect();
        assert_eq!(added, [false, false, false], "three within a minute");
        assert!(refusals.add(&key, at(60)));
        refusals.end(&key);
        assert!(!refusals.add(&key, at(100)) && !refusals.add(&key, at(200)), "two over more than a minute");
        assert!(!refusals.add(&"b.1".into(), at(300)), "another connection");
        assert!(refusals.add(&key, at(300)));
    }
}

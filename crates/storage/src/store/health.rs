//! Whether the database can be read and written: told from how the last change ended and, where that is long ago, from a trial.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::Store;
use crate::sql::{Statement, StorageError};

/// For how long a success is believed.
const FRESH: Duration = Duration::from_secs(2);
const TRIAL_WITHIN: Duration = Duration::from_secs(2);
/// Enough for a disk that is full to show.
const TRIAL_BYTES: usize = 64 * 1024;

/// When the last change became true; `None` where the last one could not.
#[derive(Default)]
pub(crate) struct Writing(Mutex<Option<Instant>>);

impl Writing {
    /// Notes a change that became true, or could not.
    pub(crate) fn committed(&self, done: Result<(), StorageError>) -> Result<(), StorageError> {
        if done.is_ok() {
            self.set(Some(Instant::now()));
        }
        self.noted(done)
    }

    /// Notes a part of a change that could not be made.
    pub(crate) fn noted<T>(&self, done: Result<T, StorageError>) -> Result<T, StorageError> {
        if matches!(done, Err(StorageError::Unavailable(_))) {
            self.set(None);
        }
        done
    }

    fn set(&self, last: Option<Instant>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = last;
    }

    fn is_fresh(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|last| last.elapsed() < FRESH)
    }
}

impl Store {
    /// Whether the database can be read and written now, or could a moment ago.
    ///
    /// # Errors
    /// Fails with the reason why it cannot.
    pub async fn check(&self) -> Result<(), StorageError> {
        if !self.is_away() && self.writing.is_fresh() {
            return Ok(());
        }
        let tried = timeout(TRIAL_WITHIN, self.try_to_write()).await;
        tried.unwrap_or_else(|_| {
            self.writing.noted(Err(StorageError::unavailable(format!("no answer within {TRIAL_WITHIN:?}"))))
        })
    }

    async fn try_to_write(&self) -> Result<(), StorageError> {
        let mut write = self.write().await?;
        write
            .execute(Statement::new("INSERT INTO write_trials (filler) VALUES ($1)").bind("-".repeat(TRIAL_BYTES)))
            .await?;
        write.execute(Statement::new("DELETE FROM write_trials")).await?;
        write.commit().await
    }
}

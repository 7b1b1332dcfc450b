//! The log of calls: who called what, when, and what became of it. Never what was sent or answered.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use unified_model::{ApplicationId, ConsumerId};

use super::logged_call::{LogFilter, LogPosition, LoggedCall};
use super::logging::{LogBounds, Logging};
use crate::core::Core;
use crate::error::VaultError;

/// The log of a vault's calls.
#[derive(Clone)]
pub struct CallLog {
    core: Arc<Core>,
    /// Set once calls are logged: by servers, not by commands.
    logging: Arc<OnceLock<Logging>>,
}

impl CallLog {
    pub(crate) fn new(core: &Arc<Core>) -> Self {
        Self { core: Arc::clone(core), logging: Arc::default() }
    }

    /// Begins to keep a log of the calls that are recorded, each for so long. Needs a tokio runtime. The first word counts.
    pub fn keep(&self, retention: Duration) {
        self.keep_within(LogBounds { retention, most_bytes: u64::MAX });
    }

    /// The same within both bounds.
    pub fn keep_within(&self, kept: LogBounds) {
        self.logging.get_or_init(|| Logging::begin(&self.core, kept));
    }

    /// Notes a call for the log, if one is kept. Never waits.
    pub fn record(&self, call: LoggedCall) {
        if let Some(logging) = self.logging.get() {
            logging.record(call);
        }
    }

    /// Returns once every call that was recorded before is written, or was given up.
    pub async fn flush(&self) {
        if let Some(logging) = self.logging.get() {
            logging.flush().await;
        }
    }

    /// How many calls were recorded and never written.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.logging.get().map_or(0, Logging::lost)
    }

    /// The calls of a consumer, the newest first, those behind `after`. A call is there within half a second of its answer.
    pub async fn list(
        &self,
        (application_id, consumer_id): (&ApplicationId, &ConsumerId),
        filter: &LogFilter,
        after: Option<&LogPosition>,
        limit: i64,
    ) -> Result<Vec<LoggedCall>, VaultError> {
        self.core.store.logs((application_id, consumer_id), filter, after, limit).await
    }
}

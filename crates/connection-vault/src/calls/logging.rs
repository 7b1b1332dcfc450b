//! The job that writes calls down, some at a time. Whoever serves a call never waits for it: where more come than can be
//! written, the rest is counted and let go. What it holds outlives a panic, and is written before the process stops.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use async_trait::async_trait;
use jobs::{Job, JobContext};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

use super::logged_call::LoggedCall;
use crate::core::Core;
use crate::error::VaultError;

/// What the job is called in logs and counts.
const JOB: &str = "write_call_log";
/// How many calls wait at the most.
const WAITING: usize = 8192;
/// How many are written together, and how long the first of them waits for the others.
const BATCH: usize = 512;
const WRITE_EVERY: Duration = Duration::from_millis(500);
/// How often a batch is tried, and how long to wait in between.
const ATTEMPTS: u32 = 5;
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(1);
/// How many old calls go at a time, and how long to wait once there are no more.
const PRUNED_TOGETHER: i64 = 1000;
const PRUNE_EVERY: Duration = Duration::from_hours(1);

/// The way to the job. Without it the job ends.
pub(super) struct Logging {
    messages: mpsc::Sender<Message>,
    lost: Arc<AtomicU64>,
}

enum Message {
    Call(Box<LoggedCall>),
    /// Everything that came before is to be written now.
    Flush(oneshot::Sender<()>),
}

struct Writer {
    core: Weak<Core>,
    messages: mpsc::Receiver<Message>,
    kept: LogBounds,
    /// What the log takes as far as is known: as it was measured, and what was added and taken out since.
    bytes: u64,
    /// How much was added since it was measured; `None`: it was not.
    added: Option<u64>,
    lost: Arc<AtomicU64>,
    /// How many of the lost ones have been told of.
    told: u64,
    batch: Vec<LoggedCall>,
    /// How often the batch was tried.
    attempts: u32,
    /// Who waits for the batch to be written.
    asked: Option<oneshot::Sender<()>>,
    write_at: Option<Instant>,
    prune_at: Instant,
}

/// How much of the log of calls is kept.
#[derive(Debug, Clone, Copy)]
pub struct LogBounds {
    /// Calls of the last so long.
    pub retention: Duration,
    /// So many bytes of the newest, about.
    pub most_bytes: u64,
}

impl Logging {
    pub(super) fn begin(core: &Arc<Core>, kept: LogBounds) -> Self {
        let (messages, received) = mpsc::channel(WAITING);
        let lost = Arc::new(AtomicU64::new(0));
        let writer = Writer {
            core: Arc::downgrade(core),
            messages: received,
            kept,
            bytes: 0,
            added: None,
            lost: Arc::clone(&lost),
            told: 0,
            batch: Vec::with_capacity(BATCH),
            attempts: 0,
            asked: None,
            write_at: None,
            prune_at: Instant::now(),
        };
        core.jobs.start(JOB, writer);
        Self { messages, lost }
    }

    pub(super) fn record(&self, call: LoggedCall) {
        if self.messages.try_send(Message::Call(Box::new(call.shortened()))).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Logging {
    /// Returns once every call that was recorded before is written, or was given up.
    pub(super) async fn flush(&self) {
        let (answer, answered) = oneshot::channel();
        if self.messages.send(Message::Flush(answer)).await.is_ok() {
            // The job answers before it ends.
            drop(answered.await);
        }
    }

    /// How many calls were recorded and never written.
    pub(super) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Job for Writer {
    async fn run(&mut self, context: &JobContext) {
        // Whoever asked before a panic waits still.
        while self.asked.is_some() || self.is_woken(context).await {
            let is_due = self.write_at.is_some_and(|at| at <= Instant::now());
            if is_due || (self.batch.len() == BATCH && self.attempts == 0) {
                self.write(context).await;
            }
            if self.asked.is_some() {
                self.write_all(context).await;
                // Whoever asked may be gone.
                let _ = self.asked.take().map(|asked| asked.send(()));
            }
            if self.prune_at <= Instant::now() {
                self.prune().await;
            }
        }
        self.write_all(context).await;
    }

    /// The batch is tried again, as after a failure: it may be the batch that makes the job panic.
    fn panicked(&mut self) {
        if self.attempts >= ATTEMPTS {
            self.give_up();
        }
        if !self.batch.is_empty() {
            self.write_at = Some(Instant::now() + TRY_AGAIN_AFTER);
        }
    }
}

impl Writer {
    /// Waits for a reason to go on, and takes what has come; whether there can be another.
    async fn is_woken(&mut self, context: &JobContext) -> bool {
        let wake_at = self.write_at.map_or(self.prune_at, |write_at| write_at.min(self.prune_at));
        tokio::select! {
            message = self.messages.recv(), if self.batch.len() < BATCH => match message {
                Some(message) => self.take(message),
                None => return false,
            },
            () = sleep_until(wake_at) => {}
            // What was recorded before is still received.
            () = context.stopping(), if !self.messages.is_closed() => self.messages.close(),
        }
        true
    }

    /// Takes what waits into the batch, up to somebody who waits for it to be written.
    fn take(&mut self, first: Message) {
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Call(call) => self.batch.push(*call),
                Message::Flush(answer) => {
                    self.asked = Some(answer);
                    return;
                }
            }
            next = if self.batch.len() < BATCH { self.messages.try_recv().ok() } else { None };
        }
        self.write_at.get_or_insert_with(|| Instant::now() + WRITE_EVERY);
    }

    /// Writes the batch, or gives it up after the last attempt.
    async fn write_all(&mut self, context: &JobContext) {
        while !self.batch.is_empty() {
            if self.attempts > 0 {
                sleep_until(self.write_at.unwrap_or_else(Instant::now)).await;
            }
            self.write(context).await;
        }
    }

    async fn write(&mut self, context: &JobContext) {
        self.write_at = None;
        if self.batch.is_empty() {
            return;
        }
        // Without the vault there is nowhere to write to.
        let Some(core) = self.core.upgrade() else { return self.give_up() };
        // Counted before it is tried, so that a batch that makes the job panic is given up, too.
        self.attempts += 1;
        context.begin_run();
        match core.store.add_logs(&self.batch).await {
            Ok(()) => {
                self.grow();
                self.let_go();
            }
            Err(error) => {
                context.run_failed();
                tracing::warn!(%error, calls = self.batch.len(), attempt = self.attempts, "calls could not be logged");
                self.write_at = Some(Instant::now() + TRY_AGAIN_AFTER);
                if self.attempts >= ATTEMPTS {
                    self.give_up();
                }
            }
        }
    }

    /// Counts the batch as lost.
    fn give_up(&mut self) {
        self.lost.fetch_add(u64::try_from(self.batch.len()).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.let_go();
    }

    /// Begins another batch.
    fn let_go(&mut self) {
        self.write_at = None;
        self.attempts = 0;
        self.batch.clear();
        let lost = self.lost.load(Ordering::Relaxed);
        if lost > self.told {
            tracing::warn!(lost = lost - self.told, in_all = lost, "calls are missing from the log");
            self.told = lost;
        }
    }

    /// Notes what was written. Beyond its bound the log is shortened at once.
    fn grow(&mut self) {
        let grown: u64 = self.batch.iter().map(LoggedCall::bytes).sum();
        self.bytes = self.bytes.saturating_add(grown);
        self.added = self.added.map(|added| added + grown);
        if self.bytes > self.kept.most_bytes {
            self.prune_at = Instant::now();
        }
    }

    /// A few at a time, so that writing goes on in between.
    async fn prune(&mut self) {
        // A panic here does not lead to the next at once.
        self.prune_at = Instant::now() + PRUNE_EVERY;
        let Some(core) = self.core.upgrade() else { return };
        let is_done = match self.prune_some(&core).await {
            Ok(is_done) => is_done,
            Err(error) => {
                tracing::warn!(%error, "old calls could not be taken out of the log");
                true
            }
        };
        if !is_done {
            self.prune_at = Instant::now();
        }
    }

    /// Whether no more has to go.
    async fn prune_some(&mut self, core: &Core) -> Result<bool, VaultError> {
        let oldest = core.now().checked_sub(self.kept.retention).unwrap_or(jiff::Timestamp::MIN);
        let pruned = core.store.prune_logs(oldest, PRUNED_TOGETHER).await?;
        if i64::try_from(pruned).unwrap_or(PRUNED_TOGETHER) >= PRUNED_TOGETHER {
            return Ok(false);
        }
        if self.kept.most_bytes == u64::MAX {
            return Ok(true);
        }
        // Other servers write into the same log, so the sum is taken anew now and then.
        if self.added.is_none_or(|added| added > self.kept.most_bytes / 16) || self.bytes <= self.kept.most_bytes {
            self.bytes = core.store.log_bytes().await?;
            self.added = Some(0);
        }
        if self.bytes <= self.kept.most_bytes {
            return Ok(true);
        }
        let shortened = core.store.shorten_logs(PRUNED_TOGETHER).await?;
        self.bytes = self.bytes.saturating_sub(shortened);
        Ok(self.bytes <= self.kept.most_bytes || shortened == 0)
    }
}

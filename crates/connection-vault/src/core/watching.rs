//! The job that keeps memory true to what other processes change. While it is down, nothing is taken from memory.

use std::sync::{Arc, Weak};
use std::time::Duration;

use async_trait::async_trait;
use jobs::{Job, JobContext};
use storage::{StorageError, Watch};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, timeout};

use super::Core;
use crate::error::VaultError;

const FIRST_BACKOFF: Duration = Duration::from_millis(50);
const LONGEST_BACKOFF: Duration = Duration::from_secs(1);
/// How long it is tried at first to see changes again, before callers are told that the database is away. One that was
/// stopped says so at once; one that is frozen says nothing.
const FIRST_TRY: Duration = Duration::from_secs(1);
const LATER_TRIES: Duration = Duration::from_secs(5);

/// What the job is called in logs and counts.
const JOB: &str = "watch_changes";

type Answer = oneshot::Sender<Result<(), VaultError>>;

/// Asks the job; without anyone to ask, it ends.
#[derive(Clone)]
pub(crate) struct Watching {
    asks: mpsc::Sender<Answer>,
}

struct Watcher {
    core: Weak<Core>,
    asks: mpsc::Receiver<Answer>,
    poll_every: Duration,
    /// None while others' changes cannot be seen.
    watch: Option<Watch>,
    backoff: Duration,
    /// For how long memory is used after the database was lost.
    serve_without: Duration,
    /// Until when memory may be used although others' changes cannot be seen; `None`: it is not used, or they can be.
    remember_until: Option<Instant>,
    is_away: bool,
}

impl Watching {
    pub(crate) fn begin(core: &Arc<Core>, watch: Watch, poll_every: Duration, serve_without: Duration) -> Self {
        let (asks, asked) = mpsc::channel(1);
        // A period of zero is not one.
        let poll_every = poll_every.max(Duration::from_millis(1));
        let watcher = Watcher {
            core: Arc::downgrade(core),
            asks: asked,
            poll_every,
            watch: Some(watch),
            backoff: FIRST_BACKOFF,
            serve_without,
            remember_until: None,
            is_away: false,
        };
        core.jobs.start(JOB, watcher);
        Self { asks }
    }

    /// Whatever was committed before is known afterwards.
    pub(crate) async fn look_now(&self) -> Result<(), VaultError> {
        let ended = || VaultError::Internal("the watcher of changes stopped, or panicked while it looked".to_owned());
        let (answer, answered) = oneshot::channel();
        self.asks.send(answer).await.map_err(|_| ended())?;
        answered.await.map_err(|_| ended())?
    }
}

#[async_trait]
impl Job for Watcher {
    async fn run(&mut self, context: &JobContext) {
        while let Some(asked) = self.wait(context).await {
            let Some(core) = self.core.upgrade() else { return };
            context.begin_run();
            let looked = self.look(&core).await;
            drop(core);
            if looked.is_err() {
                context.run_failed();
            }
            if let Some(answer) = asked {
                // Whoever asked may be gone.
                let _ = answer.send(looked);
            }
        }
        self.forget_all();
    }

    /// Nobody can tell what others revoke until it runs again. Then it begins a new watch, and memory begins empty.
    fn panicked(&mut self) {
        self.watch = None;
        self.backoff = FIRST_BACKOFF;
        self.forget_all();
    }
}

impl Watcher {
    fn forget_all(&mut self) {
        self.remember_until = None;
        if let Some(core) = self.core.upgrade() {
            core.store.do_without(false);
            core.memory.suspend();
        }
    }

    /// A reason to look, with whoever asks for it; none when the job has to stop, or nobody can ask any more.
    async fn wait(&mut self, context: &JobContext) -> Option<Option<Answer>> {
        let pause = self.pause();
        let Some(watch) = &mut self.watch else {
            return tokio::select! {
                () = context.stopping() => None,
                asked = self.asks.recv() => asked.map(Some),
                () = sleep(pause) => Some(None),
            };
        };
        tokio::select! {
            () = context.stopping() => None,
            asked = self.asks.recv() => asked.map(Some),
            () = watch.called() => Some(None),
            () = sleep(self.poll_every) => Some(None),
        }
    }

    /// How long to wait before the next try; no longer than memory may be used.
    fn pause(&self) -> Duration {
        let left = self.remember_until.map(|until| until.duration_since(Instant::now()));
        left.map_or(self.backoff, |left| self.backoff.min(left))
    }

    async fn look(&mut self, core: &Core) -> Result<(), VaultError> {
        let Some(watch) = &mut self.watch else { return self.begin_again(core).await };
        match watch.look().await {
            Ok(seen) => {
                core.memory.take_note(&seen);
                Ok(())
            }
            Err(error) => {
                self.lose_sight(core, &error);
                self.begin_again(core).await
            }
        }
    }

    /// Nobody can tell any more what others revoke. Where only the database is away, memory may be used a little longer.
    fn lose_sight(&mut self, core: &Core, error: &StorageError) {
        self.watch = None;
        self.backoff = FIRST_BACKOFF;
        let may_remember = matches!(error, StorageError::Unavailable(_)) && !self.serve_without.is_zero();
        self.remember_until = may_remember.then(|| Instant::now() + self.serve_without);
        core.store.do_without(may_remember);
        if may_remember {
            let seconds = self.serve_without.as_secs();
            tracing::error!(%error, seconds, "changes by other processes cannot be seen; what is in memory serves meanwhile");
        } else {
            core.memory.suspend();
            tracing::error!(%error, "changes by other processes cannot be seen; nothing is kept in memory meanwhile");
        }
    }

    /// What was missed does not matter: memory begins empty.
    async fn begin_again(&mut self, core: &Core) -> Result<(), VaultError> {
        let within = if self.is_away { LATER_TRIES } else { FIRST_TRY };
        let within = self.remember_until.map_or(within, |until| within.min(until.duration_since(Instant::now())));
        let begun = timeout(within, core.store.watch()).await;
        match begun.unwrap_or_else(|_| Err(StorageError::Unavailable(format!("no answer within {within:?}")))) {
            Ok(watch) => {
                self.watch = watch;
                self.remember_until = None;
                core.store.do_without(false);
                self.is_away = false;
                core.store.is_back();
                core.memory.resume();
                tracing::info!("changes by other processes are seen again");
                Ok(())
            }
            Err(error) => {
                self.backoff = (self.backoff * 2).min(LONGEST_BACKOFF);
                if !self.is_away && matches!(error, StorageError::Unavailable(_)) {
                    self.is_away = true;
                    core.store.is_gone();
                }
                self.forget_in_time(core);
                Err(error.into())
            }
        }
    }

    fn forget_in_time(&mut self, core: &Core) {
        if self.remember_until.is_some_and(|until| until <= Instant::now()) {
            self.remember_until = None;
            core.store.do_without(false);
            core.memory.suspend();
            tracing::error!("the database has been away for too long; nothing is kept in memory meanwhile");
        }
    }
}

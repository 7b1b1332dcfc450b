//! The task that keeps memory true to what other processes change.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

use crate::VaultError;
use crate::store::Watch;
use crate::vault::Inner;

const FIRST_BACKOFF: Duration = Duration::from_millis(50);
const LONGEST_BACKOFF: Duration = Duration::from_secs(2);

type Answer = oneshot::Sender<Result<(), VaultError>>;

/// Asks the task; without anyone to ask, it ends.
#[derive(Clone)]
pub(crate) struct Watching {
    asks: mpsc::Sender<Answer>,
}

struct Watcher {
    vault: Weak<Inner>,
    asks: mpsc::Receiver<Answer>,
    poll_every: Duration,
    /// None while others' changes cannot be seen.
    watch: Option<Watch>,
    backoff: Duration,
}

impl Watching {
    pub(crate) fn begin(vault: &Arc<Inner>, watch: Watch, poll_every: Duration) -> Self {
        let (asks, asked) = mpsc::channel(1);
        let vault = Arc::downgrade(vault);
        // A period of zero is not one.
        let poll_every = poll_every.max(Duration::from_millis(1));
        let watcher = Watcher { vault, asks: asked, poll_every, watch: Some(watch), backoff: FIRST_BACKOFF };
        tokio::spawn(watcher.run());
        Self { asks }
    }

    /// Whatever was committed before is known afterwards.
    pub(crate) async fn look_now(&self) -> Result<(), VaultError> {
        let ended = || VaultError::Store("nobody watches for changes any more".to_owned());
        let (answer, answered) = oneshot::channel();
        self.asks.send(answer).await.map_err(|_| ended())?;
        answered.await.map_err(|_| ended())?
    }
}

impl Watcher {
    async fn run(mut self) {
        while let Some(asked) = self.wait().await {
            let Some(vault) = self.vault.upgrade() else { return };
            let looked = self.look(&vault).await;
            drop(vault);
            if let Some(answer) = asked {
                // Whoever asked may be gone.
                let _ = answer.send(looked);
            }
        }
    }

    /// A reason to look, with whoever asks for it; none when nobody can ask any more.
    async fn wait(&mut self) -> Option<Option<Answer>> {
        let Some(watch) = &mut self.watch else {
            return tokio::select! {
                asked = self.asks.recv() => asked.map(Some),
                () = sleep(self.backoff) => Some(None),
            };
        };
        tokio::select! {
            asked = self.asks.recv() => asked.map(Some),
            () = watch.called() => Some(None),
            () = sleep(self.poll_every) => Some(None),
        }
    }

    async fn look(&mut self, vault: &Inner) -> Result<(), VaultError> {
        let Some(watch) = &mut self.watch else { return self.begin_again(vault).await };
        match watch.look().await {
            Ok(seen) => {
                vault.take_note(&seen);
                Ok(())
            }
            Err(error) => {
                vault.suspend_memory();
                tracing::error!(%error, "changes by other processes cannot be seen; nothing is kept in memory meanwhile");
                self.watch = None;
                self.backoff = FIRST_BACKOFF;
                self.begin_again(vault).await
            }
        }
    }

    /// What was missed does not matter: memory begins empty.
    async fn begin_again(&mut self, vault: &Inner) -> Result<(), VaultError> {
        match vault.store.watch().await {
            Ok(watch) => {
                self.watch = watch;
                vault.resume_memory();
                tracing::info!("changes by other processes are seen again");
                Ok(())
            }
            Err(error) => {
                self.backoff = (self.backoff * 2).min(LONGEST_BACKOFF);
                Err(error)
            }
        }
    }
}

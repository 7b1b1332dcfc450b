//! What a server that was killed left half done: codes that were being exchanged, tokens that were being renewed. Servers look for
//! it, commands do not: a command may open the file of a server that is just exchanging.

use std::sync::{Arc, Weak};
use std::time::Duration;

use jiff::Timestamp;

use super::Authorisations;
use super::authorization::Stage;
use crate::connections::{Grant, RefreshFailure};
use crate::core::ConnectionName;
use crate::core::Core;
use crate::error::VaultError;
use crate::events::EventType;
use crate::store::Write;

/// What the job is called in logs, counts and its lease.
const JOB: &str = "find_interruptions";

impl Authorisations {
    /// Tells what other servers left half done when they ended: now, and every so often from now on. Called once by whoever
    /// begins to serve. Of servers that share a store, one at a time looks; only the first look of each, for which nobody serves
    /// before it is done, does not wait for others: what it changes it changes row by row. Needs a tokio runtime.
    pub async fn tell_of_interruptions(&self, look_every: Duration) -> Result<(), VaultError> {
        self.core.begin_after_others().await?;
        let core = Arc::downgrade(&self.core);
        let look = move || look(Weak::clone(&core));
        if self.core.is_shared {
            self.core.jobs.every_leased(JOB, look_every, look);
        } else {
            self.core.jobs.every(JOB, look_every, look);
        }
        Ok(())
    }
}

async fn look(core: Weak<Core>) -> Result<(), VaultError> {
    // Without the vault its jobs have to stop.
    let Some(core) = core.upgrade() else { return Ok(()) };
    let now = core.now();
    core.tell_of_overdue(now, now).await
}

impl Core {
    /// Where nobody else serves, whatever is under way is so no more. Other servers may still be at it until its time is over.
    async fn begin_after_others(&self) -> Result<(), VaultError> {
        let now = self.now();
        if self.is_shared {
            return self.tell_of_overdue(now, now).await;
        }
        let mut write = self.store.write().await?;
        write.end_exchanges(now).await?;
        write.commit_quietly().await?;
        self.tell_of_overdue(now, Timestamp::MAX).await
    }

    /// Tells of authorisations whose time is over, and of renewals that were to be done by then.
    async fn tell_of_overdue(&self, now: Timestamp, renewals_by: Timestamp) -> Result<(), VaultError> {
        let mut write = self.store.write().await?;
        self.sweep(&mut write, now).await?;
        write.commit_quietly().await?;
        if self.is_shared {
            self.store.sweep_leases().await?;
        }
        for name in self.store.overdue_refreshes(renewals_by).await? {
            self.doubt_renewal(&name, now, renewals_by).await?;
        }
        Ok(())
    }

    /// The vendor may have renewed the token, and nobody has its answer: the next call finds out.
    async fn doubt_renewal(&self, name: &ConnectionName, now: Timestamp, by: Timestamp) -> Result<(), VaultError> {
        let mut write = self.store.write().await?;
        let Some(mut row) = write.connection(name).await? else {
            return Ok(());
        };
        // Somebody else may have taken it up in between.
        if write.refresh_intent(&row.id).await?.is_none_or(|intent| intent.lease_until > by) {
            return Ok(());
        }
        write.drop_refresh_intent(&row.id).await?;
        let mut grant = row.grant.take().unwrap_or_else(|| Grant::none(now));
        if grant.ended.is_none() {
            let reason = "the server ended while it renewed the token; the next call tries again";
            if let Some(failure) = &mut grant.failure {
                failure.is_doubtful = true;
            } else {
                write.tell(&row.name(), EventType::RefreshPending, reason, now).await?;
                grant.failure = Some(RefreshFailure {
                    at: now,
                    reason: reason.to_owned(),
                    retry_at: now,
                    attempts: 0,
                    is_doubtful: true,
                    is_limit: false,
                });
            }
        }
        row.grant = Some(grant);
        write.update_connection(&row).await?;
        self.commit(write, row.change()).await
    }

    /// Takes away what has expired. Where a consumer had consented, somebody has to be told.
    pub(crate) async fn sweep(&self, write: &mut Write<'_>, now: Timestamp) -> Result<(), VaultError> {
        for row in write.take_expired_authorizations(now).await? {
            let detail = match row.stage {
                // A consumer that never came back has consented to nothing.
                Stage::Asked => continue,
                Stage::Exchanging => {
                    "the consumer consented, and it broke off before the tokens were stored; authorise the \
                     connection again"
                }
                Stage::Granted => {
                    "the consumer consented, the application did not confirm it in time, and the tokens are gone; \
                     authorise the connection again"
                }
            };
            write.tell(&row.name(), EventType::AuthorizationInterrupted, detail, now).await?;
        }
        Ok(())
    }
}

//! Who renews: told by the store, so that of many processes one does. An intent is written before the vendor is asked; one
//! that is left behind says that an answer was lost.

use std::sync::Arc;
use std::time::Duration;

use connector_catalog::ConnectorDefinition;
use jiff::Timestamp;
use vendor_client::CredentialError;

use super::{CredentialErrorOf, Demand, Renewals};
use crate::connections::{ConnectionRow, Held};
use crate::core::ConnectionName;
use crate::core::abort_point;
use crate::oauth::refresh_rows::RefreshIntent;

/// How long a process has to ask the vendor and to store what it answers: the vendor's fifteen seconds, and some.
const LEASE: Duration = Duration::from_secs(25);
/// How often to look whether another process is done.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The right to ask the vendor, once.
pub(super) struct Claim {
    pub(super) name: ConnectionName,
    pub(super) connector: Arc<ConnectorDefinition>,
    /// As they were when the claim was made.
    pub(super) row: ConnectionRow,
    pub(super) held: Held,
    /// Whether somebody asked before and the answer was lost.
    pub(super) is_recovery: bool,
}

enum Step {
    /// There is nothing to do any more.
    Done(Held),
    /// Another process is asking.
    Wait,
    /// We are to ask.
    Ask(Box<Claim>),
}

impl Renewals {
    pub(super) async fn renew(&self, name: &ConnectionName, demand: Demand) -> Result<Held, CredentialError> {
        loop {
            match self.claim(name, demand).await? {
                Step::Done(held) => return Ok(held),
                Step::Wait => tokio::time::sleep(LOOK_EVERY).await,
                Step::Ask(claim) => {
                    abort_point::pass("refresh.intent");
                    return self.ask(*claim).await;
                }
            }
        }
    }

    async fn claim(&self, name: &ConnectionName, demand: Demand) -> Result<Step, CredentialError> {
        self.try_claim(name, demand).await.map_err(|CredentialErrorOf(error)| error)
    }

    async fn try_claim(&self, name: &ConnectionName, demand: Demand) -> Result<Step, CredentialErrorOf> {
        let connector = Arc::clone(self.core.connector(&name.service)?);
        let mut write = self.core.write_sealed().await?;
        let row = write.require_connection(name).await?;
        let held = self.core.held(&row, &connector)?;
        if let Some(end) = held.grant.as_ref().and_then(|grant| grant.ended.as_ref()) {
            return Err(CredentialErrorOf(CredentialError::NotAuthorized(end.reason())));
        }
        let now = self.core.now();
        let is_wanted = match demand {
            Demand::Fresh => held.wants_renewal(now),
            Demand::NewerThan(version) => held.version() <= version,
        };
        if !is_wanted {
            return Ok(Step::Done(held));
        }
        if let Some(error) = held.cooldown(now) {
            return Err(CredentialErrorOf(error));
        }
        let intent = write.refresh_intent(&row.id).await?;
        if intent.as_ref().is_some_and(|intent| self.is_alive(intent, now)) {
            let can_do_without = demand == Demand::Fresh && held.is_usable(now);
            return Ok(if can_do_without { Step::Done(held) } else { Step::Wait });
        }
        let ours = RefreshIntent { holder: self.core.node.clone(), lease_until: now + LEASE };
        write.keep_refresh_intent(&row.id, &ours).await?;
        write.commit_quietly().await?;
        Ok(Step::Ask(Box::new(Claim { name: name.clone(), connector, row, held, is_recovery: intent.is_some() })))
    }

    /// Whether whoever wrote it may still be asking. A store of one process has no other; and this process asks once at a time.
    fn is_alive(&self, intent: &RefreshIntent, now: Timestamp) -> bool {
        self.core.is_shared && intent.holder != self.core.node && intent.lease_until > now
    }
}

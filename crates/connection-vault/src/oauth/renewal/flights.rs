//! One renewal per connection and process: whoever wants it meanwhile waits for that one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use vendor_client::CredentialError;

use super::{Demand, Renewals};
use crate::connections::Held;
use crate::core::ConnectionName;

type Outcome = Result<Held, CredentialError>;

/// The renewals that are under way.
#[derive(Default)]
pub(super) struct Flights {
    under_way: Mutex<HashMap<ConnectionName, watch::Receiver<Option<Outcome>>>>,
}

impl Renewals {
    /// The credentials as `demand` wants them.
    pub(crate) async fn renewed(self: &Arc<Self>, name: &ConnectionName, demand: Demand) -> Outcome {
        loop {
            let outcome = self.flight(name, demand).await;
            // It may have been begun by somebody who had less to ask for.
            let falls_short = match (&outcome, demand) {
                (Ok(held), Demand::NewerThan(version)) => held.version() <= version,
                (Ok(_), Demand::Fresh) | (Err(_), _) => false,
            };
            if !falls_short {
                return outcome;
            }
        }
    }

    /// Joins the renewal that is under way, or begins one. It goes on when its callers hang up: tokens that are under way to
    /// us must not be lost.
    async fn flight(self: &Arc<Self>, name: &ConnectionName, demand: Demand) -> Outcome {
        let mut landing = {
            let mut under_way = self.flights.under_way.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(landing) = under_way.get(name) {
                landing.clone()
            } else {
                let (sender, landing) = watch::channel(None);
                under_way.insert(name.clone(), landing.clone());
                let ended = Ended { renewals: Arc::clone(self), name: name.clone() };
                tokio::spawn(async move {
                    let outcome = ended.renewals.renew(&ended.name, demand).await;
                    drop(ended);
                    sender.send_replace(Some(outcome));
                });
                landing
            }
        };
        let landed = landing.wait_for(Option::is_some).await.ok().and_then(|outcome| outcome.clone());
        landed.unwrap_or_else(|| Err(CredentialError::Store("the renewal of the token broke off".to_owned())))
    }
}

/// Takes a renewal from the list, also when it breaks.
struct Ended {
    renewals: Arc<Renewals>,
    name: ConnectionName,
}

impl Drop for Ended {
    fn drop(&mut self) {
        self.renewals.flights.under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}

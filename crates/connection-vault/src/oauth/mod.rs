//! Authorisations, and the tokens that come of them.

mod authorization;
mod authorization_rows;
mod authorize;
mod client;
mod interrupted;
mod link;
mod refresh_rows;
mod renewal;

use std::sync::Arc;
use std::time::Duration;

use crate::connections::Connections;
use crate::core::Core;
use crate::error::AuthorizeError;
use crate::sealing::TokenFault;
use crate::tenancy::Applications;

pub(crate) use authorization::AuthorizationRow;
pub use authorize::{Authorize, Callback, CallbackOutcome, ImportedConnection, ImportedTokens};
pub use link::LinkVerb;
pub(crate) use renewal::{OAuthCredentials, Renewals};

/// The authorisations of a vault: consumers who are sent to vendors, and what they come back with.
#[derive(Clone)]
pub struct Authorisations {
    core: Arc<Core>,
    applications: Applications,
    connections: Connections,
    renewals: Arc<Renewals>,
    /// How long a grant waits to be confirmed.
    confirm_within: Duration,
}

impl Authorisations {
    pub(crate) fn new(
        core: &Arc<Core>,
        applications: &Applications,
        connections: &Connections,
        (renewals, confirm_within): (&Arc<Renewals>, Duration),
    ) -> Self {
        Self {
            core: Arc::clone(core),
            applications: applications.clone(),
            connections: connections.clone(),
            renewals: Arc::clone(renewals),
            confirm_within,
        }
    }
}

impl From<TokenFault> for AuthorizeError {
    fn from(fault: TokenFault) -> Self {
        Self::State(format!("{fault}; begin anew with an authorize_url or revoke_url of the connection"))
    }
}

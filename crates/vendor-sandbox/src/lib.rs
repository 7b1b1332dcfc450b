//! Stand-in CRM vendors on loopback, quirks included, so that a gateway can be tried and tested without accounts; and
//! [`replay`], a fake vendor that plays a case file. Never a clock, never randomness: equal calls get equal answers.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! let sandbox = vendor_sandbox::Sandbox::new();
//! let running = sandbox.clone().start(([127, 0, 0, 1], 0).into()).await?;
//! // Each vendor now answers below http://{running.address}/{service_id}:
//! //   agile-crm/dev/api
//! //   avid-crm/prophet/prophetwebservices/AvtProphetApi/odata
//! //   axiomatic-crm/api/crm
//! //   teamswork-crm
//! assert!(sandbox.requests().is_empty());
//! running.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! Beside the vendors stand the sandbox's own end-points: `POST /_sandbox/reset`, `GET /_sandbox/requests`,
//! `POST /_sandbox/faults`, `POST /_sandbox/release`, and for vendors with OAuth `GET` (how often tokens were asked for) and
//! `POST` (an order) at `/_sandbox/oauth/{service_id}`.

mod agile;
mod avid;
mod axiomatic;
mod clock;
mod control;
mod exchange;
mod fault;
mod hubspot;
mod journal;
mod members;
mod oauth;
mod paces;
mod pipedrive;
pub mod replay;
mod sandbox;
mod serving;
mod table;
mod teamswork;
mod values;

pub use agile::{AGILE_API_KEY, AGILE_DOMAIN, AGILE_EMAIL};
pub use avid::{AVID_PASSWORD, AVID_USERNAME};
pub use axiomatic::{AXIOMATIC_API_KEY, AXIOMATIC_ENTITY_ID};
pub use clock::Clock;
pub use fault::{Fault, FaultKind};
pub use hubspot::{HUBSPOT_ACCESS_TOKEN, HUBSPOT_CLIENT_ID, HUBSPOT_CLIENT_SECRET, HUBSPOT_REFRESH_TOKEN};
pub use journal::SeenRequest;
pub use oauth::{OAuthCalls, OAuthOrder};
pub use pipedrive::{
    PIPEDRIVE_ACCESS_TOKEN, PIPEDRIVE_CLIENT_ID, PIPEDRIVE_CLIENT_SECRET, PIPEDRIVE_COMPANY, PIPEDRIVE_OTHER_COMPANY,
    PIPEDRIVE_REFRESH_TOKEN,
};
pub use sandbox::{RunningSandbox, Sandbox};
pub use teamswork::{TEAMSWORK_KEY, TEAMSWORK_SECONDARY_KEY};

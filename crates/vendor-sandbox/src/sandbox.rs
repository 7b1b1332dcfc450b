//! The sandbox itself: which vendors it holds, and a call's way from the socket to one of them and back.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use tokio::sync::watch;

use crate::agile;
use crate::avid;
use crate::axiomatic;
use crate::clock::Clock;
use crate::control;
use crate::exchange::{VendorAnswer, VendorRequest};
use crate::fault::{self, Fault, FaultKind};
use crate::hubspot;
use crate::journal::{Journal, SeenRequest};
use crate::oauth::{self, AuthorizationServer, OAuthCalls, OAuthOrder};
use crate::pipedrive;
use crate::serving::Serving;
use crate::teamswork;

/// Far more than any record needs.
const LARGEST_BODY_BYTES: usize = 4 * 1024 * 1024;

/// The vendors that can be called, by the first part of the path.
pub(crate) const SERVICES: [&str; 6] = [
    agile::SERVICE_ID,
    avid::SERVICE_ID,
    axiomatic::SERVICE_ID,
    hubspot::SERVICE_ID,
    pipedrive::SERVICE_ID,
    teamswork::SERVICE_ID,
];

/// All sandbox vendors. Clones share their records.
#[derive(Debug, Clone)]
pub struct Sandbox {
    /// What every reset goes back to.
    seed: Arc<Vendors>,
    state: Arc<Mutex<Vendors>>,
    /// Told whenever held answers may go.
    released: watch::Sender<()>,
}

#[derive(Debug, Clone)]
struct Vendors {
    agile: agile::Account,
    avid: avid::Account,
    teamswork: teamswork::Account,
    axiomatic: axiomatic::Account,
    hubspot: hubspot::Account,
    pipedrive: pipedrive::Account,
    oauth_calls: BTreeMap<String, OAuthCalls>,
    journal: Journal,
    faults: Vec<Fault>,
}

impl Vendors {
    fn seeded(start: Clock) -> Self {
        Self {
            agile: agile::Account::seeded(start),
            avid: avid::Account::seeded(start),
            teamswork: teamswork::Account::seeded(start),
            axiomatic: axiomatic::Account::seeded(start),
            hubspot: hubspot::Account::seeded(start),
            pipedrive: pipedrive::Account::seeded(start),
            oauth_calls: BTreeMap::new(),
            journal: Journal::default(),
            faults: Vec::new(),
        }
    }

    fn answer(&mut self, request: &VendorRequest) -> VendorAnswer {
        match request.service.as_str() {
            agile::SERVICE_ID => self.agile.answer(request),
            teamswork::SERVICE_ID => self.teamswork.answer(request),
            axiomatic::SERVICE_ID => self.axiomatic.answer(request),
            avid::SERVICE_ID => self.avid.answer(request),
            hubspot::SERVICE_ID => self.hubspot.answer(request),
            pipedrive::SERVICE_ID => self.pipedrive.answer(request),
            other => VendorAnswer::text(404, format!("No vendor `{other}` here, only {}.", SERVICES.join(", "))),
        }
    }

    fn authorization_server(&mut self, service: &str) -> Option<&mut AuthorizationServer> {
        match service {
            hubspot::SERVICE_ID => Some(&mut self.hubspot.server),
            pipedrive::SERVICE_ID => Some(&mut self.pipedrive.server),
            _ => None,
        }
    }
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

impl Sandbox {
    /// A sandbox with the seed's records, the same in every run.
    #[must_use]
    pub fn new() -> Self {
        Self::with_clock(Clock::default())
    }

    /// A sandbox whose vendors start at another instant. The seed's own times stay as they are.
    #[must_use]
    pub fn with_clock(start: Clock) -> Self {
        let seed = Arc::new(Vendors::seeded(start));
        Self { state: Arc::new(Mutex::new(Vendors::clone(&seed))), seed, released: watch::Sender::new(()) }
    }

    /// Every vendor at `/{service_id}`, and the sandbox's own end-points at `/_sandbox`.
    pub fn router(&self) -> Router {
        control::routes().fallback(answer).with_state(self.clone())
    }

    /// Back to the seed: records, clock, faults, limits, orders and the requests seen. Tokens that were given stay good, and
    /// those of the seed are good again.
    pub fn reset(&self) {
        let mut vendors = self.lock();
        let before = std::mem::replace(&mut *vendors, Vendors::clone(&self.seed));
        vendors.hubspot.server.adopt(&before.hubspot.server);
        vendors.pipedrive.server.adopt(&before.pipedrive.server);
        drop(vendors);
        self.release();
    }

    /// Lets every answer go that [`FaultKind::Held`] holds.
    pub fn release(&self) {
        self.released.send_replace(());
    }

    /// How often a vendor's authorization server was asked since the last reset; never, for one that has none.
    #[must_use]
    pub fn oauth_calls(&self, service: &str) -> OAuthCalls {
        self.lock().oauth_calls.get(service).copied().unwrap_or_default()
    }

    /// Changes how a vendor's authorization server behaves; `false`: the vendor has none.
    #[must_use]
    pub fn order(&self, service: &str, order: &OAuthOrder) -> bool {
        self.lock().authorization_server(service).map(|server| server.obey(order)).is_some()
    }

    /// The vendor calls seen since the start or the last reset, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.lock().journal.entries()
    }

    /// Orders a bad day. Of several that match a call, the first one ordered comes first.
    pub fn inject(&self, fault: Fault) {
        self.lock().faults.push(fault);
    }

    /// How many contacts and companies the Agile account's plan allows; creating more answers 406. `None`: any number.
    pub fn limit_agile_contacts(&self, limit: Option<usize>) {
        self.lock().agile.limit_contacts(limit);
    }

    /// Whether the rows of the Avid account have entity tags, which a write's `If-Match` is held to. At first they have none.
    pub fn tag_avid_rows(&self, tagged: bool) {
        self.lock().avid.tag_rows(tagged);
    }

    /// Serves [`router`](Self::router) at `address`, where port 0 means any free one.
    ///
    /// # Errors
    /// If the address cannot be listened on.
    pub async fn start(self, address: SocketAddr) -> io::Result<RunningSandbox> {
        let serving = Serving::start(self.router(), address).await?;
        Ok(RunningSandbox { address: serving.address, serving })
    }

    /// A vendor panics on no input; should one do so after all, the others still answer.
    fn lock(&self) -> MutexGuard<'_, Vendors> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the vendor answer, and writes down what was asked. The fault is what is left to be done with the answer.
    fn play(&self, request: &VendorRequest) -> (VendorAnswer, Option<FaultKind>) {
        let mut vendors = self.lock();
        let fault = fault::take(&mut vendors.faults, request);
        let answer = match fault.as_ref().and_then(|fault| fault.instead(request)) {
            Some(answer) => answer,
            None => match &fault {
                Some(fault) => vendors.answer(&fault.taken(request)),
                None => vendors.answer(request),
            },
        };
        let answer = match &fault {
            Some(fault) => fault.spoil(request, answer),
            None => answer,
        };
        let status = (fault != Some(FaultKind::HangUp)).then_some(answer.status);
        if vendors.authorization_server(&request.service).is_some() {
            oauth::count(vendors.oauth_calls.entry(request.service.clone()).or_default(), request, status);
        }
        vendors.journal.record(request, status);
        (answer, fault)
    }
}

/// A sandbox that is listening. Dropping it stops it.
#[derive(Debug)]
pub struct RunningSandbox {
    /// Where it listens, with the port that was found.
    pub address: SocketAddr,
    serving: Serving,
}

impl RunningSandbox {
    /// Stops listening; returns once the port is free.
    pub async fn stop(self) {
        self.serving.stop().await;
    }
}

async fn answer(State(sandbox): State<Sandbox>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY_BYTES).await else {
        return VendorAnswer::text(413, "The body is too large.").into_response();
    };
    // From before the call is seen, so that no release is missed by whoever has seen it.
    let mut released = sandbox.released.subscribe();
    let (answer, fault) = sandbox.play(&VendorRequest::read(&parts, body));
    match fault {
        // The sandbox cannot be gone while it answers.
        Some(FaultKind::Held) => drop(released.changed().await),
        Some(FaultKind::Slow(delay)) => tokio::time::sleep(delay).await,
        Some(FaultKind::HangUp) => return fault::hang_up(),
        _ => {}
    }
    answer.into_response()
}

//! The client: connection pools, what is remembered of connections, and the operator's word. One per process.

pub(crate) mod options;
pub(crate) mod session;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use connector_catalog::ConnectorDefinition;
use http::HeaderValue;
use reqwest::redirect::Policy;
use unified_model::ServiceId;

use crate::address::Address;
use crate::client::options::{ConnectorOverrides, VendorClientOptions};
use crate::client::session::VendorSession;
use crate::clock::Clock;
use crate::connection::prepared::Prepared;
use crate::connection::{ConnectionKey, Connections};
use crate::credentials::{CredentialSource, Credentials};
use crate::egress::guard::{Guard, GuardedResolver, Trust};
use crate::egress::names::Names;
use crate::egress::threads::Threads;
use crate::error::{VendorClientError, VendorError, innermost};
use crate::observations::Observations;
use crate::record_lock::{Locking, Queues};
use crate::settings::Settings;
use crate::vendor_time::VendorTime;
use crate::wire::memory::{Memory, Received};
use crate::wire::pool::Pool;

/// Longer than any call may take; keeps a deadline within what a clock can hold.
const LONGEST_TIMEOUT: Duration = Duration::from_hours(24);

/// The client: connection pools, limiters, the guard. One per process; a clone is the same client.
#[derive(Clone)]
pub struct VendorClient {
    pub(crate) shared: Arc<Shared>,
}

/// What every session uses.
pub(crate) struct Shared {
    pools: Pools,
    passing_pools: LazyLock<Result<Pools, VendorClientError>, MakePools>,
    connections: Connections,
    pub(crate) queues: Arc<Queues>,
    overrides: BTreeMap<ServiceId, Overrides>,
    pub(crate) guard: Guard,
    pub(crate) user_agent: HeaderValue,
    pub(crate) max_answer_bytes: usize,
    pub(crate) clock: Clock,
    pub(crate) chance: fn() -> f64,
    /// How many sessions there have been.
    callers: AtomicU64,
    pub(crate) max_call_bytes: usize,
    pub(crate) memory: Memory,
    /// The memory for large answers that are being read.
    pub(crate) trees: Memory,
}

/// How much memory all large answers together may take once they are read.
const MOST_TREES_BYTES: usize = 192 * 1024 * 1024;

/// Makes pools when the first answer is to be passed on: loading the system's certificate authorities takes time.
type MakePools = Box<dyn FnOnce() -> Result<Pools, VendorClientError> + Send>;

/// Whether answers are decompressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answers {
    Decompressed,
    AsSent,
}

/// [`ConnectorOverrides`] with its addresses parsed.
struct Overrides {
    address: Option<Address>,
    oauth: BTreeMap<OAuthAddress, Address>,
    values: ConnectorOverrides,
}

/// The addresses of OAuth that an operator may replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum OAuthAddress {
    /// The consent page.
    Authorize,
    /// Where tokens are given.
    Token,
    /// Where grants are given back.
    Revoke,
}

/// One pool per kind of trust: a connection that was opened on the operator's word is never reused on a tenant's.
struct Pools {
    operator: Pool,
    tenant: Pool,
    plain: Pool,
}

impl VendorClient {
    /// Sets up the client.
    ///
    /// # Errors
    /// A configured base address that cannot be used, or a system without certificate authorities.
    pub fn new(
        options: VendorClientOptions,
        overrides: BTreeMap<ServiceId, ConnectorOverrides>,
    ) -> Result<Self, VendorClientError> {
        let guard = Guard::new(&options.allowed_networks);
        let names = Arc::new(Names::new(Arc::clone(&options.resolver)));
        let threads = Threads::default();
        let shared = Shared {
            pools: Pools::new(&options, &names, &guard, &threads, Answers::Decompressed)?,
            passing_pools: LazyLock::new(Box::new({
                let (options, names, guard) = (options.clone(), Arc::clone(&names), guard.clone());
                move || Pools::new(&options, &names, &guard, &threads, Answers::AsSent)
            })),
            connections: Connections::new(options.max_remembered, options.clock.clone()),
            queues: Arc::default(),
            overrides: overrides.into_iter().map(parse_overrides).collect::<Result<_, _>>()?,
            guard,
            user_agent: HeaderValue::from_str(&options.user_agent).map_err(|_| VendorClientError::UserAgent)?,
            max_answer_bytes: options.max_answer_bytes,
            clock: options.clock,
            chance: options.chance,
            callers: AtomicU64::new(0),
            max_call_bytes: options.max_call_bytes,
            memory: Memory::new(options.max_answers_bytes),
            trees: Memory::new(MOST_TREES_BYTES),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Opens a session; the deadline starts now.
    #[must_use]
    pub fn session(
        &self,
        connector: Arc<ConnectorDefinition>,
        connection: ConnectionKey,
        credentials: Arc<dyn CredentialSource>,
    ) -> VendorSession {
        let overrides = self.shared.overrides.get(&connector.service_id).map(|overrides| &overrides.values);
        let limits = overrides.and_then(|values| values.limits).unwrap_or(connector.limits);
        let timeout = overrides.and_then(|values| values.timeout).unwrap_or(connector.timeout).min(LONGEST_TIMEOUT);
        VendorSession {
            application: Arc::clone(&connection.0),
            connection: self.shared.connections.get(connection.clone(), limits),
            locking: Locking { account: Arc::clone(&connection.0), leases: None },
            key: connection,
            timeout,
            deadline: self.shared.clock.now() + timeout,
            shared: Arc::clone(&self.shared),
            connector,
            credentials,
            vendor_time: VendorTime::default(),
            received: Received::default(),
            recorder: None,
            observations: Observations::default(),
            caller: self.shared.callers.fetch_add(1, Ordering::Relaxed),
        }
    }
}

impl fmt::Debug for VendorClient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("VendorClient").finish_non_exhaustive()
    }
}

impl Shared {
    pub(crate) fn pool(&self, trust: Trust) -> &Pool {
        self.pools.of(trust)
    }

    /// The pool whose answers come as they were sent.
    pub(crate) fn passing_pool(&self, trust: Trust, host: &str) -> Result<&Pool, VendorError> {
        match &*self.passing_pools {
            Ok(pools) => Ok(pools.of(trust)),
            Err(error) => Err(VendorError::Unreachable { host: host.to_owned(), reason: error.to_string() }),
        }
    }

    /// The operator's word for an address of OAuth.
    pub(crate) fn oauth_address(&self, service: &ServiceId, which: OAuthAddress) -> Option<&Address> {
        self.overrides.get(service)?.oauth.get(&which)
    }

    /// Renders what the calls of a connection share.
    pub(crate) fn prepare(
        &self,
        connector: &Arc<ConnectorDefinition>,
        credentials: &Arc<Credentials>,
    ) -> Result<Prepared, VendorError> {
        let configured = self.overrides.get(&connector.service_id).and_then(|overrides| overrides.address.clone());
        let rendered = || {
            let settings = Settings { declared: &connector.settings, credentials };
            Address::of_connection(&connector.base_url, settings, &self.guard)
        };
        let address = configured.map_or_else(rendered, Ok)?;
        Prepared::new(Arc::clone(connector), Arc::clone(credentials), address, &self.user_agent)
    }
}

impl Pools {
    fn of(&self, trust: Trust) -> &Pool {
        match trust {
            Trust::Operator => &self.operator,
            Trust::Tenant => &self.tenant,
            Trust::Plain => &self.plain,
        }
    }

    fn new(
        options: &VendorClientOptions,
        names: &Arc<Names>,
        guard: &Guard,
        threads: &Threads,
        answers: Answers,
    ) -> Result<Self, VendorClientError> {
        let pool = |trust| {
            let names = Arc::clone(names);
            let builder = match trust {
                Trust::Operator | Trust::Tenant => reqwest::Client::builder(),
                // It never speaks TLS; loading the system's authorities once more would only cost time.
                Trust::Plain => reqwest::Client::builder().tls_certs_only([]),
            };
            let http = builder
                .http1_only()
                .no_proxy()
                .gzip(answers == Answers::Decompressed)
                .redirect(Policy::none())
                .retry(reqwest::retry::never())
                .referer(false)
                .https_only(trust == Trust::Tenant)
                .connect_timeout(options.connect_timeout)
                .pool_max_idle_per_host(options.max_idle_connections)
                .pool_idle_timeout(options.idle_timeout)
                .dns_resolver(Arc::new(GuardedResolver { names, guard: guard.clone(), trust }))
                .build()
                .map_err(|error| VendorClientError::Setup(innermost(error)))?;
            Ok(Pool::new(http, (trust != Trust::Operator).then(|| threads.clone())))
        };
        Ok(Self { operator: pool(Trust::Operator)?, tenant: pool(Trust::Tenant)?, plain: pool(Trust::Plain)? })
    }
}

fn parse_overrides(
    (service, values): (ServiceId, ConnectorOverrides),
) -> Result<(ServiceId, Overrides), VendorClientError> {
    let parse = |text: &String| {
        Address::of_operator(text).map_err(|reason| VendorClientError::BaseUrl { service: service.clone(), reason })
    };
    let address = values.base_url.as_ref().map(parse).transpose()?;
    let oauth = [
        (OAuthAddress::Authorize, &values.authorize_url),
        (OAuthAddress::Token, &values.token_url),
        (OAuthAddress::Revoke, &values.revoke_url),
    ];
    let oauth =
        oauth.into_iter().filter_map(|(which, text)| Some(parse(text.as_ref()?).map(|address| (which, address))));
    let oauth = oauth.collect::<Result<_, _>>()?;
    Ok((service, Overrides { address, oauth, values }))
}

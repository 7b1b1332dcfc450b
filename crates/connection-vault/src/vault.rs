//! The vault: a store, its keys, and a handle for each of its rooms.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use connector_catalog::Catalog;
use jiff::Timestamp;
use jobs::{JobCounts, Runner};
use storage::{ServerLock, StoreLocation};
use vendor_client::VendorClient;

use crate::callers::{ApiKeys, Sessions};
use crate::calls::{CallLog, Calls};
use crate::connections::Connections;
use crate::core::{Clock, Core, Watching};
use crate::error::VaultError;
use crate::events::Events;
use crate::memory::Memory;
use crate::oauth::{Authorisations, Renewals};
use crate::sealing::{DataKeys, MasterKey, Sealer, SealingKey};
use crate::store::Store;
use crate::tenancy::{Applications, Consumers, Integrations, MappingTargets};

/// The vault: a store, the keys, and everything warm in memory. Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    rooms: Arc<Rooms>,
    /// None where no other process can change anything. It ends when the last clone goes.
    watching: Option<Watching>,
}

struct Rooms {
    core: Arc<Core>,
    applications: Applications,
    consumers: Consumers,
    integrations: Integrations,
    mapping_targets: MappingTargets,
    api_keys: ApiKeys,
    sessions: Sessions,
    connections: Connections,
    authorisations: Authorisations,
    calls: Calls,
    call_log: CallLog,
    events: Events,
    renewals: Arc<Renewals>,
    /// Held by a server whose store is a file.
    server_lock: OnceLock<ServerLock>,
}

/// Where a vault keeps what it knows, and how much of it in memory.
#[derive(Debug, Clone)]
pub struct VaultOptions {
    /// The database.
    pub database: StoreLocation,
    /// How many API keys, and how many consumers' connections, are kept in memory.
    pub cache_entries: u64,
    /// How often to look for what other processes have changed. `PostgreSQL` calls as well, whenever there is something.
    pub poll_every: Duration,
    /// How long the tokens of a consumer who consented wait for the application to confirm them.
    pub confirm_within: Duration,
    /// How long a record stays locked after the server that was writing to it has died.
    pub record_lease: Duration,
    /// For how long what is in memory is used after the database was lost. Others' changes are not seen in that time.
    pub serve_without: Duration,
}

impl VaultOptions {
    /// The defaults for a database: 10,000 entries, a look every 250 ms, half an hour to confirm, leases of ten seconds.
    #[must_use]
    pub fn new(database: StoreLocation) -> Self {
        Self {
            database,
            cache_entries: 10_000,
            poll_every: Duration::from_millis(250),
            confirm_within: Duration::from_mins(30),
            record_lease: Duration::from_secs(10),
            serve_without: Duration::ZERO,
        }
    }
}

impl Vault {
    /// Opens the database, brings its schema up to date and begins to watch it. Needs a tokio runtime.
    pub async fn open(options: VaultOptions, key: MasterKey, catalog: Arc<Catalog>) -> Result<Self, VaultError> {
        Self::open_with_clock(options, key, catalog, Timestamp::now).await
    }

    /// The same, with another clock.
    pub async fn open_with_clock(
        options: VaultOptions,
        key: MasterKey,
        catalog: Arc<Catalog>,
        clock: Clock,
    ) -> Result<Self, VaultError> {
        let master = SealingKey::of_master(&key);
        let store = Store::open(&options.database).await?;
        // One change, so that of processes that start at once the later ones find the work done.
        let mut upgrade = store.upgrade().await?;
        let keys = DataKeys::load(&mut upgrade, &master).await?;
        upgrade.commit_quietly().await?;
        let watch = store.watch().await?;
        let node = uuid::Uuid::new_v4().to_string();
        let core = Arc::new(Core {
            jobs: Runner::new(store.shared(), &node),
            store,
            sealer: Sealer::new(master, keys),
            clock,
            catalog,
            memory: Memory::new(options.cache_entries),
            node,
            is_shared: matches!(options.database, StoreLocation::Postgres(_)),
        });
        let rooms = Arc::new(Rooms::over(&core, &options));
        let watching = watch.map(|watch| Watching::begin(&core, watch, options.poll_every, options.serve_without));
        Ok(Self { rooms, watching })
    }

    /// Applications.
    #[must_use]
    pub fn applications(&self) -> &Applications {
        &self.rooms.applications
    }

    /// Consumers: an application's customers.
    #[must_use]
    pub fn consumers(&self) -> &Consumers {
        &self.rooms.consumers
    }

    /// Integrations: connectors as applications use them.
    #[must_use]
    pub fn integrations(&self) -> &Integrations {
        &self.rooms.integrations
    }

    /// Fields that applications define, and consumers map.
    #[must_use]
    pub fn mapping_targets(&self) -> &MappingTargets {
        &self.rooms.mapping_targets
    }

    /// API keys, and whom they belong to.
    #[must_use]
    pub fn api_keys(&self) -> &ApiKeys {
        &self.rooms.api_keys
    }

    /// Sessions of consumers' browsers.
    #[must_use]
    pub fn sessions(&self) -> &Sessions {
        &self.rooms.sessions
    }

    /// Connections of consumers to vendors.
    #[must_use]
    pub fn connections(&self) -> &Connections {
        &self.rooms.connections
    }

    /// Authorisations of connections, and tokens from elsewhere.
    #[must_use]
    pub fn authorisations(&self) -> &Authorisations {
        &self.rooms.authorisations
    }

    /// What calls need.
    #[must_use]
    pub fn calls(&self) -> &Calls {
        &self.rooms.calls
    }

    /// The log of calls.
    #[must_use]
    pub fn call_log(&self) -> &CallLog {
        &self.rooms.call_log
    }

    /// What happened to connections.
    #[must_use]
    pub fn events(&self) -> &Events {
        &self.rooms.events
    }

    /// Gives the vault the way out that tokens are renewed through. The first one stays.
    pub fn set_client(&self, client: VendorClient) {
        self.rooms.renewals.set_client(client);
    }

    /// The catalogue that connections are checked against.
    #[must_use]
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.core().catalog
    }

    /// A key for one purpose, the same in every process and for as long as the database lives, whatever its master key. The
    /// context names the purpose and is never anything but a constant.
    #[must_use]
    pub fn derive(&self, context: &str) -> [u8; 32] {
        self.core().sealer.derive(context)
    }

    /// How many statements this vault has sent to its database, the watching and the writing of logs left out.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.core().store.statements()
    }

    /// Whether the store can be read and written.
    ///
    /// # Errors
    /// Fails with the reason why it cannot.
    pub async fn check_store(&self) -> Result<(), VaultError> {
        Ok(self.core().store.check().await?)
    }

    /// Takes the right to serve from the store's file, which one server at a time has. It ends with the vault or the process.
    ///
    /// # Errors
    /// Fails with [`VaultError::InUse`] where another server has it.
    pub fn become_server(&self) -> Result<(), VaultError> {
        let Some(lock) = self.core().store.server_lock()? else { return Ok(()) };
        // Taken twice by one vault it would have been refused.
        drop(self.rooms.server_lock.set(lock));
        Ok(())
    }

    /// Writes a copy of the store's file that only its owner can read, while servers run.
    ///
    /// # Errors
    /// Fails where there is such a file already, or the store has no file.
    pub async fn copy_store(&self, path: &std::path::Path) -> Result<(), VaultError> {
        Ok(self.core().store.copy_to(path).await?)
    }

    /// Looks now for what other processes have changed, without waiting for the next time that it is due.
    pub async fn notice_changes(&self) -> Result<(), VaultError> {
        match &self.watching {
            Some(watching) => watching.look_now().await,
            None => Ok(()),
        }
    }

    /// What became of the runs of the background jobs, each since this vault was opened.
    #[must_use]
    pub fn jobs(&self) -> Vec<JobCounts> {
        self.core().jobs.counts()
    }

    /// Stops the background jobs, the last started first. The log of calls is written first, as far as it was recorded. Returns the
    /// names of the jobs that were broken off because the time was over. Nothing is taken from memory afterwards.
    pub async fn stop_jobs(&self, within: Duration) -> Vec<&'static str> {
        self.core().jobs.stop_within(within).await
    }

    pub(crate) fn core(&self) -> &Core {
        &self.rooms.core
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Vault").finish_non_exhaustive()
    }
}

impl Rooms {
    fn over(core: &Arc<Core>, options: &VaultOptions) -> Self {
        let applications = Applications::new(core);
        let integrations = Integrations::new(core);
        let mapping_targets = MappingTargets::new(core);
        let connections = Connections::new(core, &integrations, &mapping_targets);
        let renewals = Arc::new(Renewals::new(core, &integrations));
        let of_application = (&integrations, &mapping_targets);
        Self {
            core: Arc::clone(core),
            consumers: Consumers::new(core),
            api_keys: ApiKeys::new(core),
            sessions: Sessions::new(core, &applications),
            authorisations: Authorisations::new(core, &applications, &connections, (&renewals, options.confirm_within)),
            calls: Calls::new(core, of_application, &renewals, options.record_lease),
            call_log: CallLog::new(core),
            events: Events::new(core),
            applications,
            integrations,
            mapping_targets,
            connections,
            renewals,
            server_lock: OnceLock::new(),
        }
    }
}

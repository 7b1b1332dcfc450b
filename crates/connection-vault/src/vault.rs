//! The vault as the gateway sees it: who calls, and over which connection. Warm calls send no statement.

use std::fmt;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use connector_catalog::Catalog;
use jiff::Timestamp;
use storage::{Seen, ServerLock};
use unified_model::ServiceId;
use vendor_client::VendorClient;

use crate::api_key::{ApiKeyHasher, KnownKey};
use crate::connection::{Connection, ConsumerConnections};
use crate::integration::Integrations;
use crate::keyring::{DataKeys, Sealer};
use crate::logging::Logging;
use crate::mapping_target::MappingTargets;
use crate::origin::Origins;
use crate::renewal::Flights;
use crate::seal::SealingKey;
use crate::store::{Change, ConnectionRow, Store, Write};
use crate::warm::Warm;
use crate::watching::Watching;
use crate::{ApiKeyId, MasterKey, Scope, StoreLocation, VaultError, name};

/// The vault: a store, the keys, and everything warm in memory. Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    pub(crate) inner: Arc<Inner>,
    /// None where no other process can change anything. It ends when the last clone goes.
    watching: Option<Watching>,
}

pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) sealer: Sealer,
    pub(crate) hasher: ApiKeyHasher,
    pub(crate) clock: Clock,
    /// How long a grant waits to be confirmed.
    pub(crate) confirm_within: Duration,
    pub(crate) record_lease: Duration,
    /// Applications by the hash of an API key: the key itself is never kept.
    callers: Warm<blake3::Hash, Arc<KnownKey>>,
    /// By application.
    pub(crate) integrations: Warm<Arc<str>, Arc<Integrations>>,
    /// By application.
    pub(crate) targets: Warm<Arc<str>, Arc<MappingTargets>>,
    /// Of all applications.
    pub(crate) origins: Warm<(), Arc<Origins>>,
    consumers: Warm<ConsumerKey, Arc<ConsumerConnections>>,
    /// The way out to vendors, for tokens. Set once there is one: commands of an operator need none.
    pub(crate) client: OnceLock<VendorClient>,
    pub(crate) flights: Flights,
    /// Set once calls are logged: by servers, not by commands.
    pub(crate) logging: OnceLock<Logging>,
    /// Held by a server whose store is a file.
    server_lock: OnceLock<ServerLock>,
    /// What this process is called in the store.
    pub(crate) node: String,
    /// Whether other servers use the same store: one file is for one.
    pub(crate) is_shared: bool,
    /// Itself, for what it hands out and outlives it.
    pub(crate) this: Weak<Inner>,
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

/// Tells the time that rows are stamped with.
pub type Clock = fn() -> Timestamp;

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The application that the API key belongs to.
    pub application_id: Arc<str>,
    /// None for a session, and for an operator.
    key: Option<Arc<KnownKey>>,
}

impl Caller {
    /// Whoever acts for an application without one of its API keys: a session, or an operator.
    #[must_use]
    pub fn without_key(application_id: &str) -> Self {
        Self { application_id: application_id.into(), key: None }
    }

    /// The API key that it called with.
    #[must_use]
    pub fn api_key_id(&self) -> Option<ApiKeyId> {
        self.key.as_ref().map(|key| key.id.clone())
    }

    /// Whether its API key may be used for that.
    ///
    /// # Errors
    /// Fails with [`VaultError::MissingScope`] where the key has scopes, and this is none of them.
    pub fn require(&self, scope: Scope) -> Result<(), VaultError> {
        let scopes = self.key.as_ref().and_then(|key| key.scopes.as_ref());
        if scopes.is_none_or(|scopes| scopes.contains(&scope)) { Ok(()) } else { Err(VaultError::MissingScope(scope)) }
    }
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct ConsumerKey {
    application_id: Arc<str>,
    consumer_id: Arc<str>,
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
        let (store, keys) = Store::open(&options.database, &master).await?;
        let sealer = Sealer::new(master, keys);
        let watch = store.watch().await?;
        let is_shared = matches!(options.database, StoreLocation::Postgres(_));
        let inner = Arc::new_cyclic(|this| Inner {
            store,
            catalog,
            hasher: ApiKeyHasher::new(&sealer),
            sealer,
            clock,
            confirm_within: options.confirm_within,
            record_lease: options.record_lease,
            callers: Warm::new(options.cache_entries),
            integrations: Warm::new(options.cache_entries),
            targets: Warm::new(options.cache_entries),
            origins: Warm::new(1),
            consumers: Warm::new(options.cache_entries),
            client: OnceLock::new(),
            flights: Flights::default(),
            logging: OnceLock::new(),
            server_lock: OnceLock::new(),
            node: uuid::Uuid::new_v4().to_string(),
            is_shared,
            this: Weak::clone(this),
        });
        let watching = watch.map(|watch| Watching::begin(&inner, watch, options.poll_every, options.serve_without));
        Ok(Self { inner, watching })
    }

    /// Whom an API key belongs to. In memory once it has been seen; bounded cache; no statement on a warm call.
    pub async fn caller(&self, api_key: &str, application_id: &str) -> Result<Caller, VaultError> {
        let hash = self.inner.hasher.hash(api_key);
        let key = self.inner.callers.get_or_load(&hash, || self.inner.load_key(&hash)).await?;
        let is_good =
            |key: &Arc<KnownKey>| *key.application_id == *application_id && !key.has_expired((self.inner.clock)());
        let key = key.filter(is_good).ok_or(VaultError::Unauthorized)?;
        Ok(Caller { application_id: Arc::clone(&key.application_id), key: Some(key) })
    }

    /// The connection that a call is for: the named one, or the only callable one.
    pub async fn connection(
        &self,
        caller: &Caller,
        consumer_id: &str,
        service: Option<&ServiceId>,
    ) -> Result<Arc<Connection>, VaultError> {
        if let Some(service) = service.filter(|service| self.inner.catalog.connector(service).is_none()) {
            return Err(VaultError::UnknownService(service.clone()));
        }
        let none = || VaultError::NoConnection { consumer_id: consumer_id.to_owned(), service: service.cloned() };
        let connections = self.inner.connections(&caller.application_id, consumer_id).await?.ok_or_else(none)?;
        let found = match service {
            Some(service) => connections.to(service),
            None => connections.only(),
        };
        found.ok_or_else(none)?
    }

    /// Gives the vault the way out that tokens are renewed through. The first one stays.
    pub fn set_client(&self, client: VendorClient) {
        // A second gateway over the same vault has the same way out.
        drop(self.inner.client.set(client));
    }

    /// The catalogue that connections are checked against.
    #[must_use]
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.inner.catalog
    }

    /// A key for one purpose, the same in every process and for as long as the database lives, whatever its master key. The
    /// context names the purpose and is never anything but a constant.
    #[must_use]
    pub fn derive(&self, context: &str) -> [u8; 32] {
        self.inner.sealer.derive(context)
    }

    /// How many statements this vault has sent to its database, the watching and the writing of logs left out.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.inner.store.statements()
    }

    /// Whether the store can be read and written.
    ///
    /// # Errors
    /// Fails with the reason why it cannot.
    pub async fn check_store(&self) -> Result<(), VaultError> {
        Ok(self.inner.store.check().await?)
    }

    /// Takes the right to serve from the store's file, which one server at a time has. It ends with the vault or the process.
    ///
    /// # Errors
    /// Fails with [`VaultError::InUse`] where another server has it.
    pub fn become_server(&self) -> Result<(), VaultError> {
        let Some(lock) = self.inner.store.server_lock()? else { return Ok(()) };
        // Taken twice by one vault it would have been refused.
        drop(self.inner.server_lock.set(lock));
        Ok(())
    }

    /// Writes a copy of the store's file that only its owner can read, while servers run.
    ///
    /// # Errors
    /// Fails where there is such a file already, or the store has no file.
    pub async fn copy_store(&self, path: &std::path::Path) -> Result<(), VaultError> {
        Ok(self.inner.store.copy_to(path).await?)
    }

    /// Looks now for what other processes have changed, without waiting for the next time that it is due.
    pub async fn notice_changes(&self) -> Result<(), VaultError> {
        match &self.watching {
            Some(watching) => watching.look_now().await,
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Vault").finish_non_exhaustive()
    }
}

impl Inner {
    /// Makes a change true and forgets what it touches.
    pub(crate) async fn commit(&self, write: Write<'_>, change: Change) -> Result<(), VaultError> {
        // Also when the commit fails, or nobody waits for it any more: it may have happened all the same.
        let forgotten = ForgetOnDrop { inner: self, change: &change };
        write.commit(Some(&change)).await?;
        drop(forgotten);
        if let Some(consumer) = ConsumerKey::of(&change) {
            self.consumers.drop_value(&consumer).await;
        }
        Ok(())
    }

    async fn load_key(&self, hash: &blake3::Hash) -> Result<Option<Arc<KnownKey>>, VaultError> {
        let found = self.store.api_key(hash).await?;
        // `Hash` compares in constant time, whatever the database's index does.
        Ok(found.filter(|(stored, _)| stored == hash).map(|(_, key)| Arc::new(key)))
    }

    async fn connections(
        &self,
        application_id: &Arc<str>,
        consumer_id: &str,
    ) -> Result<Option<Arc<ConsumerConnections>>, VaultError> {
        // Nobody can be called that; and memory is not for ids of any length.
        if !name::is_well_formed(consumer_id) {
            return Ok(None);
        }
        let key = ConsumerKey { application_id: Arc::clone(application_id), consumer_id: consumer_id.into() };
        self.consumers.get_or_load(&key, || self.load_connections(&key)).await
    }

    async fn load_connections(&self, key: &ConsumerKey) -> Result<Option<Arc<ConsumerConnections>>, VaultError> {
        let rows = self.store.connections_of_consumer(&key.application_id, &key.consumer_id).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        self.fetch_keys_of(sealed(&rows)).await?;
        let integrations = self.integrations(&key.application_id).await?;
        let targets = self.mapping_targets(&key.application_id).await?;
        Ok(Some(Arc::new(ConsumerConnections::open(&rows, self, &integrations, &targets))))
    }

    /// While another process rotates the master key, secrets are sealed with a key that has yet to be fetched.
    pub(crate) async fn fetch_keys_of(&self, mut sealed: impl Iterator<Item = &String>) -> Result<(), VaultError> {
        if !sealed.any(|blob| self.sealer.lacks_key_of(blob)) {
            return Ok(());
        }
        let mut write = self.store.write().await?;
        self.sealer.install(DataKeys::load(&mut write, self.sealer.master()).await?);
        write.commit(None).await
    }

    /// Seals with the current key from here to the end of the change.
    pub(crate) async fn use_current_key(&self, write: &mut Write<'_>) -> Result<(), VaultError> {
        if write.current_key().await? != Some(self.sealer.current()) {
            self.sealer.install(DataKeys::load(write, self.sealer.master()).await?);
        }
        Ok(())
    }

    /// Forgets what others have changed.
    pub(crate) fn take_note(&self, seen: &Seen) {
        match seen {
            Seen::Changes(announced) => announced.iter().filter_map(Change::read).for_each(|change| match change {
                Ok(change) => self.forget(&change),
                // Another build's: it may be about anything.
                Err(_) => self.forget_all(),
            }),
            Seen::TooMany => self.forget_all(),
        }
    }

    fn forget_all(&self) {
        self.callers.forget_all();
        self.forget_applications();
    }

    /// While nobody can tell what has been revoked, everything is read anew: slow and right.
    pub(crate) fn suspend_memory(&self) {
        self.callers.suspend();
        self.integrations.suspend();
        self.targets.suspend();
        self.origins.suspend();
        self.consumers.suspend();
    }

    pub(crate) fn resume_memory(&self) {
        self.callers.resume();
        self.integrations.resume();
        self.targets.resume();
        self.origins.resume();
        self.consumers.resume();
    }

    /// Changes to API keys are rare: every key is read anew rather than looked for by application.
    fn forget(&self, change: &Change) {
        match change {
            Change::Consumer { .. } => {
                if let Some(consumer) = ConsumerKey::of(change) {
                    self.consumers.forget(&consumer);
                }
            }
            Change::ApiKeys { .. } => self.callers.forget_all(),
            Change::Application { .. } => {
                // It may be gone, and its keys with it.
                self.forget_all();
            }
        }
    }

    /// Changes to integrations and the like are rarer still.
    fn forget_applications(&self) {
        self.integrations.forget_all();
        self.targets.forget_all();
        self.origins.forget_all();
        self.consumers.forget_all();
    }
}

/// Every blob of these rows.
pub(crate) fn sealed(rows: &[ConnectionRow]) -> impl Iterator<Item = &String> {
    rows.iter().flat_map(|row| row.sealed.values())
}

impl ConsumerKey {
    fn of(change: &Change) -> Option<Self> {
        match change {
            Change::ApiKeys { .. } | Change::Application { .. } => None,
            Change::Consumer { application_id, consumer_id } => {
                Some(Self { application_id: application_id.as_str().into(), consumer_id: consumer_id.as_str().into() })
            }
        }
    }
}

struct ForgetOnDrop<'a> {
    inner: &'a Inner,
    change: &'a Change,
}

impl Drop for ForgetOnDrop<'_> {
    fn drop(&mut self) {
        self.inner.forget(self.change);
    }
}

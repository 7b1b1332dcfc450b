//! Access tokens that are renewed before they end: once, however many calls and processes want it.

mod ask;
mod claim;
mod flights;

use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use vendor_client::{ACCESS_TOKEN, CredentialError, CredentialSource, Credentials, VendorClient};

use crate::connections::{Grant, Held};
use crate::core::ConnectionName;
use crate::core::Core;
use crate::error::VaultError;
use crate::tenancy::Integrations;
use flights::Flights;

/// A token that the vendor refuses although it is younger than this would be refused again after a renewal.
const YOUNG: Duration = Duration::from_secs(30);

/// The renewals of a vault's tokens.
pub(crate) struct Renewals {
    pub(super) core: Arc<Core>,
    pub(super) integrations: Integrations,
    /// The way out to vendors. Set once there is one: commands of an operator need none.
    pub(super) client: OnceLock<VendorClient>,
    flights: Flights,
}

/// What a renewal is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Demand {
    /// A token that is not about to end.
    Fresh,
    /// A newer one than this version, whatever the time.
    NewerThan(i64),
}

/// The credentials of one connection, kept fresh.
pub(crate) struct OAuthCredentials {
    renewals: Weak<Renewals>,
    name: ConnectionName,
    held: Mutex<Held>,
}

impl Held {
    pub(crate) fn version(&self) -> i64 {
        self.grant.as_ref().map_or(0, |grant| grant.version)
    }

    fn wants_renewal(&self, now: Timestamp) -> bool {
        !self.has_token() || self.grant.as_ref().is_none_or(|grant| grant.wants_renewal(now))
    }

    /// Whether the vendor may still take the token.
    fn is_usable(&self, now: Timestamp) -> bool {
        self.has_token() && self.grant.as_ref().is_some_and(|grant| !grant.has_expired(now))
    }

    fn has_token(&self) -> bool {
        self.credentials.settings.contains_key(ACCESS_TOKEN)
    }

    /// Why nobody is to ask the vendor at the moment.
    fn cooldown(&self, now: Timestamp) -> Option<CredentialError> {
        let grant = self.grant.as_ref()?;
        grant.failure.as_ref().filter(|failure| failure.retry_at > now).map(|failure| failure.error(grant, now))
    }
}

impl Renewals {
    pub(crate) fn new(core: &Arc<Core>, integrations: &Integrations) -> Self {
        let (core, integrations) = (Arc::clone(core), integrations.clone());
        Self { core, integrations, client: OnceLock::new(), flights: Flights::default() }
    }

    /// Gives the way out that tokens are asked for through. The first one stays.
    pub(crate) fn set_client(&self, client: VendorClient) {
        // A second gateway over the same vault has the same way out.
        drop(self.client.set(client));
    }

    pub(super) fn way_out(&self) -> Result<&VendorClient, VaultError> {
        self.client.get().ok_or_else(|| VaultError::Internal("this process has no way out to vendors".to_owned()))
    }
}

impl OAuthCredentials {
    pub(crate) fn new(renewals: Weak<Renewals>, name: ConnectionName, held: Held) -> Self {
        Self { renewals, name, held: Mutex::new(held) }
    }

    fn held(&self) -> Held {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn renew(&self, demand: Demand) -> Result<Held, CredentialError> {
        let renewals =
            self.renewals.upgrade().ok_or_else(|| CredentialError::Store("the vault is closed".to_owned()))?;
        let renewed = renewals.renewed(&self.name, demand).await?;
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = renewed.clone();
        Ok(renewed)
    }

    fn now(&self) -> Timestamp {
        self.renewals.upgrade().map_or(Timestamp::MAX, |renewals| renewals.core.now())
    }
}

#[async_trait]
impl CredentialSource for OAuthCredentials {
    async fn current(&self) -> Result<Arc<Credentials>, CredentialError> {
        let (held, now) = (self.held(), self.now());
        if !held.wants_renewal(now) {
            return Ok(held.credentials);
        }
        let renewed = match held.cooldown(now) {
            Some(error) => Err(error),
            None => self.renew(Demand::Fresh).await,
        };
        match renewed {
            Ok(renewed) => Ok(renewed.credentials),
            Err(error) if is_final(&error) || !held.is_usable(now) => Err(error),
            // It was to be renewed ahead of its end, and has not ended.
            Err(_) => Ok(held.credentials),
        }
    }

    async fn refresh(&self, stale: &Arc<Credentials>) -> Result<Option<Arc<Credentials>>, CredentialError> {
        let (held, now) = (self.held(), self.now());
        if !Arc::ptr_eq(&held.credentials, stale) {
            return Ok(Some(held.credentials));
        }
        if held.grant.as_ref().is_some_and(|grant| grant.is_young(now)) {
            return Ok(None);
        }
        let version = held.version();
        let renewed = self.renew(Demand::NewerThan(version)).await?;
        Ok((renewed.version() > version).then_some(renewed.credentials))
    }
}

impl Grant {
    fn is_young(&self, now: Timestamp) -> bool {
        !self.is_due && now < self.issued_at + YOUNG
    }
}

/// Whether waiting would not help.
fn is_final(error: &CredentialError) -> bool {
    match error {
        CredentialError::NotAuthorized(_) | CredentialError::Missing(_) | CredentialError::Unreadable(_) => true,
        CredentialError::RefreshFailed { .. }
        | CredentialError::RefreshLimited { .. }
        | CredentialError::NoOauthClient
        | CredentialError::Unavailable { .. }
        | CredentialError::Store(_) => false,
    }
}

impl From<VaultError> for CredentialErrorOf {
    fn from(error: VaultError) -> Self {
        Self(match error {
            VaultError::Sealed(reason) => CredentialError::Unreadable(reason),
            VaultError::MissingSettings { missing, .. } => CredentialError::Missing(missing),
            VaultError::NotAuthorized { reason, .. } => CredentialError::NotAuthorized(reason),
            VaultError::NoIntegration(_) | VaultError::NoOauthClient(_) => CredentialError::NoOauthClient,
            VaultError::NoConnection { .. } | VaultError::NoConsumer(_) => {
                CredentialError::NotAuthorized("the connection was deleted".to_owned())
            }
            VaultError::Unauthorized
            | VaultError::MissingScope(_)
            | VaultError::Ambiguous(_)
            | VaultError::Disabled(_)
            | VaultError::IntegrationDisabled(_)
            | VaultError::NoMappingTarget(_)
            | VaultError::UnknownService(_)
            | VaultError::FieldMap { .. }
            | VaultError::InUse(_)
            | VaultError::Store(_)
            | VaultError::Internal(_) => CredentialError::Store(error.to_string()),
            VaultError::Unavailable(cause) => CredentialError::Unavailable { cause, was_refused: false },
        })
    }
}

/// A vault's error as a session is told of it.
pub(crate) struct CredentialErrorOf(pub(crate) CredentialError);

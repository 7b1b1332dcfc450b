//! Applications: what they allow, where their users are sent back to, and which web pages call with a session.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use unified_model::ApplicationId;

use super::origins::Origins;
use crate::core::{Core, name};
use crate::error::{AdminError, AuthorizeError, VaultError};
use crate::memory::{Forgets, Warm};
use crate::store::Change;

/// An application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApplicationSummary {
    /// Its id.
    pub id: ApplicationId,
    /// Its name for people.
    pub name: String,
    /// Where its users may be sent back to after an authorisation. The first counts where none is named.
    pub redirect_uris: Vec<String>,
    /// The web pages, by origin, that may call with a session.
    pub origins: Vec<String>,
    /// When it was added.
    pub created_at: Timestamp,
}

/// A change to an application; what it does not name stays.
#[derive(Debug, Clone, Default)]
pub struct ApplicationPatch {
    /// Its name for people.
    pub name: Option<String>,
    /// Replaces the addresses that its users may be sent back to.
    pub redirect_uris: Option<Vec<String>>,
    /// Replaces the origins of the web pages that may call with a session.
    pub origins: Option<Vec<String>>,
}

/// The applications of a vault.
#[derive(Clone)]
pub struct Applications {
    core: Arc<Core>,
    /// Of all of them.
    origins: Arc<Warm<(), Arc<Origins>>>,
}

impl Applications {
    pub(crate) fn new(core: &Arc<Core>) -> Self {
        Self { core: Arc::clone(core), origins: core.memory.cache_of(1, forgets) }
    }

    /// Adds an application.
    pub async fn add(&self, id: &ApplicationId, name: &str) -> Result<ApplicationSummary, AdminError> {
        self.add_with(id, name, ApplicationPatch::default()).await
    }

    /// Adds an application with what the patch says.
    pub async fn add_with(
        &self,
        id: &ApplicationId,
        name: &str,
        patch: ApplicationPatch,
    ) -> Result<ApplicationSummary, AdminError> {
        name::check_for_address(id)?;
        name::check("an application's name", name)?;
        let mut application = ApplicationSummary {
            id: id.clone(),
            name: name.to_owned(),
            redirect_uris: Vec::new(),
            origins: Vec::new(),
            created_at: self.core.now(),
        };
        application.change(patch)?;
        let mut write = self.core.store.write().await?;
        if !write.add_application(&application).await? {
            return Err(AdminError::ApplicationExists(id.to_string()));
        }
        if application.origins.is_empty() {
            write.commit_quietly().await?;
        } else {
            self.core.commit(write, Change::of_application(id)).await?;
        }
        Ok(application)
    }

    /// Every application, by id.
    pub async fn list(&self) -> Result<Vec<ApplicationSummary>, AdminError> {
        Ok(self.core.store.applications().await?)
    }

    /// One application.
    pub async fn get(&self, id: &ApplicationId) -> Result<ApplicationSummary, AdminError> {
        let found = self.core.store.application(id).await?;
        found.ok_or_else(|| AdminError::UnknownApplication(id.to_string()))
    }

    /// Changes an application.
    pub async fn update(&self, id: &ApplicationId, patch: ApplicationPatch) -> Result<ApplicationSummary, AdminError> {
        let mut write = self.core.store.write().await?;
        write.require_application(id).await?;
        let application = write.application(id).await?;
        let mut application = application.ok_or_else(|| AdminError::UnknownApplication(id.to_string()))?;
        application.change(patch)?;
        write.update_application(&application).await?;
        self.core.commit(write, Change::of_application(id)).await?;
        Ok(application)
    }

    /// Deletes an application with its API keys, consumers, connections, integrations, events and log of calls. Vendors are not
    /// asked to revoke anything.
    pub async fn delete(&self, id: &ApplicationId) -> Result<(), AdminError> {
        let mut write = self.core.store.write().await?;
        write.require_application(id).await?;
        if !write.delete_application(id).await? {
            return Err(AdminError::UnknownApplication(id.to_string()));
        }
        Ok(self.core.commit(write, Change::of_application(id)).await?)
    }

    /// The origins of every application, in memory once they have been read.
    pub async fn origins(&self) -> Result<Arc<Origins>, VaultError> {
        let load = async || Ok(Some(Arc::new(Origins::of(self.core.store.applications().await?))));
        Ok(self.origins.get_or_load(&(), load).await?.unwrap_or_default())
    }

    /// The address given, if the application allows it; without one its first.
    pub(crate) async fn redirect_uri(&self, id: &ApplicationId, given: Option<&str>) -> Result<String, AuthorizeError> {
        let application = self.core.store.application(id).await?;
        let allowed = application.map(|application| application.redirect_uris).unwrap_or_default();
        match given {
            Some(given) if allowed.iter().any(|uri| uri == given) => Ok(given.to_owned()),
            Some(_) => Err(AuthorizeError::RedirectUri(
                "`redirect_uri` is not one of the addresses that the application allows; its operator adds it with \
                 `trunkline apps update --redirect-uri`"
                    .to_owned(),
            )),
            None => allowed.into_iter().next().ok_or_else(|| {
                AuthorizeError::RedirectUri(
                    "send `redirect_uri`: the application has no address that consumers are sent back to".to_owned(),
                )
            }),
        }
    }
}

fn forgets(change: &Change) -> Forgets<()> {
    match change {
        Change::Application { .. } => Forgets::Everything,
        Change::ApiKeys { .. } | Change::Consumer { .. } => Forgets::Nothing,
    }
}

impl ApplicationSummary {
    /// Puts a patch in, if all of it can be meant.
    pub(crate) fn change(&mut self, patch: ApplicationPatch) -> Result<(), AdminError> {
        if let Some(name) = patch.name {
            name::check("an application's name", &name)?;
            self.name = name;
        }
        if let Some(uris) = patch.redirect_uris {
            refuse_first(&uris, |uri| !is_redirect_uri(uri), AdminError::RedirectUri)?;
            self.redirect_uris = uris;
        }
        if let Some(origins) = patch.origins {
            refuse_first(&origins, |origin| !is_origin(origin), AdminError::Origin)?;
            self.origins = origins;
        }
        Ok(())
    }
}

fn refuse_first(
    texts: &[String],
    is_wrong: impl Fn(&String) -> bool,
    error: impl Fn(String) -> AdminError,
) -> Result<(), AdminError> {
    texts.iter().find(|text| is_wrong(text)).map_or(Ok(()), |text| Err(error(text.clone())))
}

/// An absolute address. Codes and tokens travel there, so nothing but https, unless it stays on the machine.
fn is_redirect_uri(text: &str) -> bool {
    let Ok(url) = url::Url::parse(text) else { return false };
    is_safe(&url) && url.fragment().is_none() && url.username().is_empty() && url.password().is_none()
}

fn is_origin(text: &str) -> bool {
    let Ok(url) = url::Url::parse(text) else { return false };
    is_safe(&url) && url.origin().ascii_serialization() == text
}

fn is_safe(url: &url::Url) -> bool {
    let is_loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_sent_back_only_where_nobody_reads_along() {
        for uri in [
            "https://app.example.com/done?tab=crm",
            "http://localhost:3000/done",
            "http://127.0.0.1:9/",
            "http://[::1]/x",
        ] {
            assert!(is_redirect_uri(uri), "{uri}");
        }
        for uri in [
            "http://app.example.com/",
            "/done",
            "javascript:alert(1)",
            "https://a@b.example/",
            "https://app.example.com/#x",
            "",
        ] {
            assert!(!is_redirect_uri(uri), "{uri}");
        }
    }

    #[test]
    fn an_origin_is_written_as_browsers_send_it() {
        for origin in ["https://app.example.com", "https://app.example.com:8443", "http://localhost:3000"] {
            assert!(is_origin(origin), "{origin}");
        }
        for origin in [
            "https://app.example.com/",
            "https://APP.example.com",
            "https://app.example.com:443",
            "*",
            "null",
            "http://app.example.com",
        ] {
            assert!(!is_origin(origin), "{origin}");
        }
    }
}

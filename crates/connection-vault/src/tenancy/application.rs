//! What an application allows: where its users are sent back to, and which web pages call with a session.

use crate::connections::summary::ApplicationSummary;
use crate::core::name;
use crate::error::AdminError;
use crate::store::Change;
use crate::vault::Vault;

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

impl Vault {
    /// One application.
    pub async fn application(&self, id: &str) -> Result<ApplicationSummary, AdminError> {
        let found = if name::is_well_formed(id) { self.inner.store.application(id).await? } else { None };
        found.ok_or_else(|| AdminError::UnknownApplication(id.to_owned()))
    }

    /// Deletes an application with its API keys, consumers, connections, integrations, events and log of calls. Vendors are not
    /// asked to revoke anything.
    pub async fn delete_application(&self, id: &str) -> Result<(), AdminError> {
        let mut write = self.inner.store.write().await?;
        write.require_application(id).await?;
        if !write.delete_application(id).await? {
            return Err(AdminError::UnknownApplication(id.to_owned()));
        }
        Ok(self.inner.commit(write, Change::Application { application_id: id.to_owned() }).await?)
    }

    /// Changes an application.
    pub async fn update_application(
        &self,
        id: &str,
        patch: ApplicationPatch,
    ) -> Result<ApplicationSummary, AdminError> {
        let mut write = self.inner.store.write().await?;
        write.require_application(id).await?;
        let application = write.application(id).await?;
        let mut application = application.ok_or_else(|| AdminError::UnknownApplication(id.to_owned()))?;
        application.change(patch)?;
        write.update_application(&application).await?;
        self.inner.commit(write, Change::Application { application_id: id.to_owned() }).await?;
        Ok(application)
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

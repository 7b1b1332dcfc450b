//! Origins of web pages, and the applications that let them call with a session.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::VaultError;
use crate::vault::Inner;
use crate::vault::Vault;

/// Which pages may call which application. One value for all of them: a guess costs a look into it and no statement.
#[derive(Debug, Default)]
pub struct Origins(BTreeMap<String, Vec<String>>);

impl Origins {
    /// Whether an application lets pages of this origin call.
    #[must_use]
    pub fn allow(&self, origin: &str, application_id: &str) -> bool {
        self.0.get(origin).is_some_and(|applications| applications.iter().any(|known| known == application_id))
    }
}

impl Vault {
    /// The origins of every application, in memory once they have been read.
    pub async fn origins(&self) -> Result<Arc<Origins>, VaultError> {
        let load = async || Ok(Some(Arc::new(self.inner.load_origins().await?)));
        Ok(self.inner.origins.get_or_load(&(), load).await?.unwrap_or_default())
    }
}

impl Inner {
    async fn load_origins(&self) -> Result<Origins, VaultError> {
        let mut by_origin: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for application in self.store.applications().await? {
            for origin in application.origins {
                by_origin.entry(origin).or_default().push(application.id.clone());
            }
        }
        Ok(Origins(by_origin))
    }
}

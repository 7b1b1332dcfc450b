//! Origins of web pages, and the applications that let them call with a session.

use std::collections::BTreeMap;

use unified_model::ApplicationId;

use super::applications::ApplicationSummary;

/// Which pages may call which application. One value for all of them: a guess costs a look into it and no statement.
#[derive(Debug, Default)]
pub struct Origins(BTreeMap<String, Vec<ApplicationId>>);

impl Origins {
    pub(super) fn of(applications: Vec<ApplicationSummary>) -> Self {
        let mut by_origin: BTreeMap<String, Vec<ApplicationId>> = BTreeMap::new();
        for application in applications {
            for origin in application.origins {
                by_origin.entry(origin).or_default().push(application.id.clone());
            }
        }
        Self(by_origin)
    }

    /// Whether an application lets pages of this origin call.
    #[must_use]
    pub fn allow(&self, origin: &str, application_id: &ApplicationId) -> bool {
        self.0.get(origin).is_some_and(|applications| applications.iter().any(|known| known == application_id))
    }
}

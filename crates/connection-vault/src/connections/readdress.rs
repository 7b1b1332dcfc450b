//! Changes of secrets, and of the settings that say where secrets are sent: what has to be entered again, and who may do it.

use std::collections::BTreeMap;
use std::fmt;

use connector_catalog::{ConnectorDefinition, Setting};
use secrecy::{ExposeSecret, SecretString};
use storage::Statement;
use vendor_client::{ACCESS_TOKEN, REFRESH_TOKEN};

use super::rows::ConnectionRow;
use crate::access::{ApiKeyId, SessionAction};
use crate::error::{AdminError, VaultError};
use crate::store::Write;

/// Who changes a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangedBy {
    /// An operator, on the command line.
    Operator,
    /// The application.
    Application {
        /// The API key that it called with.
        api_key_id: Option<ApiKeyId>,
    },
    /// A session of the consumer.
    Session {
        /// The session's id.
        id: String,
        /// Whether it may replace what is stored: whether it has the action `reauthorize`.
        may_reauthorize: bool,
    },
}

impl ChangedBy {
    pub(crate) fn is_session(&self) -> bool {
        match self {
            Self::Session { .. } => true,
            Self::Operator | Self::Application { .. } => false,
        }
    }
}

impl Default for ChangedBy {
    fn default() -> Self {
        Self::Application { api_key_id: None }
    }
}

/// What a patch does to stored secrets, by the names of settings.
#[derive(Debug, Clone, Default)]
pub(crate) struct SecretsChange {
    /// Settings that say where secrets are sent, and said something else before. Where there is no secret yet, a value in place of
    /// the definition's own is the first.
    pub(crate) moved: Vec<String>,
    /// Whether consents that are under way were given for another address.
    ends_consents: bool,
    /// Stored secrets that are replaced or taken away.
    replaced: Vec<String>,
    /// Stored secrets that would be sent to the new address without having been entered again.
    kept: Vec<String>,
}

/// New values of settings; `None` takes a value away.
pub(crate) type NewValues = BTreeMap<String, Option<SecretString>>;

impl SecretsChange {
    pub(crate) fn of(row: &ConnectionRow, connector: &ConnectorDefinition, values: &NewValues) -> Self {
        let is_stored = |setting: &&Setting| row.has_secret(setting);
        let (replaced, kept) = connector
            .settings
            .iter()
            .filter(is_stored)
            .partition::<Vec<_>, _>(|secret| values.contains_key(&secret.name));
        let is_moved = |setting: &&Setting| setting.secrets_go_to && row.is_moved(setting, values);
        let moved: Vec<&Setting> = connector.settings.iter().filter(is_moved).collect();
        let has_secrets = !(replaced.is_empty() && kept.is_empty()) || row.has_tokens();
        let counts = has_secrets || moved.iter().any(|setting| row.has_value(setting));
        Self {
            ends_consents: !moved.is_empty(),
            moved: if counts { names(moved) } else { Vec::new() },
            replaced: names(replaced),
            kept: names(kept),
        }
    }

    /// Refuses to send a stored secret to an address that it was not entered for, and what a session may not do.
    pub(crate) fn check(&self, row: &ConnectionRow, by: &ChangedBy) -> Result<(), AdminError> {
        let may_not_replace = matches!(by, ChangedBy::Session { may_reauthorize: false, .. });
        let replaces = !self.moved.is_empty() || !self.replaced.is_empty();
        if may_not_replace && replaces {
            return Err(AdminError::NotAllowed(SessionAction::Reauthorize));
        }
        if self.moved.is_empty() || self.kept.is_empty() {
            return Ok(());
        }
        let (changed, secrets) = (self.moved.clone(), self.kept.clone());
        Err(AdminError::EnterAgain { service: row.service.clone(), changed, secrets })
    }

    /// What changed and by whom; empty where it touched no stored secret.
    pub(crate) fn detail(&self, by: &ChangedBy) -> String {
        let moved = self.moved.iter().map(|name| format!("{name} (where secrets are sent)"));
        let changed: Vec<String> = moved.chain(self.replaced.iter().cloned()).collect();
        if changed.is_empty() { String::new() } else { format!("{} changed by {by}", changed.join(", ")) }
    }
}

impl fmt::Display for ChangedBy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator => formatter.write_str("an operator"),
            Self::Application { api_key_id: None } => formatter.write_str("the application"),
            Self::Application { api_key_id: Some(id) } => write!(formatter, "the application with API key {id}"),
            Self::Session { id, .. } => write!(formatter, "session {id} of the consumer"),
        }
    }
}

impl ConnectionRow {
    /// Where secrets are sent, as far as the consumer or the application says it: by setting, stored or by default.
    pub(crate) fn destinations(&self, connector: &ConnectorDefinition) -> BTreeMap<String, Option<String>> {
        let own = connector.settings.iter().filter(|setting| setting.secrets_go_to && !setting.from_token);
        own.map(|setting| (setting.name.clone(), self.stored(setting).map(str::to_owned))).collect()
    }

    fn has_tokens(&self) -> bool {
        [ACCESS_TOKEN, REFRESH_TOKEN].iter().any(|token| self.sealed.contains_key(*token))
    }

    /// A value of its own, whatever the definition says.
    fn has_value(&self, setting: &Setting) -> bool {
        self.sealed.contains_key(&setting.name) || self.settings.contains_key(&setting.name)
    }

    fn has_secret(&self, setting: &Setting) -> bool {
        let name = &setting.name;
        self.sealed.contains_key(name) || (setting.sensitive && self.settings.contains_key(name))
    }

    /// What counts at present. Of a sealed value only the seal.
    fn stored<'a>(&'a self, setting: &'a Setting) -> Option<&'a str> {
        let stored = self.sealed.get(&setting.name).or_else(|| self.settings.get(&setting.name));
        stored.or(setting.default.as_ref()).map(String::as_str)
    }

    /// Whether another value takes the place of the one that there is. A value where there was none is no move.
    fn is_moved(&self, setting: &Setting, values: &NewValues) -> bool {
        let (Some(before), Some(value)) = (self.stored(setting), values.get(&setting.name)) else { return false };
        let after = value.as_ref().map(ExposeSecret::expose_secret).or(setting.default.as_deref());
        after != Some(before)
    }
}

impl Write<'_> {
    /// Consents that are under way were given for the old address: their codes and tokens are not sent to a new one.
    pub(crate) async fn end_consents(&mut self, row: &ConnectionRow, change: &SecretsChange) -> Result<(), VaultError> {
        if !change.ends_consents {
            return Ok(());
        }
        let delete = "DELETE FROM authorizations WHERE application_id = $1 AND consumer_id = $2 AND service_id = $3";
        let delete = Statement::new(delete)
            .bind(row.application_id.as_str())
            .bind(row.consumer_id.as_str())
            .bind(row.service.as_str());
        self.execute(delete).await?;
        Ok(())
    }
}

fn names<'s>(settings: impl IntoIterator<Item = &'s Setting>) -> Vec<String> {
    settings.into_iter().map(|setting| setting.name.clone()).collect()
}

//! The record of changes: what each leaves for the vaults of other processes, and how they notice it.

use super::database::{Lookout, Row, Statement};
use super::{Write, failed};
use crate::VaultError;

/// How many changes are kept for vaults that have yet to see them. One that is further behind forgets everything.
const KEPT: i64 = 256;

/// What running vaults have to forget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// API keys of an application.
    ApiKeys { application_id: String },
    /// An application as a whole: its integrations and what it defines.
    Application { application_id: String },
    /// The connections of a consumer.
    Consumer { application_id: String, consumer_id: String },
}

/// What has changed since the last look.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// These, in order.
    Changes(Vec<Change>),
    /// More than is on record.
    TooMany,
}

/// Sees what is committed after it has begun.
pub(crate) struct Watch {
    lookout: Box<dyn Lookout>,
    revision: i64,
}

impl Change {
    /// That of a connection.
    pub(crate) fn of(row: &super::ConnectionRow) -> Self {
        Self::Consumer { application_id: row.application_id.clone(), consumer_id: row.consumer_id.clone() }
    }
}

impl Watch {
    pub(super) async fn begin(mut lookout: Box<dyn Lookout>) -> Result<Self, VaultError> {
        let rows = lookout.fetch(Statement::new("SELECT revision FROM last_change")).await?;
        let row = rows.first().ok_or_else(|| failed("the table last_change is empty"))?;
        Ok(Self { lookout, revision: row.get("revision")? })
    }

    /// Returns when there is a reason to look before it is due.
    pub(crate) async fn called(&mut self) {
        self.lookout.called().await;
    }

    /// Everything that was committed since the last look, by this process as well.
    pub(crate) async fn look(&mut self) -> Result<Seen, VaultError> {
        let select = "SELECT * FROM changes WHERE revision > $1 ORDER BY revision";
        let rows = self.lookout.fetch(Statement::new(select).bind(self.revision)).await?;
        let Some((first, last)) = rows.first().zip(rows.last()) else {
            return Ok(Seen::Changes(Vec::new()));
        };
        let (first, last): (i64, i64) = (first.get("revision")?, last.get("revision")?);
        // Revisions have no gaps, so what does not begin where the last look ended has been pruned.
        let seen = if first == self.revision + 1 {
            Seen::Changes(rows.iter().map(read).collect::<Result<_, _>>()?)
        } else {
            Seen::TooMany
        };
        self.revision = last;
        Ok(seen)
    }
}

impl Write<'_> {
    pub(super) async fn leave_word(&mut self, change: &Change) -> Result<(), VaultError> {
        let (application_id, consumer_id, whole) = match change {
            Change::ApiKeys { application_id } => (application_id, None, false),
            Change::Application { application_id } => (application_id, None, true),
            Change::Consumer { application_id, consumer_id } => (application_id, Some(consumer_id), false),
        };
        let count_on = Statement::new("UPDATE last_change SET revision = revision + 1 RETURNING revision");
        let rows = self.fetch(count_on).await?;
        let revision: i64 = rows.first().ok_or_else(|| failed("the table last_change is empty"))?.get("revision")?;
        let insert = "INSERT INTO changes (revision, application_id, consumer_id, whole_application) \
                      VALUES ($1, $2, $3, $4)";
        let insert = Statement::new(insert).bind(revision).bind(application_id).bind(consumer_id).bind(whole);
        self.execute(insert).await?;
        let prune = Statement::new("DELETE FROM changes WHERE revision <= $1").bind(revision - KEPT);
        self.execute(prune).await?;
        Ok(())
    }
}

fn read(row: &Row) -> Result<Change, VaultError> {
    let application_id = row.text("application_id")?;
    Ok(match (row.get("consumer_id")?, row.get("whole_application")?) {
        (Some(consumer_id), _) => Change::Consumer { application_id, consumer_id },
        (None, true) => Change::Application { application_id },
        (None, false) => Change::ApiKeys { application_id },
    })
}

//! Noticing what other processes have changed, by one number that `SQLite` keeps in memory shared between them.

use sqlx::Row;
use sqlx::sqlite::SqliteConnection;

use super::{Change, failed};
use crate::VaultError;

/// A connection of its own: `data_version` tells one connection about all the others.
pub(crate) struct Watch {
    connection: SqliteConnection,
    data_version: i64,
    revision: i64,
}

/// What has changed since the last look.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// These, in order.
    Changes(Vec<Change>),
    /// More than is on record.
    TooMany,
}

impl Watch {
    pub(super) async fn begin(mut connection: SqliteConnection) -> Result<Self, VaultError> {
        let data_version = data_version(&mut connection).await?;
        let select = "SELECT COALESCE(MAX(revision), 0) FROM changes";
        let row = sqlx::query(select).fetch_one(&mut connection).await.map_err(failed)?;
        let revision = row.try_get(0).map_err(failed)?;
        Ok(Self { connection, data_version, revision })
    }

    /// Everything that was committed since the last look, by this process as well.
    pub(crate) async fn look(&mut self) -> Result<Seen, VaultError> {
        let data_version = data_version(&mut self.connection).await?;
        if data_version == self.data_version {
            return Ok(Seen::Changes(Vec::new()));
        }
        let select = "SELECT revision, application_id, consumer_id FROM changes WHERE revision > $1 ORDER BY revision";
        let rows = sqlx::query(select).bind(self.revision).fetch_all(&mut self.connection).await.map_err(failed)?;
        let rows = rows.iter().map(read).collect::<Result<Vec<_>, _>>().map_err(failed)?;
        self.data_version = data_version;
        let expected = self.revision + 1;
        let Some((first, last)) = rows.first().zip(rows.last()).map(|(first, last)| (first.0, last.0)) else {
            return Ok(Seen::Changes(Vec::new()));
        };
        self.revision = last;
        // Revisions have no gaps, so what does not begin where the last look ended has been pruned.
        if first != expected {
            return Ok(Seen::TooMany);
        }
        Ok(Seen::Changes(rows.into_iter().map(|(_, change)| change).collect()))
    }
}

fn read(row: &sqlx::sqlite::SqliteRow) -> Result<(i64, Change), sqlx::Error> {
    let application_id = row.try_get("application_id")?;
    let change = match row.try_get("consumer_id")? {
        Some(consumer_id) => Change::Consumer { application_id, consumer_id },
        None => Change::ApiKeys { application_id },
    };
    Ok((row.try_get("revision")?, change))
}

async fn data_version(connection: &mut SqliteConnection) -> Result<i64, VaultError> {
    let row = sqlx::query("PRAGMA data_version").fetch_one(connection).await.map_err(failed)?;
    row.try_get(0).map_err(failed)
}

//! The feed of changes: what each change says to those who watch, and how processes notice what others have changed.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Write;
use crate::engine::Lookout;
use crate::sql::{Row, Statement, StorageError};

/// How many announcements are kept for those who have yet to see them. Who is further behind is told that it is.
const KEPT: i64 = 256;

/// What a change says to those who watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// Whom it concerns: the crate that knows what `detail` means.
    pub topic: String,
    /// What it says, as JSON.
    pub detail: String,
}

/// What has changed since the last look.
#[derive(Debug, PartialEq, Eq)]
pub enum Seen {
    /// These, in order.
    Changes(Vec<Announcement>),
    /// More than is on record.
    TooMany,
}

/// Sees what is announced after it has begun.
pub struct Watch {
    lookout: Box<dyn Lookout>,
    revision: i64,
}

impl Announcement {
    /// An announcement of something that is written as JSON.
    ///
    /// # Errors
    /// Fails where it cannot be written so.
    pub fn new(topic: &str, detail: &impl Serialize) -> Result<Self, StorageError> {
        let detail = serde_json::to_string(detail).map_err(StorageError::failed)?;
        Ok(Self { topic: topic.to_owned(), detail })
    }

    /// What it says.
    ///
    /// # Errors
    /// Fails where it says something else, as that of another build may.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, StorageError> {
        serde_json::from_str(&self.detail).map_err(StorageError::failed)
    }
}

impl Watch {
    pub(crate) async fn begin(mut lookout: Box<dyn Lookout>) -> Result<Self, StorageError> {
        let rows = lookout.fetch(Statement::new("SELECT revision FROM change_feed_end")).await?;
        let row = rows.first().ok_or_else(no_end)?;
        Ok(Self { lookout, revision: row.get("revision")? })
    }

    /// Returns when there is a reason to look before it is due.
    pub async fn called(&mut self) {
        self.lookout.called().await;
    }

    /// Everything that was announced since the last look, by this process as well.
    ///
    /// # Errors
    /// Fails where the database cannot be seen any more: begin another watch, and expect to have missed anything.
    pub async fn look(&mut self) -> Result<Seen, StorageError> {
        let select = "SELECT * FROM change_feed WHERE revision > $1 ORDER BY revision";
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
    /// Adds to the feed. Whoever counts on holds its end until the change is true.
    pub(crate) async fn announce(&mut self, announcement: &Announcement) -> Result<(), StorageError> {
        let count_on = Statement::new("UPDATE change_feed_end SET revision = revision + 1 RETURNING revision");
        let rows = self.fetch(count_on).await?;
        let revision: i64 = rows.first().ok_or_else(no_end)?.get("revision")?;
        let insert = Statement::new("INSERT INTO change_feed (revision, topic, detail) VALUES ($1, $2, $3)");
        self.execute(insert.bind(revision).bind(&announcement.topic).bind(&announcement.detail)).await?;
        let prune = Statement::new("DELETE FROM change_feed WHERE revision <= $1").bind(revision - KEPT);
        self.execute(prune).await?;
        Ok(())
    }
}

fn no_end() -> StorageError {
    StorageError::failed("the table change_feed_end is empty")
}

fn read(row: &Row) -> Result<Announcement, StorageError> {
    Ok(Announcement { topic: row.text("topic")?, detail: row.text("detail")? })
}

//! Rows of sessions.

use jiff::Timestamp;
use unified_model::{ApplicationId, ConsumerId};

use super::sessions::SessionSummary;
use crate::error::VaultError;
use crate::store::{Store, Write};
use storage::{Row, Statement};

pub(crate) const STANDING: &str = "SELECT consumers.created_at AS consumer_created_at, sessions.id AS session_id, \
     sessions.revoked_at AS session_revoked_at, api_keys.id AS key_id, api_keys.revoked_at AS key_revoked_at, \
     api_keys.expires_at AS key_expires_at \
     FROM consumers \
     LEFT JOIN sessions ON sessions.id = $3 AND sessions.application_id = consumers.application_id \
     AND sessions.consumer_id = consumers.consumer_id \
     LEFT JOIN api_keys ON api_keys.id = sessions.api_key_id \
     WHERE consumers.application_id = $1 AND consumers.consumer_id = $2";

const SELECT: &str =
    "SELECT id, application_id, consumer_id, api_key_id, created_at, expires_at, revoked_at FROM sessions";

/// What a session rests on.
pub(crate) struct Standing {
    /// When its consumer was added.
    pub(crate) consumer_since: Timestamp,
    /// Whether the session is on record.
    pub(crate) is_on_record: bool,
    pub(crate) is_revoked: bool,
    /// Whether the API key that it was created with can still be used.
    pub(crate) has_key: bool,
}

impl Store {
    /// What a session of a consumer rests on; `None` where there is no such consumer.
    pub(crate) async fn standing(
        &self,
        (application_id, consumer_id): (&ApplicationId, &ConsumerId),
        session_id: &str,
        now: Timestamp,
    ) -> Result<Option<Standing>, VaultError> {
        let select = Statement::new(STANDING).bind(application_id.as_str()).bind(consumer_id.as_str()).bind(session_id);
        let rows = self.fetch(select).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let is_there = |column: &str| Ok::<_, VaultError>(row.get::<Option<&str>>(column)?.is_some());
        let key_expires_at = row.optional_timestamp("key_expires_at")?;
        Ok(Some(Standing {
            consumer_since: row.timestamp("consumer_created_at")?,
            is_on_record: is_there("session_id")?,
            is_revoked: row.optional_timestamp("session_revoked_at")?.is_some(),
            has_key: is_there("key_id")?
                && row.optional_timestamp("key_revoked_at")?.is_none()
                && key_expires_at.is_none_or(|end| end > now),
        }))
    }

    /// An application's sessions whose time is not over, or those of one consumer; the newest first.
    pub(crate) async fn sessions(
        &self,
        application_id: &ApplicationId,
        consumer_id: Option<&ConsumerId>,
        now: Timestamp,
    ) -> Result<Vec<SessionSummary>, VaultError> {
        static OF_CONSUMER: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
            format!(
                "{SELECT} WHERE application_id = $1 AND expires_at > $2 AND ($3 = '' OR consumer_id = $3) \
                 ORDER BY created_at DESC, id"
            )
        });
        let consumer_id = consumer_id.map(ConsumerId::as_str).unwrap_or_default();
        let select = Statement::new(OF_CONSUMER.as_str()).bind(application_id.as_str()).bind(now).bind(consumer_id);
        self.fetch(select).await?.iter().map(read).collect()
    }
}

impl Write<'_> {
    /// Keeps a session, and forgets those whose time is over.
    pub(crate) async fn add_session(&mut self, session: &SessionSummary) -> Result<(), VaultError> {
        let delete = Statement::new("DELETE FROM sessions WHERE expires_at <= $1").bind(session.created_at);
        self.execute(delete).await?;
        let insert = "INSERT INTO sessions (id, application_id, consumer_id, api_key_id, created_at, expires_at) \
                      VALUES ($1, $2, $3, $4, $5, $6)";
        let insert = Statement::new(insert)
            .bind(&session.id)
            .bind(session.application_id.as_str())
            .bind(session.consumer_id.as_str())
            .bind(session.api_key_id.as_ref().map(|id| id.as_str().to_owned()).as_ref())
            .bind(session.created_at)
            .bind(session.expires_at);
        self.execute(insert).await?;
        Ok(())
    }

    /// Whether there was one. One that is revoked already keeps its date.
    pub(crate) async fn revoke_session(&mut self, id: &str, at: Timestamp) -> Result<bool, VaultError> {
        let update = "UPDATE sessions SET revoked_at = COALESCE(revoked_at, $1) WHERE id = $2";
        Ok(self.execute(Statement::new(update).bind(at).bind(id)).await? == 1)
    }
}

fn read(row: &Row) -> Result<SessionSummary, VaultError> {
    Ok(SessionSummary {
        id: row.text("id")?,
        application_id: row.parsed("application_id")?,
        consumer_id: row.parsed("consumer_id")?,
        api_key_id: row.get::<Option<String>>("api_key_id")?.map(Into::into),
        created_at: row.timestamp("created_at")?,
        expires_at: row.timestamp("expires_at")?,
        revoked_at: row.optional_timestamp("revoked_at")?,
    })
}

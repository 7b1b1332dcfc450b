//! Rows of logged calls. Their writing is not among the statements that are counted: no call waits for it.

use std::sync::LazyLock;
use std::time::Duration;

use jiff::Timestamp;
use unified_model::{ApplicationId, ConsumerId};

use super::logged_call::{LogFilter, LogPosition, LoggedCall, PathMatch};
use crate::error::VaultError;
use crate::store::Store;
use storage::{Row, Statement, StorageError, Value};

/// How many rows one statement adds. Each of the two statements, for so many rows and for one, is prepared once for a connection.
/// More rows cost more: `SQLite` looks for `$n` among all names of a statement, so the cost of binding grows with the square. In
/// instructions a row: 33,000 for 1, 28,000 for 8, 36,000 for 16, 47,000 for 32.
const ROWS: usize = 8;

const COLUMNS: &str = "application_id, consumer_id, called_at, id, unified_api, service_id, operation_id, http_method, path, \
                       status_code, error_type, execution_micros, vendor_micros";

/// A list of texts comes as one, with commas around each. `replace` tells whether a text holds another, capitals and all, on both
/// engines.
const LIST: &str = "SELECT * FROM logs WHERE application_id = $1 AND consumer_id = $2 \
                    AND (called_at, id) < ($3, $4) AND called_at >= $5 AND called_at < $6 \
                    AND ($7 = '' OR service_id = $7) \
                    AND ($8 = '' OR path = $8) AND ($9 = '' OR replace(path, $9, '') <> path) \
                    AND ($10 = '' OR substr(path, 1, length($10)) = $10) \
                    AND ($11 = '' OR replace($11, ',' || http_method || ',', '') <> $11) \
                    AND ($12 = '' OR replace($12, ',' || CAST(status_code AS TEXT) || ',', '') <> $12) \
                    AND ($13 = '' OR replace($13, ',' || unified_api || ',', '') = $13) \
                    AND ($15 = '' OR substr(path, length(path) - length($15) + 1) = $15) \
                    ORDER BY called_at DESC, id DESC LIMIT $14";

const PRUNE: &str = "DELETE FROM logs WHERE (application_id, consumer_id, called_at, id) IN \
                     (SELECT application_id, consumer_id, called_at, id FROM logs WHERE called_at < $1 LIMIT $2)";

/// What a row takes, about: its primary key stands in the index by time once more. Held to what files take by a test.
const BYTES: &str = "2 * (length(application_id) + length(consumer_id) + length(id)) + length(unified_api) + \
                     length(service_id) + length(operation_id) + length(http_method) + length(path) + \
                     COALESCE(length(error_type), 0) + 80";

static MEASURE: LazyLock<String> =
    LazyLock::new(|| format!("SELECT CAST(COALESCE(SUM({BYTES}), 0) AS BIGINT) AS bytes FROM logs"));

static SHORTEN: LazyLock<String> = LazyLock::new(|| {
    format!(
        "DELETE FROM logs WHERE (application_id, consumer_id, called_at, id) IN \
         (SELECT application_id, consumer_id, called_at, id FROM logs ORDER BY called_at LIMIT $1) \
         RETURNING CAST({BYTES} AS BIGINT) AS bytes"
    )
});

/// A call that was stored although nobody heard of it may come again.
static ADD_ONE: LazyLock<String> = LazyLock::new(|| insert(1));
static ADD_MANY: LazyLock<String> = LazyLock::new(|| insert(ROWS));

fn insert(rows: usize) -> String {
    let columns = COLUMNS.split(',').count();
    let row = |row: usize| {
        let parameters: Vec<String> = (1..=columns).map(|column| format!("${}", row * columns + column)).collect();
        format!("({})", parameters.join(", "))
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    format!("INSERT INTO logs ({COLUMNS}) VALUES {} ON CONFLICT DO NOTHING", rows.join(", "))
}

impl Store {
    /// The newest calls of a consumer behind a position.
    pub(crate) async fn logs(
        &self,
        (application_id, consumer_id): (&ApplicationId, &ConsumerId),
        filter: &LogFilter,
        after: Option<&LogPosition>,
        limit: i64,
    ) -> Result<Vec<LoggedCall>, VaultError> {
        let (behind, id) = after.map_or((i64::MAX, ""), |after| (after.called_at.as_millisecond(), after.id.as_str()));
        let (mut exact, mut part, mut beginning, mut end) = ("", "", "", "");
        match &filter.path {
            None => {}
            Some(PathMatch::Exact(text)) => exact = text,
            Some(PathMatch::Contains(text)) => part = text,
            Some(PathMatch::StartsWith(text)) => beginning = text,
            Some(PathMatch::EndsWith(text)) => end = text,
        }
        let select = Statement::new(LIST)
            .bind(application_id.as_str())
            .bind(consumer_id.as_str())
            .bind(behind)
            .bind(id)
            .bind(filter.from.map_or(i64::MIN, Timestamp::as_millisecond))
            .bind(filter.until.map_or(i64::MAX, Timestamp::as_millisecond))
            .bind(filter.service_id.as_deref().unwrap_or_default())
            .bind(exact)
            .bind(part)
            .bind(beginning)
            .bind(enclosed(&filter.http_methods))
            .bind(enclosed(&filter.status_codes))
            .bind(enclosed(&filter.excluded_apis))
            .bind(limit)
            .bind(end);
        self.fetch(select).await?.iter().map(read).collect()
    }

    /// All of them, in one change.
    pub(crate) async fn add_logs(&self, calls: &[LoggedCall]) -> Result<(), VaultError> {
        let mut write = self.write_in_background().await?;
        let mut chunks = calls.chunks_exact(ROWS);
        for chunk in &mut chunks {
            write.execute(bound(ADD_MANY.as_str(), chunk)).await?;
        }
        for call in chunks.remainder() {
            write.execute(bound(ADD_ONE.as_str(), std::slice::from_ref(call))).await?;
        }
        Ok(write.commit().await?)
    }

    /// Deletes calls from before then, so many at the most; how many it were.
    pub(crate) async fn prune_logs(&self, before: Timestamp, most: i64) -> Result<u64, VaultError> {
        let mut write = self.write_in_background().await?;
        let deleted = write.execute(Statement::new(PRUNE).bind(before).bind(most)).await?;
        write.commit().await?;
        Ok(deleted)
    }
}

impl Store {
    /// What all calls take, about.
    pub(crate) async fn log_bytes(&self) -> Result<u64, VaultError> {
        let rows = self.fetch_in_background(Statement::new(MEASURE.as_str())).await?;
        rows.first().map_or(Ok(0), bytes)
    }

    /// Deletes the oldest calls, so many at the most; what they took.
    pub(crate) async fn shorten_logs(&self, most: i64) -> Result<u64, VaultError> {
        let mut write = self.write_in_background().await?;
        let rows = write.fetch(Statement::new(SHORTEN.as_str()).bind(most)).await?;
        write.commit().await?;
        rows.iter().map(bytes).sum()
    }
}

impl LoggedCall {
    /// What it takes in the store, about; the same sum as `BYTES`.
    pub(crate) fn bytes(&self) -> u64 {
        let consumer = self.consumer_id.as_ref().map_or(0, |id| id.len());
        let twice = consumer + self.application_id.len() + self.id.len();
        let once = [&self.unified_api, &self.service_id, &self.operation_id, &self.http_method, &self.path];
        let error = self.error_type.as_ref().map_or(0, String::len);
        let length = |texts: &[&String]| texts.iter().map(|text| text.len()).sum::<usize>();
        u64::try_from(2 * twice + length(&once) + error + 80).unwrap_or(u64::MAX)
    }
}

fn bytes(row: &Row) -> Result<u64, VaultError> {
    Ok(u64::try_from(row.get::<i64>("bytes")?).map_err(StorageError::failed)?)
}

fn bound(sql: &'static str, calls: &[LoggedCall]) -> Statement {
    calls.iter().fold(Statement::new(sql), |statement, call| {
        statement
            .bind(call.application_id.as_str())
            .bind(call.consumer_id.as_ref().map(ConsumerId::as_str).unwrap_or_default())
            .bind(call.called_at)
            .bind(&call.id)
            .bind(&call.unified_api)
            .bind(&call.service_id)
            .bind(&call.operation_id)
            .bind(&call.http_method)
            .bind(&call.path)
            .bind(i64::from(call.status_code))
            .bind(call.error_type.as_ref())
            .bind(micros(call.execution))
            .bind(micros(call.vendor))
    })
}

/// `,GET,POST,`; nothing for no list.
fn enclosed(items: &[impl ToString]) -> Value {
    let items: Vec<String> = items.iter().map(ToString::to_string).collect();
    if items.is_empty() { "".into() } else { format!(",{},", items.join(",")).into() }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

fn duration(row: &Row, column: &str) -> Result<Duration, VaultError> {
    Ok(Duration::from_micros(u64::try_from(row.get::<i64>(column)?).map_err(StorageError::failed)?))
}

fn read(row: &Row) -> Result<LoggedCall, VaultError> {
    Ok(LoggedCall {
        id: row.text("id")?,
        application_id: row.parsed("application_id")?,
        consumer_id: row.text("consumer_id")?.parse().ok(),
        unified_api: row.text("unified_api")?,
        service_id: row.text("service_id")?,
        operation_id: row.text("operation_id")?,
        http_method: row.text("http_method")?,
        path: row.text("path")?,
        status_code: u16::try_from(row.get::<i64>("status_code")?).map_err(StorageError::failed)?,
        error_type: row.get("error_type")?,
        execution: duration(row, "execution_micros")?,
        vendor: duration(row, "vendor_micros")?,
        called_at: row.timestamp("called_at")?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use storage::StoreLocation;

    use super::*;

    /// What `SQLite` says of how it goes about a statement.
    async fn plan(sql: &str, parameters: usize) -> String {
        let store = Store::open(&StoreLocation::Memory).await.unwrap();
        store.upgrade().await.unwrap().commit_quietly().await.unwrap();
        let explain = Box::leak(format!("EXPLAIN QUERY PLAN {sql}").into_boxed_str());
        let statement = (0..parameters).fold(Statement::new(explain), |statement, _| statement.bind(0_i64));
        let rows = store.fetch(statement).await.unwrap();
        rows.iter().map(|row| row.text("detail").unwrap()).collect::<Vec<_>>().join("; ")
    }

    #[tokio::test]
    async fn a_list_is_read_in_its_order_from_an_index() {
        let plan = plan(LIST, 14).await;
        assert!(plan.contains("SEARCH logs USING PRIMARY KEY (application_id=? AND consumer_id=? AND "), "{plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{plan}");
    }

    #[tokio::test]
    async fn old_calls_are_found_by_their_time() {
        let plan = plan(PRUNE, 2).await;
        assert!(plan.contains("SEARCH logs USING COVERING INDEX logs_by_time (called_at<?)"), "{plan}");
        assert!(!plan.contains("SCAN logs"), "{plan}");
    }
}

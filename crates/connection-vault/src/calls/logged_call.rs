//! The log of calls: who called what, when, and what became of it. Never what was sent or answered.

use std::time::Duration;
use unified_model::{ApplicationId, ConsumerId};

use jiff::Timestamp;

/// What is kept of a path; nothing of ours is longer.
const LONGEST_PATH: usize = 1024;

/// A call of an application's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedCall {
    /// The id that its answer carried.
    pub id: String,
    /// The application that called.
    pub application_id: ApplicationId,
    /// The consumer that it called for; empty where it named none.
    pub consumer_id: Option<ConsumerId>,
    /// Which API: `crm`, `vault` or `proxy`.
    pub unified_api: String,
    /// The connector, where it came so far; else empty.
    pub service_id: String,
    /// The operation, by its id in the API's document.
    pub operation_id: String,
    /// The method.
    pub http_method: String,
    /// The path without its query.
    pub path: String,
    /// The status of the answer.
    pub status_code: u16,
    /// The type of the error, if it was one.
    pub error_type: Option<String>,
    /// How long it took.
    pub execution: Duration,
    /// How much of that was waiting for the vendor.
    pub vendor: Duration,
    /// When it came in.
    pub called_at: Timestamp,
}

/// Which calls are listed; what it does not name does not matter.
#[derive(Debug, Clone, Default)]
pub struct LogFilter {
    /// Calls to this connector.
    pub service_id: Option<String>,
    /// Calls to such a path.
    pub path: Option<PathMatch>,
    /// Calls by one of these methods; empty: by any.
    pub http_methods: Vec<String>,
    /// Calls that were answered with one of these statuses; empty: with any.
    pub status_codes: Vec<u16>,
    /// Calls from then on.
    pub from: Option<Timestamp>,
    /// Calls before then.
    pub until: Option<Timestamp>,
    /// No calls of these APIs.
    pub excluded_apis: Vec<String>,
}

/// How a path is looked for. Capitals matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathMatch {
    /// It holds this.
    Contains(String),
    /// It is this.
    Exact(String),
    /// It begins with this.
    StartsWith(String),
    /// It ends with this.
    EndsWith(String),
}

/// Where a list of calls goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPosition {
    pub(crate) called_at: Timestamp,
    pub(crate) id: String,
}

impl LoggedCall {
    /// Behind this call.
    #[must_use]
    pub fn position(&self) -> LogPosition {
        LogPosition { called_at: self.called_at, id: self.id.clone() }
    }

    /// The same with a path that is no longer than what is kept.
    pub(crate) fn shortened(mut self) -> Self {
        self.path.truncate(self.path.floor_char_boundary(LONGEST_PATH));
        self
    }
}

impl LogPosition {
    /// As text, for a cursor.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{} {}", self.called_at.as_millisecond(), self.id)
    }

    /// From what `to_text` made.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (milliseconds, id) = text.split_once(' ')?;
        let called_at = Timestamp::from_millisecond(milliseconds.parse().ok()?).ok()?;
        Some(Self { called_at, id: id.to_owned() })
    }
}

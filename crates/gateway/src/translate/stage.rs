//! How far a write had come when a call failed, and what its caller is told of that.

use connectors::Progress;
use serde_json::{Map, Value};
use unified_model::UnifiedRequest;

use crate::error::{Class, DownstreamError, ErrorType, GatewayError};

/// What is known of the vendor's data when a call fails. Decides which statuses are safe: the official SDKs repeat
/// 408, 500, 502, 503 and 504 for up to fifteen minutes, writes included.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// A read failed: a repeat is safe.
    Reading,
    /// A write failed before its first writing call.
    NotRun,
    /// A writing call failed; it was the first.
    Writing,
    /// A writing call failed after others had been done.
    Partial,
    /// The same, and what had been done was taken back.
    Undone,
}

/// How far a failed operation had come.
#[derive(Clone, Copy)]
pub(super) struct Reached<'p> {
    pub(super) stage: Stage,
    pub(super) progress: &'p Progress,
}

/// What the vendor answered, as an error shows it.
#[derive(Clone, Copy)]
pub(super) struct Shown<'a> {
    pub(super) text: &'a str,
    /// 0: there was no answer.
    pub(super) status: u16,
}

/// No answer.
pub(super) const NOTHING: Shown<'static> = Shown { text: "", status: 0 };

impl<'p> Reached<'p> {
    pub(super) fn of(request: &UnifiedRequest, progress: &'p Progress) -> Self {
        Self { stage: Stage::of(request, progress), progress }
    }

    /// What every failed vendor call says: the message, and for a write how far it came. `doubtful`: whether the failing call
    /// itself may have run.
    pub(super) fn detail(self, message: &str, doubtful: bool) -> Map<String, Value> {
        let Self { stage, progress } = self;
        let mut detail = Map::new();
        detail.insert("message".to_owned(), message.into());
        if let Some(outcome) = stage.outcome().filter(|_| doubtful || stage.came_far()) {
            detail.insert("outcome".to_owned(), outcome.into());
        }
        if stage != Stage::Reading && !progress.failed.is_empty() {
            detail.insert("failed_step".to_owned(), progress.failed.clone().into());
            detail.insert("completed_steps".to_owned(), progress.completed.clone().into());
            if !progress.undone.is_empty() {
                detail.insert("undone_steps".to_owned(), progress.undone.clone().into());
            }
        }
        if let Some(id) = &progress.created {
            detail.insert("created_id".to_owned(), id.as_str().into());
        }
        detail
    }
}

impl Stage {
    pub(super) fn of(request: &UnifiedRequest, progress: &Progress) -> Self {
        match (request.operation.writes(), progress.writing, progress.completed.is_empty()) {
            (false, _, _) => Self::Reading,
            (true, false, _) => Self::NotRun,
            (true, true, true) => Self::Writing,
            (true, true, false) if progress.is_undone() => Self::Undone,
            (true, true, false) => Self::Partial,
        }
    }

    /// What a caller is told when nobody knows whether the failing call ran.
    pub(super) fn outcome(self) -> Option<&'static str> {
        match self {
            Self::Reading => None,
            Self::NotRun => Some("not_run"),
            Self::Writing => Some("unknown"),
            Self::Partial => Some("partial"),
            Self::Undone => Some("undone"),
        }
    }

    /// Whether calls before the failing one were done.
    pub(super) fn came_far(self) -> bool {
        matches!(self, Self::Partial | Self::Undone)
    }

    /// `status` for a read; for a write, one that no SDK repeats.
    pub(super) fn status(self, status: u16) -> u16 {
        match self {
            Self::Reading => status,
            Self::NotRun | Self::Writing | Self::Partial | Self::Undone => 400,
        }
    }
}

/// A call that the vendor did not carry out; the message is that of `detail`.
pub(super) fn execution(status: u16, class: Class, detail: Map<String, Value>, shown: Shown<'_>) -> GatewayError {
    let message = detail.get("message").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut error =
        GatewayError::new(ErrorType::ConnectorExecutionError, class, Value::Object(detail)).with_status(status);
    error.downstream_errors.push(DownstreamError {
        message,
        detail: shown.text.chars().take(1024).collect(),
        code: if shown.status == 0 { class.as_str().to_owned() } else { shown.status.to_string() },
    });
    error
}

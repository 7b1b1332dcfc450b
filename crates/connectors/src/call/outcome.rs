//! What a connector gives back: canonical bytes and where a list goes on, or what went wrong and how far it had come.

use std::time::Duration;

use bytes::Bytes;
use connector_catalog::{ErrorMeaning, ListRefusal, PlanError};
use serde_json::Value;
use unified_model::{Position, RecordId, Warning};
use vendor_client::VendorError;

/// A unified call that succeeded.
#[derive(Debug)]
pub struct VendorOutcome {
    /// The canonical answer.
    pub data: OutcomeData,
    /// What went less than well.
    pub warnings: Vec<Warning>,
    /// The vendor's own answers, when the caller asked for them.
    pub exchanges: Vec<Exchange>,
}

/// The canonical answer.
#[derive(Debug)]
pub enum OutcomeData {
    /// A page of a list.
    Page {
        /// A JSON array of canonical records.
        records: Vec<u8>,
        /// How many.
        count: usize,
        /// Where the next page starts.
        next: Option<Position>,
        /// Where the page before starts, in the styles that can tell.
        previous: Option<Position>,
        /// How many records there are in all, where the vendor says so.
        total: Option<u64>,
    },
    /// One record, as a JSON object.
    Record(Vec<u8>),
    /// The id of the record that was written or removed.
    Written(RecordId),
}

/// A vendor's answer, kept for `_raw`.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The step it belongs to.
    pub step: String,
    /// The body as received.
    pub body: Bytes,
}

/// How far a write had come when it failed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Steps that were done.
    pub completed: Vec<String>,
    /// Those of them that were taken back after the failure, in the order in which that happened.
    pub undone: Vec<String>,
    /// The step that failed.
    pub failed: String,
    /// Whether the failing call could have changed the vendor's data.
    pub writing: bool,
    /// The id of the record that the steps before had created.
    pub created: Option<RecordId>,
}

impl Progress {
    /// Whether everything that was done has been taken back.
    #[must_use]
    pub fn is_undone(&self) -> bool {
        !self.completed.is_empty() && self.undone.len() == self.completed.len()
    }
}

/// An answer with which the vendor said no.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// HTTP status.
    pub status: u16,
    /// What the definition says that it means.
    pub meaning: Option<ErrorMeaning>,
    /// The definition's or the vendor's message.
    pub message: Option<String>,
    /// The vendor's own error code, where the definition says where it is.
    pub code: Option<String>,
    /// The body: JSON, or its text cut to one kilobyte.
    pub body: Value,
    /// How long the vendor asks to wait.
    pub retry_after: Option<Duration>,
}

/// Why a vendor call failed.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    /// The vendor said no.
    Answered(Answered),
    /// The answer cannot be read: HTML, XML, cut short, not JSON, not what the definition says.
    Unusable {
        /// HTTP status.
        status: u16,
        /// What is wrong with it.
        reason: String,
        /// Its beginning, at most one kilobyte.
        excerpt: String,
    },
    /// There was no answer.
    Transport(VendorError),
}

impl Failure {
    /// The HTTP status of the vendor's answer, where there is one.
    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Answered(answer) => Some(answer.status),
            Self::Unusable { status, .. } => Some(*status),
            Self::Transport(_) => None,
        }
    }
}

/// How another write stands in the way of one that reads a record and then writes over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contention {
    /// Other writes kept the record locked until the call's time was nearly over.
    Busy,
    /// The vendor says that the record was changed since it was read, twice in a row.
    Changed,
    /// The lock may have been another server's since the record was read.
    LockLost,
}

/// A unified call that failed.
#[derive(Debug, thiserror::Error)]
pub enum ConnectorError {
    /// A vendor call failed.
    #[error("step {} failed", .progress.failed)]
    Call {
        /// Why.
        failure: Box<Failure>,
        /// How far the operation had come.
        progress: Progress,
    },
    /// Another write to the same record stands in the way.
    #[error("another write stands in the way")]
    Conflict {
        /// How.
        contention: Contention,
        /// How far this write had come.
        progress: Progress,
    },
    /// The store that locks on records are kept in failed, before anything was sent.
    #[error("the store failed: {0}")]
    Store(String),
    /// There is no such record of this resource.
    #[error("there is no record `{0}`")]
    NotFound(RecordId),
    /// The vendor does not offer the operation on this record, or not with these settings.
    #[error(transparent)]
    NotOffered(PlanError),
    /// The vendor cannot filter or sort as asked.
    #[error("the list cannot be had as asked")]
    ListRefused(ListRefusal),
    /// The request asks for something that this definition does not allow.
    #[error("{at}: {message}")]
    BadRequest {
        /// Where in the request.
        at: String,
        /// What to change.
        message: String,
    },
    /// Something that is to be written has no place in any call that the definition makes. Nothing was sent.
    #[error("no call carries {}", .fields.join(", "))]
    NotCarried {
        /// The canonical fields; empty: the write makes no call at all.
        fields: Vec<String>,
    },
    /// A cursor that this way of listing cannot have issued.
    #[error("the cursor does not belong to this list")]
    ForeignPosition,
    /// A definition or an invariant of ours broke.
    #[error("internal: {0}")]
    Internal(String),
}

impl ConnectorError {
    /// Whether the vendor refused the connection's credentials.
    #[must_use]
    pub fn refuses_credentials(&self) -> bool {
        matches!(self, Self::Call { failure, .. } if matches!(
            failure.as_ref(),
            Failure::Answered(answer) if answer.meaning == Some(ErrorMeaning::Credentials)
        ))
    }

    /// A write that gave way to another before it sent anything.
    pub(crate) fn conflict(contention: Contention) -> Self {
        Self::Conflict { contention, progress: Progress::default() }
    }

    /// Whether the vendor refused the first write since the record was changed after it had been read.
    pub(crate) fn is_outdated(&self) -> bool {
        matches!(self, Self::Conflict { contention: Contention::Changed, .. })
    }

    /// A failed call that could not have changed anything.
    pub(crate) fn reading(step: &str, failure: Failure) -> Self {
        Self::Call { failure: Box::new(failure), progress: Progress { failed: step.to_owned(), ..Progress::default() } }
    }
}

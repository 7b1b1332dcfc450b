//! Writing and removing: steps, what each sends, and which changes they can carry.

use field_mapping::VendorPath;
use serde_json::Value;

use super::RequestTemplate;

/// How to write a record.
#[derive(Debug, Clone)]
pub struct WritePlan {
    /// The first alternative that covers the change is taken.
    pub alternatives: Vec<StepsAlternative>,
    /// Whether the current record is read first: for the kind, for a difference, or to be written over.
    pub reads_current: bool,
}

/// A sequence of vendor calls and the changes that it can carry.
#[derive(Debug, Clone)]
pub struct StepsAlternative {
    /// The top-level vendor members that it can change; `None`: all. An alternative with `covers` takes nothing away.
    pub covers: Option<Vec<String>>,
    /// The calls, in order. A step none of whose members changed is skipped.
    pub steps: Vec<Step>,
}

/// One vendor call of a write.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its name: in error details, warnings, `_raw`, and as `pass_through.operation_id`.
    pub id: String,
    /// The request.
    pub request: RequestTemplate,
    /// The body.
    pub send: Send,
    /// Whether the write succeeds without it; its failure is a warning then.
    pub optional: bool,
    /// Where the new record's id is in the answer (`add`).
    pub new_id: Option<VendorPath>,
}

/// What a step sends.
#[derive(Debug, Clone, PartialEq)]
pub enum Send {
    /// No body.
    Nothing,
    /// The whole vendor record that was written (`add`), less `drop`.
    Record {
        /// Top-level members that are left out.
        drop: Vec<String>,
    },
    /// Only what changed, and the id where the definition says so.
    Changed {
        /// The member that carries the record's id.
        id: Option<String>,
    },
    /// The current record with the changes applied.
    Over {
        /// Members set from places in the same record.
        carry: Vec<(String, VendorPath)>,
        /// Top-level members that are left out.
        drop: Vec<String>,
    },
    /// Named members.
    Members(Vec<(String, MemberSource)>),
}

/// Where a member of a step's body comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum MemberSource {
    /// The record's id.
    Id,
    /// What changed in this top-level vendor member (the whole member on `add`).
    Changed(String),
    /// Entries of a list that are new.
    AddedTo(String),
    /// Entries of a list that went away.
    RemovedFrom(String),
    /// A member of the lookup row whose key is the changed value at a path.
    Lookup {
        /// The lookup's name.
        table: String,
        /// Where the key is in the written record.
        by: VendorPath,
        /// The row's member to send.
        take: VendorPath,
    },
    /// A fixed value.
    Const(Value),
}

/// How to remove a record.
#[derive(Debug, Clone)]
pub struct DeletePlan {
    /// The request.
    pub request: RequestTemplate,
    /// Whether the record is fetched first, for vendors that answer alike whether it was there or not, and for the kind.
    pub reads_current: bool,
}

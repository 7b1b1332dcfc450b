//! Writing and removing: steps, what each sends, and which changes they can carry.

use field_mapping::VendorPath;
use serde_json::Value;

use super::{Condition, RequestTemplate};
use crate::template::{Root, Template};

/// How to write a record.
#[derive(Debug, Clone)]
pub struct WritePlan {
    /// The first alternative that covers the change, and whose condition holds, is taken.
    pub alternatives: Vec<StepsAlternative>,
    /// Whether the current record is read first: for the kind, for a difference, or to be written over.
    pub reads_current: bool,
}

/// A sequence of vendor calls and the changes that it can carry.
#[derive(Debug, Clone)]
pub struct StepsAlternative {
    /// What must hold for it to be taken.
    pub when: StepCondition,
    /// The top-level vendor members that it can change; `None`: all. An alternative with `covers` takes nothing away.
    pub covers: Option<Vec<String>>,
    /// The calls, in order. A step none of whose members changed is skipped.
    pub steps: Vec<Step>,
}

/// What must hold for a step, or a sequence of steps, to be taken. An empty condition always holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StepCondition {
    /// Top-level vendor members that must be among what is written, and not null.
    pub has: Vec<String>,
    /// Top-level vendor members that hold something in the record as it will be.
    pub holds: Vec<String>,
    /// Top-level vendor members that must be written with this value.
    pub changed: Vec<(String, Value)>,
    /// Settings of the connection that must have certain values.
    pub settings: Condition,
}

/// One vendor call of a write.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its name: in error details, warnings, `_raw`, and as `pass_through.operation_id`.
    pub id: String,
    /// When it is taken.
    pub when: StepCondition,
    /// The entries of a vendor list for each of which it is taken once.
    pub for_each: Option<ForEach>,
    /// The request. A GET changes nothing: its answer is kept for the steps after it.
    pub request: RequestTemplate,
    /// The body.
    pub send: Send,
    /// The members, each within the one before, that the body goes into; none: it is the whole.
    pub wrap: Vec<String>,
    /// Whether the write succeeds without it; its failure is a warning then.
    pub optional: bool,
    /// Where the new record's id is in the answer (`add`), or the new entry's (`for_each`).
    pub new_id: Option<NewId>,
    /// The request that takes it back when a later step fails.
    pub undo: Option<RequestTemplate>,
    /// What the caller is told once it is done.
    pub warning: Option<Template>,
}

/// The entries that a step goes through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForEach {
    /// Which.
    pub entries: EntrySet,
    /// The top-level vendor member whose value is the list.
    pub member: String,
}

/// Entries of a vendor list. They are told apart by the members that the mapping's `lists.<member>.key` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntrySet {
    /// Those that are new.
    AddedTo,
    /// Those that go away, as they were.
    RemovedFrom,
    /// Those that stay and change, as they will be.
    ChangedIn,
    /// All, as they were.
    Before,
    /// All, as they will be.
    Record,
}

/// Where an id that the vendor has given is.
#[derive(Debug, Clone, PartialEq)]
pub enum NewId {
    /// At a path of the step's answer.
    At(VendorPath),
    /// The one entry of a list that the answer of an earlier step lacks.
    Added {
        /// The list, in both answers.
        list: VendorPath,
        /// The earlier step.
        since: String,
        /// The id in the entry; `$` where the entry is the id.
        take: VendorPath,
    },
}

/// What a step sends.
#[derive(Debug, Clone, PartialEq)]
pub enum Send {
    /// No body.
    Nothing,
    /// The whole vendor record that was written (`add`), less `drop`.
    Record {
        /// Members set from places in the same record.
        carry: Vec<(String, VendorPath)>,
        /// Top-level members that are left out.
        drop: Vec<String>,
        /// Members that are sent where the record has none of its own.
        set: Vec<(String, MemberSource)>,
    },
    /// Only what changed, and the id where the definition says so.
    Changed {
        /// The member that carries the record's id.
        id: Option<String>,
        /// Top-level members that are left out.
        drop: Vec<String>,
        /// The only top-level members that are sent; `None`: all.
        only: Option<Vec<String>>,
    },
    /// The current record with the changes applied.
    Over {
        /// Members set from places in the same record.
        carry: Vec<(String, VendorPath)>,
        /// Top-level members that are left out.
        drop: Vec<String>,
    },
    /// The entry that the step is at.
    Item {
        /// Members that are left out.
        drop: Vec<String>,
    },
    /// Named members.
    Members(Vec<(String, MemberSource)>),
}

/// Where a member of a step's body comes from. A member whose source has nothing is left out.
#[derive(Debug, Clone, PartialEq)]
pub enum MemberSource {
    /// The record's id.
    Id,
    /// What changed in this top-level vendor member (the whole member on `add`).
    Changed(String),
    /// A place in what is written.
    At(Root, VendorPath),
    /// A list of what stays the same, whatever changes.
    List(Vec<MemberSource>),
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
    /// One value of each entry of a list as it will be, in its order.
    Each {
        /// The list's top-level vendor member.
        member: String,
        /// The value in an entry.
        take: VendorPath,
    },
    /// A fixed value.
    Const(Value),
    /// A text with holes.
    Text(Template),
}

/// Extra data of a record that the vendor keeps elsewhere, put into the record before it is mapped.
#[derive(Debug, Clone)]
pub struct Load {
    /// The top-level member that it becomes. No request sends it.
    pub member: String,
    /// The request; `{id}` is the record's id.
    pub request: RequestTemplate,
    /// Where the data is in the answer.
    pub records: VendorPath,
    /// Whether it is loaded for one record, and before writes that read the current record.
    pub one: bool,
    /// When it is loaded for the records of a list.
    pub all: LoadAll,
}

/// When extra data is loaded for the records of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoadAll {
    /// Never.
    Never,
    /// When `fields` names a canonical field that is read from it: a vendor call for each record.
    #[default]
    OptIn,
    /// Always: a vendor call for each record.
    Always,
}

/// How to remove a record.
#[derive(Debug, Clone)]
pub struct DeletePlan {
    /// The request.
    pub request: RequestTemplate,
    /// What it sends.
    pub send: Send,
    /// Whether the record is fetched first, for vendors that answer alike whether it was there or not, and for the kind.
    pub reads_current: bool,
}

impl Step {
    /// Whether the step changes nothing at the vendor's.
    #[must_use]
    pub fn is_read(&self) -> bool {
        self.request.method == http::Method::GET
    }
}

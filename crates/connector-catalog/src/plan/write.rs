//! Writing and removing: steps, what each sends, and which changes they can carry.

use field_mapping::VendorPath;
use serde_json::Value;

use super::{Condition, Emptiness, RequestTemplate, SettingValues};
use crate::plan::holes::{Piece, pieces};
use crate::plan::template::{Hole, Root, Template};

/// How to write a record.
#[derive(Debug, Clone)]
pub struct WritePlan {
    /// The first alternative that covers the change, and whose condition holds, is taken.
    pub alternatives: Vec<StepsAlternative>,
    /// Whether the current record is read first with some settings: for the kind, for a difference, or to be written over.
    pub reads_current: bool,
    /// The settings any of which make it so; an empty condition: with every setting.
    pub reads_with: Vec<Condition>,
}

impl WritePlan {
    /// Whether the current record is read first with these settings.
    #[must_use]
    pub fn reads_current_with(&self, settings: &SettingValues) -> bool {
        self.reads_with.iter().any(|condition| condition.holds(settings))
    }
}

/// A sequence of vendor calls and the changes that it can carry.
#[derive(Debug, Clone)]
pub struct StepsAlternative {
    /// What must hold for it to be taken.
    pub when: StepCondition,
    /// The top-level vendor members that it can change; `None`: all. An alternative with `covers` takes nothing away.
    pub covers: Option<Vec<String>>,
    /// The top-level vendor members that it does not write although they change. The caller is told.
    pub leaves: Vec<String>,
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
    /// Of a step that reads: where its answer names the record that was asked for.
    pub must_have: Vec<(VendorPath, Template)>,
    /// Whether the write succeeds without it; its failure is a warning then.
    pub optional: bool,
    /// Where the new record's id is in the answer (`add`), or the new entry's (`for_each`).
    pub new_id: Option<NewId>,
    /// The request that takes it back when a later step fails.
    pub undo: Option<RequestTemplate>,
    /// Whether what it removes may be gone by the time that it runs: an answer that says so is a success then.
    pub may_be_gone: bool,
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
    /// In the address of the new record that the answer's headers name, where the body does not tell it.
    InAddress {
        /// Where the body may tell it.
        at: Option<VendorPath>,
        /// How the address ends.
        ending: AddressEnding,
    },
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

/// How an address ends that names a record: `/contacts/{id}`, `(guid'{id}')`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressEnding {
    /// What stands before the id.
    pub before: String,
    /// What stands after it.
    pub after: String,
}

impl std::str::FromStr for AddressEnding {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let pieces: Vec<Piece<'_>> = pieces(text).collect::<Result<_, _>>().unwrap_or_default();
        let (before, after) = match pieces.as_slice() {
            [Piece::Text(before), Piece::Hole("id")] => (*before, ""),
            [Piece::Text(before), Piece::Hole("id"), Piece::Text(after)] => (*before, *after),
            _ => {
                return Err(format!(
                    "`{text}` does not say where the id is; write the end of the address, as in `/contacts/{{id}}`"
                ));
            }
        };
        Ok(Self { before: before.to_owned(), after: after.to_owned() })
    }
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
        /// Whether the entries that go away follow, for vendors that want every entry named as long as it is there.
        removed_last: bool,
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
    /// How the vendor says that there is none.
    pub empty: Emptiness,
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
    /// Requests that take the record from one of those that it belongs to; `{parent}` is the id of that one.
    pub from: Vec<DeleteFrom>,
    /// Where the record names everything that it belongs to.
    pub shared: Vec<VendorPath>,
}

/// How a record is taken from one of those that it belongs to.
#[derive(Debug, Clone)]
pub struct DeleteFrom {
    /// The canonical filter that lists the records of that one.
    pub filter: String,
    /// The request.
    pub request: RequestTemplate,
}

impl StepsAlternative {
    /// Whether a step carries a change of the top-level vendor member, or the definition says that none does.
    #[must_use]
    pub fn writes(&self, member: &str) -> bool {
        self.leaves.iter().any(|left| left == member) || self.steps.iter().any(|step| step.carries(member))
    }
}

impl Step {
    /// Whether the step changes nothing at the vendor's.
    #[must_use]
    pub fn is_read(&self) -> bool {
        self.request.method == http::Method::GET
    }

    /// Whether a change of the top-level vendor member makes the step worth a call, or goes along with it.
    #[must_use]
    pub fn carries(&self, member: &str) -> bool {
        let places = holes(&self.request).any(|hole| names(hole, member));
        let entries = self.for_each.as_ref().is_some_and(|each| each.member == member);
        let condition = self.when.changed.iter().map(|(name, _)| name).chain(&self.when.has).any(|name| name == member);
        places || entries || condition || sends(&self.send, member)
    }

    /// Whether the step carries it when the member, or an entry of its list, goes away.
    #[must_use]
    pub fn carries_removal(&self, member: &str) -> bool {
        let goes = |entries: EntrySet| matches!(entries, EntrySet::RemovedFrom | EntrySet::Before | EntrySet::Record);
        let entries = self.for_each.as_ref().is_some_and(|each| each.member == member && goes(each.entries));
        let sends = match &self.send {
            Send::Over { .. } | Send::Record { .. } => sends(&self.send, member),
            Send::Members(members) => members.iter().any(|(_, source)| match source {
                MemberSource::RemovedFrom(from) | MemberSource::Each { member: from, .. } => from == member,
                MemberSource::At(Root::Record, path) => first_name(path) == member,
                MemberSource::Id
                | MemberSource::Changed(_)
                | MemberSource::At(Root::Changed | Root::Before | Root::Item, _)
                | MemberSource::List(_)
                | MemberSource::AddedTo(_)
                | MemberSource::Lookup { .. }
                | MemberSource::Const(_)
                | MemberSource::Text(_) => false,
            }),
            Send::Nothing | Send::Changed { .. } | Send::Item { .. } => false,
        };
        entries || sends
    }

    /// Whether the step takes something away: by a DELETE, or for what goes out of a list.
    #[must_use]
    pub fn removes(&self) -> bool {
        let entries = self.for_each.as_ref().map(|each| each.entries);
        let sends = match &self.send {
            Send::Members(members) => members.iter().any(|(_, source)| matches!(source, MemberSource::RemovedFrom(_))),
            Send::Nothing | Send::Record { .. } | Send::Changed { .. } | Send::Over { .. } | Send::Item { .. } => false,
        };
        self.request.method == http::Method::DELETE
            || matches!(entries, Some(EntrySet::RemovedFrom | EntrySet::Before))
            || sends
    }
}

fn sends(send: &Send, member: &str) -> bool {
    let named = |names: &[String]| names.iter().any(|name| name == member);
    match send {
        Send::Nothing | Send::Item { .. } => false,
        Send::Changed { drop, only, .. } => !named(drop) && only.as_ref().is_none_or(|only| named(only)),
        Send::Record { carry, drop, .. } | Send::Over { carry, drop } => {
            !named(drop) || carry.iter().any(|(_, path)| first_name(path) == member)
        }
        Send::Members(members) => members.iter().any(|(_, source)| match source {
            MemberSource::Changed(from) | MemberSource::AddedTo(from) | MemberSource::RemovedFrom(from) => {
                from == member
            }
            MemberSource::Each { member: from, .. } => from == member,
            MemberSource::Lookup { by: path, .. } | MemberSource::At(Root::Changed | Root::Record, path) => {
                first_name(path) == member
            }
            MemberSource::Text(template) => template.holes().any(|hole| names(hole, member)),
            MemberSource::Id
            | MemberSource::Const(_)
            | MemberSource::List(_)
            | MemberSource::At(Root::Before | Root::Item, _) => false,
        }),
    }
}

fn names(hole: &Hole, member: &str) -> bool {
    matches!(hole, Hole::Written(Root::Changed | Root::Record, path) if first_name(path) == member)
}

/// The top-level member that a path starts in.
pub(crate) fn first_name(path: &VendorPath) -> String {
    let text = path.to_string();
    text.split(['.', '[']).next().unwrap_or_default().to_owned()
}

/// Every hole of a request.
pub(crate) fn holes(request: &RequestTemplate) -> impl Iterator<Item = &Hole> {
    let query = request.query.iter().flat_map(|(_, template)| template.holes());
    request.path.holes().chain(query)
}

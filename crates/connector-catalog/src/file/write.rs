//! The writing operations of a resource as they are written: requests, steps and their alternatives.

use field_mapping::Evidence;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::file::WhenSettingsFile;
use crate::file::values::{Entries, Tree, Word};
use crate::plan::{EmptyAnswer, Encoding, LoadAll};
use field_mapping::yaml::Placed;

/// How to write: one request, or `steps`, or `choose` between several sequences of steps.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Write")]
pub(crate) struct WriteFile {
    /// Only with these settings.
    pub(crate) when: Option<Placed<WhenSettingsFile>>,
    /// Method and path of a write that is one request.
    pub(crate) request: Option<Placed<String>>,
    /// How sure this request is, where that is less than the resource.
    pub(crate) evidence: Option<Word<Evidence>>,
    /// How its body is written. Without it: json.
    pub(crate) encode: Option<Word<Encoding>>,
    /// Its fixed parameters.
    #[serde(default)]
    pub(crate) query: Entries<Placed<String>>,
    /// What it sends. Without it: `record` on add, `changed` on update.
    #[schemars(with = "Option<crate::file::schema::SendShape>")]
    pub(crate) send: Option<Placed<Tree>>,
    /// Where in the body it goes. Without it: `envelope.body`; `$` is the whole body.
    pub(crate) wrap: Option<Placed<String>>,
    /// Where the new record's id is in the answer of an add. Without it: `id`, or the member that `mint` names.
    #[schemars(with = "Option<crate::file::schema::NewIdShape>")]
    pub(crate) new_id: Option<Placed<Tree>>,
    /// Several requests, in order.
    pub(crate) steps: Option<Vec<Placed<StepFile>>>,
    /// Several sequences; the first that covers what changes, and whose `when` holds, is taken.
    pub(crate) choose: Option<Vec<Placed<ChoiceFile>>>,
}

/// A sequence of steps and the changes that it can carry.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Choice")]
pub(crate) struct ChoiceFile {
    /// What must hold for it to be taken; the last has none.
    pub(crate) when: Option<Placed<StepWhenFile>>,
    /// The top-level vendor members that it can change, though it can take nothing away; the last has none: it takes all.
    pub(crate) covers: Option<Vec<Placed<String>>>,
    /// The top-level vendor members that it does not write although they change. The caller is warned of each, unless the
    /// `warning` of a step says it.
    #[serde(default)]
    pub(crate) leaves: Vec<Placed<String>>,
    /// The requests, in order.
    pub(crate) steps: Vec<Placed<StepFile>>,
}

/// One request of a write. It is skipped when nothing that it sends has changed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Step")]
pub(crate) struct StepFile {
    /// Its name in error details, warnings and `_raw`, and for `pass_through.operation_id`.
    pub(crate) id: Placed<String>,
    /// When it is taken.
    pub(crate) when: Option<Placed<StepWhenFile>>,
    /// The entries of a vendor list for each of which it is taken once; `item` is the entry then.
    pub(crate) for_each: Option<Placed<ForEachFile>>,
    /// Method and path. A GET changes nothing: its answer is kept for the steps after it.
    pub(crate) request: Placed<String>,
    /// How sure this request is, where that is less than the resource.
    pub(crate) evidence: Option<Word<Evidence>>,
    /// How its body is written. Without it: json.
    pub(crate) encode: Option<Word<Encoding>>,
    /// Fixed parameters.
    #[serde(default)]
    pub(crate) query: Entries<Placed<String>>,
    /// What it sends. Without it: `record` on add, `changed` on update, `item` with `for_each`, `nothing` with GET and DELETE.
    #[schemars(with = "Option<crate::file::schema::SendShape>")]
    pub(crate) send: Option<Placed<Tree>>,
    /// Where in the body it goes. Without it: `envelope.body` for `record`, `changed` and `over`; `$` is the whole body.
    pub(crate) wrap: Option<Placed<String>>,
    /// Of a step that reads: vendor paths in its answer and the ids that must stand there; holes are filled in. Without them
    /// the answer is another record, or none, and the write ends before anything is changed.
    #[serde(default)]
    pub(crate) must_have: Entries<Placed<String>>,
    /// Whether the write succeeds without it; its failure is a warning then.
    #[serde(default)]
    pub(crate) optional: bool,
    /// Where the new record's id is in the answer of an add; with `for_each`, the new entry's.
    #[schemars(with = "Option<crate::file::schema::NewIdShape>")]
    pub(crate) new_id: Option<Placed<Tree>>,
    /// Method and path of the request that takes it back when a later step fails.
    pub(crate) undo: Option<Placed<String>>,
    /// Whether what it removes may be gone by the time that it runs: a vendor that does not find it has done what was wanted.
    pub(crate) may_be_gone: Option<Placed<bool>>,
    /// What the caller is told once it is done; holes are filled in.
    pub(crate) warning: Option<Placed<String>>,
}

/// What must hold for a step, or a sequence of steps, to be taken: everything that is given.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "StepWhen")]
pub(crate) struct StepWhenFile {
    /// Top-level vendor members that are among what is written, and not null.
    #[serde(default)]
    pub(crate) has: Vec<Placed<String>>,
    /// Top-level vendor members that hold something in the record as it will be, whether they change or not.
    #[serde(default)]
    pub(crate) holds: Vec<Placed<String>>,
    /// Top-level vendor members that are written with this value.
    #[serde(default)]
    #[schemars(with = "std::collections::BTreeMap<String, serde_json::Value>")]
    pub(crate) changed: Entries<Placed<Tree>>,
    /// Settings of the connection that have this value.
    #[serde(default)]
    pub(crate) settings: Entries<Placed<String>>,
}

/// The entries of a vendor list that a step goes through, told apart by the mapping's `lists.<member>.key`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ForEach")]
pub(crate) enum ForEachFile {
    /// Those that are new.
    AddedTo(Placed<String>),
    /// Those that go away, as they were.
    RemovedFrom(Placed<String>),
    /// Those that stay and change, as they will be.
    ChangedIn(Placed<String>),
    /// All, as they were.
    Before(Placed<String>),
    /// All, as they will be.
    Record(Placed<String>),
}

/// Extra data of a record that the vendor keeps elsewhere, put into the record before it is mapped.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Load")]
pub(crate) struct LoadFile {
    /// Method and path: `GET /contacts/{id}/memberships`.
    pub(crate) request: Placed<String>,
    /// Fixed parameters.
    #[serde(default)]
    pub(crate) query: Entries<Placed<String>>,
    /// Where the data is in the answer. Without it: `$`, the whole answer.
    pub(crate) records: Option<Placed<String>>,
    /// How the vendor says that there is nothing, besides a 204 and a list without items. Any other answer without the data is an
    /// error.
    #[serde(default)]
    pub(crate) empty: Vec<Word<EmptyAnswer>>,
    /// When it is loaded for one record. Without it: always.
    pub(crate) one: Option<Word<LoadOne>>,
    /// When it is loaded for the records of a list, a vendor call for each. Without it: `opt_in`, when `fields` asks for it.
    pub(crate) all: Option<Word<LoadAll>>,
}

/// When extra data is loaded for one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LoadOne {
    /// Always.
    Always,
    /// Never.
    Never,
}

/// A kind of id that we choose ourselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Minted {
    /// A random UUID (version 4).
    Guid,
}

/// How to remove a record.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Delete")]
pub(crate) struct DeleteFile {
    /// Only with these settings.
    pub(crate) when: Option<Placed<WhenSettingsFile>>,
    /// Method and path: `DELETE /contacts/{id}`.
    pub(crate) request: Placed<String>,
    /// How sure this request is, where that is less than the resource.
    pub(crate) evidence: Option<Word<Evidence>>,
    /// How parameters are written. Without it: json.
    pub(crate) encode: Option<Word<Encoding>>,
    /// Fixed parameters.
    #[serde(default)]
    pub(crate) query: Entries<Placed<String>>,
    /// What it sends. Without it: nothing.
    #[schemars(with = "Option<crate::file::schema::SendShape>")]
    pub(crate) send: Option<Placed<Tree>>,
    /// `one`: fetch the record first, for a vendor that answers alike whether it was there or not.
    pub(crate) first: Option<Word<First>>,
    /// Requests that take the record from one of the records that it belongs to, each by the canonical filter that names that one;
    /// `{parent}` is its id, which the caller sends as `pass_through[<filter>]`.
    #[serde(default)]
    pub(crate) from: Entries<Placed<String>>,
    /// Paths of everything that the record belongs to: the caller is warned where there is more than one.
    #[serde(default)]
    pub(crate) shared: Vec<Placed<String>>,
}

/// What is done before a record is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum First {
    /// The record is fetched.
    One,
}

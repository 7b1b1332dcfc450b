//! The writing operations of a resource as they are written: requests, steps and their alternatives.

use schemars::JsonSchema;
use serde::Deserialize;

use super::WhenSettingsFile;
use crate::place::{Entries, Placed, Tree, Word};
use crate::plan::Encoding;

/// How to write: one request, or `steps`, or `choose` between several sequences of steps.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Write")]
pub(crate) struct WriteFile {
    /// Only with these settings.
    pub(crate) when: Option<Placed<WhenSettingsFile>>,
    /// Method and path of a write that is one request.
    pub(crate) request: Option<Placed<String>>,
    /// How its body is written. Without it: json.
    pub(crate) encode: Option<Word<Encoding>>,
    /// Its fixed parameters.
    #[serde(default)]
    pub(crate) query: Entries<Placed<String>>,
    /// What it sends. Without it: `record` on add, `changed` on update.
    #[schemars(with = "Option<crate::schema::SendShape>")]
    pub(crate) send: Option<Placed<Tree>>,
    /// Where the new record's id is in the answer of an add. Without it: `id`.
    pub(crate) new_id: Option<Placed<String>>,
    /// Several requests, in order.
    pub(crate) steps: Option<Vec<Placed<StepFile>>>,
    /// Several sequences; the first that covers what changes is taken.
    pub(crate) choose: Option<Vec<Placed<ChoiceFile>>>,
}

/// A sequence of steps and the changes that it can carry.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Choice")]
pub(crate) struct ChoiceFile {
    /// The top-level vendor members that it can change, though it can take nothing away; the last has none: it takes all.
    pub(crate) covers: Option<Vec<Placed<String>>>,
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
    /// Method and path.
    pub(crate) request: Placed<String>,
    /// How its body is written. Without it: json.
    pub(crate) encode: Option<Word<Encoding>>,
    /// Fixed parameters.
    #[serde(default)]
    pub(crate) query: Entries<Placed<String>>,
    /// What it sends. Without it: `record` on add, `changed` on update, `nothing` with GET and DELETE.
    #[schemars(with = "Option<crate::schema::SendShape>")]
    pub(crate) send: Option<Placed<Tree>>,
    /// Whether the write succeeds without it; its failure is a warning then.
    #[serde(default)]
    pub(crate) optional: bool,
    /// Where the new record's id is in the answer of an add.
    pub(crate) new_id: Option<Placed<String>>,
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
    /// How parameters are written. Without it: json.
    pub(crate) encode: Option<Word<Encoding>>,
    /// Fixed parameters.
    #[serde(default)]
    pub(crate) query: Entries<Placed<String>>,
    /// `one`: fetch the record first, for a vendor that answers alike whether it was there or not.
    pub(crate) first: Option<Word<First>>,
}

/// What is done before a record is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum First {
    /// The record is fetched.
    One,
}

//! What a vendor does not offer, as a connector file states it.

use field_mapping::Evidence;
use schemars::JsonSchema;
use serde::Deserialize;
use unified_model::Operation;

use crate::file::values::Word;
use field_mapping::yaml::Placed;

/// Operations, filters and sorts that the vendor's own API has nothing for. Without any of the three: the whole resource.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NotOffered")]
pub(crate) struct NotOfferedFile {
    /// Operations on the resource.
    #[serde(default)]
    #[schemars(schema_with = "crate::file::schema::operations")]
    pub(crate) operations: Vec<Word<Operation>>,
    /// Canonical filters of its list.
    #[serde(default)]
    pub(crate) filters: Vec<Placed<String>>,
    /// Canonical sorts of its list.
    #[serde(default)]
    pub(crate) sorts: Vec<Placed<String>>,
    /// How it is known: `documented` or `seen`.
    pub(crate) evidence: Word<Evidence>,
    /// What is known of it, in a sentence for people.
    pub(crate) why: Placed<String>,
}

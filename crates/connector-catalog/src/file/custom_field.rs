//! Where fields are found that an account has of its own, as a connector file writes it.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::file::values::{Entries, Scalar};
use field_mapping::yaml::Placed;

/// Fields that an account has of its own: rows that tell of one field each, and what they say of it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CustomFields")]
pub(crate) struct CustomFieldsFile {
    /// Where the rows are.
    pub(crate) from: CustomFieldsFromFile,
    /// What a row must have to count: vendor path and the text, number or flag there.
    #[serde(default)]
    pub(crate) of: Entries<Placed<Scalar>>,
    /// What a row must not have to count: vendor path and the text, number or flag there.
    #[serde(default)]
    pub(crate) not: Entries<Placed<Scalar>>,
    /// Where a row has the field's id.
    pub(crate) id: Placed<String>,
    /// Where it has the field's name.
    pub(crate) name: Option<Placed<String>>,
    /// Where it has more about the field.
    pub(crate) description: Option<Placed<String>>,
    /// The `JSONPath` to the field's value in a record, as the mapping reads it. `{<path>}` stands for what the row has there,
    /// as a literal: `$.fields[?@.name == {label}].value`.
    pub(crate) finder: Placed<String>,
}

/// Rows that tell of fields.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "CustomFieldsFrom")]
pub(crate) enum CustomFieldsFromFile {
    /// Those of a lookup: the vendor's own table of definitions.
    Lookup(Placed<String>),
    /// The elements of a list in a record.
    Record(Placed<String>),
    /// A row `{ name }` for each top-level member of a record whose whole name fits this pattern.
    Members(Placed<String>),
}

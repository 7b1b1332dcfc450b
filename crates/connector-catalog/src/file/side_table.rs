//! Rows in tables of their own, as a connector file writes them.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::file::values::{Entries, Number, Word};
use crate::plan::ValueKind;
use field_mapping::yaml::Placed;

/// Rows that belong to a record and stand in a table of their own (protocol `odata`). A new row gets an id and its owner's; a
/// row of a tenant's own field is shown with `name`, `value` and `set`, and written by them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SideTable")]
pub(crate) struct SideTableFile {
    /// The row's own id. Without it: Id.
    pub(crate) key: Option<Placed<String>>,
    /// The row's member that holds the record's id.
    pub(crate) owner: Placed<String>,
    /// How many rows the vendor lets a record have. Without it: any number.
    pub(crate) most: Option<Number<usize>>,
    /// For values of fields that tenants define: which field it is, and of what type.
    pub(crate) fields: Option<Placed<TenantFieldsFile>>,
}

/// Fields that tenants define.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "TenantFields")]
pub(crate) struct TenantFieldsFile {
    /// The row's member that holds the definition's id.
    pub(crate) definition: Placed<String>,
    /// The lookup of definitions.
    pub(crate) definitions: Placed<String>,
    /// The definition's member that names the field.
    pub(crate) name: Placed<String>,
    /// The definition's member that says of what type the field is.
    pub(crate) switch: Placed<String>,
    /// What a definition must have to be one of this resource.
    #[serde(default)]
    pub(crate) of: Entries<Placed<String>>,
    /// The definition's member that names the form which the field is on. Of several fields with one name the one counts that is on the
    /// form of another field of the record.
    pub(crate) form: Option<Placed<String>>,
    /// The values that can be chosen from.
    pub(crate) choices: Option<ChoicesFile>,
    /// Where values stand, by type of field.
    pub(crate) tables: Entries<ValueTableFile>,
}

/// Values that can be chosen from.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Choices")]
pub(crate) struct ChoicesFile {
    /// Their lookup.
    pub(crate) lookup: Placed<String>,
    /// Its member that holds the id of the definition that a choice belongs to.
    pub(crate) definition: Placed<String>,
    /// Its member that people see.
    pub(crate) label: Placed<String>,
}

/// A table of values of one type.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ValueTable")]
pub(crate) struct ValueTableFile {
    /// Its name.
    pub(crate) set: Placed<String>,
    /// The member that holds the value.
    pub(crate) value: Placed<String>,
    /// What the value is. Without it: text.
    pub(crate) holds: Option<Word<ValueKind>>,
}

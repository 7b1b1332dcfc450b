//! Rows that belong to a record and stand in tables of their own: addresses, values of the fields that tenants define.

/// The rows of one member of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideTable {
    /// The record's top-level member that shows them.
    pub member: String,
    /// The row's own id, which we choose for a new row.
    pub key: String,
    /// The row's member that holds the record's id.
    pub owner: String,
    /// How many rows the vendor lets a record have; `None`: any number.
    pub most: Option<usize>,
    /// For values of fields that tenants define: what says which field it is, and of what type.
    pub fields: Option<TenantFields>,
}

/// Fields that tenants define: a table of definitions, and for each type of field a table that its values stand in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantFields {
    /// The row's member that holds the definition's id.
    pub definition: String,
    /// The lookup of definitions.
    pub definitions: String,
    /// Its member that names the field.
    pub name: String,
    /// Its member that says of what type the field is.
    pub switch: String,
    /// What a definition must have to be one of this resource.
    pub of: Vec<(String, String)>,
    /// The definition's member that names the form which the field is on.
    pub form: Option<String>,
    /// The values that can be chosen from, where there are such fields.
    pub choices: Option<Choices>,
    /// Where values stand, by type of field.
    pub tables: Vec<(String, ValueTable)>,
}

/// Values that can be chosen from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choices {
    /// Their lookup.
    pub lookup: String,
    /// Its member that holds the id of the definition that a choice belongs to.
    pub definition: String,
    /// Its member that people see.
    pub label: String,
}

/// A table of values of one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueTable {
    /// Its name.
    pub set: String,
    /// The member that holds the value.
    pub value: String,
    /// What the value is.
    pub holds: ValueKind,
}

/// What a tenant's field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ValueKind {
    /// A text.
    #[default]
    Text,
    /// A number.
    Number,
    /// A day or a time without a zone.
    Date,
    /// The id of one of the choices.
    Choice,
}

impl SideTable {
    /// The lookups that its rows are read and written with.
    pub fn lookups(&self) -> impl Iterator<Item = &str> {
        let fields = self.fields.iter();
        fields.flat_map(|fields| {
            let choices = fields.choices.iter().map(|choices| choices.lookup.as_str());
            std::iter::once(fields.definitions.as_str()).chain(choices)
        })
    }
}

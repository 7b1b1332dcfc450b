//! What an entity set is: properties with their types, ways to other rows, and whether it can be written.

pub(super) use super::sets::SETS;

/// The type of a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edm {
    Guid,
    Text,
    Flag,
    Whole,
    Number,
    /// Without a zone.
    DateTime,
}

impl Edm {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Guid => "Edm.Guid",
            Self::Text => "Edm.String",
            Self::Flag => "Edm.Boolean",
            Self::Whole => "Edm.Int32",
            Self::Number => "Edm.Double",
            Self::DateTime => "Edm.DateTime",
        }
    }
}

pub(super) type Property = (&'static str, Edm);

/// A set and the type of its rows.
#[derive(Debug)]
pub(super) struct Set {
    pub(super) name: &'static str,
    pub(super) entity: &'static str,
    pub(super) properties: &'static [Property],
    pub(super) navigations: &'static [Navigation],
    pub(super) rows: Rows,
}

/// Where rows come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rows {
    Written,
    /// Kept in the product, not through the API.
    ReadOnly,
    /// Made from the rows of another set.
    ViewOf(&'static str),
}

/// A way from a row to others.
#[derive(Debug)]
pub(super) struct Navigation {
    pub(super) name: &'static str,
    /// For custom fields, the first of their sets.
    pub(super) target: &'static str,
    pub(super) relation: Relation,
}

/// What makes a row related.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    /// A link, seen from its left or its right end.
    FromLeft(LinkKind),
    FromRight(LinkKind),
    /// The other row's `EntityId` is this one's id.
    Owns,
    /// The same, in every set of custom values.
    OwnsCustomValues,
    /// This row's `EntityId` is the other one's id.
    OwnedBy,
}

/// What a link joins, the left end first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LinkKind {
    EntityUser,
    ContactCompany,
    OpportunityCompany,
    OpportunityContact,
}

impl LinkKind {
    /// Whether the left row has to name the right one in `MainCompanyId` too.
    pub(super) fn needs_main_company(self) -> bool {
        matches!(self, Self::ContactCompany | Self::OpportunityCompany)
    }
}

/// The sets whose rows have notes, addresses and custom values.
pub(super) const OWNERS: [&str; 3] = ["Contacts", "Companies", "Opportunities"];

/// The sets of custom values, by the type of field that they are for.
pub(super) const CUSTOM_VALUES: [&str; 5] = [
    "CustomFieldValueTexts",
    "CustomFieldValueDropdowns",
    "CustomFieldValueDates",
    "CustomFieldValueTextNumerics",
    "CustomFieldValueTextMemos",
];

/// Properties that are another row's id, and that row's set.
pub(super) const REFERENCES: [(&str, &str); 6] = [
    ("MainCompanyId", "Companies"),
    ("PrimaryContactId", "Contacts"),
    ("UserId", "Users"),
    ("DepartmentId", "Departments"),
    ("CustomFieldDefinitionId", "CustomFieldDefinitions"),
    ("DropDownValueId", "CustomFieldDefinitionDropDownValues"),
];

pub(super) fn set(name: &str) -> Option<&'static Set> {
    SETS.iter().find(|set| set.name == name)
}

impl Set {
    pub(super) fn property(&self, name: &str) -> Option<Property> {
        self.properties.iter().copied().find(|(known, _)| *known == name)
    }

    pub(super) fn navigation(&self, name: &str) -> Option<&'static Navigation> {
        self.navigations.iter().find(|navigation| navigation.name == name)
    }
}

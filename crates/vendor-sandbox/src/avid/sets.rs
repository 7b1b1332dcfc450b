//! The entity sets, one after the other. Their names and half of their properties are seen; the rest is what such sets need.

use super::schema::{CUSTOM_VALUES, Edm, LinkKind, Navigation, Property, Relation, Rows, Set};

const fn to(name: &'static str, target: &'static str, relation: Relation) -> Navigation {
    Navigation { name, target, relation }
}

const fn plain(name: &'static str, entity: &'static str, rows: Rows, properties: &'static [Property]) -> Set {
    Set { name, entity, properties, navigations: &[], rows }
}

const USERS: Navigation = to("AssignedUsers", "Users", Relation::FromLeft(LinkKind::EntityUser));
const NOTES: Navigation = to("Notes", "Notes", Relation::Owns);
const CUSTOM_FIELDS: Navigation = to("CustomFields", CUSTOM_VALUES[0], Relation::OwnsCustomValues);
const ADDRESSES: Navigation = to("Addresses", "Addresses", Relation::Owns);

/// The properties that every set of custom values has, and the one that holds the value.
macro_rules! custom_value {
    ($name:literal, $edm:expr) => {
        &[("CustomFieldDefinitionId", Edm::Guid), ("EntityId", Edm::Guid), ("Id", Edm::Guid), ($name, $edm)]
    };
}

pub(super) static SETS: [Set; 18] = [
    Set {
        name: "Companies",
        entity: "Company",
        rows: Rows::Written,
        properties: &[
            ("Id", Edm::Guid),
            ("Name", Edm::Text),
            ("PrimaryContactId", Edm::Guid),
            ("BusinessPhone", Edm::Text),
            ("Fax", Edm::Text),
            ("Website", Edm::Text),
            ("ExternalId", Edm::Text),
            ("CreatedDate", Edm::DateTime),
            ("UpdatedDate", Edm::DateTime),
        ],
        navigations: &[
            USERS,
            to("AssignedContacts", "Contacts", Relation::FromRight(LinkKind::ContactCompany)),
            to("AssignedOpportunities", "Opportunities", Relation::FromRight(LinkKind::OpportunityCompany)),
            NOTES,
            CUSTOM_FIELDS,
            ADDRESSES,
        ],
    },
    Set {
        name: "Contacts",
        entity: "Contact",
        rows: Rows::Written,
        properties: &[
            ("Id", Edm::Guid),
            ("FullName", Edm::Text),
            ("FirstName", Edm::Text),
            ("MiddleName", Edm::Text),
            ("LastName", Edm::Text),
            ("Title", Edm::Text),
            ("Suffix", Edm::Text),
            ("JobTitle", Edm::Text),
            ("Department", Edm::Text),
            ("Email", Edm::Text),
            ("Email2", Edm::Text),
            ("Email3", Edm::Text),
            ("BusinessPhone", Edm::Text),
            ("HomePhone", Edm::Text),
            ("CellPhone", Edm::Text),
            ("Fax", Edm::Text),
            ("Website", Edm::Text),
            ("MainCompanyId", Edm::Guid),
            ("ExternalId", Edm::Text),
            ("CreatedDate", Edm::DateTime),
            ("UpdatedDate", Edm::DateTime),
        ],
        navigations: &[
            USERS,
            to("AssignedCompanies", "Companies", Relation::FromLeft(LinkKind::ContactCompany)),
            to("AssignedOpportunities", "Opportunities", Relation::FromRight(LinkKind::OpportunityContact)),
            NOTES,
            CUSTOM_FIELDS,
            ADDRESSES,
        ],
    },
    Set {
        name: "Opportunities",
        entity: "Opportunity",
        rows: Rows::Written,
        // The numbered columns mean what the tenant says: here a stage, an amount, the day it closes, and nothing yet.
        properties: &[
            ("Id", Edm::Guid),
            ("RecordDescription", Edm::Text),
            ("MainCompanyId", Edm::Guid),
            ("DepartmentId", Edm::Guid),
            ("UserDefined02", Edm::Text),
            ("UserDefined03", Edm::Number),
            ("UserDefined10", Edm::DateTime),
            ("UserDefined34", Edm::Text),
            ("CreatedDate", Edm::DateTime),
            ("UpdatedDate", Edm::DateTime),
        ],
        navigations: &[
            USERS,
            to("AssignedCompanies", "Companies", Relation::FromLeft(LinkKind::OpportunityCompany)),
            to("AssignedContacts", "Contacts", Relation::FromLeft(LinkKind::OpportunityContact)),
            NOTES,
            CUSTOM_FIELDS,
            ADDRESSES,
        ],
    },
    Set {
        name: "Notes",
        entity: "Note",
        rows: Rows::Written,
        properties: &[
            ("Id", Edm::Guid),
            ("UserId", Edm::Guid),
            ("EntityId", Edm::Guid),
            ("CreatedDate", Edm::DateTime),
            ("TrackId", Edm::Guid),
            ("TrackTypeId", Edm::Guid),
            ("Text", Edm::Text),
        ],
        navigations: &[
            to("Contacts", "Contacts", Relation::OwnedBy),
            to("Companies", "Companies", Relation::OwnedBy),
            to("Opportunities", "Opportunities", Relation::OwnedBy),
        ],
    },
    plain(
        "Addresses",
        "Address",
        Rows::Written,
        &[
            ("Id", Edm::Guid),
            ("EntityId", Edm::Guid),
            ("AddressType", Edm::Text),
            ("Street", Edm::Text),
            ("City", Edm::Text),
            ("State", Edm::Text),
            ("PostalCode", Edm::Text),
            ("Country", Edm::Text),
        ],
    ),
    plain(
        "Users",
        "User",
        Rows::ReadOnly,
        &[
            ("Id", Edm::Guid),
            ("FullName", Edm::Text),
            ("FirstName", Edm::Text),
            ("LastName", Edm::Text),
            ("Email", Edm::Text),
            ("DepartmentId", Edm::Guid),
        ],
    ),
    plain(
        "Departments",
        "Department",
        Rows::ReadOnly,
        &[("Id", Edm::Guid), ("Name", Edm::Text), ("TemplateId", Edm::Guid)],
    ),
    plain("Templates", "Template", Rows::ReadOnly, &[("Id", Edm::Guid), ("Name", Edm::Text)]),
    plain(
        "CustomFieldDefinitions",
        "CustomFieldDefinition",
        Rows::ReadOnly,
        &[
            ("Name", Edm::Text),
            ("DisplayName", Edm::Text),
            ("EntityType", Edm::Text),
            ("FieldType", Edm::Text),
            ("TemplateId", Edm::Guid),
            ("Visible", Edm::Flag),
            ("VisibleMobile", Edm::Flag),
            ("VisibilityOrder", Edm::Whole),
            ("FieldGroupId", Edm::Guid),
            ("Id", Edm::Guid),
        ],
    ),
    plain(
        "CustomFieldDefinitionDropDownValues",
        "CustomFieldDefinitionDropDownValue",
        Rows::ReadOnly,
        &[("CustomFieldDefinitionId", Edm::Guid), ("Value", Edm::Text), ("TemplateId", Edm::Guid), ("Id", Edm::Guid)],
    ),
    plain("CustomFieldValueTexts", "CustomFieldValueText", Rows::Written, custom_value!("Text", Edm::Text)),
    plain(
        "CustomFieldValueDropdowns",
        "CustomFieldValueDropdown",
        Rows::Written,
        custom_value!("DropDownValueId", Edm::Guid),
    ),
    plain("CustomFieldValueDates", "CustomFieldValueDate", Rows::Written, custom_value!("Date", Edm::DateTime)),
    plain(
        "CustomFieldValueTextNumerics",
        "CustomFieldValueTextNumeric",
        Rows::Written,
        custom_value!("Number", Edm::Number),
    ),
    plain("CustomFieldValueTextMemos", "CustomFieldValueTextMemo", Rows::Written, custom_value!("Text", Edm::Text)),
    plain(
        "CompanyViews",
        "CompanyView",
        Rows::ViewOf("Companies"),
        &[
            ("Id", Edm::Guid),
            ("Name", Edm::Text),
            ("BusinessPhone", Edm::Text),
            ("Website", Edm::Text),
            ("BusinessCity", Edm::Text),
            ("BusinessState", Edm::Text),
            ("UpdatedDate", Edm::DateTime),
        ],
    ),
    plain(
        "ContactViews",
        "ContactView",
        Rows::ViewOf("Contacts"),
        &[
            ("Id", Edm::Guid),
            ("FullName", Edm::Text),
            ("JobTitle", Edm::Text),
            ("Email", Edm::Text),
            ("BusinessPhone", Edm::Text),
            ("CompanyName", Edm::Text),
            ("UpdatedDate", Edm::DateTime),
        ],
    ),
    plain(
        "OpportunityViews",
        "OpportunityView",
        Rows::ViewOf("Opportunities"),
        &[
            ("Id", Edm::Guid),
            ("RecordDescription", Edm::Text),
            ("CompanyName", Edm::Text),
            ("CompanyBusinessCity", Edm::Text),
            ("CompanyBusinessState", Edm::Text),
            ("UserDefined02", Edm::Text),
            ("UserDefined34", Edm::Text),
        ],
    ),
];

//! Every shape that is measured: a page of it, the mapping that is shipped, and the hand-written baseline.

use unified_model::vocabulary::Resource;

use crate::{
    agile_contacts, avid_contacts, avid_page, axiomatic_companies, axiomatic_leads, axiomatic_page, page,
    teamswork_contacts, teamswork_page,
};

/// A vendor's page and both ways to read it.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) resource: Resource,
    pub(crate) mapping: &'static str,
    /// Where the records are in the page.
    pub(crate) records: &'static str,
    pub(crate) page: fn(u64) -> String,
    pub(crate) baseline: fn(&[u8], &mut Vec<u8>) -> serde_json::Result<()>,
}

pub(crate) const SHAPES: [Shape; 5] = [
    Shape {
        name: "agile-crm contacts",
        resource: Resource::Contacts,
        mapping: include_str!("../../../../mappings/agile-crm/contacts.yaml"),
        records: "$",
        page: page::contacts,
        baseline: agile_contacts::read,
    },
    Shape {
        name: "avid-crm contacts",
        resource: Resource::Contacts,
        mapping: include_str!("../../../../mappings/avid-crm/contacts.yaml"),
        records: "value",
        page: avid_page::contacts,
        baseline: avid_contacts::read,
    },
    Shape {
        name: "teamswork-crm contacts",
        resource: Resource::Contacts,
        mapping: include_str!("../../../../mappings/teamswork-crm/contacts.yaml"),
        records: "items",
        page: teamswork_page::contacts,
        baseline: teamswork_contacts::read,
    },
    Shape {
        name: "axiomatic-crm companies",
        resource: Resource::Companies,
        mapping: include_str!("../../../../mappings/axiomatic-crm/companies.yaml"),
        records: "companies",
        page: axiomatic_page::companies,
        baseline: axiomatic_companies::read,
    },
    Shape {
        name: "axiomatic-crm leads",
        resource: Resource::Leads,
        mapping: include_str!("../../../../mappings/axiomatic-crm/leads.yaml"),
        records: "leads",
        page: axiomatic_page::leads,
        baseline: axiomatic_leads::read,
    },
];

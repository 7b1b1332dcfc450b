//! The unified APIs: what each is called, where it is served, and the document that describes it.

use super::{Resource, UnknownName};

names! {
    /// A unified API: resources that vendors of one kind have in common.
    UnifiedApi, "a unified API (crm)", {
        /// Customers and what is done for them.
        Crm = "crm",
    }
}

impl UnifiedApi {
    /// The API that everything belongs to which names none: what was stored or handed out while there was one alone.
    pub const WHERE_NONE_IS_NAMED: Self = Self::Crm;

    /// The `OpenAPI` document of the API, as text (YAML).
    #[must_use]
    pub const fn document(self) -> &'static str {
        match self {
            Self::Crm => include_str!("../../../../spec/crm.yaml"),
        }
    }

    /// The path that its resources stand below: `/crm`.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Crm => "/crm",
        }
    }

    /// Its resources, in declaration order.
    pub fn resources(self) -> impl Iterator<Item = Resource> {
        Resource::EVERY.iter().copied().filter(move |resource| resource.unified_api() == self)
    }
}

impl Resource {
    /// The unified API that the resource belongs to.
    #[must_use]
    pub const fn unified_api(self) -> UnifiedApi {
        match self {
            Self::Activities
            | Self::Companies
            | Self::Contacts
            | Self::CustomObjectSchemas
            | Self::CustomObjects
            | Self::Leads
            | Self::ListMembers
            | Self::Lists
            | Self::Notes
            | Self::Opportunities
            | Self::Pipelines
            | Self::Users => UnifiedApi::Crm,
        }
    }
}

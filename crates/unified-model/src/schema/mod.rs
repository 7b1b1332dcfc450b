//! The canonical schema: the document of a unified API compiled once into the shape that validation and mapping need.

pub(crate) mod compile;
pub(crate) mod document;

use std::sync::LazyLock;

use crate::vocabulary::{Operation, Resource, UnifiedApi};

/// Every resource of a unified API with its properties, filters and sort fields.
#[derive(Debug)]
pub struct CanonicalSchema {
    api: UnifiedApi,
    resources: Vec<ResourceSchema>,
}

/// One resource: its record, and what a list of it can be filtered and sorted by.
#[derive(Debug)]
pub struct ResourceSchema {
    /// Which resource.
    pub resource: Resource,
    /// What the API lets callers do with it; lists, for one, are only read.
    pub operations: Vec<Operation>,
    /// The shape of one record.
    pub record: ObjectType,
    /// The members of `filter[...]`, empty where the resource takes none.
    pub filters: ObjectType,
    /// The values of `sort[by]`, empty where the resource takes none.
    pub sorts: Vec<String>,
}

/// An object with named members.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectType {
    /// The name of its schema in the document, or the path of the member that holds it.
    pub name: String,
    /// Its members, in document order. Canonical JSON is written in this order.
    pub properties: Vec<Property>,
    /// Whether members that are not listed are accepted on a write.
    pub open: bool,
    /// At least one of these groups of members must be present and not null (`anyOf` of `required`); empty: no such rule.
    /// `CustomField` needs `id` or `name`.
    pub any_of_required: Vec<Vec<String>>,
}

/// One member of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether null is allowed. A member that is not nullable is left out when unknown.
    pub nullable: bool,
    /// Whether the member must be present.
    pub required: bool,
    /// Who may set it.
    pub access: Access,
}

impl Property {
    /// Whether it holds the id of a record, or a list of such ids. `service_id` and `operation_id` name parts of a definition.
    #[must_use]
    pub fn holds_ids(&self) -> bool {
        let is_text = |kind: &Kind| matches!(kind, Kind::Text { .. });
        match &self.kind {
            Kind::List(item) => is_text(item) && self.name.ends_with("_ids"),
            kind => is_text(kind) && is_id(&self.name) && !matches!(self.name.as_str(), "service_id" | "operation_id"),
        }
    }
}

/// Whether a member of that name holds one id.
pub(crate) fn is_id(name: &str) -> bool {
    name == "id" || name.ends_with("_id")
}

/// Who may set a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Read and written.
    ReadWrite,
    /// Set by the vendor alone.
    ReadOnly,
    /// Sent by the caller, never returned.
    WriteOnly,
}

/// The type of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Text, with an optional format and, where `one_of` is not empty, a closed set of values.
    Text {
        /// A date or date-time.
        format: Option<Format>,
        /// The closed set of values, empty when any text will do.
        one_of: Vec<String>,
        /// The least number of characters.
        min_length: usize,
        /// The greatest number of characters.
        max_length: Option<usize>,
    },
    /// A whole number within bounds.
    Integer {
        /// Smallest value.
        minimum: Option<i64>,
        /// Largest value.
        maximum: Option<i64>,
    },
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// An object with known members.
    Object(ObjectType),
    /// An object whose members are the vendor's or the caller's own (`custom_mappings`, `filter_criteria`, `extend_object`).
    FreeObject,
    /// A list.
    List(Box<Kind>),
    /// Any JSON value (`CustomField.value`, `extend_paths[].value`). Where it is a list, that holds neither null nor lists.
    Any,
}

impl Kind {
    /// The type of the items of a list of objects.
    #[must_use]
    pub fn items(&self) -> Option<&ObjectType> {
        let Self::List(item) = self else { return None };
        if let Self::Object(object) = &**item { Some(object) } else { None }
    }
}

/// A text format that is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `YYYY-MM-DD`.
    Date,
    /// RFC 3339.
    DateTime,
}

impl CanonicalSchema {
    /// The schema of a unified API, from the document that this build carries.
    ///
    /// # Panics
    /// Never in a released build: a test compiles the documents.
    #[must_use]
    pub fn of(api: UnifiedApi) -> &'static Self {
        static SCHEMAS: LazyLock<Vec<CanonicalSchema>> = LazyLock::new(|| {
            let compiled = |api: &UnifiedApi| CanonicalSchema::compile(*api, api.document());
            UnifiedApi::EVERY
                .iter()
                .map(compiled)
                .collect::<Result<_, _>>()
                .expect("the documents compile; a test holds it")
        });
        SCHEMAS.iter().find(|schema| schema.api == api).expect("there is one for each")
    }

    /// The schema of the unified API that connectors serve today.
    #[must_use]
    pub fn built_in() -> &'static Self {
        Self::of(UnifiedApi::WHERE_NONE_IS_NAMED)
    }

    /// Takes the resources of a document that is complete.
    pub(crate) fn from_resources(api: UnifiedApi, resources: Vec<ResourceSchema>) -> Self {
        Self { api, resources }
    }

    /// Which unified API.
    #[must_use]
    pub fn api(&self) -> UnifiedApi {
        self.api
    }

    /// One resource.
    ///
    /// # Panics
    /// Never: `compile` refuses a document without every resource.
    #[must_use]
    pub fn resource(&self, resource: Resource) -> &ResourceSchema {
        self.resources
            .iter()
            .find(|schema| schema.resource == resource)
            .expect("compile refuses an incomplete document")
    }
}

/// Why a document cannot serve as the schema that requests are held against.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SchemaError(pub String);

impl ObjectType {
    /// The member of that name.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.name == name)
    }
}

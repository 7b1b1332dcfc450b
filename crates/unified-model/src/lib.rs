//! The vocabulary that every other crate speaks: services, unified APIs with their resources, operations, unified requests and
//! answers, and the canonical schema compiled from `spec/crm.yaml` with the validator that uses it. The Vault API's requests are
//! held against `spec/vault.yaml` by the same means. Never any I/O, never a clock.

pub mod answer;
pub mod position;
pub mod request;
pub mod schema;
pub mod vault;
pub mod vocabulary;

pub use answer::{Position, Warning};
pub use request::listing::Listing;
pub use request::validate::{self, CheckedBody, check_body, check_output};
pub use request::{
    Direction, FieldSelection, Filter, FilterValue, PassThroughBody, PassThroughValue, RequestError, RequestParts,
    Sort, UnifiedRequest, Violation,
};
pub use schema::compile::operation_id;
pub use schema::document::{document_json, operation_summary, vault_document_json};
pub use schema::{Access, CanonicalSchema, Format, Kind, ObjectType, Property};
pub use vault::{QueryValues, VaultOperation, VaultSchema};
pub use vocabulary::{ApplicationId, ConsumerId, Operation, RecordId, Resource, ServiceId, UnifiedApi, is_blank};

//! The vocabulary that every other crate speaks: services, resources, operations, unified requests and answers, and the
//! canonical schema compiled from `spec/crm.yaml` with the validator that uses it. The Vault API's requests are held against
//! `spec/vault.yaml` by the same means. Never any I/O, never a clock.

pub mod answer;
mod compile;
mod document;
mod findings;
mod listing;
mod moment;
mod parameters;
pub mod position;
mod query;
pub mod request;
pub mod schema;
mod suggest;
pub mod validate;
pub mod vault;
pub mod vocabulary;

pub use answer::{Position, Warning};
pub use compile::operation_id;
pub use document::{document_json, operation_summary, vault_document_json};
pub use listing::Listing;
pub use request::{
    Direction, FieldSelection, Filter, FilterValue, PassThroughBody, PassThroughValue, RequestError, RequestParts,
    Sort, UnifiedRequest, Violation,
};
pub use schema::{Access, CanonicalSchema, Format, Kind, ObjectType, Property};
pub use validate::{CheckedBody, check_body, check_output};
pub use vault::{QueryValues, VaultOperation, VaultSchema};
pub use vocabulary::{Operation, RecordId, Resource, ServiceId, is_blank};

//! Connector definitions: read from YAML, checked, compiled into plans that say what to send to a vendor. Reads files only
//! when it is asked to load a directory; never opens a socket.

mod catalog;
mod check;
mod coverage;
mod file;
pub mod plan;

pub use catalog::{Catalog, CatalogError};
pub use coverage::connector_page::{connector_page, coverage_page};
pub use coverage::page::{Block, Page};
pub use coverage::{DeletedRecords, Limit, LimitedPart, PagingKind, ResourceCoverage, coverage, overall, unserved};
pub use field_mapping::{CustomMapping, Diagnostic, Evidence, FieldCoverage, JsonPath, VendorRecord, Zone};
pub use file::schema::connector_json_schema;
pub use plan::selection::{Asked, ListRefusal};
pub use plan::template::{self, Hole, Template};
pub use plan::*;

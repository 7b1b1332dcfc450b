//! The mapping language: canonical fields to vendor fields, read from YAML, type-checked against the canonical schema,
//! compiled once, and run both ways. Never any I/O, never a clock.

mod check;
mod custom;
mod file;
mod json;
mod mapping;
mod path;
mod read;
mod value;
mod vendor;
mod write;
pub mod yaml;

pub use check::lint::FieldCoverage;
pub use check::values::VendorValues;
pub use custom::CustomMapping;
pub use custom::json_path::JsonPath;
pub use file::filter::{FilterField, Literal};
pub use file::{Evidence, MappingSource, mapping_json_schema, take_plain_scalars};
pub use json::mend::{Mends, mend};
pub use mapping::Mapping;
pub use path::{Nothing, VendorPath};
pub use read::kind::{KindGuard, Mark};
pub use read::{PageFacts, Probe, ReadError, Reading, Scratch, Shape};
pub use value::context::{Context, LookupTable, LookupTables, Zone};
pub use vendor::VendorRecord;
pub use write::written::{Refusal, Written, WrittenOver};
pub use yaml::Diagnostic;

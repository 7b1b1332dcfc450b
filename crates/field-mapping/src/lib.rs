//! The mapping language: canonical fields to vendor fields, read from YAML, type-checked against the canonical schema,
//! compiled once, and run both ways. Never any I/O, never a clock.

mod bounds;
mod cases;
mod columns;
mod compile;
mod context;
mod convert;
mod custom;
mod decode;
mod definition;
mod diagnostic;
mod emit;
mod filter;
mod gather;
mod glance;
mod json;
mod json_path;
mod keys;
mod kind;
mod leaf;
mod lint;
mod mapping;
mod moment;
mod node;
mod origins;
mod path;
mod plan;
mod planner;
mod read;
mod records;
mod source;
mod values;
mod write;

pub use context::{Context, LookupTable, LookupTables, Zone};
pub use custom::CustomMapping;
pub use diagnostic::Diagnostic;
pub use filter::{FilterField, Literal};
pub use json_path::JsonPath;
pub use kind::{KindGuard, Mark};
pub use lint::FieldCoverage;
pub use mapping::{Mapping, MappingSource, Refusal, Written, WrittenOver};
pub use path::VendorPath;
pub use read::{Nothing, PageFacts, Probe, ReadError, Reading, Scratch, Shape};
pub use source::{Evidence, mapping_json_schema, take_plain_scalars};
pub use values::VendorValues;

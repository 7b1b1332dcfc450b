//! What the fuzzer calls: one function for each target, which takes any bytes and panics where something does not hold. The
//! fuzzer's binaries (`fuzz/fuzz_targets`) and the replay of the corpora (`tests/replay.rs`) call the same functions.

#![allow(clippy::missing_panics_doc, reason = "every target panics over what does not hold; that is how it tells")]

mod cursors;
mod definitions;
mod input;
mod json_path;
mod mapping;
mod odata_filters;
mod odata_replies;
mod queries;
mod templates;
mod token_replies;
mod vendor;

pub use cursors::cursors;
pub use definitions::definitions;
pub use json_path::json_path;
pub use mapping::mapping;
pub use odata_filters::odata_filters;
pub use odata_replies::odata_replies;
pub use queries::queries;
pub use templates::templates;
pub use token_replies::token_replies;

/// Checks one input.
pub type Target = fn(&[u8]);

/// Every target by its name, which its corpus and its binary have too.
pub const EVERY: &[(&str, Target)] = &[
    ("cursors", cursors),
    ("definitions", definitions),
    ("json_path", json_path),
    ("mapping", mapping),
    ("odata_filters", odata_filters),
    ("odata_replies", odata_replies),
    ("queries", queries),
    ("templates", templates),
    ("token_replies", token_replies),
];

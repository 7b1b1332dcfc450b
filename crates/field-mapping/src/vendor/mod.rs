//! The vendor's record as a mapping knows it: its members with their types, as a JSON Schema and as an example.

mod collect;
mod location;
mod schema;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::path::Test;

pub(crate) use collect::collect;

/// The known members of one vendor's record.
#[derive(Debug, Default)]
pub struct VendorRecord {
    root: Node,
}

/// What is known of one place in the record.
#[derive(Debug, Default)]
struct Node {
    leaf: Option<Leaf>,
    members: BTreeMap<String, Node>,
    /// The elements of a list, by the tests that tell them from others. Without tests: every element.
    elements: Vec<(Vec<Test>, Node)>,
}

/// A scalar, or a value that is taken whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaf {
    Text,
    Day,
    Instant,
    Epoch { millis: bool },
    Integer,
    Number,
    Boolean,
    TextList,
    Any,
}

impl VendorRecord {
    /// A JSON Schema (draft 2020-12). The `description` of each value is the `JSONPath` that finds it in a record.
    #[must_use]
    pub fn schema(&self) -> Value {
        schema::of_record(&self.root)
    }

    /// Whether the schema has a value whose `description` this is.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.root.has(&location::Location::record(), path)
    }

    /// A record that fits the schema, with a made-up value for each known member.
    #[must_use]
    pub fn example(&self) -> Value {
        self.root.example()
    }
}

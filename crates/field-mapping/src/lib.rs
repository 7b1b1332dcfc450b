//! The mapping language: canonical fields to vendor fields, read from YAML, type-checked against the canonical schema,
//! compiled once, and run both ways. Never any I/O, never a clock.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use unified_model::schema::ResourceSchema;
use unified_model::FieldSelection;

/// One mapping file.
#[derive(Debug, Clone, Copy)]
pub struct MappingSource<'a> {
    /// Its name, as messages show it: `mappings/agile-crm/contacts.yaml`.
    pub file: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// One mistake, loss or remark at a place in a file. Displays as `file:line:column: message`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct Diagnostic {
    /// The file's name.
    pub file: String,
    /// 1-based.
    pub line: u64,
    /// 1-based, in characters.
    pub column: u64,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// A compiled mapping of one vendor's resource.
#[derive(Debug)]
pub struct Mapping {
    _todo: (),
}

/// What coverage says of one canonical field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldCoverage {
    /// Dotted canonical path: `emails.type`.
    pub field: String,
    /// It can be read.
    pub readable: bool,
    /// It can be written.
    pub writable: bool,
    /// How sure the definition is.
    pub evidence: Evidence,
}

/// How sure a definition is of a vendor's fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The vendor documents it.
    #[default]
    Documented,
    /// It was seen in public code.
    Seen,
    /// It is a guess.
    Assumed,
}

/// A dotted path into a vendor's JSON: `owner.id`, `properties[name=email].value`, `['odata.count']`, `$` for the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendorPath {
    _todo: (),
}

impl VendorPath {
    /// Parses a path; the error says at which character it goes wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let _ = text;
        todo!()
    }

    /// The value there in a JSON tree, if any.
    #[must_use]
    pub fn find<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        let _ = value;
        todo!()
    }
}

/// Which vendor records are of the canonical resource's kind: every path must hold the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindGuard {
    /// Path and the text that it must hold.
    pub members: Vec<(VendorPath, String)>,
}

impl KindGuard {
    /// Whether a vendor record is of the kind.
    #[must_use]
    pub fn admits(&self, record: &Value) -> bool {
        let _ = record;
        todo!()
    }
}

/// Something to pick from a vendor's answer beside the records (a cursor, a count).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probe {
    /// From the whole document.
    Document(VendorPath),
    /// From the first record.
    FirstRecord(VendorPath),
    /// From the last record.
    LastRecord(VendorPath),
}

/// What to read from a vendor's answer.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// Where the records are; for [`Shape::One`] where the record is.
    pub records: &'a VendorPath,
    /// One record or a list.
    pub shape: Shape,
    /// The kind that a record must be of; others are left out.
    pub kind: Option<&'a KindGuard>,
    /// What to pick beside the records.
    pub probes: &'a [Probe],
    /// `fields=`; required members stay.
    pub select: Option<&'a FieldSelection>,
    /// Records of the kind to pass over before the first (a page that we slice).
    pub skip: usize,
    /// The most records to answer with.
    pub take: usize,
}

/// The shape of a vendor's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A list of records, or one object that stands for a list of one. Canonical output is `[...]`.
    List,
    /// One record (an object, or a list whose first element it is). Canonical output is `{...}`.
    One,
}

/// What reading found beside the canonical bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageFacts {
    /// Canonical records written.
    pub records: usize,
    /// Vendor records seen, of whatever kind.
    pub vendor_records: usize,
    /// Vendor records of the kind, written or not.
    pub of_kind: usize,
    /// One entry for each probe; numbers as text; absent, null and "" are `None`.
    pub probes: Vec<Option<String>>,
    /// Required members that no fallback could fill and that were answered as "": field and number of records.
    pub filled_in: BTreeMap<String, usize>,
}

/// Why a vendor's answer cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Not JSON, cut short, or nested too deep.
    #[error("the answer is not readable JSON: {0}")]
    NotJson(String),
    /// JSON, but with no records where the definition says.
    #[error("the answer holds no records at `{0}`")]
    NoRecords(String),
}

/// Buffers that reading uses again and again. One per worker or per call; never shared.
#[derive(Debug, Default)]
pub struct Scratch {
    _todo: (),
}

/// A vendor record made from a canonical one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Written {
    /// The vendor record: all of it for a new record; for a patch, only what the caller's fields touch.
    pub record: Map<String, Value>,
    /// What was not written, or not as sent.
    pub warnings: Vec<unified_model::Warning>,
}

/// A vendor record with canonical changes applied.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WrittenOver {
    /// The whole vendor record after the change, members that the mapping does not know kept as they were.
    pub record: Map<String, Value>,
    /// Only what changed: top-level vendor members, of a keyed list (`lists: <name>: key`) only the new or changed entries.
    pub part: Map<String, Value>,
    /// Whether something goes away that adding and overwriting cannot take away: an entry of a keyed list, a member that
    /// becomes null, or two entries with one key.
    pub removes: Vec<String>,
    /// What was not written, or not as sent.
    pub warnings: Vec<unified_model::Warning>,
}

impl Mapping {
    /// Compiles one mapping, `sources` layered each over the last (built in, operator's directory), then a connection's
    /// `field_map` (canonical field: vendor path).
    ///
    /// # Errors
    /// Every mistake found.
    pub fn compile(
        sources: &[MappingSource<'_>],
        field_map: &BTreeMap<String, String>,
        schema: &ResourceSchema,
    ) -> Result<Self, Vec<Diagnostic>> {
        let _ = (sources, field_map, schema);
        todo!()
    }

    /// Vendor bytes to canonical bytes, appended to `out`.
    pub fn read(
        &self,
        vendor: &[u8],
        reading: &Reading<'_>,
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
    ) -> Result<PageFacts, ReadError> {
        let _ = (vendor, reading, scratch, out);
        todo!()
    }

    /// A new vendor record; the kind's members are set.
    #[must_use]
    pub fn write_new(&self, canonical: &Map<String, Value>, kind: Option<&KindGuard>) -> Written {
        let _ = (canonical, kind);
        todo!()
    }

    /// A partial vendor record: only what the caller sent; null where the caller sent null and the vendor can clear.
    #[must_use]
    pub fn write_patch(&self, canonical: &Map<String, Value>) -> Written {
        let _ = canonical;
        todo!()
    }

    /// The current vendor record with the caller's changes applied.
    #[must_use]
    pub fn write_over(&self, current: &Map<String, Value>, canonical: &Map<String, Value>) -> WrittenOver {
        let _ = (current, canonical);
        todo!()
    }

    /// The vendor's field for a canonical filter, where the mapping declares one.
    #[must_use]
    pub fn filter(&self, name: &str) -> Option<&str> {
        let _ = name;
        todo!()
    }

    /// The vendor's field for a canonical sort, where the mapping declares one.
    #[must_use]
    pub fn sort(&self, name: &str) -> Option<&str> {
        let _ = name;
        todo!()
    }

    /// Every known loss, for lint.
    #[must_use]
    pub fn losses(&self) -> &[Diagnostic] {
        todo!()
    }

    /// Every canonical field that the mapping serves.
    #[must_use]
    pub fn coverage(&self) -> Vec<FieldCoverage> {
        todo!()
    }
}

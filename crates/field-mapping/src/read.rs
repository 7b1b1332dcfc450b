//! Vendor bytes to canonical bytes: parsing, finding the records, and one record after the other.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};
use serde_json_borrow::Value as Borrowed;
use simd_json::{Buffers, INPUT_PADDING, Tape};
use unified_model::FieldSelection;

use crate::context::Context;
use crate::custom::{Chosen, CustomMapping};
use crate::emit::{Choice, Emitter};
use crate::gather::{Gathered, is_text};
use crate::kind::KindGuard;
use crate::node::{Node, OnTape, View};
use crate::path::{Step, Test, VendorPath};
use crate::plan::ReadPlan;
use crate::records;

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
    /// Vendor records to pass over before the first, of whatever kind: positions in a vendor's list know no kinds.
    pub skip: usize,
    /// The most records to answer with.
    pub take: usize,
    /// What the mapping needs beside the answer.
    pub context: Context<'a>,
}

/// The shape of a vendor's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A list of records, or one object that stands for a list of one. Canonical output is `[...]`.
    List,
    /// One record (an object, or a list whose first element it is). Canonical output is `{...}`; nothing where the record is
    /// not of the kind.
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
    /// The place, counted from 0 in the vendor's page, of the first record that `take` left out; `None`: it left out none.
    pub left_at: Option<usize>,
    /// One entry for each probe; numbers as text; absent, null and "" are `None`.
    pub probes: Vec<Option<String>>,
    /// Required members that no fallback could fill and that were answered as "": field and number of records.
    pub filled_in: BTreeMap<String, usize>,
    /// Custom mappings that hold too much and were answered as null: key and number of records.
    pub too_large: BTreeMap<String, usize>,
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
#[derive(Default)]
pub struct Scratch {
    copy: Vec<u8>,
    buffers: Buffers,
    tape: Option<Tape<'static>>,
}

impl fmt::Debug for Scratch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The buffers hold a vendor's records, which belong into no log.
        formatter.debug_struct("Scratch").field("bytes", &self.copy.capacity()).finish_non_exhaustive()
    }
}

/// Reads an answer; see [`crate::Mapping::read`].
pub(crate) fn read(
    plan: &ReadPlan,
    custom: &[CustomMapping],
    vendor: &[u8],
    reading: &Reading<'_>,
    scratch: &mut Scratch,
    out: &mut Vec<u8>,
) -> Result<PageFacts, ReadError> {
    let vendor = vendor.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(vendor);
    // simd-json rewrites its input even where it fails, so it gets a copy and the second parser the original. The padding
    // lets it read past the end, which saves it a copy of its own.
    scratch.copy.clear();
    scratch.copy.reserve(vendor.len() + INPUT_PADDING);
    scratch.copy.extend_from_slice(vendor);
    scratch.copy.resize(vendor.len() + INPUT_PADDING, 0);
    let mut tape: Tape<'_> = scratch.tape.take().unwrap_or_else(|| Tape(Vec::new())).reset();
    let parsed = !vendor.is_empty()
        && simd_json::fill_tape_padded(&mut scratch.copy, vendor.len(), &mut scratch.buffers, &mut tape).is_ok();
    if parsed {
        let facts = page(plan, custom, OnTape(&tape.0), reading, out);
        scratch.tape = Some(tape.reset());
        return facts;
    }
    scratch.tape = Some(tape.reset());
    // simd-json refuses integers beyond 64 bits, of which serde_json makes floats; broken UTF-8 is mended.
    let text = String::from_utf8_lossy(vendor);
    let document: Borrowed<'_> = serde_json::from_str(&text).map_err(|error| ReadError::NotJson(error.to_string()))?;
    page(plan, custom, &document, reading, out)
}

fn page<'d, N: Node<'d>>(
    plan: &ReadPlan,
    custom: &[CustomMapping],
    document: N,
    reading: &Reading<'_>,
    out: &mut Vec<u8>,
) -> Result<PageFacts, ReadError> {
    let missing = || ReadError::NoRecords(reading.records.to_string());
    let start = out.len();
    let mut pager = Pager {
        plan,
        custom: Chosen::of(custom, reading.select),
        reading,
        gathered: Gathered::new(plan),
        emitter: Emitter::new(plan, choices(plan, reading.select), reading.context),
        facts: PageFacts::default(),
        ends: None,
    };
    match reading.shape {
        // Some vendors say null for an empty list.
        Shape::List => {
            if !records::each(document, &reading.records.steps, &mut |record| pager.element(record, out)) {
                return Err(missing());
            }
        }
        Shape::One => {
            let record = find(document, &reading.records.steps).ok_or_else(missing)?;
            match record.view() {
                View::Object => pager.record(record, out),
                View::List => record.elements(|record| {
                    pager.record(record, out);
                    false
                }),
                _ => return Err(missing()),
            }
        }
    }
    if reading.shape == Shape::List {
        crate::leaf::close_list(out, start);
    } else if pager.facts.vendor_records == 0 {
        return Err(missing());
    } else if out.len() > start {
        out.remove(start);
    }
    let Pager { mut facts, emitter, custom, ends, .. } = pager;
    facts.filled_in = emitter.filled_in;
    facts.too_large = custom.map(|custom| custom.too_large).unwrap_or_default();
    facts.probes = reading.probes.iter().map(|probe| probed(probe, document, ends)).collect();
    Ok(facts)
}

/// A record that is a tree already.
pub(crate) fn record(plan: &ReadPlan, vendor: &Map<String, Value>, context: Context<'_>) -> Map<String, Value> {
    let tree = Value::Object(vendor.clone());
    let mut gathered = Gathered::new(plan);
    gathered.take(plan, &tree);
    let mut out = vec![b','];
    Emitter::new(plan, Vec::new(), context).record(&gathered, &mut out);
    serde_json::from_slice(out.get(1..).unwrap_or_default()).unwrap_or_default()
}

struct Pager<'p, 'd, N> {
    plan: &'p ReadPlan,
    custom: Option<Chosen<'p>>,
    reading: &'p Reading<'p>,
    gathered: Gathered<N>,
    emitter: Emitter<'p, 'd, N>,
    facts: PageFacts,
    /// The first and the last record.
    ends: Option<(N, N)>,
}

impl<'d, N: Node<'d>> Pager<'_, 'd, N> {
    /// An element of the vendor's list. One that holds no record has its place in the list, and is of no kind.
    fn element(&mut self, record: Option<N>, out: &mut Vec<u8>) {
        match record {
            Some(record) => self.record(record, out),
            None => self.facts.vendor_records += 1,
        }
    }

    fn record(&mut self, record: N, out: &mut Vec<u8>) {
        if record.view() != View::Object {
            return;
        }
        let place = self.facts.vendor_records;
        self.facts.vendor_records += 1;
        self.ends = Some((self.ends.map_or(record, |(first, _)| first), record));
        if !self.reading.kind.is_none_or(|kind| kind.has(record)) {
            return;
        }
        self.facts.of_kind += 1;
        if place < self.reading.skip {
            return;
        }
        if self.facts.records == self.reading.take {
            self.facts.left_at.get_or_insert(place);
            return;
        }
        self.facts.records += 1;
        out.push(b',');
        self.gathered.take(self.plan, record);
        self.emitter.record(&self.gathered, out);
        if let Some(custom) = &mut self.custom {
            custom.append(record, out);
        }
    }
}

fn probed<'d, N: Node<'d>>(probe: &Probe, document: N, ends: Option<(N, N)>) -> Option<String> {
    let found = match probe {
        Probe::Document(path) => find(document, &path.steps),
        Probe::FirstRecord(path) => find(ends?.0, &path.steps),
        Probe::LastRecord(path) => find(ends?.1, &path.steps),
    };
    let text = crate::convert::Piece::of(found?.view())?.into_text();
    (!text.is_empty()).then(|| text.into_owned())
}

/// The value at a path of a document.
pub(crate) fn find<'d, N: Node<'d>>(node: N, steps: &[Step]) -> Option<N> {
    let Some((step, rest)) = steps.split_first() else { return Some(node) };
    let tests: &[Test] = match step {
        Step::Member(name) => return find(node.member(name)?, rest),
        Step::Select(tests) | Step::Each(tests) => tests,
    };
    let mut found = None;
    node.elements(|element| {
        if tests.iter().all(|test| holds(test, element)) {
            found = find(element, rest);
        }
        found.is_none()
    });
    found
}

/// Whether an element passes a test; a member that is missing differs from every text.
pub(crate) fn holds<'d, N: Node<'d>>(test: &Test, element: N) -> bool {
    element.member(&test.member).is_some_and(|own| is_text(own, &test.value)) == test.equal
}

fn choices(plan: &ReadPlan, select: Option<&FieldSelection>) -> Vec<Choice> {
    let Some(select) = select else { return Vec::new() };
    let choice = |name: &str| {
        let mut members = Vec::new();
        for path in &select.paths {
            match path.strip_prefix(name) {
                Some("") => return Choice::All,
                Some(rest) => members.extend(rest.strip_prefix('.').map(str::to_owned)),
                None => (),
            }
        }
        if members.is_empty() { Choice::None } else { Choice::Members(members) }
    };
    plan.outputs.iter().map(|output| choice(&output.name)).collect()
}

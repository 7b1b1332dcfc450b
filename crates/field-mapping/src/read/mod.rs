//! Vendor bytes to canonical bytes: parsing, finding the records, and one record after the other.

mod bounds;
pub(crate) mod cases;
mod columns;
mod decode;
mod emit;
mod gather;
mod glance;
pub(crate) mod kind;
pub(crate) mod plan;
pub(crate) mod planner;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};
use serde_json_borrow::Value as Borrowed;
use simd_json::{Buffers, INPUT_PADDING, Tape};
use unified_model::FieldSelection;

use crate::custom::{Chosen, CustomMapping};
use crate::json::node::{Node, OnTape, View};
use crate::path::{Missing, Nothing, VendorPath, Walk, find};
use crate::read::bounds::{KEPT_BYTES, MOST_TREE_BYTES, MOST_VALUES, has_too_many_values};
use crate::read::emit::{Choice, Emitter};
use crate::read::gather::Gathered;
use crate::read::glance::Glance;
use crate::read::kind::KindGuard;
use crate::read::plan::ReadPlan;
use crate::value::context::Context;

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
    /// Records, by their places in the vendor's page from 0 on and in that order, that are left out like those of another kind.
    pub left_out: &'a [usize],
    /// Where a record's own id is. What has none there is no record, and the answer no list of records.
    pub id: Option<&'a VendorPath>,
    /// What a list without records may look like, besides a list of none.
    pub nothing: Nothing,
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
    /// A list of records. Canonical output is `[...]`.
    List,
    /// One object, or a list. Canonical output is `[...]`.
    OneOrNone,
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
    /// Fields whose values are there and not of their type, and that were answered as null or left out: field and number of records.
    pub unreadable: BTreeMap<String, usize>,
    /// Custom mappings that hold too much and were answered as null: key and number of records.
    pub too_large: BTreeMap<String, usize>,
}

/// Why a vendor's answer cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Not JSON, cut short, or nested too deep.
    #[error("the answer is not readable JSON: {0}")]
    NotJson(String),
    /// More values than are read.
    #[error("the answer has more than {0} values")]
    TooManyValues(usize),
    /// JSON, but with nothing where the definition says that the records are.
    #[error("the answer holds no records at `{0}`")]
    NoRecords(String),
    /// JSON, but with null where the definition says that the records are.
    #[error("the answer holds null instead of records at `{0}`")]
    NullRecords(String),
    /// JSON, but with something else than records where the definition says that they are.
    #[error("what the answer holds at `{0}` is no list of records")]
    NotRecords(String),
    /// A record that has no id.
    #[error("a record of the answer has no id at `{0}`")]
    NoId(String),
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

/// Reads answers; see [`crate::Mapping::read`].
#[derive(Clone, Copy)]
pub(crate) struct Reader<'r> {
    pub(crate) plan: &'r ReadPlan,
    pub(crate) custom: &'r [CustomMapping],
    pub(crate) reading: &'r Reading<'r>,
}

impl Reader<'_> {
    pub(crate) fn read(self, vendor: &[u8], scratch: &mut Scratch, out: &mut Vec<u8>) -> Result<PageFacts, ReadError> {
        let vendor = vendor.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(vendor);
        if has_too_many_values(vendor) {
            return Err(ReadError::TooManyValues(MOST_VALUES));
        }
        let facts = self.read_with(vendor, scratch, out);
        if vendor.len() > KEPT_BYTES {
            *scratch = Scratch::default();
        }
        facts
    }

    fn read_with(self, vendor: &[u8], scratch: &mut Scratch, out: &mut Vec<u8>) -> Result<PageFacts, ReadError> {
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
            let facts = self.page(OnTape(&tape.0), out);
            scratch.tape = Some(tape.reset());
            return facts;
        }
        scratch.tape = Some(tape.reset());
        // simd-json refuses integers beyond 64 bits, of which serde_json makes floats; broken UTF-8 is mended.
        let text = String::from_utf8_lossy(vendor);
        if text.len() > MOST_TREE_BYTES {
            let unread = serde_json::from_str::<serde::de::IgnoredAny>(&text).err();
            let why = unread.map_or_else(
                || format!("more than {MOST_TREE_BYTES} bytes, with a number beyond 64 bits"),
                |error| error.to_string(),
            );
            return Err(ReadError::NotJson(why));
        }
        let document: Borrowed<'_> =
            serde_json::from_str(&text).map_err(|error| ReadError::NotJson(error.to_string()))?;
        self.page(&document, out)
    }

    fn page<'d, N: Node<'d>>(self, document: N, out: &mut Vec<u8>) -> Result<PageFacts, ReadError> {
        let Self { plan, custom, reading } = self;
        let through_lists = reading.shape != Shape::One && reading.records.goes_through_lists();
        let records = find(document, &reading.records.steps);
        if records.is_none() && !through_lists && !(reading.nothing.missing && document.view() == View::Object) {
            return Err(no_records(reading));
        }
        let start = out.len();
        let mut pager = Pager {
            plan,
            custom: Chosen::of(custom, reading.select),
            reading,
            gathered: Gathered::new(plan),
            emitter: Emitter::new(plan, choices(plan, reading.select), reading.context),
            glance: Glance::new(reading.kind.into_iter().flat_map(KindGuard::paths).chain(reading.id)),
            facts: PageFacts::default(),
            ends: None,
            wrong: None,
        };
        if through_lists {
            if let Err(wrong) = pager.through_lists(document, out) {
                out.truncate(start);
                return Err(wrong);
            }
        } else {
            let may_be_nothing = records.is_none() || reading.nothing.null;
            match (reading.shape, records.map(|records| (records, records.view()))) {
                (Shape::List | Shape::OneOrNone, Some((records, View::List))) => records.elements(|record| {
                    pager.record(record, out);
                    pager.wrong.is_none()
                }),
                (Shape::List | Shape::OneOrNone, None | Some((_, View::Null))) if may_be_nothing => (),
                (Shape::One | Shape::OneOrNone, Some((record, View::Object))) => pager.record(record, out),
                (Shape::One, Some((records, View::List))) => records.elements(|record| {
                    pager.record(record, out);
                    false
                }),
                (Shape::One | Shape::List | Shape::OneOrNone, None) => return Err(no_records(reading)),
                (Shape::One | Shape::List | Shape::OneOrNone, Some((_, View::Null))) => {
                    return Err(ReadError::NullRecords(reading.records.to_string()));
                }
                (Shape::One | Shape::List | Shape::OneOrNone, Some(_)) => return Err(not_records(reading)),
            }
        }
        if let Some(wrong) = pager.wrong {
            out.truncate(start);
            return Err(wrong);
        }
        match reading.shape {
            Shape::List | Shape::OneOrNone => crate::value::leaf::close_list(out, start),
            Shape::One if pager.facts.vendor_records == 0 => return Err(no_records(reading)),
            Shape::One => {
                if out.len() > start {
                    out.remove(start);
                }
            }
        }
        let Pager { mut facts, emitter, custom, ends, .. } = pager;
        facts.filled_in = emitter.filled_in.clone();
        facts.unreadable = emitter.unreadable();
        facts.too_large = custom.map(|custom| custom.too_large).unwrap_or_default();
        facts.probes = reading.probes.iter().map(|probe| probed(probe, document, ends)).collect();
        Ok(facts)
    }
}

fn no_records(reading: &Reading<'_>) -> ReadError {
    ReadError::NoRecords(reading.records.to_string())
}

fn not_records(reading: &Reading<'_>) -> ReadError {
    ReadError::NotRecords(reading.records.to_string())
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
    glance: Glance<'p>,
    facts: PageFacts,
    /// The first and the last record.
    ends: Option<(N, N)>,
    /// What shows that these are no records.
    wrong: Option<ReadError>,
}

impl<'d, N: Node<'d>> Pager<'_, 'd, N> {
    /// Every record behind a path with `[]` in it. An element that another kind of records is told by has its place in the list.
    fn through_lists(&mut self, document: N, out: &mut Vec<u8>) -> Result<(), ReadError> {
        let Reading { records, nothing, shape, .. } = *self.reading;
        let walk = Walk { nothing, takes_one: shape == Shape::OneOrNone };
        let walked = walk.through(document, &records.steps, &mut |record| {
            match record {
                Some(record) => self.record(record, out),
                None => self.facts.vendor_records += 1,
            }
            self.wrong.is_none()
        });
        walked.map(drop).map_err(|missing| match missing {
            Missing::Everything => no_records(self.reading),
            Missing::Null => ReadError::NullRecords(records.to_string()),
            Missing::AList => not_records(self.reading),
        })
    }

    fn record(&mut self, record: N, out: &mut Vec<u8>) {
        if record.view() != View::Object {
            self.wrong = Some(not_records(self.reading));
            return;
        }
        let place = self.facts.vendor_records;
        self.facts.vendor_records += 1;
        self.ends = Some((self.ends.map_or(record, |(first, _)| first), record));
        let glance = self.glance.at(record);
        let is_left_out = self.reading.left_out.binary_search(&place).is_ok();
        if is_left_out || !self.reading.kind.is_none_or(|kind| kind.has(|steps| glance.find(steps))) {
            return;
        }
        self.facts.of_kind += 1;
        if let Some(at) = self.reading.id.filter(|at| !is_id(glance.find(&at.steps))) {
            self.wrong = Some(ReadError::NoId(at.to_string()));
            return;
        }
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

/// Whether there is a text or a number.
fn is_id<'d, N: Node<'d>>(found: Option<N>) -> bool {
    match found.map(Node::view) {
        Some(View::Text(text)) => !text.trim().is_empty(),
        Some(View::Unsigned(_) | View::Signed(_) | View::Float(_)) => true,
        Some(View::Null | View::Bool(_) | View::List | View::Object) | None => false,
    }
}

fn probed<'d, N: Node<'d>>(probe: &Probe, document: N, ends: Option<(N, N)>) -> Option<String> {
    let found = match probe {
        Probe::Document(path) => find(document, &path.steps),
        Probe::FirstRecord(path) => find(ends?.0, &path.steps),
        Probe::LastRecord(path) => find(ends?.1, &path.steps),
    };
    let text = crate::value::piece::Piece::of(found?.view())?.into_text();
    (!text.is_empty()).then(|| text.into_owned())
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

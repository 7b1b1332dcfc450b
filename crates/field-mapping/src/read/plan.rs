//! The compiled read direction: which member of the vendor's record goes to which numbered column, and what is written from it.

use crate::check::checked::{Arithmetic, Part};
use crate::json::bytes::encode;
use crate::read::cases::CasesPlan;
use crate::value::keys::KeyTable;
use crate::value::leaf::Leaf;
use serde_json::Value;

/// No column.
pub(crate) const NONE: usize = usize::MAX;

/// All that reading needs.
#[derive(Debug)]
pub(crate) struct ReadPlan {
    pub(crate) record: ObjectPlan,
    pub(crate) columns: usize,
    /// The width of a row of each bucket.
    pub(crate) buckets: Vec<usize>,
    /// In schema order.
    pub(crate) outputs: Vec<Output>,
    /// The output that holds the record's own id.
    pub(crate) id: usize,
}

/// The members of one object that matter.
#[derive(Debug, Default)]
pub(crate) struct ObjectPlan {
    pub(crate) keys: KeyTable,
    pub(crate) members: Vec<MemberPlan>,
}

/// One member that matters.
#[derive(Debug)]
pub(crate) struct MemberPlan {
    pub(crate) column: usize,
    pub(crate) inside: Option<Box<Inside>>,
}

/// What matters inside a member.
#[derive(Debug)]
pub(crate) struct Inside {
    pub(crate) object: Option<ObjectPlan>,
    pub(crate) list: Option<ListPlan>,
    /// Columns that this member alone fills: emptied first, so that of two members of one name the last counts.
    pub(crate) clears: Vec<usize>,
}

/// A list whose elements are sorted by what they hold.
#[derive(Debug)]
pub(crate) struct ListPlan {
    pub(crate) element: ObjectPlan,
    pub(crate) width: usize,
    /// The column of the element itself.
    pub(crate) whole: usize,
    pub(crate) selectors: Vec<Selector>,
    /// The column whose text sends an element to one of `groups`.
    pub(crate) by: usize,
    pub(crate) texts: KeyTable,
    pub(crate) groups: Vec<Vec<usize>>,
    /// Selectors that every element is put to.
    pub(crate) rest: Vec<usize>,
    pub(crate) buckets: Vec<usize>,
}

/// Which elements, and where they go.
#[derive(Debug)]
pub(crate) struct Selector {
    pub(crate) tests: Vec<CellTest>,
    /// Elements for which all of these hold are passed over.
    pub(crate) skip: Vec<CellTest>,
    pub(crate) goes: Goes,
}

/// What an element's column must, or must not, be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CellTest {
    pub(crate) column: usize,
    pub(crate) equal: bool,
    pub(crate) text: String,
}

/// Where a selected element goes.
#[derive(Debug)]
pub(crate) enum Goes {
    /// The first one's columns, each to a column of the record.
    Columns(Vec<(usize, usize)>),
    /// All of them, as rows of a bucket.
    Bucket(usize),
}

/// One canonical member as it is written.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a rule of its own")]
pub(crate) struct Output {
    pub(crate) name: String,
    /// `,"name":`
    pub(crate) key: Box<[u8]>,
    /// `,"name":null`
    pub(crate) null: Box<[u8]>,
    pub(crate) nullable: bool,
    pub(crate) required: bool,
    /// Stays whatever `fields=` asks for.
    pub(crate) kept: bool,
    pub(crate) form: Form,
    /// Outputs to take the value from when it must not be missing.
    pub(crate) fallback: Vec<usize>,
    /// Whether it is a text that may not be empty.
    pub(crate) not_empty: bool,
}

/// What a canonical member is made of.
#[derive(Debug)]
pub(crate) enum Form {
    /// One value from the first of these columns that holds one.
    Value(ValueOutput),
    /// The list in the first of the whole columns that has entries, else texts gathered from the elements of a list.
    Texts {
        whole: Vec<usize>,
        bucket: usize,
        column: usize,
        leaf: Leaf,
    },
    /// Other outputs, joined by a space.
    Join(Vec<usize>),
    Items(Vec<ItemPlan>),
    Members(ObjectOutput),
    Constant(Box<[u8]>),
    /// The first case that holds.
    Cases(CasesPlan),
    /// The place of an item among its list's, from 0.
    Index,
    /// A number made of other outputs.
    Computed {
        how: Arithmetic,
        outputs: Vec<usize>,
        divided_by: f64,
        leaf: Leaf,
    },
    /// A part of another output's text, or of a member of its first item.
    Part {
        output: usize,
        part: Part,
    },
}

/// One value as it is written, from the first of these columns that holds one.
#[derive(Debug)]
pub(crate) struct ValueOutput {
    pub(crate) columns: Vec<usize>,
    pub(crate) leaf: Leaf,
}

/// One place of a list of objects.
#[derive(Debug)]
pub(crate) struct ItemPlan {
    pub(crate) rows: Rows,
    pub(crate) most: usize,
    pub(crate) object: ObjectOutput,
    pub(crate) decode: Vec<DecodePlan>,
    /// The columns of a row when all texts are decoded.
    pub(crate) decoded_width: usize,
}

/// An object as it is written.
#[derive(Debug)]
pub(crate) struct ObjectOutput {
    /// In schema order.
    pub(crate) members: Vec<Output>,
    /// Groups of members, as bits, one of which must be there.
    pub(crate) any_of: Vec<u64>,
}

/// What the cells of an item are.
#[derive(Debug)]
pub(crate) enum Rows {
    /// The record's own columns.
    Record,
    /// The rows of a bucket, and how many columns of them matter here.
    Bucket(usize, usize),
    /// The parts of the text in a column of the record, each alone in its row.
    Split(usize, String),
}

/// A member of an element whose text is JSON.
#[derive(Debug)]
pub(crate) struct DecodePlan {
    pub(crate) column: usize,
    pub(crate) inner: ObjectPlan,
    /// Where the text goes when it is no JSON object.
    pub(crate) undecoded: usize,
}

impl ItemPlan {
    /// Items that need no text decoded.
    pub(crate) fn new(rows: Rows, most: usize, members: Vec<Output>) -> Self {
        let object = ObjectOutput { members, any_of: Vec::new() };
        Self { rows, most, object, decode: Vec::new(), decoded_width: 0 }
    }
}

impl Output {
    pub(crate) fn new(name: &str, nullable: bool, required: bool, form: Form) -> Self {
        let quoted = String::from_utf8_lossy(&encode(&Value::from(name))).into_owned();
        let bytes = |text: String| text.into_bytes().into_boxed_slice();
        Self {
            name: name.to_owned(),
            key: bytes(format!(",{quoted}:")),
            null: bytes(format!(",{quoted}:null")),
            nullable,
            required,
            kept: required,
            form,
            fallback: Vec::new(),
            not_empty: false,
        }
    }
}

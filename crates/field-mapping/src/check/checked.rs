//! A mapping after its types were checked: what both directions are compiled from.

use std::collections::BTreeMap;

use serde_json::Value;
use unified_model::schema::{Kind, Property};

use crate::check::case::Cases;
use crate::file::filter::FilterField;
use crate::file::place::FilePlace;
use crate::file::{Evidence, Mode, Nulls, Take};
use crate::path::VendorPath;
use crate::value::convert::Converter;

/// The canonical list whose entries are merged; every other list is replaced.
pub(crate) const CUSTOM_FIELDS: &str = "custom_fields";

/// All that one mapping says.
#[derive(Debug)]
pub(crate) struct CheckedMapping {
    /// In file order, which decides between two fields of one place.
    pub(crate) fields: Vec<Field>,
    /// Rules by the path of the list.
    pub(crate) lists: BTreeMap<String, List>,
    pub(crate) filters: BTreeMap<String, FilterField>,
    pub(crate) sorts: BTreeMap<String, String>,
    pub(crate) unsupported: BTreeMap<String, String>,
    pub(crate) nulls: Nulls,
    pub(crate) empty_is_null: bool,
    /// The vendor tables that lines look things up in.
    pub(crate) tables: Vec<String>,
    /// What they take from the rows of each.
    pub(crate) taken: BTreeMap<String, Vec<VendorPath>>,
}

/// Rules of one vendor list.
#[derive(Debug, Default)]
pub(crate) struct List {
    pub(crate) skip: Vec<(String, String)>,
    pub(crate) new: Vec<(String, Value)>,
    pub(crate) key: Vec<String>,
    /// The members that no two elements have in common.
    pub(crate) alike: Vec<String>,
}

/// One canonical member and where it comes from.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) place: FilePlace,
    pub(crate) property: Property,
    pub(crate) mode: Mode,
    pub(crate) evidence: Evidence,
    pub(crate) body: Body,
    pub(crate) default: Option<Value>,
    pub(crate) default_first: Option<Value>,
    /// Names of canonical fields.
    pub(crate) fallback: Vec<String>,
    pub(crate) new_from: Option<Part>,
    /// What a null becomes here, where that is something else than elsewhere.
    pub(crate) nulls: Option<Nulls>,
}

impl Field {
    /// Whether its value is a text of at least one character.
    pub(crate) fn may_not_be_empty(&self) -> bool {
        matches!(self.property.kind, Kind::Text { min_length: 1.., .. }) && !self.property.nullable
    }
}

/// Where a canonical member comes from.
#[derive(Debug)]
pub(crate) enum Body {
    Value(Spot),
    /// Canonical fields, joined by a space.
    Join {
        parts: Vec<String>,
        split: bool,
        /// Where the vendor keeps the whole beside its parts.
        write: Option<VendorPath>,
    },
    Items(Vec<Source>),
    /// The members of an object.
    Members(Vec<Field>),
    Constant {
        value: Value,
        at: Option<VendorPath>,
    },
    Part(Part),
    /// The first case that holds.
    Cases(Cases),
    /// The place of an item among its list's, from 0.
    Index,
    /// A number made of other fields.
    Computed(Computed),
    /// The text that could not be decoded.
    Undecoded,
}

impl Body {
    /// The vendor's place, of a member that has one place.
    pub(crate) fn spot(&self) -> Option<&Spot> {
        if let Self::Value(spot) = self { Some(spot) } else { None }
    }

    /// The places of a list of objects; none for anything else.
    pub(crate) fn sources(&self) -> &[Source] {
        if let Self::Items(sources) = self { sources } else { &[] }
    }
}

/// A number made of other fields' values.
#[derive(Debug)]
pub(crate) struct Computed {
    pub(crate) how: Arithmetic,
    /// Names of canonical fields.
    pub(crate) parts: Vec<String>,
    pub(crate) divided_by: f64,
}

/// How a number is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    /// All multiplied.
    Product,
    /// The first less the second; of date-times, in seconds.
    Difference,
}

/// A vendor's place for one value.
#[derive(Debug)]
pub(crate) struct Spot {
    /// In the order in which they are tried.
    pub(crate) at: Vec<VendorPath>,
    /// Where it is written, when not at the first.
    pub(crate) write: Option<VendorPath>,
    pub(crate) chain: Vec<Converter>,
    pub(crate) zero_is_null: bool,
    pub(crate) union: Vec<String>,
    pub(crate) absorb: Vec<String>,
    /// Where the vendor has the same in words.
    pub(crate) spelled_out: Option<VendorPath>,
}

impl Spot {
    pub(crate) fn written_at(&self) -> Option<&VendorPath> {
        self.write.as_ref().or(self.at.first())
    }
}

/// Part of another canonical text.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) field: String,
    /// For a list of objects: the member of the first item.
    pub(crate) member: Option<String>,
    pub(crate) take: Take,
}

impl Part {
    pub(crate) fn of<'t>(&self, text: &'t str) -> Option<&'t str> {
        let (local, domain) = text.rsplit_once('@')?;
        let part = match self.take {
            Take::LocalPart => local,
            Take::Domain => domain,
        };
        (!part.is_empty()).then_some(part)
    }
}

/// One place of a list.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) place: FilePlace,
    /// The vendor's list; `None`: the item's paths are relative to the record.
    pub(crate) each: Option<VendorPath>,
    /// What separates the elements, where the vendor's list is one text.
    pub(crate) split: Option<String>,
    pub(crate) set: Vec<(String, Value)>,
    pub(crate) max: Option<usize>,
    pub(crate) members: Vec<Field>,
    /// Members of the element whose text is JSON.
    pub(crate) decode: Vec<String>,
    /// Whether an item that matches no `set` may go here when it is free.
    pub(crate) open_slot: bool,
}

impl Source {
    /// Whether the constants are the item's own, as far as it has them: at least one, and none that differs.
    pub(crate) fn matches(&self, item: &serde_json::Map<String, Value>) -> bool {
        let sent = self
            .set
            .iter()
            .filter_map(|(name, value)| item.get(name).filter(|own| !own.is_null()).map(|own| own == value));
        let (mut any, mut all) = (false, true);
        sent.for_each(|same| {
            any = true;
            all &= same;
        });
        self.set.is_empty() || (any && all)
    }
}

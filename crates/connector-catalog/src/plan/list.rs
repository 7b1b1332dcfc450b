//! Listing: ways to list, their filters and sorts, and how they page.

use field_mapping::{Probe, VendorPath};

use super::{Emptiness, RequestTemplate};

/// How to list. [`ListPlan::choose`] takes the way that can carry the request's filters and sort. Whatever lists is safe to
/// repeat, also where the vendor wants a POST for it.
#[derive(Debug, Clone)]
pub struct ListPlan {
    /// The alternatives in the order tried, then the base way, which works without filters and is taken where it suffices.
    pub ways: Vec<ListWay>,
    /// Instead of the base way: through other records.
    pub parents: Option<ParentsPlan>,
}

/// A list that is reachable only through other records.
#[derive(Debug, Clone)]
pub struct ParentsPlan {
    /// The lists of parents, in order.
    pub sources: Vec<ParentSource>,
    /// How many parents' children are fetched at once.
    pub fan_out: usize,
    /// The most vendor calls for one page: at least two, one for parents and one for children.
    pub calls: usize,
}

/// A list of parents, and how to get at the children of each.
#[derive(Debug, Clone)]
pub struct ParentSource {
    /// The list of parents.
    pub request: RequestTemplate,
    /// Where the parents are.
    pub records: VendorPath,
    /// How the list of parents pages.
    pub paging: Paging,
    /// How the vendor says that there are no parents, or no children of one.
    pub empty: Emptiness,
    /// Where a parent's id is.
    pub id: VendorPath,
    /// The request for a parent's children; `{parent}` is its id.
    pub children: RequestTemplate,
    /// Where the children are.
    pub children_at: VendorPath,
    /// Where a child names its parents; it is listed under the first.
    pub first: Option<VendorPath>,
    /// Where a child names parents of other lists; it is listed here only if there are none.
    pub none: Option<VendorPath>,
}

/// One way to list.
#[derive(Debug, Clone)]
pub struct ListWay {
    /// The canonical filters that it can carry. Those that stand as holes in the request must all be there.
    pub filters: Vec<(String, Comparison)>,
    /// Filters that must be there for this way to work.
    pub needs: Vec<String>,
    /// Those of the filters whose effect is checked on every record that is answered.
    pub checked: Vec<String>,
    /// The canonical sorts that it can carry.
    pub sorts: Vec<String>,
    /// How a sort is sent.
    pub sort: Option<SortStyle>,
    /// The request.
    pub request: RequestTemplate,
    /// Where the records are; `$` is the whole answer.
    pub records: VendorPath,
    /// Whether the answer is one record, a list of one, or null: no page of a list.
    pub one_or_none: bool,
    /// How the vendor says that there are none.
    pub empty: Emptiness,
    /// How it pages.
    pub paging: Paging,
    /// How filters are written that are no hole of the request.
    pub rules: Option<FilterRules>,
    /// What the rules call the records, where no kind says it.
    pub record_type: Option<String>,
    /// The filters that the gateway applies to each listed record, whether the request carries them or not.
    pub post_filters: Vec<PostFilter>,
    /// The most records that the vendor answers, where it has no way to ask for further ones.
    pub at_most: Option<u16>,
}

/// A filter that the gateway applies to each listed record.
#[derive(Debug, Clone, PartialEq)]
pub struct PostFilter {
    /// The canonical filter.
    pub filter: String,
    /// How it compares.
    pub comparison: Comparison,
    /// Where the value is that it compares with.
    pub at: ShownAt,
}

/// Where a record shows what a filter is about.
#[derive(Debug, Clone, PartialEq)]
pub enum ShownAt {
    /// At a path of the vendor's record, any value of which may be the one.
    Vendor(VendorPath),
    /// In the canonical record: a field, or a field and the member of its items.
    Canonical(Vec<String>),
}

/// How a filter compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// Equal.
    Eq,
    /// Equal or later, equal or greater.
    Ge,
    /// The text contains the value.
    Contains,
}

/// How a sort is sent. The vendor's field comes from the mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SortStyle {
    /// One parameter: the field, with a leading `-` for descending.
    Signed {
        /// The parameter.
        send: String,
    },
    /// Two parameters.
    Pair {
        /// The parameter for the field.
        by: String,
        /// The parameter for the direction.
        direction: String,
        /// Its value for ascending.
        ascending: String,
        /// Its value for descending.
        descending: String,
    },
    /// One parameter: the field, with ` desc` behind it for descending, and after it the tie-breaker, which is sent without
    /// a sort too, so that a list that is cut by offsets has one order.
    OrderBy {
        /// The parameter.
        send: String,
        /// The vendor's field that no two records share.
        tie_breaker: Option<String>,
    },
}

/// Named ways to write filters that a template cannot say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilterRules {
    /// Agile CRM's `filterJson` (protocol `agile`).
    AgileFilter,
    /// `$filter` (protocol `odata`).
    OdataFilter,
}

/// How a list pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paging {
    /// The answer is everything there is, at most a record or a few: no cursor.
    None,
    /// The answer is the whole list; we slice it.
    Sliced,
    /// An opaque cursor.
    Cursor {
        /// The page size parameter and its largest value.
        size: PageSize,
        /// The cursor parameter.
        send: String,
        /// Where the next cursor is.
        next: Probe,
        /// Where the total is.
        total: Option<Probe>,
    },
    /// A page number.
    Page {
        /// The page size parameter and its largest value.
        size: PageSize,
        /// The page number parameter.
        send: String,
        /// The number of the first page.
        first: u64,
        /// Where the total is.
        total: Option<Probe>,
        /// Whether a page with fewer records than were asked for is the last.
        short_page_ends: bool,
    },
    /// A number of records to skip.
    Offset {
        /// The page size parameter and its largest value.
        size: PageSize,
        /// The offset parameter.
        send: String,
        /// Where the address of the rest is, when the vendor cuts a page shorter than asked for; only its query is used.
        next: Option<Probe>,
        /// Where the total is.
        total: Option<Probe>,
        /// Whether a page with fewer records than were asked for is the last.
        short_page_ends: bool,
    },
    /// The address of the next page in the answer; only its query is used.
    NextUrl {
        /// The page size parameter and its largest value.
        size: PageSize,
        /// Where the address is.
        next: Probe,
        /// Where the total is.
        total: Option<Probe>,
    },
}

impl Paging {
    /// The largest page of the vendor's; `None` where the vendor's answer is all there is.
    #[must_use]
    pub fn largest(&self) -> Option<usize> {
        match self {
            Self::None | Self::Sliced => None,
            Self::Cursor { size, .. }
            | Self::Page { size, .. }
            | Self::Offset { size, .. }
            | Self::NextUrl { size, .. } => Some(size.max.into()),
        }
    }
}

/// The page size parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageSize {
    /// Its name.
    pub send: String,
    /// The largest value that the vendor takes.
    pub max: u16,
}

//! A resource of a connector file as it is written: its variants, its kind, and the operations that read.

use field_mapping::Evidence;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::file::values::{Entries, Number, Scalar, Word};
use crate::file::{
    CustomFieldsFile, DeleteFile, DeletedFile, EnvelopeFile, LoadFile, Minted, SideTableFile, WriteFile,
};
use crate::plan::{Comparison, EmptyAnswer, Encoding, FilterRules};
use field_mapping::yaml::Placed;

/// One resource of a vendor. With `variants` or `sequence` nothing but `when` stands beside them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Resource")]
pub(crate) struct ResourceFile {
    /// Only with these settings.
    pub(crate) when: Option<Placed<WhenSettingsFile>>,
    /// Several ways to serve the resource; the first whose settings hold is taken.
    pub(crate) variants: Option<Placed<Vec<Placed<Self>>>>,
    /// Several vendor entities that make one resource, listed one after the other.
    pub(crate) sequence: Option<Placed<Vec<Placed<Self>>>>,
    /// In a sequence: what stands before the ids of this entity's records.
    pub(crate) id_prefix: Option<Placed<String>>,
    /// In a sequence: the new records that go to this entity. Without it: all.
    pub(crate) takes: Option<Placed<TakesFile>>,
    /// The file below `mappings/<service_id>/`. Without it: the resource's name.
    pub(crate) mapping: Option<Placed<String>>,
    /// A pattern for the whole of a record id, instead of the connector's.
    pub(crate) ids: Option<Placed<String>>,
    /// What tells its records from others that share the end-point: vendor path and the text, number or flag there.
    pub(crate) kind: Option<Placed<Entries<Placed<Scalar>>>>,
    /// How the vendor marks deleted records, and what becomes of them; `never` where it shows none.
    pub(crate) deleted: Option<Placed<DeletedFile>>,
    /// What the vendor puts around each of its records.
    pub(crate) envelope: Option<Placed<EnvelopeFile>>,
    /// How sure the definition is. Without it: documented.
    pub(crate) evidence: Option<Word<Evidence>>,
    /// What the vendor refuses a record without: vendor path, and the canonical fields any of which fills it.
    #[serde(default)]
    pub(crate) requires: Entries<Placed<Vec<Placed<String>>>>,
    /// Rows that stand in tables of their own, by the record's member that shows them.
    #[serde(default)]
    pub(crate) side_tables: Entries<SideTableFile>,
    /// The top-level vendor member that holds the id of a new record, where we choose it: `{ Id: guid }`.
    pub(crate) mint: Option<Placed<Entries<Word<Minted>>>>,
    /// Canonical fields that refer to other records, and how each is checked before anything is written.
    #[serde(default)]
    pub(crate) references: Entries<ReferenceFile>,
    /// Canonical fields that must be one of those that a row of a vendor's table lists.
    #[serde(default)]
    pub(crate) one_of: Entries<OneOfFile>,
    /// What the vendor answers a write with. Without it: anything.
    pub(crate) answers: Option<Word<AnswersFile>>,
    /// Lists of links that follow a member of the record, as in `{ AssignedCompanies: { Id: MainCompanyId } }`: the entry with the
    /// member's old value goes and one with its new value comes.
    #[serde(default)]
    pub(crate) follows: Entries<Placed<Entries<Placed<String>>>>,
    /// Members that tell of another record in several words, as in `{ owner: { by: id, lookup: people, take: [name, email] } }`: when the
    /// id changes, the other words are taken from the record's row.
    #[serde(default)]
    pub(crate) completes: Entries<CompletionFile>,
    /// Extra data that the vendor keeps elsewhere: the member of the record that it becomes, and how it is fetched.
    #[serde(default)]
    pub(crate) load: Entries<LoadFile>,
    /// Where fields are found that the account has of its own. Of two ways to one value the first counts.
    pub(crate) custom_fields: Option<Vec<Placed<CustomFieldsFile>>>,
    /// Listing.
    pub(crate) all: Option<ListFile>,
    /// Fetching one.
    pub(crate) one: Option<OneFile>,
    /// Creating.
    pub(crate) add: Option<Placed<WriteFile>>,
    /// Changing.
    pub(crate) update: Option<Placed<WriteFile>>,
    /// Removing.
    pub(crate) delete: Option<DeleteFile>,
}

/// What a member says of another record beside its id.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Completion")]
pub(crate) struct CompletionFile {
    /// The member's own member that holds the other record's id.
    pub(crate) by: Placed<String>,
    /// The lookup that has a row for the id.
    pub(crate) lookup: Placed<String>,
    /// The members of the row that go beside the id, under the same names.
    pub(crate) take: Vec<Placed<String>>,
}

/// How a record that a field refers to is known to be there: one of the two.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Reference")]
pub(crate) enum ReferenceFile {
    /// It has a row in this lookup.
    Lookup(Placed<String>),
    /// Method and path that fetch it: `GET /users/{id}`.
    Request(Placed<String>),
}

/// A field whose vendor value must be one of those that a row of a lookup lists: a stage, which its pipeline has.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "OneOf")]
pub(crate) struct OneOfFile {
    /// The top-level vendor member that holds the value.
    pub(crate) at: Placed<String>,
    /// The lookup that has the rows.
    pub(crate) lookup: Placed<String>,
    /// The path of the record that holds the key of the row.
    pub(crate) by: Placed<String>,
    /// The row for a record that names none (nothing, 0 or an empty text): path and value. Without it: the first row.
    #[serde(default)]
    pub(crate) without: Entries<Placed<Scalar>>,
    /// Where the row lists its values: a list of texts, or one text with `split`.
    pub(crate) of: Placed<String>,
    /// What separates the values, where the row has them in one text.
    pub(crate) split: Option<Placed<String>>,
    /// `first`: a new record that has no value gets the first one.
    pub(crate) new: Option<Word<FirstValue>>,
}

/// What a new record gets that has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FirstValue {
    /// The first of the values.
    First,
}

/// What the vendor answers a write with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AnswersFile {
    /// The whole record: a reference that it lacks was not kept, and the caller is told.
    Record,
}

/// A condition on the connection's settings.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "WhenSettings")]
pub(crate) struct WhenSettingsFile {
    /// Each of these settings has this value; a default counts.
    pub(crate) settings: Entries<Placed<String>>,
}

/// Which new records an entity of a sequence takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Takes")]
pub(crate) struct TakesFile {
    /// Canonical members that must be there.
    #[serde(default)]
    pub(crate) has: Vec<Placed<String>>,
    /// `type` must be one of these.
    #[serde(rename = "type", default)]
    pub(crate) types: Vec<Placed<String>>,
}

/// How to list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "List")]
pub(crate) struct ListFile {
    /// Only with these settings.
    pub(crate) when: Option<Placed<WhenSettingsFile>>,
    /// Method and path: `GET /contacts`. Needs no filter.
    pub(crate) request: Option<Placed<String>>,
    /// Instead of `request`: the lists of the records through which these can be reached.
    pub(crate) parents: Option<Placed<Vec<Placed<ParentFile>>>>,
    /// With `parents`: how many children are fetched at once. Without it: 10.
    pub(crate) fan_out: Option<Number<u16>>,
    /// With `parents`: the most vendor calls for one page; it may be short then, and its cursor goes on. Without it: 25.
    pub(crate) calls: Option<Number<u16>>,
    /// How parameters are written. Without it: json.
    pub(crate) encode: Option<Word<Encoding>>,
    /// Fixed parameters; one whose hole is empty is left out.
    #[serde(default)]
    pub(crate) query: Entries<Placed<String>>,
    /// Where the records are. Without it: `$`, the whole answer.
    pub(crate) records: Option<Placed<String>>,
    /// How the vendor says that there is nothing, besides a 204 and a list without items. Any other answer without records is an
    /// error.
    #[serde(default)]
    pub(crate) empty: Vec<Word<EmptyAnswer>>,
    /// How it pages.
    pub(crate) paging: Option<Placed<PagingFile>>,
    /// How a sort is sent.
    pub(crate) sort: Option<SortFile>,
    /// How filters are written that are no hole of the request.
    pub(crate) rules: Option<Word<FilterRules>>,
    /// The canonical filters that this request carries, and how they compare.
    #[serde(default)]
    pub(crate) filters: Entries<Word<Comparison>>,
    /// The canonical filters that the gateway applies to each listed record, whether the request carries them or not.
    #[serde(default)]
    pub(crate) post_filters: Entries<Word<Comparison>>,
    /// Those of the filters whose effect is checked: a vendor may not know the parameter, and answers every record then. A list that
    /// holds a record without the value asked for is refused.
    #[serde(default)]
    pub(crate) checked: Vec<Placed<String>>,
    /// The canonical sorts that this request carries.
    #[serde(default)]
    pub(crate) sorts: Vec<Placed<String>>,
    /// Other requests, for filters and sorts that the one above cannot carry; the first that can is taken.
    #[serde(default)]
    pub(crate) alternatives: Vec<Placed<AlternativeFile>>,
}

/// A list of records, each of which has some of those that are wanted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Parent")]
pub(crate) struct ParentFile {
    /// Method and path of the list of parents.
    pub(crate) request: Placed<String>,
    /// How its parameters are written. Without it: json.
    pub(crate) encode: Option<Word<Encoding>>,
    /// Its fixed parameters.
    #[serde(default)]
    pub(crate) query: Entries<Placed<String>>,
    /// Where the parents are. Without it: `$`, the whole answer.
    pub(crate) records: Option<Placed<String>>,
    /// How the vendor says that there is nothing, besides a 204 and a list without items. Any other answer without parents, or without children, is an
    /// error.
    #[serde(default)]
    pub(crate) empty: Vec<Word<EmptyAnswer>>,
    /// How the list of parents pages.
    pub(crate) paging: Placed<PagingFile>,
    /// Where a parent's id is.
    pub(crate) id: Placed<String>,
    /// Method and path of a parent's children: `GET /contacts/{parent}/notes`. The answer is all of them.
    pub(crate) children: Placed<String>,
    /// Where the children are. Without it: `$`, the whole answer.
    pub(crate) children_at: Option<Placed<String>>,
    /// Which children are listed here: a child of several parents must be listed once.
    pub(crate) keep: Option<KeepFile>,
}

/// Which children are listed under a parent.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Keep")]
pub(crate) struct KeepFile {
    /// Where the child names its parents; the first must be this one.
    pub(crate) first: Option<Placed<String>>,
    /// Where the child names parents of other lists; there must be none.
    pub(crate) none: Option<Placed<String>>,
}

/// Another way to list. `records`, `paging` and `sort` are taken from the list where they are not given.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Alternative")]
pub(crate) struct AlternativeFile {
    /// The filters that it carries.
    pub(crate) when: Option<Placed<WhenFile>>,
    /// Those of the filters whose effect is checked, as with the list.
    #[serde(default)]
    pub(crate) checked: Vec<Placed<String>>,
    /// The canonical sorts that it carries.
    #[serde(default)]
    pub(crate) sorts: Vec<Placed<String>>,
    /// The canonical filters that the gateway applies to each listed record, whether the request carries them or not.
    #[serde(default)]
    pub(crate) post_filters: Entries<Word<Comparison>>,
    /// Filters of `when` that must be there, besides those in the path.
    #[serde(default)]
    pub(crate) needs: Vec<Placed<String>>,
    /// With `paging: sliced`: the most records that the vendor answers, where it has no way to ask for further ones.
    pub(crate) at_most: Option<Number<u16>>,
    /// With `rules`: what they call the records, where no `kind` says it.
    pub(crate) record_type: Option<Placed<String>>,
    /// Method and path; a `{filter.<name>}` in the path makes that filter a must.
    pub(crate) request: Placed<String>,
    /// How sure this request is, where that is less than the resource.
    pub(crate) evidence: Option<Word<Evidence>>,
    /// How parameters are written. Without it: json.
    pub(crate) encode: Option<Word<Encoding>>,
    /// Fixed parameters; one whose hole is empty is left out.
    #[serde(default)]
    pub(crate) query: Entries<Placed<String>>,
    /// Where the records are; `one_or_none` for an answer that is one record, a list of one, or nothing.
    pub(crate) records: Option<Placed<String>>,
    /// How the vendor says that there is nothing. Without it: as the list has it.
    pub(crate) empty: Option<Vec<Word<EmptyAnswer>>>,
    /// How it pages.
    pub(crate) paging: Option<Placed<PagingFile>>,
    /// How a sort is sent.
    pub(crate) sort: Option<SortFile>,
    /// How filters are written that are no hole of the request.
    pub(crate) rules: Option<Word<FilterRules>>,
}

/// When an alternative can be taken.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "When")]
pub(crate) struct WhenFile {
    /// Canonical filters and how they compare.
    pub(crate) filter: Entries<Word<Comparison>>,
}

/// How a list pages.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Paging")]
pub(crate) enum PagingFile {
    /// The answer is a record or a few, and all there is.
    None,
    /// The answer is the whole list; the gateway slices it.
    Sliced,
    /// An opaque cursor.
    Cursor(CursorFile),
    /// A page number.
    Page(PageFile),
    /// A number of records to skip.
    Offset(OffsetFile),
    /// The address of the next page.
    NextUrl(NextUrlFile),
}

/// An opaque cursor.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Cursor")]
pub(crate) struct CursorFile {
    /// The page size parameter.
    pub(crate) size: Placed<String>,
    /// Its largest value.
    pub(crate) max: Number<u16>,
    /// The cursor parameter.
    pub(crate) send: Placed<String>,
    /// Where the next cursor is.
    pub(crate) next: ProbeFile,
    /// Where the total is.
    pub(crate) total: Option<ProbeFile>,
}

/// A page number.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Page")]
pub(crate) struct PageFile {
    /// The page size parameter.
    pub(crate) size: Placed<String>,
    /// Its largest value.
    pub(crate) max: Number<u16>,
    /// The page number parameter.
    pub(crate) send: Placed<String>,
    /// The number of the first page. Without it: 1.
    pub(crate) first: Option<Number<u64>>,
    /// Where the total is.
    pub(crate) total: Option<ProbeFile>,
    /// Whether a page with fewer records than were asked for is the last; name the source. Without it: false.
    #[serde(default)]
    pub(crate) short_page_ends: bool,
}

/// A number of records to skip.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Offset")]
pub(crate) struct OffsetFile {
    /// The page size parameter.
    pub(crate) size: Placed<String>,
    /// Its largest value.
    pub(crate) max: Number<u16>,
    /// The offset parameter.
    pub(crate) send: Placed<String>,
    /// Where the address of the rest is, when the vendor cuts a page shorter than asked for; only its query is used.
    pub(crate) next: Option<ProbeFile>,
    /// Where the total is.
    pub(crate) total: Option<ProbeFile>,
    /// Whether a page with fewer records than were asked for is the last; name the source. Without it: false.
    #[serde(default)]
    pub(crate) short_page_ends: bool,
}

/// The address of the next page; only its query is used.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NextUrl")]
pub(crate) struct NextUrlFile {
    /// The page size parameter.
    pub(crate) size: Placed<String>,
    /// Its largest value.
    pub(crate) max: Number<u16>,
    /// Where the address is.
    pub(crate) next: ProbeFile,
    /// Where the total is.
    pub(crate) total: Option<ProbeFile>,
}

/// Where something beside the records is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Probe")]
pub(crate) enum ProbeFile {
    /// A path in the whole answer.
    Document(Placed<String>),
    /// A path in the first record.
    FirstRecord(Placed<String>),
    /// A path in the last record.
    LastRecord(Placed<String>),
}

/// How a sort is sent; the vendor's field comes from the mapping.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Sort")]
pub(crate) enum SortFile {
    /// One parameter: the field, with a leading `-` for descending.
    Signed(Placed<String>),
    /// Two parameters.
    Pair(SortPairFile),
    /// One parameter: the field, with ` desc` behind it for descending.
    Orderby(OrderByFile),
}

/// One parameter: the field, with ` desc` behind it for descending.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "OrderBy")]
pub(crate) struct OrderByFile {
    /// The parameter.
    pub(crate) send: Placed<String>,
    /// The vendor's field that no two records share: sent after the sort, and alone without one.
    pub(crate) tie_breaker: Option<Placed<String>>,
}

/// Two parameters, one for the field and one for the direction.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SortPair")]
pub(crate) struct SortPairFile {
    /// The parameter for the field.
    pub(crate) by: Placed<String>,
    /// The parameter for the direction.
    pub(crate) direction: Placed<String>,
    /// Its value for ascending. Without it: asc.
    pub(crate) ascending: Option<Placed<String>>,
    /// Its value for descending. Without it: desc.
    pub(crate) descending: Option<Placed<String>>,
}

/// How to fetch one record.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "One")]
pub(crate) struct OneFile {
    /// Only with these settings.
    pub(crate) when: Option<Placed<WhenSettingsFile>>,
    /// Method and path: `GET /contacts/{id}`.
    pub(crate) request: Placed<String>,
    /// How sure this request is, where that is less than the resource.
    pub(crate) evidence: Option<Word<Evidence>>,
    /// How parameters are written. Without it: json.
    pub(crate) encode: Option<Word<Encoding>>,
    /// Fixed parameters.
    #[serde(default)]
    pub(crate) query: Entries<Placed<String>>,
    /// Where the record is. Without it: `$`, the whole answer.
    pub(crate) record: Option<Placed<String>>,
    /// With `pick`: where the records are. Without it: `$`, the whole answer.
    pub(crate) records: Option<Placed<String>>,
    /// How the vendor says that there is no such record, besides a 204 and a list without items. Any other answer without the record is an
    /// error.
    #[serde(default)]
    pub(crate) empty: Vec<Word<EmptyAnswer>>,
    /// The answer is a list, from which the record is taken whose member here is the id.
    pub(crate) pick: Option<Placed<String>>,
}

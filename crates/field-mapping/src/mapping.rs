//! The compiled mapping and all that can be asked of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value};
use unified_model::schema::ResourceSchema;

use crate::check::checked::CheckedMapping;
use crate::check::lint::{self, FieldCoverage};
use crate::check::values::{self, VendorValues};
use crate::custom::CustomMapping;
use crate::file::MappingSource;
use crate::file::filter::FilterField;
use crate::path::VendorPath;
use crate::read::kind::KindGuard;
use crate::read::plan::ReadPlan;
use crate::read::{PageFacts, ReadError, Reader, Reading, Scratch};
use crate::value::context::Context;
use crate::vendor::VendorRecord;
use crate::write::over::Existing;
use crate::write::written::{Written, WrittenOver};
use crate::write::{Draft, Way, write};
use crate::yaml::Diagnostic;

/// A compiled mapping of one vendor's resource.
#[derive(Debug, Clone)]
pub struct Mapping {
    checked: Arc<CheckedMapping>,
    plan: Arc<ReadPlan>,
    losses: Vec<Diagnostic>,
    coverage: Vec<FieldCoverage>,
    custom: Vec<CustomMapping>,
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
        let checked = Arc::new(crate::check::compile(sources, field_map, schema)?);
        let plan = Arc::new(crate::read::planner::plan(&checked, schema));
        let losses = lint::losses(&checked);
        let coverage = lint::coverage(&checked, schema);
        Ok(Self { checked, plan, losses, coverage, custom: Vec::new() })
    }

    /// The same with fields that an application defines.
    #[must_use]
    pub fn with_custom(&self, custom: Vec<CustomMapping>) -> Self {
        Self { custom, ..self.clone() }
    }

    /// The vendor's record, as far as the mapping's lines name it.
    #[must_use]
    pub fn vendor_record(&self) -> VendorRecord {
        crate::vendor::collect(&self.checked)
    }

    /// Vendor bytes to canonical bytes, appended to `out`.
    ///
    /// # Errors
    /// The bytes are no JSON, or hold no records where `reading` says.
    pub fn read(
        &self,
        vendor: &[u8],
        reading: &Reading<'_>,
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
    ) -> Result<PageFacts, ReadError> {
        Reader { plan: &self.plan, custom: &self.custom, reading }.read(vendor, scratch, out)
    }

    /// Whether the vendor takes nulls.
    #[must_use]
    pub fn sends_nulls(&self) -> bool {
        self.checked.nulls == crate::file::Nulls::Send
    }

    /// A new vendor record; the kind's members are set.
    #[must_use]
    pub fn write_new(&self, canonical: &Map<String, Value>, kind: Option<&KindGuard>, context: Context<'_>) -> Written {
        write(Draft { kind, ..Draft::empty(&self.checked, Way::New, context) }, canonical)
    }

    /// A partial vendor record: only what the caller sent; null where the caller sent null and the vendor can clear.
    #[must_use]
    pub fn write_patch(&self, canonical: &Map<String, Value>, context: Context<'_>) -> Written {
        write(Draft::empty(&self.checked, Way::Patch, context), canonical)
    }

    /// Whether these canonical fields can be written well only where the current record is known: what is replaced in part (a list,
    /// of which callers see only some elements), or read from one of several places.
    #[must_use]
    pub fn needs_current(&self, canonical: &Map<String, Value>) -> bool {
        crate::write::part::needs_current(&self.checked, canonical)
    }

    /// The part of a vendor record that these changes touch, its lists whole: elements that callers do not see, and custom fields
    /// that they do not name, are in them as they were.
    #[must_use]
    pub fn write_patch_over(
        &self,
        current: &Map<String, Value>,
        canonical: &Map<String, Value>,
        context: Context<'_>,
    ) -> Written {
        let read = |record: &Map<String, Value>| crate::read::record(&self.plan, record, context);
        Existing { checked: &self.checked, current, context, read: &read }.write_patch(canonical)
    }

    /// The current vendor record with the caller's changes applied.
    #[must_use]
    pub fn write_over(
        &self,
        current: &Map<String, Value>,
        canonical: &Map<String, Value>,
        context: Context<'_>,
    ) -> WrittenOver {
        let read = |record: &Map<String, Value>| crate::read::record(&self.plan, record, context);
        Existing { checked: &self.checked, current, context, read: &read }.write(canonical)
    }

    /// The vendor tables that reading and writing look things up in.
    #[must_use]
    pub fn tables(&self) -> &[String] {
        &self.checked.tables
    }

    /// The paths within the rows of each of those tables that are read.
    #[must_use]
    pub fn taken(&self) -> &BTreeMap<String, Vec<VendorPath>> {
        &self.checked.taken
    }

    /// Those tables of the context that have no row for something that is sent. Rows are added at the vendor, so it may be in a
    /// fresh one.
    #[must_use]
    pub fn outdated(&self, canonical: &Map<String, Value>, context: Context<'_>) -> BTreeSet<&str> {
        crate::write::unknown::tables(&self.checked, canonical, context)
    }

    /// The members that tell the entries of a vendor list apart; empty where only their whole content does.
    #[must_use]
    pub fn list_key(&self, list: &str) -> &[String] {
        self.checked.lists.get(list).map(|list| list.key.as_slice()).unwrap_or_default()
    }

    /// The vendor lists no two of whose entries have certain members in common, each with these members.
    pub fn unlike_lists(&self) -> impl Iterator<Item = (&str, &[String])> {
        let lists = self.checked.lists.iter().filter(|(_, list)| !list.alike.is_empty());
        lists.map(|(name, list)| (name.as_str(), list.alike.as_slice()))
    }

    /// The vendor's fields for a canonical filter, where the mapping declares them.
    #[must_use]
    pub fn filter(&self, name: &str) -> Option<&FilterField> {
        self.checked.filters.get(name)
    }

    /// What the vendor calls the value of a canonical filter, where the mapping names a table for it (`values_of`).
    #[must_use]
    pub fn vendor_values(&self, filter: &str, value: &str) -> Option<VendorValues> {
        values::of(&self.checked, self.filter(filter)?.values_of.as_deref()?, value)
    }

    /// The value that a canonical field has by nature, whatever the record.
    #[must_use]
    pub fn constant(&self, field: &str) -> Option<&Value> {
        values::constant(&self.checked, field)
    }

    /// What a caller sends, with the fields that follow from it: an end from a beginning and a duration.
    #[must_use]
    pub fn completed(&self, canonical: &Map<String, Value>) -> Map<String, Value> {
        crate::write::follow::completed(&self.checked, canonical, &Map::new()).0
    }

    /// The vendor's field for a canonical sort, where the mapping declares one.
    #[must_use]
    pub fn sort(&self, name: &str) -> Option<&str> {
        self.checked.sorts.get(name).map(String::as_str)
    }

    /// The top-level canonical fields that something at this top-level vendor member goes into.
    #[must_use]
    pub fn fields_of(&self, member: &str) -> Vec<&str> {
        crate::check::origins::fields_of(&self.checked, member)
    }

    /// The members that items of the vendor list at this top-level member are written to.
    #[must_use]
    pub fn written_in(&self, list: &str) -> Vec<&str> {
        crate::check::origins::written_in(&self.checked, list)
    }

    /// Whether custom fields are written by their ids alone: their names can be read and no more, so that a field which is named has to
    /// be found before it is written.
    #[must_use]
    pub fn writes_own_fields_by_id(&self) -> bool {
        crate::check::origins::writes_own_fields_by_id(&self.checked)
    }

    /// The canonical fields that are written to this top-level vendor member.
    #[must_use]
    pub fn fields_written_to(&self, member: &str) -> Vec<&str> {
        crate::check::origins::fields_written_to(&self.checked, member)
    }

    /// The top-level vendor members that canonical fields are written to, each with the name of one such field.
    #[must_use]
    pub fn written_members(&self) -> BTreeMap<&str, &str> {
        crate::check::origins::written_members(&self.checked)
    }

    /// The vendor members that hold a whole (a name) of which this one holds a part, and that follow it.
    #[must_use]
    pub fn wholes_of(&self, member: &str) -> Vec<&str> {
        crate::check::origins::wholes(&self.checked, member)
    }

    /// The top-level vendor members that a canonical field is written to; empty where it is not written.
    #[must_use]
    pub fn written_at(&self, field: &str) -> Vec<&str> {
        crate::check::origins::written_at(&self.checked, field)
    }

    /// The canonical record that a vendor record shows.
    #[must_use]
    pub fn shown(&self, record: &Map<String, Value>, context: Context<'_>) -> Map<String, Value> {
        crate::read::record(&self.plan, record, context)
    }

    /// The custom mappings that look at this top-level vendor member and at no other.
    pub fn custom_of(&self, member: &str) -> impl Iterator<Item = &str> {
        let of_member = move |custom: &&CustomMapping| custom.place.root() == Some(member);
        self.custom.iter().filter(of_member).map(|custom| custom.key.as_str())
    }

    /// Every custom mapping.
    pub fn custom(&self) -> impl Iterator<Item = &str> {
        self.custom.iter().map(|custom| custom.key.as_str())
    }

    /// Where a vendor record's own id is, where the mapping says so.
    #[must_use]
    pub fn id_at(&self) -> Option<&VendorPath> {
        crate::check::origins::id_at(&self.checked)
    }

    /// Every known loss, for lint.
    #[must_use]
    pub fn losses(&self) -> &[Diagnostic] {
        &self.losses
    }

    /// Every canonical field, members of lists included; those without a mapping are neither readable nor writable.
    #[must_use]
    pub fn coverage(&self) -> Vec<FieldCoverage> {
        self.coverage.clone()
    }
}

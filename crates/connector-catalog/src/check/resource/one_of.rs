//! Fields with one of the values that a row of a vendor's table lists. The field, its member and the table must exist.

use crate::check::checker::{Checker, listed};
use crate::check::resource::{Entity, reference};
use crate::file::values::Entries;
use crate::file::{ConnectorFile, OneOfFile};
use crate::plan::OneOf;
use field_mapping::yaml::Placed;

pub(crate) fn compile(
    written: &Entries<OneOfFile>,
    entity: Entity<'_>,
    checker: &mut Checker<'_>,
) -> Option<Vec<OneOf>> {
    let mut compiled = Vec::new();
    for (field, listed_by) in written.iter() {
        check_field(field, &listed_by.at, entity, checker);
        compiled.push(one(field, listed_by, entity.connector, checker));
    }
    compiled.into_iter().collect()
}

fn one(
    field: &Placed<String>,
    written: &OneOfFile,
    connector: &ConnectorFile,
    checker: &mut Checker<'_>,
) -> Option<OneOf> {
    let lookup = reference::lookup("one_of", &written.lookup, connector, checker);
    let by = checker.path("by", &written.by);
    let of = checker.path("of", &written.of);
    let without = written.without.iter().map(|(path, value)| {
        let at = checker.path("without", path);
        Some((at?, value.value.0.clone()))
    });
    let without: Option<Vec<_>> = without.collect();
    if let Some(split) = written.split.as_ref().filter(|split| split.value.is_empty()) {
        checker.mistake(split.place, "`split` is empty; write what stands between two values");
    }
    let new = match &written.new {
        None => Some(false),
        Some(word) => checker.word("new", word).map(|_| true),
    };
    Some(OneOf {
        field: field.value.clone(),
        member: written.at.value.clone(),
        lookup: lookup?,
        by: by?,
        without: without?,
        of: of?,
        split: written.split.as_ref().map(|split| split.value.clone()),
        new_is_first: new?,
    })
}

/// The field must be one that the mapping writes to the member.
fn check_field(
    field: &Placed<String>,
    member: &Placed<String>,
    Entity { schema, mapping, .. }: Entity<'_>,
    checker: &mut Checker<'_>,
) {
    if schema.record.property(&field.value).is_none() {
        let message = format!("`one_of`: {} have no field `{}`", schema.resource, field.value);
        checker.mistake(field.place, message);
        return;
    }
    let Some(mapping) = mapping else { return };
    let members = mapping.written_at(&field.value);
    if !members.contains(&member.value.as_str()) {
        let message = format!(
            "`one_of`: `{}` is not written to the member `{}`; it is written to {}",
            field.value,
            member.value,
            listed(members)
        );
        checker.mistake(member.place, message);
    }
}

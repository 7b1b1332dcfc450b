//! References to other records: the field must exist, and so must the table that knows the records.

use unified_model::schema::ResourceSchema;

use crate::check::checker::{Checker, listed};
use crate::check::request::{Holes, Written, request};
use crate::file::values::Entries;
use crate::file::{ConnectorFile, ReferenceFile};
use crate::plan::{Reference, ReferenceCheck};
use field_mapping::yaml::Placed;

pub(crate) fn compile(
    written: &Entries<ReferenceFile>,
    schema: &ResourceSchema,
    connector: &ConnectorFile,
    checker: &mut Checker<'_>,
) -> Option<Vec<Reference>> {
    let compiled: Vec<Option<Reference>> = written
        .iter()
        .map(|(field, check)| {
            check_field(field, schema, checker);
            let check = match check {
                ReferenceFile::Lookup(table) => {
                    ReferenceCheck::Lookup(lookup("references", table, connector, checker)?)
                }
                ReferenceFile::Request(written) => ReferenceCheck::Request(fetch(written, checker)?),
            };
            Some(Reference { field: field.value.clone(), check })
        })
        .collect();
    compiled.into_iter().collect()
}

fn check_field(field: &Placed<String>, schema: &ResourceSchema, checker: &mut Checker<'_>) {
    let message = match schema.record.property(&field.value) {
        Some(property) if property.name != "id" && property.holds_ids() => return,
        Some(_) => format!("`references`: `{}` holds no id of another record", field.value),
        None => format!("`references`: {} have no field `{}`", schema.resource, field.value),
    };
    checker.mistake(field.place, message);
}

/// The name of a lookup that there is.
pub(super) fn lookup(
    key: &str,
    table: &Placed<String>,
    connector: &ConnectorFile,
    checker: &mut Checker<'_>,
) -> Option<String> {
    let known = connector.lookups.names();
    if known.contains(&table.value.as_str()) {
        return Some(table.value.clone());
    }
    let message = format!("`{key}`: there is no lookup `{}`; the lookups are {}", table.value, listed(known));
    checker.mistake(table.place, message);
    None
}

fn fetch(written: &Placed<String>, checker: &mut Checker<'_>) -> Option<crate::plan::RequestTemplate> {
    let query = Entries::default();
    let holes = Holes { id: true, ..Holes::default() };
    let request = request(Written { request: written, encode: None, query: &query }, holes, checker)?;
    if request.method != http::Method::GET {
        checker.mistake(written.place, "`references` reads, so its request is a GET");
    }
    Some(request)
}

//! Fields that an account has of its own: the tables and places that tell of them must be there.

use field_mapping::{KindGuard, VendorPath};
use serde_json::Value;

use crate::check::checker::{Checker, listed};
use crate::check::scalars;
use crate::check::write::step::settled;
use crate::file::values::{Entries, Scalar};
use crate::file::{ConnectorFile, CustomFieldsFile, CustomFieldsFromFile, ResourceFile};
use crate::plan::{CustomFields, CustomFieldsFrom, Finder};
use field_mapping::yaml::Placed;

pub(crate) fn compile(
    resource: &ResourceFile,
    connector: &ConnectorFile,
    checker: &mut Checker<'_>,
) -> Option<Vec<CustomFields>> {
    let written = resource.custom_fields.as_deref().unwrap_or_default();
    if let Some(first) = written.first().filter(|_| resource.one.is_none()) {
        checker.mistake(
            first.place,
            "`custom_fields` reads a record for the fields' values, which needs `one`; it is missing",
        );
    }
    let compiled: Vec<Option<CustomFields>> =
        written.iter().map(|source| self::source(&source.value, connector, checker)).collect();
    compiled.into_iter().collect()
}

fn source(written: &CustomFieldsFile, connector: &ConnectorFile, checker: &mut Checker<'_>) -> Option<CustomFields> {
    let from = from(&written.from, connector, checker);
    let of = values("of", &written.of, checker);
    let not = values("not", &written.not, checker);
    let id = checker.path("id", &written.id);
    let name = written.name.as_ref().map(|name| checker.path("name", name));
    let description = written.description.as_ref().map(|description| checker.path("description", description));
    let finder = checker.noting("finder", written.finder.place, Finder::parse(&written.finder.value));
    let guard = |members| KindGuard { members, ..KindGuard::default() };
    Some(CustomFields {
        from: from?,
        of: guard(of?),
        not: not?.into_iter().map(|member| guard(vec![member])).collect(),
        id: id?,
        name: settled(name)?,
        description: settled(description)?,
        finder: finder?,
    })
}

fn from(
    written: &CustomFieldsFromFile,
    connector: &ConnectorFile,
    checker: &mut Checker<'_>,
) -> Option<CustomFieldsFrom> {
    match written {
        CustomFieldsFromFile::Lookup(name) => {
            let known = connector.lookups.names();
            if !known.contains(&name.value.as_str()) {
                let known = listed(known);
                let message = format!("`custom_fields`: there is no lookup `{}`; the lookups are {known}", name.value);
                checker.mistake(name.place, message);
            }
            Some(CustomFieldsFrom::Lookup(name.value.clone()))
        }
        CustomFieldsFromFile::Record(path) => checker.path("record", path).map(CustomFieldsFrom::Record),
        CustomFieldsFromFile::Members(pattern) => {
            let pattern = checker.noting("members", pattern.place, scalars::pattern(&pattern.value));
            pattern.map(CustomFieldsFrom::Members)
        }
    }
}

fn values(key: &str, written: &Entries<Placed<Scalar>>, checker: &mut Checker<'_>) -> Option<Vec<(VendorPath, Value)>> {
    let compiled: Vec<Option<(VendorPath, Value)>> =
        written.iter().map(|(path, value)| Some((checker.path(key, path)?, value.value.0.clone()))).collect();
    compiled.into_iter().collect()
}

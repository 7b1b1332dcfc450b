//! A connection's own field map, a line at a time.

use std::collections::BTreeSet;
use std::str::FromStr;

use connection_vault::FieldMap;
use unified_model::Resource;

use crate::cli::shell::Failure;

/// A line of a connection's own field map.
#[derive(Debug, Clone)]
pub(in crate::cli) struct FieldMapLine {
    resource: Resource,
    field: String,
    /// Empty: the line is taken away.
    path: String,
}

impl FromStr for FieldMapLine {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = "write RESOURCE.FIELD=PATH, such as companies.industry=customFields[id=cf_7].value";
        let (place, path) = text.split_once('=').ok_or(form)?;
        let (resource, field) = place.split_once('.').filter(|(_, field)| !field.is_empty()).ok_or(form)?;
        let resource = resource.parse().map_err(|_| format!("there is no resource `{resource}`; {form}"))?;
        Ok(Self { resource, field: field.to_owned(), path: path.to_owned() })
    }
}

/// Lays lines over a field map; one without a path takes the line of its field away.
pub(super) fn lay_over(field_map: &mut FieldMap, lines: Vec<FieldMapLine>) -> Result<(), Failure> {
    let mut seen = BTreeSet::new();
    for FieldMapLine { resource, field, path } in lines {
        if !seen.insert((resource, field.clone())) {
            return Err(format!("--field-map {resource}.{field}: given twice").into());
        }
        let fields = field_map.entry(resource).or_default();
        if path.is_empty() {
            fields.remove(&field)
        } else {
            fields.insert(field, path)
        };
    }
    field_map.retain(|_, fields| !fields.is_empty());
    Ok(())
}

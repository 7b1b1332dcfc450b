//! Custom fields that a caller names, for vendors that know them by their ids alone: the ids are found in the tables of definitions.

use std::borrow::Cow;
use std::collections::BTreeMap;

use connector_catalog::{CustomFields, CustomFieldsFrom};
use serde_json::{Map, Value};
use unified_model::UnifiedRequest;

use crate::call::context::CallContext;
use crate::call::ids::as_text;
use crate::call::outcome::ConnectorError;
use crate::lookup;

const FIELD: &str = "custom_fields";

/// The request with an id for each custom field that it names and that the vendor's definitions know. A name that several fields have
/// stays a name.
pub(super) async fn found(context: CallContext<'_>) -> Result<Cow<'_, UnifiedRequest>, ConnectorError> {
    let CallContext { request, .. } = context;
    let resource = context.resource();
    let names: Vec<&str> = entries(&request.body).filter_map(name_alone).collect();
    if names.is_empty() || !resource.mapping.writes_own_fields_by_id() {
        return Ok(Cow::Borrowed(request));
    }
    let mut ids = BTreeMap::new();
    for source in &resource.custom_fields {
        let CustomFieldsFrom::Lookup(table) = &source.from else { continue };
        let (rows, kept) = lookup::table(context, table).await?;
        let mut known = ids_of(source, rows.rows());
        // Whoever names a field may just have added it.
        if kept && names.iter().any(|name| !known.contains_key(*name)) {
            known = ids_of(source, lookup::fresh(context, table).await?.rows());
        }
        for (name, id) in known {
            ids.entry(name).or_insert(id);
        }
    }
    Ok(Cow::Owned(with_ids(request, &ids)))
}

fn entries(body: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    body.get(FIELD).and_then(Value::as_array).into_iter().flatten()
}

/// The name of an entry that has no id.
fn name_alone(entry: &Value) -> Option<&str> {
    let text = |member: &str| entry.get(member).and_then(Value::as_str).filter(|text| !text.is_empty());
    if text("id").is_some() { None } else { text("name") }
}

/// The ids of the fields that definitions tell of, by name; null where several fields have the name.
fn ids_of(source: &CustomFields, rows: &[Value]) -> BTreeMap<String, Value> {
    let mut ids = BTreeMap::new();
    let Some(name) = &source.name else { return ids };
    for row in rows.iter().filter(|row| source.counts(row)) {
        let scalar = |value: &&Value| value.is_string() || value.is_number();
        let (Some(name), Some(id)) = (name.find(row).and_then(Value::as_str), source.id.find(row).filter(scalar))
        else {
            continue;
        };
        let is_other = ids.get(name).is_some_and(|known| known != id);
        ids.insert(name.to_owned(), if is_other { Value::Null } else { id.clone() });
    }
    ids
}

fn with_ids(request: &UnifiedRequest, ids: &BTreeMap<String, Value>) -> UnifiedRequest {
    let mut request = request.clone();
    let list = request.body.get_mut(FIELD).and_then(Value::as_array_mut);
    for entry in list.into_iter().flatten() {
        let id = name_alone(entry).and_then(|name| ids.get(name)).filter(|id| !id.is_null()).map(as_text);
        if let (Some(id), Value::Object(entry)) = (id, entry) {
            // The name has done what it was sent for, and cannot be written.
            entry.remove("name");
            entry.insert("id".to_owned(), Value::String(id));
        }
    }
    request
}

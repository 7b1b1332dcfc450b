//! Fields that a vendor's account has of its own, each with the path to it and with its value in one record.

use connector_catalog::{CustomFields, CustomFieldsFrom, JsonPath, Plan};
use serde_json::{Map, Value};
use unified_model::{Operation, RecordId, RequestParts, UnifiedRequest};

use crate::call::context::CallContext;
use crate::call::ids::as_text;
use crate::call::outcome::{ConnectorError, OutcomeData};
use crate::execute::sequence;
use crate::lookup;
use crate::read::{current, list, one};

/// The first page of a list, of which the first record is taken.
const FIRST_PAGE: &str = "limit=20&fields=id";

/// A field that the vendor's account has of its own.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct CustomField {
    /// The vendor's id of it.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// More about it.
    pub description: Option<String>,
    /// What the record has in it; null where there is no record.
    pub value: Value,
    /// The `JSONPath` to it, which as a custom mapping answers the value.
    pub finder: String,
}

/// Every field of the plan's resource; the values are of the record `id`, or of the first that the vendor lists.
pub(crate) async fn find(context: CallContext<'_>, id: Option<&RecordId>) -> Result<Vec<CustomField>, ConnectorError> {
    let plan = context.plan;
    let parts: Vec<(Plan, Option<RecordId>)> = match id {
        Some(id) if plan.is_sequence() => {
            let (part, own) = sequence::belongs(plan, id)?;
            vec![(part, Some(own))]
        }
        id => plan.parts().filter(Plan::is_offered).map(|part| (part, id.cloned())).collect(),
    };
    let mut fields: Vec<CustomField> = Vec::new();
    for (part, id) in &parts {
        for field in fields_of(context.with_plan(part, context.request), id.as_ref()).await? {
            if fields.iter().all(|known| known.finder != field.finder) {
                fields.push(field);
            }
        }
    }
    Ok(fields)
}

/// The fields of one entity.
async fn fields_of(context: CallContext<'_>, id: Option<&RecordId>) -> Result<Vec<CustomField>, ConnectorError> {
    let sources = &context.resource().custom_fields;
    if sources.is_empty() {
        return Ok(Vec::new());
    }
    let record = match id {
        Some(id) => {
            one::check_id(context.plan, id)?;
            record(context, id).await?
        }
        None => first_record(context).await?,
    };
    let mut fields = Vec::new();
    for source in sources {
        let rows = match &source.from {
            CustomFieldsFrom::Lookup(table) => definitions(context, table).await?,
            CustomFieldsFrom::Record(_) | CustomFieldsFrom::Members(_) => source.rows_in(&record),
        };
        let record = Value::Object(record.clone());
        fields.extend(rows.iter().filter_map(|row| field(source, row, &record)));
    }
    Ok(fields)
}

/// A table of definitions as the vendor has it now: whoever asks may just have added the field that is missed.
async fn definitions(context: CallContext<'_>, table: &str) -> Result<Vec<Value>, ConnectorError> {
    let request = request(context.plan, Operation::All, None, "")?;
    let table = lookup::fresh(context.with_request(&request), table).await?;
    Ok(table.rows().to_vec())
}

async fn record(context: CallContext<'_>, id: &RecordId) -> Result<Map<String, Value>, ConnectorError> {
    let request = request(context.plan, Operation::One, Some(id), "")?;
    let context = context.with_request(&request);
    let surroundings = lookup::surroundings(context).await?;
    Ok(current::read(context, &surroundings).await?.record)
}

/// The first record that the vendor lists, fetched as one is; nothing where there is none.
async fn first_record(context: CallContext<'_>) -> Result<Map<String, Value>, ConnectorError> {
    let Some(all) = context.plan.to(Operation::All) else { return Ok(Map::new()) };
    let request = request(&all, Operation::All, None, FIRST_PAGE)?;
    let page = list::execute(context.with_plan(&all, &request)).await?;
    let OutcomeData::Page { records, .. } = page.data else { return Ok(Map::new()) };
    let Some(id) = first_id(&records, &all.resource().id_prefix) else { return Ok(Map::new()) };
    match record(context, &id).await {
        // It went away meanwhile.
        Err(ConnectorError::NotFound(_)) => Ok(Map::new()),
        record => record,
    }
}

/// The vendor's own id of the first of some canonical records.
fn first_id(records: &[u8], prefix: &str) -> Option<RecordId> {
    let records: Vec<Value> = serde_json::from_slice(records).ok()?;
    let id = records.first()?.get("id")?.as_str()?;
    id.strip_prefix(prefix)?.parse().ok()
}

/// A request for records of the plan's resource.
pub(crate) fn request(
    plan: &Plan,
    operation: Operation,
    id: Option<&RecordId>,
    query: &str,
) -> Result<UnifiedRequest, ConnectorError> {
    let resource = plan.resource().resource;
    let parts = RequestParts { resource, operation, parent: None, id: id.map(RecordId::as_str), query, body: None };
    UnifiedRequest::new(plan.connector().schema, parts).map_err(|error| ConnectorError::Internal(error.to_string()))
}

/// What a row tells of a field; nothing where that is too little to find it by.
fn field(source: &CustomFields, row: &Value, record: &Value) -> Option<CustomField> {
    if !source.counts(row) {
        return None;
    }
    let text = |value: &Value| Some(as_text(value)).filter(|text| !value.is_null() && !text.is_empty());
    let finder = source.finder.path(row)?;
    let place = JsonPath::parse(&finder).ok()?;
    Some(CustomField {
        id: text(source.id.find(row)?)?,
        name: source.name.as_ref().and_then(|name| text(name.find(row)?)),
        description: source.description.as_ref().and_then(|description| text(description.find(row)?)),
        value: place.value(record),
        finder,
    })
}

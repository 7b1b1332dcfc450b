//! Ids that the vendor's answers tell: of a new record, or of a new entry.

use std::collections::BTreeMap;

use bytes::Bytes;
use connector_catalog::NewId;
use serde_json::Value;
use vendor_client::VendorReply;

/// The id; `None` where the answer does not tell it, or tells more than one.
pub(super) fn find(at: &NewId, reply: &VendorReply, answers: &BTreeMap<String, Bytes>) -> Option<Value> {
    let document: Value = serde_json::from_slice(&reply.body).ok()?;
    match at {
        NewId::At(path) => path.find(&document).filter(|id| is_id(id)).cloned(),
        NewId::Added { list, since, take } => {
            let earlier: Value =
                answers.get(since).and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default();
            let none = Vec::new();
            let before = list.find(&earlier).and_then(Value::as_array).unwrap_or(&none);
            let before: Vec<&Value> = before.iter().filter_map(|entry| take.find(entry)).collect();
            let now = list.find(&document)?.as_array()?.iter().filter_map(|entry| take.find(entry));
            let mut added = now.filter(|id| is_id(id) && !before.contains(id));
            let id = added.next()?.clone();
            added.next().is_none().then_some(id)
        }
    }
}

/// The member that holds the id in an entry: it is called there as in the answer.
pub(super) fn member(at: &NewId) -> String {
    let (NewId::At(path) | NewId::Added { take: path, .. }) = at;
    let path = path.to_string();
    let last = path.rsplit(['.', '[', ']', '\'', '"']).find(|name| !name.is_empty());
    last.filter(|name| *name != "$").unwrap_or("id").to_owned()
}

fn is_id(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.is_empty(),
        Value::Number(_) => true,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => false,
    }
}

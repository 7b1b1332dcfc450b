//! Fields that an application defines: each connection says by a `JSONPath` where they stand in its vendor's records.

use serde_json::{Map, Value};
use unified_model::FieldSelection;

use crate::JsonPath;
use crate::node::{Node, View};

/// The canonical member that they are answered under.
const MEMBER: &str = "custom_mappings";

/// One field and its place.
#[derive(Debug, Clone)]
pub struct CustomMapping {
    /// What it is answered as.
    pub key: String,
    /// Where it stands in the vendor's record.
    pub place: JsonPath,
}

/// Those that `fields=` leaves.
pub(crate) fn chosen<'m>(mappings: &'m [CustomMapping], select: Option<&FieldSelection>) -> Vec<&'m CustomMapping> {
    let is_chosen = |mapping: &&CustomMapping| {
        select.is_none_or(|select| {
            select.paths.iter().any(|path| match path.strip_prefix(MEMBER) {
                Some("") => true,
                Some(rest) => rest.strip_prefix('.') == Some(mapping.key.as_str()),
                None => false,
            })
        })
    };
    mappings.iter().filter(is_chosen).collect()
}

/// Adds what the places hold to a canonical record, which has just been written.
pub(crate) fn append<'d, N: Node<'d>>(mappings: &[&CustomMapping], record: N, out: &mut Vec<u8>) {
    if out.pop_if(|last| *last == b'}').is_none() {
        return;
    }
    let record = tree(record);
    let values: Map<String, Value> =
        mappings.iter().map(|mapping| (mapping.key.clone(), mapping.place.value(&record))).collect();
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    out.extend_from_slice(format!("\"{MEMBER}\":{}}}", Value::Object(values)).as_bytes());
}

fn tree<'d, N: Node<'d>>(node: N) -> Value {
    match node.view() {
        View::Null => Value::Null,
        View::Bool(flag) => flag.into(),
        View::Unsigned(number) => number.into(),
        View::Signed(number) => number.into(),
        View::Float(number) => number.into(),
        View::Text(text) => text.into(),
        View::List => {
            let mut items = Vec::new();
            node.elements(|item| {
                items.push(tree(item));
                true
            });
            Value::Array(items)
        }
        View::Object => {
            let mut members = Map::new();
            node.members(|name, value| {
                members.insert(name.to_owned(), tree(value));
            });
            Value::Object(members)
        }
    }
}

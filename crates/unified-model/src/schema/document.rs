//! `OpenAPI` documents as they are written: read into trees that keep the order of members.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

use crate::schema::SchemaError;
use crate::vocabulary::UnifiedApi;

/// The `OpenAPI` document of the Vault API, as text (YAML).
pub const VAULT_DOCUMENT: &str = include_str!("../../../../spec/vault.yaml");

/// A value of the document. Unlike [`serde_json::Map`], its maps keep the order of the file, because canonical JSON is
/// written in that order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    pub(crate) fn parse(document: &str) -> Result<Self, SchemaError> {
        serde_saphyr::from_str(document).map_err(|error| SchemaError(error.to_string()))
    }

    /// The member of that name, where this is a map that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.members().iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    pub(crate) fn members(&self) -> &[(String, Self)] {
        if let Self::Map(members) = self { members } else { &[] }
    }

    pub(crate) fn items(&self) -> &[Self] {
        if let Self::List(items) = self { items } else { &[] }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    fn to_json(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(bool) => Value::Bool(*bool),
            Self::Number(number) => Value::Number(number.clone()),
            Self::Text(text) => Value::String(text.clone()),
            Self::List(items) => Value::Array(items.iter().map(Self::to_json).collect()),
            Self::Map(members) => {
                Value::Object(members.iter().map(|(name, value)| (name.clone(), value.to_json())).collect())
            }
        }
    }
}

/// The `OpenAPI` document of a unified API as JSON, as `/openapi.json` serves it.
///
/// # Panics
/// Never in a released build: a test reads the document.
#[must_use]
pub fn document_json(api: UnifiedApi) -> Value {
    Node::parse(api.document()).expect("the document is YAML; a test holds it").to_json()
}

/// The same of the Vault API, as `/openapi/vault.json` serves it.
///
/// # Panics
/// Never in a released build: a test reads the document.
#[must_use]
pub fn vault_document_json() -> Value {
    Node::parse(VAULT_DOCUMENT).expect("spec/vault.yaml is YAML; a test holds it").to_json()
}

/// What an operation of a unified API or the Vault API is called in its document, such as `List contacts`.
///
/// # Panics
/// Never in a released build: a test reads the documents.
#[must_use]
pub fn operation_summary(operation_id: &str) -> Option<&'static str> {
    static SUMMARIES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
        let documents = UnifiedApi::EVERY.iter().map(|api| api.document());
        documents.chain([VAULT_DOCUMENT]).flat_map(summaries).collect()
    });
    SUMMARIES.get(operation_id).map(String::as_str)
}

fn summaries(document: &str) -> Vec<(String, String)> {
    let root = Node::parse(document).expect("the documents are YAML; a test holds it");
    let paths = root.get("paths").map(Node::members).unwrap_or_default();
    let operations = paths.iter().flat_map(|(_, item)| item.members());
    let named = operations.filter_map(|(_, operation)| {
        let text = |key| operation.get(key).and_then(Node::text).map(str::to_owned);
        Some((text("operationId")?, text("summary")?))
    });
    named.collect()
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        Node::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Node, E> {
        Number::from_f64(value).map(Node::Number).ok_or_else(|| E::custom("a number must be finite"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Node::Map(members))
    }
}

//! One vendor call of a case file: what is expected, and what is answered.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// A call that must come, and its answer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// The call.
    pub expect: ExpectedRequest,
    /// What the vendor says to it.
    #[serde(default)]
    pub answer: Answer,
}

/// A call as it must come. Query and body are complete: what is not written here must not be sent.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedRequest {
    /// The HTTP method, in capitals.
    pub method: String,
    /// The path, percent-encoded as it is to be sent.
    pub path: String,
    /// The query's decoded pairs, in any order: a map, or a list of pairs where a name comes twice.
    #[serde(default, deserialize_with = "pairs")]
    pub query: Vec<(String, String)>,
    /// Headers that must be among those sent.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body's JSON value.
    #[serde(default, deserialize_with = "even_null")]
    pub json: Option<Value>,
    /// The body's form pairs, in any order; written as `query` is.
    #[serde(default, deserialize_with = "some_pairs")]
    pub form: Option<Vec<(String, String)>>,
    /// The body's text, exactly; `{vendor}` in it stands for the vendor's own address.
    #[serde(default)]
    pub text: Option<String>,
}

/// What the vendor answers. Of `json` and `text` at most one is meant to be there.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Headers; `Content-Type` follows from the body unless it is given here.
    pub headers: BTreeMap<String, String>,
    /// A JSON body.
    #[serde(deserialize_with = "even_null")]
    pub json: Option<Value>,
    /// A body of any other kind.
    pub text: Option<String>,
    /// How long the answer waits.
    pub delay_milliseconds: u64,
}

impl Default for Answer {
    fn default() -> Self {
        Self { status: 200, headers: BTreeMap::new(), json: None, text: None, delay_milliseconds: 0 }
    }
}

impl fmt::Display for ExpectedRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method, self.path)
    }
}

/// `json: null` is a body that says null, not the absence of one.
fn even_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

fn some_pairs<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<(String, String)>>, D::Error> {
    pairs(deserializer).map(Some)
}

fn pairs<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, String)>, D::Error> {
    deserializer.deserialize_any(Pairs)
}

struct Pairs;

impl<'de> Visitor<'de> for Pairs {
    type Value = Vec<(String, String)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a map of names to values, or a list of [name, value] pairs")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some((name, Scalar(value))) = map.next_entry()? {
            pairs.push((name, value));
        }
        Ok(pairs)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some((name, Scalar(value))) = list.next_element()? {
            pairs.push((name, value));
        }
        Ok(pairs)
    }
}

/// A value of a query or form, which a file may write as a number or a truth value.
#[derive(Deserialize)]
#[serde(try_from = "Value")]
struct Scalar(String);

impl TryFrom<Value> for Scalar {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        match value {
            Value::String(text) => Ok(Self(text)),
            Value::Number(_) | Value::Bool(_) => Ok(Self(value.to_string())),
            Value::Null | Value::Array(_) | Value::Object(_) => Err(format!("expected a text, found {value}")),
        }
    }
}

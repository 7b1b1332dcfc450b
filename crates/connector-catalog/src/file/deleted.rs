//! How a vendor marks deleted records, as a connector file writes it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error as _};

use crate::file::values::{Entries, Scalar, Tree};
use field_mapping::yaml::Placed;

/// How the vendor marks deleted records.
#[derive(Debug)]
pub(crate) enum DeletedFile {
    /// It shows none.
    Never,
    /// By a mark.
    Marked(DeletedMarkFile),
}

/// A mark, and what becomes of the records that have it.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DeletedMark")]
pub(crate) struct DeletedMarkFile {
    /// A vendor path that holds something in deleted records alone (other than null, false, 0 and an empty text), or vendor
    /// paths and the values that they all hold there.
    pub(crate) mark: Placed<MarkFile>,
    /// What becomes of the records. Without it: `left_out`.
    pub(crate) then: Option<crate::file::values::Word<DeletedThen>>,
}

/// What becomes of deleted records. No update changes one, either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeletedThen {
    /// Lists leave them out, and fetched by their id they are not there.
    LeftOut,
    /// They are shown, with `deleted` or `active` of the mapping saying so.
    Shown,
}

/// The mark.
#[derive(Debug)]
pub(crate) enum MarkFile {
    Path(String),
    Values(Entries<Placed<Scalar>>),
}

impl<'de> Deserialize<'de> for DeletedFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> serde::de::Visitor<'de> for Form {
            type Value = DeletedFile;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("`never` or `{ mark, then }`")
            }

            fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<DeletedFile, E> {
                if word == "never" { Ok(DeletedFile::Never) } else { Err(E::unknown_variant(word, &["never"])) }
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<DeletedFile, A::Error> {
                let mark = DeletedMarkFile::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(DeletedFile::Marked(mark))
            }
        }

        deserializer.deserialize_any(Form)
    }
}

impl JsonSchema for DeletedFile {
    fn schema_name() -> Cow<'static, str> {
        "Deleted".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mark = generator.subschema_for::<DeletedMarkFile>();
        json_schema!({
            "description": "How the vendor marks deleted records, and what becomes of them; `never` where it shows none.",
            "anyOf": [{ "const": "never" }, mark]
        })
    }
}

impl<'de> Deserialize<'de> for MarkFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Tree::deserialize(deserializer)? {
            Tree::Scalar(serde_json::Value::String(path)) => Ok(Self::Path(path)),
            Tree::Mapping(entries) => {
                let values = entries.0.into_iter().map(|(path, value)| match value.value {
                    Tree::Scalar(scalar) if !scalar.is_null() => {
                        Ok((path, Placed { value: Scalar(scalar), place: value.place }))
                    }
                    Tree::Scalar(_) | Tree::List(_) | Tree::Mapping(_) => {
                        Err(D::Error::custom("a mark is a text, a number, true or false"))
                    }
                });
                Ok(Self::Values(Entries(values.collect::<Result<_, _>>()?)))
            }
            Tree::Scalar(_) | Tree::List(_) => {
                Err(D::Error::custom("`mark` is a vendor path, or vendor paths and their values"))
            }
        }
    }
}

impl JsonSchema for MarkFile {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Mark".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let values = generator.subschema_for::<Scalar>();
        json_schema!({
            "description": "A vendor path that holds something in deleted records alone, or vendor paths and the values that they hold there.",
            "anyOf": [{ "type": "string", "minLength": 1 }, { "type": "object", "additionalProperties": values, "minProperties": 1 }]
        })
    }
}

//! A mapping file as it is written: the serde model, with the place of everything that can be wrong.

pub(crate) mod filter;
mod members;
pub(crate) mod place;

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use members::null_is_a_word;
pub(crate) use members::{Named, Words};

use crate::file::filter::FilterField;
use crate::yaml::Placed;

/// One mapping file.
#[derive(Debug, Clone, Copy)]
pub struct MappingSource<'a> {
    /// Its name, as messages show it: `mappings/agile-crm/contacts.yaml`.
    pub file: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// How sure a definition is of a vendor's fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The vendor documents it.
    #[default]
    Documented,
    /// It was seen in public code.
    Seen,
    /// It is a guess.
    Assumed,
}

/// A mapping of one vendor's resource to the canonical one.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MappingFile {
    /// How sure the whole file is of the vendor's facts; a field may say otherwise.
    pub(crate) evidence: Option<Evidence>,
    /// Whether the vendor's empty text means that there is no value. Default: keep.
    #[serde(deserialize_with = "null_is_a_word")]
    pub(crate) empty_text: Option<EmptyText>,
    /// What a null in a partial write becomes. Default: omit.
    pub(crate) nulls: Option<Nulls>,
    /// Canonical field: where the vendor has it. Of two fields that are written to one place the first that was sent wins.
    pub(crate) fields: Named<FieldEntry>,
    /// Rules for the vendor's lists, by the path of the list.
    pub(crate) lists: Named<ListRules>,
    /// Tables and other named converters, for `as`.
    pub(crate) converters: Named<ConverterBody>,
    /// Canonical filter: the vendor's field.
    pub(crate) filters: Named<FilterField>,
    /// Canonical sort: the vendor's field.
    pub(crate) sorts: Named<String>,
    /// Canonical fields that the vendor cannot hold, each with the reason. Warnings repeat it.
    pub(crate) unsupported: Named<String>,
}

/// Whether an empty text is a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EmptyText {
    /// "" reads as null.
    Null,
    /// "" is a text.
    Keep,
}

/// What a null in a partial write becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Nulls {
    /// Nothing: this vendor cannot clear a field.
    #[default]
    Omit,
    /// A JSON null.
    Send,
    /// "".
    EmptyText,
}

/// The word "null", where a number or a text means that there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NullWord {
    /// It reads as null.
    Null,
}

/// In which directions a field works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// Both.
    #[default]
    Both,
    /// Read only.
    Read,
    /// Written only.
    Write,
}

/// How the text of a member is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Decoding {
    /// It is JSON.
    Json,
}

/// The part of an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Take {
    /// What stands before the @.
    LocalPart,
    /// What stands behind it.
    Domain,
}

/// A canonical field: a vendor path, null where a lower layer's field is to be dropped, or an object.
#[derive(Debug)]
pub(crate) enum FieldEntry {
    Path(String),
    Dropped,
    Body(Box<FieldBody>),
}

/// A canonical field in full. One of `at`, `each`, `sources`, `slots`, `item`, `join`, `from` and `const` says where it comes from.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FieldBody {
    /// The vendor's path, or several: the first that holds a value is read, the first is written.
    pub(crate) at: Option<Placed<Words>>,
    /// Where it is written, when that is another place than where it is read.
    pub(crate) write: Option<Placed<String>>,
    /// Converters, applied from left to right when read and from right to left when written.
    #[serde(rename = "as")]
    pub(crate) converters: Option<Placed<Words>>,
    /// Default: both.
    pub(crate) mode: Option<Placed<Mode>>,
    /// Canonical fields whose texts, joined by a space, are this one.
    pub(crate) join: Option<Vec<Placed<String>>>,
    /// With `join`, `first_space`: how it is written when its parts were not sent. With `each`: what separates the elements
    /// of a list that the vendor keeps as one text.
    pub(crate) split: Option<Placed<String>>,
    /// The vendor's list: every element that the path selects is an item.
    pub(crate) each: Option<Placed<String>>,
    /// The members of an item, paths relative to the element. Without `each`: the members of an object.
    pub(crate) item: Option<Named<FieldEntry>>,
    /// Constant members of every item of this source; an item that is written goes where they match.
    pub(crate) set: Named<Value>,
    /// The most items that this source holds.
    pub(crate) max: Option<Placed<u64>>,
    /// Members of the element that hold text to be decoded.
    pub(crate) decode: Named<Decoding>,
    /// The canonical member that takes a text which cannot be decoded.
    #[serde(rename = "else")]
    pub(crate) undecoded: Option<Placed<String>>,
    /// Several places of one list, read in this order. An item is written to the first whose `set` matches and that has room.
    pub(crate) sources: Option<Vec<Placed<SourceBody>>>,
    /// Numbered columns of the record that make one list. An item goes where `set` matches, else to the first free slot.
    pub(crate) slots: Option<Vec<Placed<SourceBody>>>,
    /// A value that the vendor has by nature. With `at` it is written to a new record.
    #[serde(rename = "const")]
    pub(crate) constant: Option<Placed<Value>>,
    /// The canonical value where the vendor has none; written to a new record.
    pub(crate) default: Option<Placed<Value>>,
    /// In an item: the canonical value where the vendor has none and the item is the first of its list.
    pub(crate) default_first: Option<Placed<Value>>,
    /// For a member that must have a value: other canonical fields to take it from.
    pub(crate) fallback: Option<Vec<Placed<String>>>,
    /// What the number 0 means.
    #[serde(deserialize_with = "null_is_a_word")]
    pub(crate) zero: Option<NullWord>,
    /// For a list of texts: canonical fields that are written with it, without repeats.
    pub(crate) union: Option<Vec<Placed<String>>>,
    /// In an item: texts without a place of their own that are written behind this one, after ", ".
    pub(crate) absorb: Option<Vec<Placed<String>>>,
    /// In an item: where the vendor has the same in words (a country's name beside its code). What stands there stays as long as
    /// this value does, and goes when it changes.
    pub(crate) spelled_out: Option<Placed<String>>,
    /// The canonical text that this is a part of: `emails.email` is the first item's.
    pub(crate) from: Option<Placed<String>>,
    /// Which part.
    pub(crate) take: Option<Take>,
    /// Where a new record takes the value from when it was not sent.
    pub(crate) new_from: Option<Placed<NewFrom>>,
    /// What a null in a partial write becomes. Default: as the file.
    pub(crate) nulls: Option<Nulls>,
    /// The vendor's value is the key of a row of one of its tables; what is wanted is in that row.
    pub(crate) lookup: Option<Placed<LookupBody>>,
    /// A regular expression with one group: what is read is what the group holds, and nothing where it does not match.
    pub(crate) extract: Option<Placed<String>>,
    /// Values that the vendor spells out over several members: the first whose conditions hold.
    pub(crate) cases: Option<Vec<Placed<CaseBody>>>,
    /// The canonical value where no case holds.
    pub(crate) otherwise: Option<Placed<Value>>,
    /// Canonical fields that are written instead of these cases where they are sent too.
    pub(crate) yields_to: Option<Vec<Placed<String>>>,
    /// In an item: its place in the vendor's list, from 0. Items are written in this order.
    pub(crate) index: Option<Placed<bool>>,
    /// Canonical numbers, multiplied.
    pub(crate) product: Option<Vec<Placed<String>>>,
    /// Two canonical numbers or date-times: the first less the second, in seconds.
    pub(crate) difference: Option<Vec<Placed<String>>>,
    /// What a computed number is divided by.
    pub(crate) divided_by: Option<Placed<f64>>,
    /// Default: as the file.
    pub(crate) evidence: Option<Evidence>,
}

/// A vendor table, by the name that the connector gives it, and the member of its rows.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LookupBody {
    /// The name of the table among the connector's `lookups`.
    pub(crate) table: Placed<String>,
    /// The member of the row that is the canonical value.
    pub(crate) take: Placed<String>,
}

/// A canonical value and when it is read; written, the conditions are made true.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseBody {
    /// The canonical value.
    pub(crate) value: Placed<Value>,
    /// Vendor members and what each must be: a value, a list of values, `{ at: <path of the record>, else }`, or
    /// `{ lookup: <table>, by: <path of the record>, take: <member of the row>, else }`.
    pub(crate) when: Named<OperandBody>,
    /// `read`: it is never written.
    #[serde(default)]
    pub(crate) mode: Option<Placed<Mode>>,
}

/// What a member must be.
#[derive(Debug)]
pub(crate) enum OperandBody {
    Literals(Vec<Value>),
    Reference(Box<ReferenceBody>),
}

/// A value that is found elsewhere.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ReferenceBody {
    /// A path of the record.
    pub(crate) at: Option<Placed<String>>,
    /// A table of the connector's `lookups`.
    pub(crate) lookup: Option<Placed<String>>,
    /// The path of the record that holds the key of the row.
    pub(crate) by: Option<Placed<String>>,
    /// The member of the row.
    pub(crate) take: Option<Placed<String>>,
    /// The value where none is found.
    #[serde(rename = "else")]
    pub(crate) or: Option<Placed<Value>>,
}

/// A part of another canonical text.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewFrom {
    /// `emails.email` is the first item's.
    pub(crate) from: Placed<String>,
    /// Which part.
    pub(crate) take: Take,
}

/// One place of a list: elements of a vendor's list (`each`), or members of the record.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SourceBody {
    /// The vendor's list; without it the item's paths are relative to the record.
    pub(crate) each: Option<Placed<String>>,
    /// What separates the elements of a list that the vendor keeps as one text.
    pub(crate) split: Option<Placed<String>>,
    /// The members of an item.
    pub(crate) item: Named<FieldEntry>,
    /// Constant members of the items.
    pub(crate) set: Named<Value>,
    /// The most items that this source holds.
    pub(crate) max: Option<Placed<u64>>,
    /// Members of the element that hold text to be decoded.
    pub(crate) decode: Named<Decoding>,
    /// The canonical member that takes a text which cannot be decoded.
    #[serde(rename = "else")]
    pub(crate) undecoded: Option<Placed<String>>,
}

/// Rules for one of the vendor's lists.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ListRules {
    /// Elements that hold all of this are passed over, unless a path asks for one of these members itself.
    pub(crate) skip: Named<String>,
    /// Members of every element that is added.
    pub(crate) new: Named<Value>,
    /// The members that tell one element from another; partial writes overwrite by them.
    pub(crate) key: Vec<String>,
    /// The members that no two elements have in common: one that a change makes like another goes away.
    pub(crate) alike: Vec<String>,
}

/// A named converter.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ConverterBody {
    /// The vendor's value, as text: the canonical value. On the way back the first row with the value counts.
    pub(crate) table: Named<Value>,
    /// The canonical value for all others.
    pub(crate) read_other: Option<Placed<Value>>,
    /// The canonical value where the vendor has none.
    pub(crate) read_missing: Option<Placed<Value>>,
    /// The vendor's value for canonical values without a row. Of several, each further such item of a list takes the next.
    pub(crate) write_other: Option<Placed<Words>>,
}

impl<'de> Deserialize<'de> for OperandBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Operand;

        impl<'de> Visitor<'de> for Operand {
            type Value = OperandBody;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a value, a list of values or an object")
            }

            fn visit_bool<E>(self, flag: bool) -> Result<OperandBody, E> {
                Ok(OperandBody::Literals(vec![Value::from(flag)]))
            }

            fn visit_i64<E>(self, number: i64) -> Result<OperandBody, E> {
                Ok(OperandBody::Literals(vec![Value::from(number)]))
            }

            fn visit_u64<E>(self, number: u64) -> Result<OperandBody, E> {
                Ok(OperandBody::Literals(vec![Value::from(number)]))
            }

            fn visit_f64<E>(self, number: f64) -> Result<OperandBody, E> {
                Ok(OperandBody::Literals(vec![Value::from(number)]))
            }

            fn visit_str<E>(self, text: &str) -> Result<OperandBody, E> {
                Ok(OperandBody::Literals(vec![Value::from(text)]))
            }

            fn visit_unit<E>(self) -> Result<OperandBody, E> {
                Ok(OperandBody::Literals(vec![Value::Null]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<OperandBody, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = list.next_element::<Value>()? {
                    values.push(value);
                }
                Ok(OperandBody::Literals(values))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<OperandBody, A::Error> {
                let body = ReferenceBody::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(OperandBody::Reference(Box::new(body)))
            }
        }

        deserializer.deserialize_any(Operand)
    }
}

impl JsonSchema for OperandBody {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Operand".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let reference = generator.subschema_for::<ReferenceBody>();
        json_schema!({ "anyOf": [
            { "type": ["string", "number", "boolean", "null"] },
            { "type": "array", "items": { "type": ["string", "number", "boolean", "null"] }, "minItems": 1 },
            reference
        ] })
    }
}

impl<'de> Deserialize<'de> for FieldEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entry;

        impl<'de> Visitor<'de> for Entry {
            type Value = FieldEntry;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a vendor path, an object or null")
            }

            fn visit_str<E>(self, text: &str) -> Result<FieldEntry, E> {
                Ok(FieldEntry::Path(text.to_owned()))
            }

            fn visit_unit<E>(self) -> Result<FieldEntry, E> {
                Ok(FieldEntry::Dropped)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FieldEntry, A::Error> {
                let body = FieldBody::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(FieldEntry::Body(Box::new(body)))
            }
        }

        deserializer.deserialize_any(Entry)
    }
}

impl JsonSchema for FieldEntry {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Field".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let body = generator.subschema_for::<FieldBody>();
        json_schema!({
            "description": "A canonical field: a vendor path, an object, or null to drop a lower layer's field.",
            "anyOf": [{ "type": ["string", "null"], "minLength": 1 }, body]
        })
    }
}

/// The JSON Schema of a mapping file, for editors.
#[must_use]
pub fn mapping_json_schema() -> Value {
    let mut schema = schemars::schema_for!(MappingFile).to_value();
    take_plain_scalars(&mut schema);
    schema
}

/// YAML is read here as people write it: a text may look like a number or a flag, as in `region: 7`, and a number may stand in
/// quotes. Paths and words, whose schemas say more of them than their type, stay texts.
pub fn take_plain_scalars(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            let says_more = ["enum", "const", "minLength", "pattern"].iter().any(|key| members.contains_key(*key));
            if !says_more && let Some(kinds) = members.get("type").and_then(with_plain_scalars) {
                members.insert("type".to_owned(), kinds);
            }
            members.values_mut().for_each(take_plain_scalars);
        }
        Value::Array(items) => items.iter_mut().for_each(take_plain_scalars),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What else stands for a text or for a number; `None` for any other type.
fn with_plain_scalars(kinds: &Value) -> Option<Value> {
    let (kind, is_optional) = match kinds {
        Value::Array(kinds) => match kinds.as_slice() {
            [kind, other] if other == "null" => (kind.as_str()?, true),
            _ => return None,
        },
        kind => (kind.as_str()?, false),
    };
    let mut taken = match kind {
        "string" => vec!["string", "number", "boolean"],
        "integer" | "number" => vec![kind, "string"],
        _ => return None,
    };
    taken.extend(is_optional.then_some("null"));
    Some(Value::from(taken))
}

//! What a canonical filter is compared with: the vendor's fields, and how a value for them is written.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::path::VendorPath;

/// The vendor's side of a canonical filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterField {
    /// The vendor's fields, one of which must have the value. Empty only where `check` is all that is said.
    pub at: Vec<String>,
    /// What the fields hold.
    pub literal: Literal,
    /// Where the vendor's record itself shows the value.
    pub check: Option<VendorPath>,
    /// The canonical field whose table says what the vendor calls the value.
    pub values_of: Option<String>,
}

/// What a vendor's field holds, which decides how a value for it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Literal {
    /// A text.
    #[default]
    Text,
    /// A GUID. A value that is none matches nothing.
    Guid,
    /// A number.
    Number,
    /// A time without a zone, in the vendor's own. A bound within the hours in which clocks are changed is the earlier one.
    LocalTime,
    /// A day of the vendor's zone. A bound is the day that the instant lies in.
    Date,
}

impl Literal {
    pub(crate) fn is_a_time(self) -> bool {
        match self {
            Self::LocalTime | Self::Date => true,
            Self::Text | Self::Guid | Self::Number => false,
        }
    }
}

/// The object form of a filter. One of `at` and `any`, unless `check` says where the record shows the value.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "FilterBody")]
struct Body {
    /// The vendor's field.
    at: Option<String>,
    /// Several of the vendor's fields, any of which may have the value.
    #[serde(default)]
    any: Vec<String>,
    /// What the fields hold. Without it: text.
    #[serde(rename = "as", default)]
    literal: Literal,
    /// Where the vendor's record itself shows the value, for lists that check it: a path, which may go through a list.
    check: Option<String>,
    /// The canonical field whose table says what the vendor calls the value.
    values_of: Option<String>,
}

impl<'de> Deserialize<'de> for FilterField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entry;

        impl<'de> Visitor<'de> for Entry {
            type Value = FilterField;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("the vendor's field or an object")
            }

            fn visit_str<E>(self, text: &str) -> Result<FilterField, E> {
                Ok(FilterField { at: vec![text.to_owned()], literal: Literal::Text, check: None, values_of: None })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FilterField, A::Error> {
                let body = Body::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                let at = match (body.at, body.any) {
                    (Some(field), any) if any.is_empty() => vec![field],
                    (None, any) if !any.is_empty() || body.check.is_some() => any,
                    _ => return Err(A::Error::custom("a filter needs either `at` or `any`")),
                };
                let check = body.check.as_deref().map(VendorPath::parse).transpose().map_err(A::Error::custom)?;
                Ok(FilterField { at, literal: body.literal, check, values_of: body.values_of })
            }
        }

        deserializer.deserialize_any(Entry)
    }
}

impl JsonSchema for FilterField {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Filter".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let body = generator.subschema_for::<Body>();
        json_schema!({
            "description": "A canonical filter: the vendor's field, or an object.",
            "anyOf": [{ "type": "string", "minLength": 1 }, body]
        })
    }
}

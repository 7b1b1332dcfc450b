//! A scalar on its way from the vendor's form to the canonical one.

use std::borrow::Cow;

use serde_json::Value;

use crate::json::bytes::{float_text, whole};
use crate::json::node::View;
use crate::value::context::Zone;
use crate::value::moment::{Day, Instant};

/// A scalar on its way from the vendor's form to the canonical one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece<'x> {
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(Cow<'x, str>),
    Instant(Instant),
    Day(Day),
}

impl<'x> Piece<'x> {
    /// The scalar of a view; `None` for null, lists and objects.
    #[inline]
    pub(crate) fn of(view: View<'x>) -> Option<Self> {
        Some(match view {
            View::Bool(flag) => Self::Bool(flag),
            View::Unsigned(number) => Self::Unsigned(number),
            View::Signed(number) => Self::Signed(number),
            View::Float(number) => Self::Float(number),
            View::Text(text) => Self::Text(Cow::Borrowed(text)),
            View::Null | View::List | View::Object => return None,
        })
    }

    pub(crate) fn of_cell(cell: &'x Value) -> Option<Self> {
        Some(match cell {
            Value::Bool(flag) => Self::Bool(*flag),
            Value::String(text) => Self::Text(Cow::Borrowed(text)),
            Value::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => Self::Unsigned(number),
                (None, Some(number)) => Self::Signed(number),
                (None, None) => Self::Float(number.as_f64()?),
            },
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
        })
    }

    pub(crate) fn into_text(self) -> Cow<'x, str> {
        match self {
            Self::Text(text) => text,
            Self::Bool(true) => Cow::Borrowed("true"),
            Self::Bool(false) => Cow::Borrowed("false"),
            Self::Unsigned(number) => Cow::Owned(number.to_string()),
            Self::Signed(number) => Cow::Owned(number.to_string()),
            Self::Float(number) => Cow::Owned(float_text(number)),
            Self::Instant(instant) => Cow::Owned(instant.to_text()),
            Self::Day(day) => Cow::Owned(day.to_text()),
        }
    }

    pub(crate) fn integer(&self) -> Option<i64> {
        match self {
            Self::Signed(number) => Some(*number),
            Self::Unsigned(number) => i64::try_from(*number).ok(),
            Self::Float(number) => whole(*number),
            Self::Text(text) => {
                let text = text.trim();
                text.parse().ok().or_else(|| whole(text.parse().ok()?))
            }
            Self::Bool(_) | Self::Instant(_) | Self::Day(_) => None,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "only the sign is looked at")]
    pub(crate) fn float(&self) -> Option<f64> {
        match self {
            Self::Signed(number) => Some(*number as f64),
            Self::Unsigned(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
            Self::Bool(_) | Self::Instant(_) | Self::Day(_) => None,
        }
    }

    /// A number, kept exact where it is whole.
    pub(crate) fn number(self) -> Option<Self> {
        match self {
            Self::Signed(_) | Self::Unsigned(_) => Some(self),
            Self::Float(number) => number.is_finite().then_some(self),
            Self::Text(text) => {
                let text = text.trim();
                if let Ok(number) = text.parse() {
                    return Some(Self::Signed(number));
                }
                let number: f64 = text.parse().ok()?;
                // Rust reads "inf" and "nan" as numbers; a vendor's text that says so is no number.
                number.is_finite().then_some(Self::Float(number))
            }
            Self::Bool(_) | Self::Instant(_) | Self::Day(_) => None,
        }
    }

    pub(crate) fn boolean(&self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(*flag),
            Self::Unsigned(0) | Self::Signed(0) => Some(false),
            Self::Unsigned(1) | Self::Signed(1) => Some(true),
            Self::Text(text) => match text.trim() {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _ => None,
            },
            Self::Unsigned(_) | Self::Signed(_) | Self::Float(_) | Self::Instant(_) | Self::Day(_) => None,
        }
    }

    pub(crate) fn instant(&self) -> Option<Instant> {
        match self {
            Self::Instant(instant) => Some(*instant),
            Self::Day(day) => Some(day.instant()),
            Self::Text(text) => Instant::parse(text),
            Self::Bool(_) | Self::Unsigned(_) | Self::Signed(_) | Self::Float(_) => None,
        }
    }

    pub(crate) fn day(&self, zone: &Zone) -> Option<Day> {
        match self {
            Self::Instant(instant) => Some(instant.local(zone).day()),
            Self::Day(day) => Some(*day),
            Self::Text(text) => Day::parse(text),
            Self::Bool(_) | Self::Unsigned(_) | Self::Signed(_) | Self::Float(_) => None,
        }
    }
}

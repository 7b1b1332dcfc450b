//! Converters: what turns a vendor's scalar into a canonical one, and back.

use std::borrow::Cow;
use std::sync::Arc;

use regex_lite::Regex;
use serde_json::{Number, Value};

use crate::json::bytes::{same, whole};
use crate::path::VendorPath;
use crate::value::context::{Context, Zone};
use crate::value::keys::KeyTable;
use crate::value::moment::{Day, Instant};
use crate::value::piece::Piece;

/// One step of `as`.
#[derive(Debug, Clone)]
pub(crate) enum Converter {
    Text,
    Trim,
    Lower,
    Upper,
    Capitalized,
    Integer,
    Number,
    NumberText,
    Boolean,
    AboveZero,
    EpochSeconds,
    EpochMillis,
    Iso,
    IsoLocal,
    OdataDate,
    Date,
    CommaSeparated,
    JsonText,
    JsonList,
    Table(Arc<Table>),
    Extract(Arc<Regex>),
    Lookup(Arc<LookupIn>),
}

/// A vendor table that a line looks its value up in.
#[derive(Debug)]
pub(crate) struct LookupIn {
    pub(crate) table: String,
    pub(crate) take: VendorPath,
}

/// A table of values that works both ways.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: String,
    /// The vendor's text and the canonical value, in file order.
    pub(crate) rows: Vec<(String, Value)>,
    pub(crate) keys: KeyTable,
    pub(crate) read_other: Option<Value>,
    pub(crate) read_missing: Option<Value>,
    pub(crate) write_other: Vec<String>,
}

/// What of a text is JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoded {
    /// Nothing: a text is a text.
    Nothing,
    /// Lists of texts and numbers; any other text is one.
    Lists,
    /// Everything.
    Everything,
}

/// What a chain of converters makes, as far as it is known when the mapping is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Makes {
    Text,
    Integer,
    Number,
    Boolean,
    Instant,
    Day,
    TextList,
    Any,
    /// A table's cells.
    Cells,
}

impl Converter {
    /// The converters that need no table, by name.
    pub(crate) const BUILT_IN: [(&'static str, Self); 19] = [
        ("text", Self::Text),
        ("trim", Self::Trim),
        ("lower", Self::Lower),
        ("upper", Self::Upper),
        ("capitalized", Self::Capitalized),
        ("integer", Self::Integer),
        ("number", Self::Number),
        ("number_text", Self::NumberText),
        ("boolean", Self::Boolean),
        ("above_zero", Self::AboveZero),
        ("epoch_seconds", Self::EpochSeconds),
        ("epoch_millis", Self::EpochMillis),
        ("iso", Self::Iso),
        ("iso_local", Self::IsoLocal),
        ("odata_date", Self::OdataDate),
        ("date", Self::Date),
        ("comma_separated", Self::CommaSeparated),
        ("json_text", Self::JsonText),
        ("json_list", Self::JsonList),
    ];

    /// What is inside a text whose JSON it reads.
    pub(crate) fn encoded(&self) -> Encoded {
        match self {
            Self::JsonText => Encoded::Everything,
            Self::JsonList => Encoded::Lists,
            Self::Text
            | Self::Trim
            | Self::Lower
            | Self::Upper
            | Self::Capitalized
            | Self::Integer
            | Self::Number
            | Self::NumberText
            | Self::Boolean
            | Self::AboveZero
            | Self::EpochSeconds
            | Self::EpochMillis
            | Self::Iso
            | Self::IsoLocal
            | Self::OdataDate
            | Self::Date
            | Self::CommaSeparated
            | Self::Table(_)
            | Self::Extract(_)
            | Self::Lookup(_) => Encoded::Nothing,
        }
    }

    /// Whether what it cannot read is of another type, rather than a word that the mapping does not know.
    pub(crate) fn reads_types_alone(&self) -> bool {
        match self {
            Self::Table(_) | Self::Extract(_) | Self::Lookup(_) => false,
            Self::Text
            | Self::Trim
            | Self::Lower
            | Self::Upper
            | Self::Capitalized
            | Self::Integer
            | Self::Number
            | Self::NumberText
            | Self::Boolean
            | Self::AboveZero
            | Self::EpochSeconds
            | Self::EpochMillis
            | Self::Iso
            | Self::IsoLocal
            | Self::OdataDate
            | Self::Date
            | Self::CommaSeparated
            | Self::JsonText
            | Self::JsonList => true,
        }
    }

    /// The table that it reads through.
    pub(crate) fn table(&self) -> Option<&Table> {
        if let Self::Table(table) = self { Some(table) } else { None }
    }

    pub(crate) fn makes(&self) -> Makes {
        match self {
            Self::Text | Self::Trim | Self::Lower | Self::Upper | Self::Capitalized | Self::Extract(_) => Makes::Text,
            Self::Integer => Makes::Integer,
            Self::Number | Self::NumberText => Makes::Number,
            Self::Boolean | Self::AboveZero => Makes::Boolean,
            Self::EpochSeconds | Self::EpochMillis | Self::Iso | Self::IsoLocal | Self::OdataDate => Makes::Instant,
            Self::Date => Makes::Day,
            Self::CommaSeparated => Makes::TextList,
            Self::JsonText | Self::JsonList | Self::Lookup(_) => Makes::Any,
            Self::Table(_) => Makes::Cells,
        }
    }

    /// The vendor's scalar made canonical; `None` where it makes no sense.
    pub(crate) fn read<'x>(&'x self, piece: Piece<'x>, context: &Context<'x>) -> Option<Piece<'x>> {
        Some(match self {
            Self::Text | Self::Capitalized => Piece::Text(piece.into_text()),
            Self::Trim => Piece::Text(match piece.into_text() {
                Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
                Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
            }),
            Self::Lower => Piece::Text(match piece.into_text() {
                Cow::Borrowed(text) if !text.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()) => {
                    Cow::Borrowed(text)
                }
                text => Cow::Owned(text.to_lowercase()),
            }),
            Self::Upper => Piece::Text(Cow::Owned(piece.into_text().to_uppercase())),
            Self::Integer => Piece::Signed(piece.integer()?),
            Self::Number | Self::NumberText => piece.number()?,
            Self::Boolean => Piece::Bool(piece.boolean()?),
            Self::AboveZero => Piece::Bool(piece.float()? > 0.0),
            Self::EpochSeconds => Piece::Instant(Instant::from_seconds(piece.integer()?)?),
            Self::EpochMillis => Piece::Instant(Instant::from_millis(piece.integer()?)?),
            Self::Iso => Piece::Instant(piece.instant()?),
            Self::IsoLocal => Piece::Instant(if let Piece::Text(text) = &piece {
                Instant::parse_in(text, context.zone)?
            } else {
                piece.instant()?
            }),
            Self::OdataDate => Piece::Instant(
                if let Piece::Text(text) = &piece
                    && text.starts_with("/Date(")
                {
                    Instant::parse_odata(text)?
                } else {
                    piece.instant()?
                },
            ),
            Self::Date => Piece::Day(piece.day(context.zone)?),
            Self::Table(table) => Piece::of_cell(table.cell(&piece)?)?,
            Self::Extract(pattern) => Piece::Text(group(pattern, piece.into_text())?),
            Self::Lookup(lookup) => {
                let row = context.tables.row(&lookup.table, &piece.into_text())?;
                Piece::of_cell(lookup.take.find(row)?)?
            }
            Self::CommaSeparated | Self::JsonText | Self::JsonList => return None,
        })
    }
}

impl Table {
    /// The canonical value of a vendor's value.
    pub(crate) fn cell(&self, piece: &Piece<'_>) -> Option<&Value> {
        let found = match piece {
            Piece::Text(text) => self.keys.find(text),
            other => self.keys.find(&other.clone().into_text()),
        };
        found.and_then(|row| self.rows.get(row)).map(|(_, cell)| cell).or(self.read_other.as_ref())
    }
}

/// A canonical value made the vendor's.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Converted {
    /// It keeps its meaning.
    Exact(Value),
    /// It does not; the text says how.
    Changed(Value, String),
    /// The vendor has no form for it; the text says why.
    Impossible(String),
    /// Writing anything would change what the caller means; the text says what to send instead.
    Refused(String),
}

impl Converter {
    /// The canonical value in the vendor's form. `others` counts the values of a list that no table row held so far.
    pub(crate) fn write(&self, value: &Value, others: &mut usize, context: &Context<'_>) -> Converted {
        let instant = |form: &dyn Fn(Instant) -> Value| instant(value, context.zone, form);
        match self {
            Self::Text | Self::Trim | Self::Lower | Self::Upper => match value {
                Value::String(_) | Value::Null => Converted::Exact(value.clone()),
                Value::Array(texts) if texts.iter().all(Value::is_string) => Converted::Exact(value.clone()),
                Value::Number(number) => {
                    Converted::Changed(Value::String(number_text(number)), KEPT_AS_TEXT.to_owned())
                }
                other => Converted::Changed(Value::String(other.to_string()), KEPT_AS_TEXT.to_owned()),
            },
            Self::Capitalized => capitalized(value),
            // What is a whole number there may be a text here: an id.
            Self::Integer => match value {
                Value::String(text) => match text.parse::<i64>() {
                    Ok(number) => Converted::Exact(Value::from(number)),
                    Err(_) => Converted::Impossible("the vendor has a whole number there".to_owned()),
                },
                Value::Number(number) => whole_number(number),
                other => Converted::Exact(other.clone()),
            },
            Self::Number | Self::Boolean | Self::AboveZero | Self::Extract(_) => Converted::Exact(value.clone()),
            Self::NumberText => match value {
                Value::Number(number) => Converted::Exact(Value::String(number_text(number))),
                other => Converted::Exact(other.clone()),
            },
            Self::EpochSeconds => instant(&|moment| Value::from(moment.seconds)),
            Self::EpochMillis => instant(&|moment| Value::from(moment.millis())),
            Self::Iso => instant(&|moment| Value::from(moment.to_text())),
            Self::IsoLocal => instant(&|moment| Value::from(moment.local(context.zone).to_local_text())),
            Self::OdataDate => instant(&|moment| Value::from(format!("/Date({})/", moment.millis()))),
            Self::Date => match value.as_str().and_then(Day::parse) {
                Some(day) => Converted::Exact(Value::from(day.to_text())),
                None => Converted::Impossible("it is not a date".to_owned()),
            },
            Self::CommaSeparated => write_separated(value),
            Self::JsonText => Converted::Exact(Value::String(value.to_string())),
            Self::JsonList => match value {
                Value::Array(_) => Converted::Exact(Value::String(value.to_string())),
                other => Converted::Exact(other.clone()),
            },
            Self::Table(table) => table.write(value, others),
            Self::Lookup(lookup) => lookup.write(value, context),
        }
    }
}

/// A text whose first letter is a capital.
fn capitalized(value: &Value) -> Converted {
    let Some(text) = value.as_str() else { return Converted::Exact(value.clone()) };
    let mut letters = text.chars();
    let own: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    if own == text {
        return Converted::Exact(Value::String(own));
    }
    let how = format!("the vendor wants a capital first: `{own}`");
    Converted::Changed(Value::String(own), how)
}

const KEPT_AS_TEXT: &str = "the vendor keeps it as text";

/// A number that a vendor takes without a fraction alone. Some clients send every number with one: 40.0.
fn whole_number(number: &Number) -> Converted {
    if !number.is_f64() {
        return Converted::Exact(Value::Number(number.clone()));
    }
    match number.as_f64().and_then(whole) {
        Some(whole) => Converted::Exact(Value::from(whole)),
        None => Converted::Refused(format!("must be a whole number, such as 40; found {number}")),
    }
}

/// A number as text, a whole one without a fraction.
pub(crate) fn number_text(number: &Number) -> String {
    match number.as_f64().filter(|_| number.is_f64()).and_then(whole) {
        Some(whole) => whole.to_string(),
        None => number.to_string(),
    }
}

/// A date alone is its first moment where the vendor's clocks are.
fn instant(value: &Value, zone: &Zone, form: &dyn Fn(Instant) -> Value) -> Converted {
    let parse = |text: &str| if text.trim().len() == 10 { Instant::parse_in(text, zone) } else { Instant::parse(text) };
    match value.as_str().and_then(parse) {
        Some(moment) => Converted::Exact(form(moment)),
        None => Converted::Impossible("it is not a date-time".to_owned()),
    }
}

/// What the pattern's group holds.
fn group<'x>(pattern: &Regex, text: Cow<'x, str>) -> Option<Cow<'x, str>> {
    let found = pattern.captures(&text)?.get(1)?.range();
    Some(match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(found)?),
        Cow::Owned(text) => Cow::Owned(text.get(found)?.to_owned()),
    })
}

impl LookupIn {
    /// The key of the row that has the value; of texts that differ only in capitals the row's own counts.
    fn write(&self, value: &Value, context: &Context<'_>) -> Converted {
        let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if value.is_null() {
            return Converted::Exact(Value::Null);
        }
        match context.tables.get(&self.table).and_then(|table| table.key_of(&self.take, &shown)) {
            Some((key, own)) if own == shown => Converted::Exact(key),
            Some((key, own)) => Converted::Changed(key, format!("the vendor calls it `{own}`")),
            None => Converted::Impossible(format!("the vendor's {} have no `{shown}`", self.table.replace('_', " "))),
        }
    }
}

fn write_separated(value: &Value) -> Converted {
    let Some(elements) = value.as_array() else { return Converted::Exact(value.clone()) };
    let texts: Vec<&str> = elements.iter().filter_map(Value::as_str).collect();
    let joined = Value::String(texts.join(","));
    if texts.iter().any(|text| text.contains(',') || text.trim() != *text || text.is_empty()) {
        return Converted::Changed(joined, "the vendor separates the texts by commas".to_owned());
    }
    Converted::Exact(joined)
}

impl Table {
    fn write(&self, value: &Value, others: &mut usize) -> Converted {
        if let Some((vendor, _)) = self.rows.iter().find(|(_, cell)| same(cell, value)) {
            return Converted::Exact(Value::String(vendor.clone()));
        }
        let other = self.write_other.get(*others).or(self.write_other.last());
        *others += 1;
        let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match other {
            Some(text) => Converted::Changed(Value::String(text.clone()), format!("`{shown}` is written as `{text}`")),
            None => Converted::Impossible(format!("the vendor has nothing for `{shown}`")),
        }
    }
}

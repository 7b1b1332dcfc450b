//! One canonical value, clamped to its type and written as JSON.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde_json::Value;
use unified_model::schema::{Format, Kind};

use crate::json::bytes::{write_escaped, write_float, write_signed, write_text, write_unsigned};
use crate::json::node::{Node, View};
use crate::value::context::{Context, Zone};
use crate::value::convert::{Converter, Encoded};
use crate::value::piece::Piece;

/// How one canonical value is made from what the vendor holds.
#[derive(Debug)]
pub(crate) struct Leaf {
    chain: Vec<Converter>,
    sink: Sink,
    way: Way,
    empty_is_null: bool,
    zero_is_null: bool,
    default: Option<Box<[u8]>>,
    default_first: Option<Box<[u8]>>,
}

/// The shortest way to the value.
#[derive(Debug)]
enum Way {
    /// Text as it is; a whole number becomes its digits where the sink is a text.
    Text,
    /// A table whose cells are JSON already: one for each row, then for all others.
    Cells(Vec<Option<Box<[u8]>>>, Option<Box<[u8]>>),
    /// Step by step.
    Chain,
}

/// What the canonical schema wants.
#[derive(Debug)]
enum Sink {
    Text { least: usize },
    OneOf { values: Vec<String>, other: bool },
    DateTime,
    Date,
    Integer { minimum: Option<i64>, maximum: Option<i64> },
    Number,
    Boolean,
    Texts { separated: bool },
    FreeObject,
    Any { encoded: Encoded },
}

/// What a leaf is made with beside its type.
#[derive(Debug, Default)]
pub(crate) struct LeafRules {
    pub(crate) empty_is_null: bool,
    pub(crate) zero_is_null: bool,
    pub(crate) default: Option<Value>,
    pub(crate) default_first: Option<Value>,
}

impl Leaf {
    pub(crate) fn new(kind: &Kind, mut chain: Vec<Converter>, rules: LeafRules) -> Self {
        let separated = matches!(chain.first(), Some(Converter::CommaSeparated));
        let encoded_as = chain.first().map_or(Encoded::Nothing, Converter::encoded);
        if separated || encoded_as != Encoded::Nothing {
            chain.remove(0);
        }
        let sink = Sink::new(kind, separated, encoded_as);
        let missing = chain.last().and_then(Converter::table).and_then(|table| table.read_missing.clone());
        let encoded = |value: Option<Value>| {
            let value = value?;
            let mut out = Vec::new();
            sink.write(Piece::of_cell(&value)?, &Zone::UTC, &mut out).then_some(out.into_boxed_slice())
        };
        let default = encoded(rules.default.or(missing));
        let default_first = encoded(rules.default_first);
        let is_text = matches!(chain.as_slice(), [] | [Converter::Text]);
        let copies = match &sink {
            Sink::Text { least: 0 } => is_text,
            // The short way does not know that "0" can mean nothing.
            Sink::Text { least: 1 } => is_text && !rules.zero_is_null,
            Sink::Any { encoded: Encoded::Nothing } => chain.is_empty() && !rules.zero_is_null,
            Sink::Text { .. }
            | Sink::OneOf { .. }
            | Sink::DateTime
            | Sink::Date
            | Sink::Integer { .. }
            | Sink::Number
            | Sink::Boolean
            | Sink::Texts { .. }
            | Sink::FreeObject
            | Sink::Any { .. } => false,
        };
        let way = if let [Converter::Table(table)] = chain.as_slice() {
            let cells = table.rows.iter().map(|(_, cell)| encoded(Some(cell.clone()))).collect();
            Way::Cells(cells, encoded(table.read_other.clone()))
        } else if copies {
            Way::Text
        } else {
            Way::Chain
        };
        let empty_is_null = rules.empty_is_null || matches!((&way, &sink), (Way::Text, Sink::Text { least: 1 }));
        let zero_is_null = rules.zero_is_null;
        Self { chain, sink, way, empty_is_null, zero_is_null, default, default_first }
    }

    /// Writes the value for a vendor that holds none.
    #[inline]
    pub(crate) fn write_default(&self, first: bool, out: &mut Vec<u8>) -> bool {
        let default = if first { self.default_first.as_ref().or(self.default.as_ref()) } else { self.default.as_ref() };
        default.inspect(|default| out.extend_from_slice(default)).is_some()
    }

    /// Writes the value that the vendor holds and says whether it could.
    #[inline]
    pub(crate) fn write<'d, N: Node<'d>>(&self, node: N, context: &Context<'_>, out: &mut Vec<u8>) -> bool {
        let view = node.view();
        match view {
            View::Null => return false,
            View::Text("") if self.empty_is_null => return false,
            View::Text(text) if matches!(self.way, Way::Text) => {
                write_text(out, text);
                return true;
            }
            View::List | View::Object => return self.write_whole(node, view, context, out),
            View::Unsigned(0) | View::Signed(0) | View::Text("0") if self.zero_is_null => return false,
            View::Float(number) if self.zero_is_null && number == 0.0 => return false,
            View::Bool(_) | View::Unsigned(_) | View::Signed(_) | View::Float(_) | View::Text(_) => (),
        }
        if let (Sink::Text { .. }, Way::Text) = (&self.sink, &self.way) {
            if let View::Unsigned(number) = view {
                return quoted(out, |out| write_unsigned(out, number));
            }
            if let View::Signed(number) = view {
                return quoted(out, |out| write_signed(out, number));
            }
        }
        if let Sink::Texts { separated } = self.sink {
            return self.write_texts_of_scalar(view, separated, context, out);
        }
        if let Sink::Any { encoded: encoded @ (Encoded::Lists | Encoded::Everything) } = self.sink {
            return write_decoded(view, encoded, out);
        }
        if let (Way::Cells(cells, other), [Converter::Table(table)]) = (&self.way, self.chain.as_slice()) {
            let row = match view {
                View::Text(text) => table.keys.find(text),
                other => other.text().and_then(|text| table.keys.find(&text)),
            };
            let cell = match row {
                Some(row) => cells.get(row).and_then(Option::as_ref),
                None => other.as_ref(),
            };
            return cell.inspect(|cell| out.extend_from_slice(cell)).is_some();
        }
        self.convert(view, context).is_some_and(|piece| self.sink.write(piece, context.zone, out))
    }

    /// Whether a value that is there could not be read as the type. Not where it is only a word that no table has.
    pub(crate) fn is_lost(&self, view: View<'_>) -> bool {
        let is_typed = match &self.sink {
            Sink::DateTime | Sink::Date | Sink::Integer { .. } | Sink::Number | Sink::Boolean => true,
            Sink::Text { .. } | Sink::OneOf { .. } | Sink::Texts { .. } | Sink::FreeObject | Sink::Any { .. } => false,
        };
        let is_there = match view {
            View::Null => false,
            View::Text(text) => !text.trim().is_empty() && (!self.zero_is_null || text != "0"),
            View::Unsigned(0) | View::Signed(0) => !self.zero_is_null,
            View::Bool(_) | View::Unsigned(_) | View::Signed(_) | View::Float(_) | View::List | View::Object => true,
        };
        is_typed && is_there && self.chain.iter().all(Converter::reads_types_alone)
    }

    pub(crate) fn convert<'x>(&'x self, view: View<'x>, context: &Context<'x>) -> Option<Piece<'x>> {
        self.chain.iter().try_fold(Piece::of(view)?, |piece, step| step.read(piece, context))
    }

    /// The canonical text, unescaped, where the value is a text that is not empty.
    pub(crate) fn text<'g, 'd: 'g, N: Node<'d>>(
        &'g self,
        node: Option<N>,
        context: &Context<'g>,
    ) -> Option<Cow<'g, str>> {
        let view = node?.view();
        let zero = self.zero_is_null && matches!(view, View::Unsigned(0) | View::Signed(0) | View::Text("0"));
        let text = self.convert(view, context).filter(|_| !zero)?.into_text();
        (!text.is_empty()).then_some(text)
    }

    /// The value as a number; a moment's is its seconds.
    pub(crate) fn number<'g, 'd: 'g, N: Node<'d>>(&'g self, node: N, context: &Context<'g>) -> Option<f64> {
        let piece = self.convert(node.view(), context)?;
        if !matches!(self.sink, Sink::DateTime) && !matches!(piece, Piece::Instant(_)) {
            return piece.float();
        }
        #[expect(clippy::cast_precision_loss, reason = "seconds of the years that RFC 3339 knows are exact")]
        piece.instant().map(|instant| instant.seconds as f64)
    }

    /// Writes a number that was computed, without its fraction where a whole one is wanted.
    pub(crate) fn write_number(&self, number: f64, out: &mut Vec<u8>) -> bool {
        // Binary fractions of prices multiplied: 0.1 times 3 is to be 0.3.
        let rounded = (number * 1e6).round() / 1e6;
        let number = if matches!(self.sink, Sink::Integer { .. }) { rounded.trunc() } else { rounded };
        number.is_finite() && self.sink.write(Piece::Float(number), &Zone::UTC, out)
    }

    /// Writes a list or an object if the type has room for it.
    fn write_whole<'d, N: Node<'d>>(&self, node: N, view: View<'d>, context: &Context<'_>, out: &mut Vec<u8>) -> bool {
        match &self.sink {
            Sink::Texts { .. } if view == View::List => {
                let start = out.len();
                node.elements(|element| {
                    self.write_text_element(element, context, out);
                    true
                });
                close_list(out, start);
                true
            }
            Sink::FreeObject if view == View::Object => copy(node, out),
            // A text made of a list would be the vendor's syntax; only an unconverted value is copied.
            Sink::Any { .. } if self.chain.is_empty() => copy_whole(node, view, out),
            Sink::Text { .. }
            | Sink::OneOf { .. }
            | Sink::DateTime
            | Sink::Date
            | Sink::Integer { .. }
            | Sink::Number
            | Sink::Boolean
            | Sink::Texts { .. }
            | Sink::FreeObject
            | Sink::Any { .. } => false,
        }
    }

    /// A text list of the elements of a list, or of values gathered one by one.
    pub(crate) fn write_texts<'d, N: Node<'d>>(
        &self,
        elements: impl Iterator<Item = N>,
        context: &Context<'_>,
        out: &mut Vec<u8>,
    ) {
        let start = out.len();
        elements.for_each(|element| self.write_text_element(element, context, out));
        close_list(out, start);
    }

    fn write_text_element<'d, N: Node<'d>>(&self, element: N, context: &Context<'_>, out: &mut Vec<u8>) {
        let view = element.view();
        if self.empty_is_null && view == View::Text("") {
            return;
        }
        if let Some(piece) = self.convert(view, context) {
            out.push(b',');
            write_text(out, &piece.into_text());
        }
    }

    fn write_texts_of_scalar(&self, view: View<'_>, separated: bool, context: &Context<'_>, out: &mut Vec<u8>) -> bool {
        let start = out.len();
        if let View::Text(text) = view
            && separated
        {
            for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
                if let Some(piece) = self.convert(View::Text(part), context) {
                    out.push(b',');
                    write_text(out, &piece.into_text());
                }
            }
        } else {
            let Some(piece) = self.convert(view, context) else { return false };
            out.push(b',');
            write_text(out, &piece.into_text());
        }
        close_list(out, start);
        true
    }
}

/// Ends a list whose elements were each written behind a comma: the first comma becomes the bracket.
pub(crate) fn close_list(out: &mut Vec<u8>, start: usize) {
    close(out, start, b'[', b']');
}

/// Ends an object whose members were each written behind a comma.
pub(crate) fn close_object(out: &mut Vec<u8>, start: usize) {
    close(out, start, b'{', b'}');
}

fn close(out: &mut Vec<u8>, start: usize, opening: u8, closing: u8) {
    match out.get_mut(start) {
        Some(comma) => *comma = opening,
        None => out.push(opening),
    }
    out.push(closing);
}

impl Sink {
    fn new(kind: &Kind, separated: bool, encoded: Encoded) -> Self {
        match kind {
            Kind::Text { format: Some(Format::DateTime), .. } => Self::DateTime,
            Kind::Text { format: Some(Format::Date), .. } => Self::Date,
            Kind::Text { one_of, min_length, .. } if one_of.is_empty() => Self::Text { least: *min_length },
            Kind::Text { one_of, .. } => {
                Self::OneOf { values: one_of.clone(), other: one_of.iter().any(|value| value == "other") }
            }
            Kind::Integer { minimum, maximum } => Self::Integer { minimum: *minimum, maximum: *maximum },
            Kind::Number => Self::Number,
            Kind::Boolean => Self::Boolean,
            Kind::List(_) => Self::Texts { separated },
            Kind::Object(_) | Kind::FreeObject => Self::FreeObject,
            Kind::Any => Self::Any { encoded },
        }
    }

    /// Writes a scalar if it can be of the type.
    fn write(&self, piece: Piece<'_>, zone: &Zone, out: &mut Vec<u8>) -> bool {
        match self {
            Self::Text { least } => match piece {
                Piece::Unsigned(number) => quoted(out, |out| write_unsigned(out, number)),
                Piece::Signed(number) => quoted(out, |out| write_signed(out, number)),
                other => {
                    let text = other.into_text();
                    let enough = *least == 0 || text.chars().nth(least - 1).is_some();
                    enough && quoted(out, |out| write_escaped(out, &text))
                }
            },
            Self::OneOf { values, other } => {
                let text = piece.into_text();
                match values.iter().any(|value| *value == *text) {
                    true => write_text(out, &text),
                    false if *other => out.extend_from_slice(b"\"other\""),
                    false => return false,
                }
                true
            }
            Self::DateTime => piece.instant().is_some_and(|instant| quoted(out, |out| instant.write(out))),
            Self::Date => piece.day(zone).is_some_and(|day| quoted(out, |out| day.write(out))),
            Self::Integer { minimum, maximum } => match piece.integer() {
                Some(number)
                    if minimum.is_none_or(|least| number >= least) && maximum.is_none_or(|most| number <= most) =>
                {
                    write_signed(out, number);
                    true
                }
                _ => false,
            },
            Self::Number => piece.number().is_some_and(|number| write_number(&number, out)),
            Self::Boolean => piece.boolean().inspect(|flag| write_bool(*flag, out)).is_some(),
            Self::Any { .. } => match piece {
                Piece::Bool(flag) => {
                    write_bool(flag, out);
                    true
                }
                Piece::Unsigned(_) | Piece::Signed(_) | Piece::Float(_) => write_number(&piece, out),
                other => quoted(out, |out| write_escaped(out, &other.into_text())),
            },
            Self::Texts { .. } | Self::FreeObject => false,
        }
    }
}

fn quoted(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) -> bool {
    out.push(b'"');
    write(out);
    out.push(b'"');
    true
}

fn write_bool(flag: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(if flag { b"true" } else { b"false" });
}

fn write_number(piece: &Piece<'_>, out: &mut Vec<u8>) -> bool {
    match piece {
        Piece::Unsigned(number) => write_unsigned(out, *number),
        Piece::Signed(number) => write_signed(out, *number),
        Piece::Float(number) => return write_float(out, *number),
        Piece::Bool(_) | Piece::Text(_) | Piece::Instant(_) | Piece::Day(_) => return false,
    }
    true
}

/// JSON text inside a text.
fn write_decoded(view: View<'_>, encoded: Encoded, out: &mut Vec<u8>) -> bool {
    let View::Text(text) = view else {
        let plain = Sink::Any { encoded: Encoded::Nothing };
        return Piece::of(view).is_some_and(|piece| plain.write(piece, &Zone::UTC, out));
    };
    match serde_json::from_str::<Value>(text) {
        Ok(value) if encoded == Encoded::Lists && !is_plain_list(&value) => {
            write_text(out, text);
            true
        }
        Ok(Value::Null) => false,
        Ok(value) => {
            let node = &value;
            copy_whole(node, node.view(), out)
        }
        Err(_) => {
            write_text(out, text);
            true
        }
    }
}

/// A list of texts and numbers.
fn is_plain_list(value: &Value) -> bool {
    value.as_array().is_some_and(|list| list.iter().all(|own| own.is_string() || own.is_number()))
}

/// A value of any type. Lists leave out nulls and lists, which the canonical `any` does not hold.
fn copy_whole<'d, N: Node<'d>>(node: N, view: View<'d>, out: &mut Vec<u8>) -> bool {
    if view != View::List {
        return copy(node, out);
    }
    let start = out.len();
    node.elements(|element| {
        if !matches!(element.view(), View::Null | View::List) {
            let before = out.len();
            out.push(b',');
            if !copy(element, out) {
                out.truncate(before);
            }
        }
        true
    });
    close_list(out, start);
    true
}

/// A value as it is. Depth is bounded by the parsers.
fn copy<'d, N: Node<'d>>(node: N, out: &mut Vec<u8>) -> bool {
    match node.view() {
        View::Null => out.extend_from_slice(b"null"),
        View::Bool(flag) => write_bool(flag, out),
        View::Unsigned(number) => write_unsigned(out, number),
        View::Signed(number) => write_signed(out, number),
        View::Float(number) => return write_float(out, number),
        View::Text(text) => write_text(out, text),
        View::List => {
            let start = out.len();
            node.elements(|element| {
                let before = out.len();
                out.push(b',');
                if !copy(element, out) {
                    out.truncate(before);
                }
                true
            });
            close_list(out, start);
        }
        View::Object => {
            let start = out.len();
            let mut members: Vec<(&str, N)> = Vec::new();
            let mut places: HashMap<&str, usize> = HashMap::new();
            node.members(|name, value| match places.entry(name) {
                Entry::Occupied(place) => members[*place.get()].1 = value,
                Entry::Vacant(place) => {
                    place.insert(members.len());
                    members.push((name, value));
                }
            });
            for (name, value) in members {
                let before = out.len();
                out.push(b',');
                write_text(out, name);
                out.push(b':');
                if !copy(value, out) {
                    out.truncate(before);
                }
            }
            close_object(out, start);
        }
    }
    true
}

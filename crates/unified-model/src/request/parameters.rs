//! The query parameters of a read in their types: limit, raw, fields, filter, sort, and whatever a document declares.

use jiff::Timestamp;

use crate::request::findings::{Findings, shortened};
use crate::request::moment;
use crate::request::query::Query;
use crate::request::suggest::{did_you_mean, listed};
use crate::request::validate::{among, length};
use crate::request::{Direction, FieldSelection, Filter, FilterValue, Sort};
use crate::schema::{Access, Format, Kind, ObjectType, ResourceSchema};
use crate::vocabulary::is_blank;

const LIMIT: Kind = Kind::Integer { minimum: Some(1), maximum: Some(200) };
const DEFAULT_LIMIT: u16 = 20;
const INSTANT: &str = "a date and time with zone, such as 2020-09-30T07:43:32Z";

pub(crate) fn limit(query: &Query, findings: &mut Findings) -> u16 {
    let limit = scalar(query, "limit", &LIMIT, findings);
    limit.and_then(|limit| limit.parse().ok()).unwrap_or(DEFAULT_LIMIT)
}

pub(crate) fn raw(query: &Query, findings: &mut Findings) -> bool {
    scalar(query, "raw", &Kind::Boolean, findings).is_some_and(|raw| raw == "true")
}

/// A parameter without brackets, as its type spells it; `None` where it is absent or wrong.
pub(crate) fn scalar(query: &Query, name: &str, kind: &Kind, findings: &mut Findings) -> Option<String> {
    let text = query.scalar(name, findings)?;
    spelt(kind, text).map_err(|message| findings.violation(name, message)).ok()
}

/// The value as its type spells it: `404` for `404.0`, UTC for an instant of any zone. Otherwise what is wrong with it.
pub(crate) fn spelt(kind: &Kind, text: &str) -> Result<String, String> {
    let expected = |expected: &str| must_be(expected, text);
    match kind {
        Kind::Text { format: Some(Format::DateTime), .. } => {
            instant(text).map(|instant| instant.to_string()).ok_or_else(|| expected(INSTANT))
        }
        Kind::Text { format: Some(Format::Date), .. } if !moment::is_date(text) => {
            Err(expected("a date as YYYY-MM-DD"))
        }
        Kind::Text { one_of, min_length, max_length, .. } => {
            among(text, one_of).and_then(|()| length(text, *min_length, *max_length)).map(|()| text.to_owned())
        }
        Kind::Integer { minimum, maximum } => whole(text, *minimum, *maximum)
            .map(|whole| whole.to_string())
            .ok_or_else(|| expected(&format!("a whole number{}", bounds(*minimum, *maximum)))),
        Kind::Number => number(text).map(|number| number.to_string()).ok_or_else(|| expected("a number")),
        Kind::Boolean if matches!(text, "true" | "false") => Ok(text.to_owned()),
        Kind::Boolean => Err(expected("true or false")),
        // No document that has one of these in a query compiles.
        Kind::Object(_) | Kind::FreeObject | Kind::List(_) | Kind::Any => Err("cannot stand in a query".to_owned()),
    }
}

fn must_be(expected: &str, text: &str) -> String {
    format!("must be {expected}; found `{}`", shortened(text))
}

fn whole(text: &str, minimum: Option<i64>, maximum: Option<i64>) -> Option<i64> {
    let whole = text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))?;
    let within = minimum.is_none_or(|minimum| whole >= minimum) && maximum.is_none_or(|maximum| whole <= maximum);
    within.then_some(whole)
}

fn bounds(minimum: Option<i64>, maximum: Option<i64>) -> String {
    match (minimum, maximum) {
        (Some(minimum), Some(maximum)) => format!(" from {minimum} to {maximum}"),
        (Some(minimum), None) => format!(" of at least {minimum}"),
        (None, Some(maximum)) => format!(" of at most {maximum}"),
        (None, None) => String::new(),
    }
}

fn number(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    text.parse().ok().filter(|number: &f64| plain && number.is_finite())
}

/// An instant. `+02:00` that was sent without escaping arrives as ` 02:00`.
fn instant(text: &str) -> Option<Timestamp> {
    moment::instant(text).or_else(|| {
        let (instant, zone) = text.split_at_checked(text.len().checked_sub(6)?)?;
        moment::instant(&format!("{instant}+{}", zone.strip_prefix(' ')?))
    })
}

pub(crate) fn filters(query: &Query, schema: &ResourceSchema, findings: &mut Findings) -> Vec<Filter> {
    let known = || schema.filters.properties.iter().map(|property| property.name.as_str());
    let mut filters = Vec::new();
    for (member, text) in query.members("filter", findings) {
        let at = format!("filter[{}]", shortened(member));
        let Some(property) = schema.filters.property(member) else {
            let message = if schema.filters.properties.is_empty() {
                format!("{} take no filters", schema.resource)
            } else {
                let hint = did_you_mean(member, known());
                format!("is no filter of {}{hint}; there are {}", schema.resource, listed(known()))
            };
            findings.violation(at, message);
            continue;
        };
        match filter_value(&property.kind, text) {
            Ok(value) => filters.push(Filter { field: member.to_owned(), value }),
            Err(expected) => findings.violation(at, must_be(expected, text)),
        }
    }
    filters
}

/// The value in the filter's type, or what would have been right.
fn filter_value(kind: &Kind, text: &str) -> Result<FilterValue, &'static str> {
    // An empty condition would silently match everything, or nothing, depending on the vendor.
    if is_blank(text) {
        return Err("given a value, or left out");
    }
    match kind {
        Kind::Text { format: Some(Format::DateTime), .. } => instant(text).map(FilterValue::Instant).ok_or(INSTANT),
        Kind::Number => number(text).map(FilterValue::Number).ok_or("a number"),
        Kind::Text { .. }
        | Kind::Integer { .. }
        | Kind::Boolean
        | Kind::Object(_)
        | Kind::FreeObject
        | Kind::List(_)
        | Kind::Any => Ok(FilterValue::Text(text.to_owned())),
    }
}

pub(crate) fn sort(query: &Query, schema: &ResourceSchema, findings: &mut Findings) -> Option<Sort> {
    let known = || schema.sorts.iter().map(String::as_str);
    let mut by = None;
    let mut direction = Direction::default();
    for (member, value) in query.members("sort", findings) {
        match (member, value) {
            (_, "") => {}
            ("by", field) if known().any(|name| name == field) => by = Some(field.to_owned()),
            ("by", _) if schema.sorts.is_empty() => {
                findings.violation("sort[by]", format!("{} cannot be sorted", schema.resource));
            }
            ("by", field) => {
                let hint = did_you_mean(field, known());
                let known = listed(known());
                let message = format!("must be one of {known}; found `{}`{hint}", shortened(field));
                findings.violation("sort[by]", message);
            }
            ("direction", "asc") => direction = Direction::Ascending,
            ("direction", "desc") => direction = Direction::Descending,
            ("direction", other) => {
                let message = format!("must be asc or desc; found `{}`", shortened(other));
                findings.violation("sort[direction]", message);
            }
            (other, _) => {
                let at = format!("sort[{}]", shortened(other));
                findings.violation(at, "is not known; there are sort[by] and sort[direction]");
            }
        }
    }
    by.map(|by| Sort { by, direction })
}

pub(crate) fn fields(query: &Query, record: &ObjectType, findings: &mut Findings) -> Option<FieldSelection> {
    let text = query.scalar("fields", findings)?;
    let mut paths: Vec<String> = Vec::new();
    for path in text.split(',').map(str::trim).filter(|path| !path.is_empty()) {
        if paths.iter().any(|known| known == path) {
            continue;
        }
        match check_path(path, record) {
            Ok(()) => paths.push(path.to_owned()),
            Err(message) => findings.violation("fields", message),
        }
        if findings.is_full() {
            break;
        }
    }
    if paths.is_empty() { None } else { Some(FieldSelection { paths }) }
}

/// Whether the dotted path leads to a member that is answered.
fn check_path(path: &str, record: &ObjectType) -> Result<(), String> {
    let mut object = record;
    let mut names = path.split('.').peekable();
    while let Some(name) = names.next() {
        let Some(property) = object.property(name) else {
            let hint = did_you_mean(name, object.properties.iter().map(|property| property.name.as_str()));
            return Err(format!("`{}` is not a member of {}{hint}", shortened(path), object.name));
        };
        if property.access == Access::WriteOnly {
            return Err(format!("`{}` is never answered", shortened(path)));
        }
        if names.peek().is_none() {
            break;
        }
        object = match below(&property.kind) {
            Below::Members(object) => object,
            Below::Anything => break,
            Below::Nothing => return Err(format!("`{}`: {name} has no members", shortened(path))),
        };
    }
    Ok(())
}

enum Below<'s> {
    Members(&'s ObjectType),
    Anything,
    Nothing,
}

fn below(kind: &Kind) -> Below<'_> {
    match kind {
        Kind::Object(object) => Below::Members(object),
        Kind::List(item) => below(item),
        Kind::FreeObject | Kind::Any => Below::Anything,
        Kind::Text { .. } | Kind::Integer { .. } | Kind::Number | Kind::Boolean => Below::Nothing,
    }
}

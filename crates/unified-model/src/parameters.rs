//! The query parameters of a read in their types: limit, raw, fields, filter and sort.

use crate::findings::{Findings, shortened};
use crate::moment;
use crate::query::Query;
use crate::request::{Direction, FieldSelection, Filter, FilterValue, Sort};
use crate::schema::{Access, Format, Kind, ObjectType, ResourceSchema};
use crate::suggest::{did_you_mean, listed};

const LIMITS: std::ops::RangeInclusive<u16> = 1..=200;
const DEFAULT_LIMIT: u16 = 20;

pub(crate) fn limit(query: &Query, findings: &mut Findings) -> u16 {
    let Some(text) = query.scalar("limit", findings) else { return DEFAULT_LIMIT };
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(limit) if digits && LIMITS.contains(&limit) => limit,
        _ => {
            findings.violation("limit", format!("must be a whole number from 1 to 200; found `{}`", shortened(text)));
            DEFAULT_LIMIT
        }
    }
}

pub(crate) fn raw(query: &Query, findings: &mut Findings) -> bool {
    match query.scalar("raw", findings) {
        Some("true") => true,
        None | Some("false") => false,
        Some(other) => {
            findings.violation("raw", format!("must be true or false; found `{}`", shortened(other)));
            false
        }
    }
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
            Err(expected) => findings.violation(at, format!("must be {expected}; found `{}`", shortened(text))),
        }
    }
    filters
}

/// The value in the filter's type, or what would have been right.
fn filter_value(kind: &Kind, text: &str) -> Result<FilterValue, &'static str> {
    match kind {
        // An empty condition would silently match everything, or nothing, depending on the vendor.
        _ if text.is_empty() => Err("given a value, or left out"),
        Kind::Text { format: Some(Format::DateTime), .. } => moment::instant(text)
            .or_else(|| moment::instant(&repaired(text)))
            .map(FilterValue::Instant)
            .ok_or("a date and time with zone, such as 2020-09-30T07:43:32Z"),
        Kind::Number => {
            let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
            let number = text.parse::<f64>().ok().filter(|number| plain && number.is_finite());
            number.map(FilterValue::Number).ok_or("a number")
        }
        _ => Ok(FilterValue::Text(text.to_owned())),
    }
}

/// `+02:00` that was sent without escaping arrives as ` 02:00`.
fn repaired(text: &str) -> String {
    match text.len().checked_sub(6).and_then(|at| Some((text.get(..at)?, text.get(at..)?))) {
        Some((instant, zone)) if zone.starts_with(' ') => format!("{instant}+{}", &zone[1..]),
        _ => text.to_owned(),
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

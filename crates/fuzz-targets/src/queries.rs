//! The query strings of the CRM API and the Vault API: deep objects, filters, sorts, `pass_through`.
//!
//! The first line is `<resource> <operation>` or `vault <operation id>`, the rest is the query string.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use unified_model::{
    CanonicalSchema, Direction, FilterValue, Operation, PassThroughValue, QueryValues, RequestError, RequestParts,
    Resource, UnifiedRequest, VaultOperation, VaultSchema,
};

use crate::input::{Input, chosen};

/// The most violations that a request is told of.
const MOST_VIOLATIONS: usize = 20;
/// No message quotes more than a little of what was sent.
const LONGEST_VIOLATION: usize = 4096;

/// What is accepted keeps its meaning when it is written down and read once more, and what is refused is told in few words.
pub fn queries(data: &[u8]) {
    let mut input = Input::new(data);
    let first = input.line();
    let Some(query) = input.text() else { return };
    match first.split_once(' ') {
        Some(("vault", operation)) => {
            let schema = VaultSchema::built_in();
            of_vault(chosen(schema.operations(), operation, |operation| operation.id.as_str()), query);
        }
        words => {
            let (resource, operation) = words.unwrap_or((first, "all"));
            let resource = *chosen(Resource::EVERY, resource, |resource| resource.as_str());
            of_crm(resource, *chosen(Operation::EVERY, operation, |operation| operation.as_str()), query);
        }
    }
}

fn of_crm(resource: Resource, operation: Operation, query: &str) {
    match read(resource, operation, query) {
        Ok(request) => {
            check_request(&request);
            let again = read(resource, operation, &written(&request)).expect("what was accepted is accepted again");
            assert_eq!(parts(&request), parts(&again));
        }
        Err(error) => check_refusal(&error),
    }
}

fn read(resource: Resource, operation: Operation, query: &str) -> Result<UnifiedRequest, RequestError> {
    let body = operation.writes().then_some(&br#"{"name":"a","type":"call","title":"a"}"#[..]);
    UnifiedRequest::new(
        CanonicalSchema::built_in(),
        RequestParts { resource, operation, parent: Some("1"), id: Some("1"), query, body },
    )
}

fn check_request(request: &UnifiedRequest) {
    let schema = CanonicalSchema::built_in().resource(request.resource);
    assert!((1..=200).contains(&request.limit));
    assert!(request.cursor.as_deref() != Some(""));
    for filter in &request.filters {
        assert!(schema.filters.property(&filter.field).is_some(), "{} is no filter", filter.field);
        assert!(!matches!(&filter.value, FilterValue::Text(text) if unified_model::is_blank(text)));
    }
    assert!(request.sort.as_ref().is_none_or(|sort| schema.sorts.contains(&sort.by)));
}

fn check_refusal(error: &RequestError) {
    let RequestError::Invalid(violations) = error else { panic!("the ids are possible") };
    assert!((1..=MOST_VIOLATIONS).contains(&violations.len()), "{} violations", violations.len());
    for violation in violations {
        assert!(violation.at.len() + violation.message.len() < LONGEST_VIOLATION, "{violation:?}");
    }
}

/// What a query says, as far as it can be compared.
fn parts(request: &UnifiedRequest) -> String {
    let UnifiedRequest { filters, sort, limit, cursor, fields, raw, pass_through_query, .. } = request;
    format!("{filters:?} {sort:?} {limit} {cursor:?} {fields:?} {raw} {pass_through_query:?}")
}

/// The query that says it.
fn written(request: &UnifiedRequest) -> String {
    let mut pairs = vec![("limit".to_owned(), request.limit.to_string()), ("raw".to_owned(), request.raw.to_string())];
    for filter in &request.filters {
        let value = match &filter.value {
            FilterValue::Text(text) => text.clone(),
            FilterValue::Number(number) => number.to_string(),
            FilterValue::Instant(instant) => instant.to_string(),
        };
        pairs.push((format!("filter[{}]", filter.field), value));
    }
    if let Some(sort) = &request.sort {
        let direction = if sort.direction == Direction::Descending { "desc" } else { "asc" };
        pairs.push(("sort[by]".to_owned(), sort.by.clone()));
        pairs.push(("sort[direction]".to_owned(), direction.to_owned()));
    }
    pairs.extend(request.cursor.iter().map(|cursor| ("cursor".to_owned(), cursor.clone())));
    pairs.extend(request.fields.iter().map(|fields| ("fields".to_owned(), fields.paths.join(","))));
    for (name, value) in &request.pass_through_query {
        write_passed_through(format!("pass_through[{name}]"), value, &mut pairs);
    }
    encoded(&pairs)
}

fn write_passed_through(at: String, value: &PassThroughValue, pairs: &mut Vec<(String, String)>) {
    match value {
        PassThroughValue::Text(text) => pairs.push((at, text.clone())),
        PassThroughValue::List(items) => pairs.extend(items.iter().map(|item| (format!("{at}[]"), item.clone()))),
        PassThroughValue::Nested(members) => {
            for (name, value) in members {
                write_passed_through(format!("{at}[{name}]"), value, pairs);
            }
        }
    }
}

fn encoded(pairs: &[(String, String)]) -> String {
    let encode = |text: &String| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn of_vault(operation: &VaultOperation, query: &str) {
    match operation.check_query(query) {
        Ok(values) => {
            let pairs = known_pairs(query, &values);
            assert_eq!(operation.check_query(&encoded(&pairs)).expect("what was accepted is accepted again"), values);
        }
        Err(error) => check_refusal(&error),
    }
}

/// The values of all names that the query has.
fn known_pairs(query: &str, values: &QueryValues) -> Vec<(String, String)> {
    let mut names: Vec<String> = Vec::new();
    for part in query.split('&') {
        let name = part.split_once('=').map_or(part, |(name, _)| name).replace('+', " ");
        let name = percent_encoding::percent_decode_str(&name).decode_utf8_lossy().into_owned();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let of = |name: &String| values.every(name).iter().map(|value| (name.clone(), value.clone())).collect::<Vec<_>>();
    names.iter().flat_map(of).collect()
}

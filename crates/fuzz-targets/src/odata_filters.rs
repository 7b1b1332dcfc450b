//! Filters of a list at an `OData` service: whatever a caller compares with, the query asks what it would ask anyway.
//!
//! The first line is the resource. Each further line is a parameter, as `filter[name]=O'Hara`, not yet percent-encoded.

use std::sync::LazyLock;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use unified_model::{Filter, FilterValue, Operation, RequestParts, Resource, UnifiedRequest};

use crate::input::{Input, chosen};
use crate::odata_replies::OdataVendor;
use crate::vendor::{Answer, BASE_PATH, Request};

const RESOURCES: [Resource; 4] = [Resource::Companies, Resource::Contacts, Resource::Opportunities, Resource::Users];
static VENDOR: LazyLock<OdataVendor> = LazyLock::new(OdataVendor::new);

/// Every parameter that a list sends.
const PARAMETERS: [&str; 7] = ["$expand", "$inlinecount", "$top", "$skip", "$orderby", "$filter", "$format"];

/// The vendor is asked for what the caller filters by, each value whole and none of it read as a part of the query.
pub fn odata_filters(data: &[u8]) {
    let mut input = Input::new(data);
    let resource = *chosen(&RESOURCES, input.line(), |resource| resource.as_str());
    let Some(text) = input.text() else { return };
    let query = text.lines().filter_map(|line| line.split_once('=')).map(|(name, value)| encoded(name, value));
    let query = query.collect::<Vec<_>>().join("&");
    let parts = RequestParts { resource, operation: Operation::All, parent: None, id: None, query: &query, body: None };
    let Ok(request) = UnifiedRequest::new(unified_model::CanonicalSchema::built_in(), parts) else { return };
    if !request.pass_through_query.is_empty() {
        return;
    }
    let odata = &VENDOR;
    odata.vendor.answers(Answer { status: 200, retry_after: None, body: br#"{"value":[]}"#.to_vec() });
    let outcome = odata.execute(resource, Operation::All, &query).expect("the request is right");
    match (outcome, odata.vendor.requests().as_slice()) {
        // Tables that the mapping looks things up in are asked for before the list.
        (Ok(_), [.., asked]) => check_asked(&request, asked),
        // A value that the vendor's field cannot have finds nothing, without a request.
        (Ok(_) | Err(_), []) => (),
        (outcome, requests) => panic!("{outcome:?} {requests:?}"),
    }
}

fn encoded(name: &str, value: &str) -> String {
    format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC))
}

fn check_asked(request: &UnifiedRequest, asked: &Request) {
    assert!(asked.target.bytes().all(|byte| byte.is_ascii_graphic()), "{asked:?}");
    let (path, query) = asked.target.split_once('?').expect("a list has parameters");
    assert!(path.strip_prefix(BASE_PATH).is_some_and(|name| name[1..].bytes().all(|byte| byte.is_ascii_alphabetic())));
    let mut filter = None;
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').expect("each has a value");
        let (name, value) = (decoded(name), decoded(value));
        assert!(PARAMETERS.contains(&name.as_str()), "`{name}` in {query}");
        if name == "$filter" {
            assert!(filter.replace(value).is_none(), "two filters in {query}");
        }
    }
    assert_eq!(filter.is_none(), request.filters.is_empty());
    if let Some(filter) = filter {
        check_filter(&request.filters, &filter);
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8().expect("UTF-8").into_owned()
}

/// Reads the whole filter as the protocol does, and finds one condition for each that the caller has, with its value.
fn check_filter(filters: &[Filter], text: &str) {
    let mut rest = text;
    for (place, filter) in filters.iter().enumerate() {
        if place > 0 {
            rest = rest.strip_prefix(" and ").unwrap_or_else(|| panic!("no `and` before `{rest}`"));
        }
        rest = condition(filter, rest);
    }
    assert_eq!(rest, "", "there is more in `{text}` than was asked for");
}

/// Takes one condition; answers what is behind it.
fn condition<'t>(filter: &Filter, text: &'t str) -> &'t str {
    let Some(mut rest) = text.strip_prefix('(') else { return comparison(filter, text) };
    loop {
        rest = comparison(filter, rest);
        match rest.strip_prefix(" or ") {
            Some(more) => rest = more,
            None => return rest.strip_prefix(')').unwrap_or_else(|| panic!("`{rest}` is not the end")),
        }
    }
}

fn comparison<'t>(filter: &Filter, text: &'t str) -> &'t str {
    let name = text.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(text.len());
    let rest = &text[name..];
    let rest = rest.strip_prefix(" eq ").or_else(|| rest.strip_prefix(" ge ")).unwrap_or_else(|| panic!("`{rest}`"));
    let (kind, rest) = rest.split_at(rest.find('\'').unwrap_or_else(|| panic!("`{rest}` is no literal")));
    let (value, rest) = quoted(&rest[1..]);
    match (kind, &filter.value) {
        ("", FilterValue::Text(own)) => assert_eq!(&value, own),
        ("guid", FilterValue::Text(own)) => assert!(value.eq_ignore_ascii_case(own) && value.len() == 36, "{value}"),
        ("datetime", FilterValue::Instant(_)) => {
            value.parse::<jiff::civil::DateTime>().unwrap_or_else(|error| panic!("{value}: {error}"));
        }
        (kind, own) => panic!("`{kind}` stands for {own:?}"),
    }
    rest
}

/// A text up to its final quote, two quotes in it being one; and what is behind it.
fn quoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let (before, after) = rest.split_once('\'').unwrap_or_else(|| panic!("`{text}` has no end"));
        value.push_str(before);
        let Some(more) = after.strip_prefix('\'') else { return (value, after) };
        value.push('\'');
        rest = more;
    }
}

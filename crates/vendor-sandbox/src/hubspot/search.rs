//! `POST …/search`: groups of filters, any of which must hold as a whole; one sort; and a cursor that counts.

use serde_json::{Value, json};

use super::objects::{Holds, Kind};
use super::records::json_body;
use super::replies;
use super::store::{Account, Wanted};
use crate::exchange::{Outcome, Refusal, VendorAnswer, VendorRequest};
use crate::table::{Record, text};

const PAGE_SIZE: usize = 10;
const LARGEST_PAGE: usize = 200;
/// Nothing beyond is ever shown.
const LARGEST_RESULT: usize = 10_000;
const MOST_GROUPS: usize = 5;
const MOST_FILTERS: usize = 6;

struct Filter {
    property: String,
    operator: String,
    value: String,
}

pub(super) fn search(account: &Account, request: &VendorRequest, kind: Kind) -> Outcome {
    let body = json_body(request)?;
    let groups = groups(&body, kind)?;
    let query = text(&body, "query").to_lowercase();
    let limit = whole(&body, "limit", PAGE_SIZE)?;
    if !(1..=LARGEST_PAGE).contains(&limit) {
        return Err(replies::wrong(&format!("The limit must be between 1 and {LARGEST_PAGE}.")));
    }
    let after = whole(&body, "after", 0)?;
    if after + limit > LARGEST_RESULT {
        return Err(replies::wrong("Paging beyond 10,000 results is not possible."));
    }
    let holds = |record: &&Record, filter: &Filter| is_met(account, record, kind, filter);
    let mut found: Vec<&Record> = account
        .table(kind)
        .records()
        .filter(|record| groups.is_empty() || groups.iter().any(|group| group.iter().all(|own| holds(record, own))))
        .filter(|record| query.is_empty() || mentions(account, record, kind, &query))
        .collect();
    sort(account, &body, kind, &mut found)?;
    let names = body.get("properties").and_then(Value::as_array).into_iter().flatten();
    let wanted = Wanted::properties(names.filter_map(Value::as_str).map(str::to_owned).collect());
    let page: Vec<Value> =
        found.iter().skip(after).take(limit).map(|record| account.show(kind, record, &wanted)).collect();
    let next = after + page.len();
    let mut answer = json!({"total": found.len(), "results": page});
    if next < found.len() {
        answer["paging"] = json!({"next": {"after": next.to_string()}});
    }
    Ok(VendorAnswer::json(200, &answer))
}

fn groups(body: &Record, kind: Kind) -> Result<Vec<Vec<Filter>>, Refusal> {
    let groups = body.get("filterGroups").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if groups.len() > MOST_GROUPS {
        return Err(replies::wrong("There are too many filter groups."));
    }
    groups.iter().map(|group| filters(group, kind)).collect()
}

fn filters(group: &Value, kind: Kind) -> Result<Vec<Filter>, Refusal> {
    let filters = group["filters"].as_array().map(Vec::as_slice).unwrap_or_default();
    if filters.len() > MOST_FILTERS {
        return Err(replies::wrong("There are too many filters in a group."));
    }
    let read = |filter: &Value| {
        let named = |member: &str| filter[member].as_str().unwrap_or_default().to_owned();
        let (property, operator) = (named("propertyName"), named("operator"));
        if kind.property(&property).is_none() {
            return Err(replies::wrong(&format!("There is no property `{property}`.")));
        }
        let value = match &filter["value"] {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        match operator.as_str() {
            "EQ" | "NEQ" | "LT" | "LTE" | "GT" | "GTE" | "CONTAINS_TOKEN" | "HAS_PROPERTY" | "NOT_HAS_PROPERTY" => {
                Ok(Filter { property, operator, value })
            }
            _ => Err(replies::wrong(&format!("Invalid operator: {operator}"))),
        }
    };
    filters.iter().map(read).collect()
}

fn is_met(account: &Account, record: &Record, kind: Kind, filter: &Filter) -> bool {
    let Some(own) = account.value(record, &filter.property) else {
        return matches!(filter.operator.as_str(), "NEQ" | "NOT_HAS_PROPERTY");
    };
    let is_number = kind.property(&filter.property).is_some_and(|property| property.holds == Holds::Number);
    let order = if is_number {
        let number = |text: &str| text.parse::<f64>().unwrap_or(f64::NAN);
        number(&own).partial_cmp(&number(&filter.value))
    } else {
        // Instants are compared as what they mean, whether they come as text or as milliseconds.
        Some(comparable(&own).cmp(&comparable(&filter.value)))
    };
    let Some(order) = order else { return false };
    match filter.operator.as_str() {
        "EQ" => order.is_eq(),
        "NEQ" => order.is_ne(),
        "LT" => order.is_lt(),
        "LTE" => order.is_le(),
        "GT" => order.is_gt(),
        "GTE" => order.is_ge(),
        "CONTAINS_TOKEN" => own.to_lowercase().split(' ').any(|token| token == filter.value.to_lowercase()),
        "HAS_PROPERTY" => true,
        _ => false,
    }
}

fn comparable(text: &str) -> String {
    let instant = text.parse::<jiff::Timestamp>().ok();
    let instant = instant.or_else(|| {
        let millis = text.parse().ok().filter(|millis: &i64| *millis > 100_000_000_000)?;
        jiff::Timestamp::from_millisecond(millis).ok()
    });
    instant.map_or_else(|| text.to_lowercase(), |instant| instant.to_string())
}

/// Whether one of the properties that are searched has the text.
fn mentions(account: &Account, record: &Record, kind: Kind, query: &str) -> bool {
    let searched: &[&str] = match kind {
        Kind::Contact => &["firstname", "lastname", "email", "phone", "company"],
        Kind::Company => &["name", "domain", "phone", "website"],
    };
    searched.iter().filter_map(|name| account.value(record, name)).any(|own| own.to_lowercase().contains(query))
}

/// By the one sort that is taken: a name, or a name with a direction.
fn sort(account: &Account, body: &Record, kind: Kind, found: &mut [&Record]) -> Result<(), Refusal> {
    let Some(sort) = body.get("sorts").and_then(Value::as_array).and_then(|sorts| sorts.first()) else { return Ok(()) };
    let (name, descends) = match sort {
        Value::String(name) => (name.trim_start_matches('-'), name.starts_with('-')),
        other => (other["propertyName"].as_str().unwrap_or_default(), other["direction"] == "DESCENDING"),
    };
    if kind.property(name).is_none() {
        return Err(replies::wrong(&format!("There is no property `{name}`.")));
    }
    found.sort_by_cached_key(|record| account.value(record, name).map(|own| comparable(&own)));
    if descends {
        found.reverse();
    }
    Ok(())
}

fn whole(body: &Record, member: &str, default: usize) -> Result<usize, Refusal> {
    let number = match body.get(member) {
        None | Some(Value::Null) => Some(default),
        Some(Value::String(text)) => text.parse().ok(),
        Some(other) => other.as_u64().and_then(|number| usize::try_from(number).ok()),
    };
    // Far beyond any list, and far from what a sum could overflow.
    number.filter(|number| *number <= 1 << 32).ok_or_else(|| replies::wrong(&format!("{member} is not a number.")))
}

//! What lists can be asked: each filter and sort on offer, alone and together, with values that records have.

use std::collections::BTreeSet;
use std::fmt;

use connector_catalog::{Comparison, ListWay};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use unified_model::Resource;

use super::connected::Connected;

/// The most values that one filter is asked for.
const MOST_VALUES: usize = 3;

/// A list, narrowed and sorted.
#[derive(Debug, Clone)]
pub struct Question {
    pub resource: Resource,
    pub filters: Vec<(String, Comparison, String)>,
    /// By, descending.
    pub sort: Option<(String, bool)>,
}

impl Question {
    pub fn plain(resource: Resource) -> Self {
        Self { resource, filters: Vec::new(), sort: None }
    }

    /// As the caller sends it, percent-encoded.
    pub fn query(&self) -> String {
        let filters = self
            .filters
            .iter()
            .map(|(name, _, value)| format!("filter[{name}]={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
        let sort = self.sort.iter().map(|(by, descending)| {
            format!("sort[by]={by}&sort[direction]={}", if *descending { "desc" } else { "asc" })
        });
        filters.chain(sort).collect::<Vec<_>>().join("&")
    }

    /// What the filters of the contract mean for a canonical record.
    pub fn is_met_by(&self, record: &Value) -> bool {
        self.filters.iter().all(|(name, comparison, wanted)| {
            texts(record, name).iter().any(|found| match comparison {
                Comparison::Eq => found.to_lowercase() == wanted.to_lowercase(),
                // Instants of one form and one zone compare as texts.
                Comparison::Ge => found >= wanted,
                Comparison::Contains => found.to_lowercase().contains(&wanted.to_lowercase()),
            })
        })
    }

    /// Texts may be ordered with or without regard to case, and nothing may come first or last, but all in one place.
    pub fn is_sorted(&self, records: &[Value]) -> Result<(), String> {
        let Some((by, descending)) = &self.sort else { return Ok(()) };
        let keys: Vec<Key> = records.iter().map(|record| Key::of(&record[by])).collect();
        let is_nothing = |key: &Key| matches!(key, Key::Nothing);
        let something: Vec<&Key> = keys.iter().filter(|key| !is_nothing(key)).collect();
        let nothing = keys.len() - something.len();
        let at_one_end = keys.iter().take(nothing).all(is_nothing) || keys.iter().rev().take(nothing).all(is_nothing);
        let ordered = |fold: bool| {
            something.windows(2).all(|pair| {
                let order = pair[0].compare(pair[1], fold);
                if *descending { order.is_ge() } else { order.is_le() }
            })
        };
        if at_one_end && (ordered(false) || ordered(true)) { Ok(()) } else { Err(format!("is out of order: {keys:?}")) }
    }
}

impl fmt::Display for Question {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let filters: Vec<String> = self
            .filters
            .iter()
            .map(|(name, comparison, value)| format!("filter[{name}] {comparison:?} {value}"))
            .collect();
        write!(formatter, "{}?{}", self.resource, filters.join("&"))?;
        match &self.sort {
            Some((by, true)) => write!(formatter, " sorted by {by}, descending"),
            Some((by, false)) => write!(formatter, " sorted by {by}"),
            None => Ok(()),
        }
    }
}

/// What a record is ordered by.
#[derive(Debug)]
enum Key {
    Nothing,
    Number(f64),
    Text(String),
}

impl Key {
    fn of(value: &Value) -> Self {
        match value {
            Value::String(text) if !text.is_empty() => Self::Text(text.clone()),
            Value::Number(number) => Self::Number(number.as_f64().unwrap()),
            // A list is ordered by its first.
            Value::Array(items) => items.first().map_or(Self::Nothing, |item| Self::of(&item["email"])),
            _ => Self::Nothing,
        }
    }

    fn compare(&self, other: &Self, fold: bool) -> std::cmp::Ordering {
        match (self, other) {
            (Self::Number(own), Self::Number(other)) => own.total_cmp(other),
            (Self::Text(own), Self::Text(other)) if fold => own.to_lowercase().cmp(&other.to_lowercase()),
            (Self::Text(own), Self::Text(other)) => own.cmp(other),
            _ => std::cmp::Ordering::Equal,
        }
    }
}

/// The values of a record that a filter looks at.
fn texts(record: &Value, filter: &str) -> Vec<String> {
    let inner = |list: &str, member: &str| {
        record[list]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|item| item[member].as_str())
            .map(str::to_owned)
            .collect()
    };
    match filter {
        "email" => inner("emails", "email"),
        "phone_number" => inner("phone_numbers", "number"),
        "updated_since" => texts(record, "updated_at"),
        "created_since" => texts(record, "created_at"),
        "row_type_id" => texts(&record["row_type"], "id"),
        member => match &record[member] {
            Value::String(text) if !text.is_empty() => vec![text.clone()],
            Value::Number(number) => vec![number.to_string()],
            _ => Vec::new(),
        },
    }
}

/// The questions worth asking: every filter with some of its values, every set of filters that go together with values of one
/// record, every sort both ways, and each sort with each filter that it goes with.
pub fn questions(vendor: &Connected, resource: Resource, whole: &[Value]) -> Vec<Question> {
    let (Some(plan), Some(covered)) = (&vendor.entities(resource)[0].all, vendor.covered(resource)) else {
        return Vec::new();
    };
    let mut asked = BTreeSet::new();
    let mut questions: Vec<Question> = Vec::new();
    for way in &plan.ways {
        for filters in filter_sets(way, whole) {
            let names: Vec<&str> = filters.iter().map(|(name, ..)| name.as_str()).collect();
            let sorts = way.sorts.iter().flat_map(|by| [Some((by.clone(), false)), Some((by.clone(), true))]);
            // Sorts are tried with one set of values each, both ways where nothing narrows the list.
            let first = asked.insert(names.join(","));
            let sorts = sorts.filter(|_| first && names.len() != 2).step_by(if names.is_empty() { 1 } else { 3 });
            for sort in std::iter::once(None).chain(sorts) {
                let carried = plan.choose(&names, sort.as_ref().map(|(by, _)| by.as_str())).is_ok();
                let question = Question { resource, filters: filters.clone(), sort };
                let is_covered = names.iter().all(|name| covered.filters.iter().any(|own| own == name));
                // What a setting does to every resource alike, it does to instants.
                let is_about = !vendor.is_alike_elsewhere() || names.iter().any(|name| name.ends_with("_since"));
                if carried && is_covered && is_about && questions.iter().all(|known| known.query() != question.query())
                {
                    questions.push(question);
                }
            }
        }
    }
    questions
}

/// No filter, each filter alone with several values, each pair and all together with values of one record.
fn filter_sets(way: &ListWay, whole: &[Value]) -> Vec<Vec<(String, Comparison, String)>> {
    let is_free = |names: &[&String]| way.needs.iter().all(|needed| names.contains(&needed));
    let mut sets = Vec::new();
    if is_free(&[]) {
        sets.push(Vec::new());
    }
    for (name, comparison) in way.filters.iter().filter(|(name, _)| is_free(&[name])) {
        let values: BTreeSet<String> = whole.iter().flat_map(|record| texts(record, name)).collect();
        let step = values.len().div_ceil(MOST_VALUES).max(1);
        sets.extend(values.iter().step_by(step).map(|value| vec![(name.clone(), *comparison, value.clone())]));
        if *comparison == Comparison::Ge {
            for value in ["1970-01-01T00:00:01.000Z", "2099-01-01T00:00:00.000Z"] {
                sets.push(vec![(name.clone(), *comparison, value.to_owned())]);
            }
        }
    }
    let mut masks: Vec<u32> = (0..1_u32 << way.filters.len()).filter(|mask| mask.count_ones() == 2).collect();
    if way.filters.len() > 2 {
        masks.push((1 << way.filters.len()) - 1);
    }
    for mask in masks {
        let together: Vec<&(String, Comparison)> =
            way.filters.iter().enumerate().filter(|(at, _)| mask & (1 << at) != 0).map(|(_, filter)| filter).collect();
        let names: Vec<&String> = together.iter().map(|(name, _)| name).collect();
        let of = |record: &Value| -> Option<Vec<(String, Comparison, String)>> {
            let value = |(name, comparison): &&(String, Comparison)| {
                Some((name.clone(), *comparison, texts(record, name).into_iter().next()?))
            };
            together.iter().map(value).collect()
        };
        if is_free(&names) {
            sets.extend(whole.iter().filter_map(of).step_by(whole.len().div_ceil(2).max(1)).take(2));
        }
    }
    sets
}

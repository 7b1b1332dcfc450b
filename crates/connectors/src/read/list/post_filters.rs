//! Filters that the gateway applies to each listed record: where no request carries them, and where the vendor's answer is wider.

use connector_catalog::{Comparison, ListWay, Plan, PostFilter, ShownAt};
use field_mapping::{Context, VendorPath};
use jiff::Timestamp;
use serde_json::{Map, Value};
use unified_model::schema::Kind;
use unified_model::{Filter, FilterValue, UnifiedRequest};

use crate::call::ids::as_text;
use crate::request::filters;

/// What every record of a list must show.
pub(super) struct PostFilters<'p> {
    plan: &'p Plan,
    list: Vec<(&'p PostFilter, &'p Filter)>,
}

impl<'p> PostFilters<'p> {
    pub(super) fn of(plan: &'p Plan, way: &'p ListWay, request: &'p UnifiedRequest) -> Self {
        let asked = |own: &'p PostFilter| {
            request.filters.iter().find(|filter| filter.field == own.filter).map(|filter| (own, filter))
        };
        Self { plan, list: way.post_filters.iter().filter_map(asked).collect() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The places, from 0 on, of the records in an answer that do not show what is asked for. What is no JSON is told apart
    /// where the answer is mapped.
    pub(super) fn left_out(&self, answer: &[u8], records: &VendorPath, context: Context<'_>) -> Vec<usize> {
        if self.is_empty() {
            return Vec::new();
        }
        let Ok(mut document) = serde_json::from_slice::<Value>(answer) else { return Vec::new() };
        let found = records.elements_mut(&mut document).into_iter().enumerate();
        let does_not_fit = |(_, record): &(usize, Option<&mut Value>)| match record {
            Some(record) if record.is_object() => !self.fits(record, context),
            _ => false,
        };
        found.filter(does_not_fit).map(|(place, _)| place).collect()
    }

    fn fits(&self, record: &Value, context: Context<'_>) -> bool {
        let needs_canonical = self.list.iter().any(|(own, _)| matches!(own.at, ShownAt::Canonical(_)));
        let mapping = &self.plan.resource().mapping;
        let members = record.as_object().filter(|_| needs_canonical);
        let shown = members.map(|members| mapping.shown(members, context)).unwrap_or_default();
        self.list.iter().all(|(own, filter)| {
            let (values, is_word) = match &own.at {
                ShownAt::Vendor(path) => (several(path.take(record)), false),
                ShownAt::Canonical(names) => (at(&shown, names), self.is_word(names)),
            };
            values.iter().any(|value| holds(value, own.comparison, &filter.value, is_word))
        })
    }

    /// Whether a field has one of a closed set of words, whose capitals say nothing.
    fn is_word(&self, names: &[String]) -> bool {
        let record = &self.plan.schema().record;
        let property = names.first().and_then(|name| record.property(name));
        property.is_some_and(|property| matches!(&property.kind, Kind::Text { one_of, .. } if !one_of.is_empty()))
    }
}

/// The values of a canonical field, or of a member of its items.
fn at(shown: &Map<String, Value>, names: &[String]) -> Vec<Value> {
    let Some((field, member)) = names.split_first() else { return Vec::new() };
    let values = several(shown.get(field).cloned());
    match member.first() {
        None => values,
        Some(member) => values.iter().filter_map(|item| item.get(member).cloned()).collect(),
    }
}

fn several(value: Option<Value>) -> Vec<Value> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(values)) => values,
        Some(one) => vec![one],
    }
}

fn holds(own: &Value, comparison: Comparison, asked: &FilterValue, is_word: bool) -> bool {
    match asked {
        FilterValue::Instant(instant) => own
            .as_str()
            .and_then(|text| text.parse::<Timestamp>().ok())
            .is_some_and(|own| if comparison == Comparison::Ge { own >= *instant } else { own == *instant }),
        FilterValue::Number(number) => {
            let own = own.as_f64().or_else(|| own.as_str()?.trim().parse().ok());
            own.is_some_and(
                |own| {
                    if comparison == Comparison::Ge { own >= *number } else { own.total_cmp(number).is_eq() }
                },
            )
        }
        FilterValue::Text(_) => {
            let (own, asked) = (as_text(own), filters::text(asked));
            match comparison {
                Comparison::Contains => own.contains(&*asked),
                Comparison::Eq | Comparison::Ge if is_word => own.eq_ignore_ascii_case(&asked),
                Comparison::Eq | Comparison::Ge => own == *asked,
            }
        }
    }
}

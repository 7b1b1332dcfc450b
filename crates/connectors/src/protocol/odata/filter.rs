//! One canonical filter as a condition of `$filter`.

use connector_catalog::Comparison;
use field_mapping::{FilterField, Literal, Zone};
use unified_model::FilterValue;

use super::literal::{DateTime, Guid, Number, Text};
use crate::request::{filters, since};

/// The condition; `None`: the vendor's field can have no such value.
pub(crate) fn condition(
    field: &FilterField,
    comparison: Comparison,
    value: &FilterValue,
    zone: &Zone,
) -> Option<String> {
    let literal = literal(field.literal, value, zone)?;
    let compared: Vec<String> = field.at.iter().map(|name| compare(name, comparison, &literal)).collect();
    Some(match compared.as_slice() {
        [only] => only.clone(),
        several => format!("({})", several.join(" or ")),
    })
}

fn compare(name: &str, comparison: Comparison, literal: &str) -> String {
    match comparison {
        Comparison::Eq => format!("{name} eq {literal}"),
        Comparison::Ge => format!("{name} ge {literal}"),
        Comparison::Contains => format!("substringof({literal},{name})"),
    }
}

fn literal(kind: Literal, value: &FilterValue, zone: &Zone) -> Option<String> {
    if let FilterValue::Instant(instant) = value {
        let kind = if kind == Literal::Date { kind } else { Literal::LocalTime };
        return Some(DateTime::of(since::clock(*instant, kind, zone)).to_string());
    }
    let text = filters::text(value);
    match kind {
        Literal::Text | Literal::LocalTime | Literal::Date => Some(Text(&text).to_string()),
        Literal::Guid => Guid::parse(&text).map(|literal| literal.to_string()),
        Literal::Number => Number::parse(&text).map(|literal| literal.to_string()),
    }
}

#[cfg(test)]
mod tests;

//! Moments that follow from another one and a difference: the end of a meeting from its beginning and its duration.

use serde_json::{Map, Value};
use unified_model::Warning;
use unified_model::answer::WarningKind;

use crate::check::checked::{Arithmetic, Body, CheckedMapping, Computed, Field};
use crate::file::Mode;
use crate::value::moment::Instant;

/// What is sent, with the moments that follow from it. `held` is the record as callers see it. A moment that is sent itself
/// counts, and the caller is warned where the difference says another.
pub(crate) fn completed(
    checked: &CheckedMapping,
    sent: &Map<String, Value>,
    held: &Map<String, Value>,
) -> (Map<String, Value>, Vec<Warning>) {
    let (mut all, mut warnings) = (sent.clone(), Vec::new());
    for (field, computed, end, start) in differences(checked) {
        let Some(amount) = sent.get(&field.name).and_then(Value::as_f64) else { continue };
        let moment = |name: &String| sent.get(name).filter(|own| !own.is_null()).or_else(|| held.get(name));
        let Some(start) = moment(start).and_then(parsed) else {
            let message = format!("it needs `{start}`, which the record lacks; it was not written");
            warnings.push(Warning::about_field(WarningKind::ValueChanged, &field.name, message));
            continue;
        };
        let Some(follows) = after(start, amount * computed.divided_by) else { continue };
        match all.get(end).filter(|own| !own.is_null()) {
            None => drop(all.insert(end.clone(), Value::String(follows.to_text()))),
            Some(own) if parsed(own).is_none_or(|own| own.seconds != follows.seconds) => {
                let message = format!("`{end}` says another, and was written instead");
                warnings.push(Warning::about_field(WarningKind::ValueChanged, &field.name, message));
            }
            Some(_) => (),
        }
    }
    (all, warnings)
}

/// Whether a difference that is sent as it was read still says something: its beginning is another one, and its end was not sent.
pub(super) fn moves(
    checked: &CheckedMapping,
    field: &str,
    changes: &Map<String, Value>,
    unchanged: &Map<String, Value>,
) -> bool {
    differences(checked).any(|(own, _, end, start)| {
        own.name == field && changes.contains_key(start) && !changes.contains_key(end) && !unchanged.contains_key(end)
    })
}

/// The differences that are written, each with the end and the beginning that it lies between.
fn differences(checked: &CheckedMapping) -> impl Iterator<Item = (&Field, &Computed, &String, &String)> {
    checked.fields.iter().filter(|field| field.mode != Mode::Read).filter_map(|field| {
        let Body::Computed(computed) = &field.body else { return None };
        let ([end, start], Arithmetic::Difference) = (computed.parts.as_slice(), computed.how) else { return None };
        Some((field, computed, end, start))
    })
}

fn parsed(value: &Value) -> Option<Instant> {
    Instant::parse(value.as_str()?)
}

#[expect(clippy::cast_possible_truncation, reason = "what is beyond the years that RFC 3339 knows is no moment")]
fn after(start: Instant, seconds: f64) -> Option<Instant> {
    let seconds = start.seconds.checked_add(seconds.round() as i64)?;
    Instant::from_plain_seconds(seconds, start.nanos)
}

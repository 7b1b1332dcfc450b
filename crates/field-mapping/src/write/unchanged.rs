//! What is sent as it was read changes nothing: it is left out before anything is written, and told where another field moved it.

use serde_json::{Map, Value};
use unified_model::Warning;
use unified_model::answer::WarningKind;

use super::list::alike::alike;
use crate::check::checked::{Body, CheckedMapping, Field};
use crate::file::Mode;

/// What a caller sends, divided by whether the record shows it already.
pub(super) struct Divided {
    pub(super) changes: Map<String, Value>,
    unchanged: Map<String, Value>,
}

impl Divided {
    /// `held` is the record as the caller can read it.
    pub(super) fn of(checked: &CheckedMapping, sent: &Map<String, Value>, held: &Map<String, Value>) -> Self {
        let (mut changes, mut unchanged) = (Map::new(), Map::new());
        for (name, value) in sent {
            let field = checked.fields.iter().find(|field| field.name == *name);
            let is_held = field.is_some_and(|field| is_held(checked, field, value, held));
            let side = if is_held { &mut unchanged } else { &mut changes };
            side.insert(name.clone(), value.clone());
        }
        let moving = |name: &&String| super::follow::moves(checked, name, &changes, &unchanged);
        for name in unchanged.keys().filter(moving).cloned().collect::<Vec<_>>() {
            changes.extend(unchanged.remove_entry(&name));
        }
        Self { changes, unchanged }
    }

    /// Warns of what was sent as it was, and is something else now: another field is kept in the same place.
    pub(super) fn moved(&self, checked: &CheckedMapping, now: &Map<String, Value>) -> Vec<Warning> {
        let fields = checked.fields.iter().filter(|field| field.mode != Mode::Read);
        let moved = fields
            .filter(|field| self.unchanged.get(&field.name).is_some_and(|sent| !is_held(checked, field, sent, now)));
        moved.map(|field| Warning::about_field(WarningKind::ValueChanged, &field.name, message(field))).collect()
    }

    /// Whether there is anything that could have been moved.
    pub(super) fn has_unchanged(&self) -> bool {
        !self.unchanged.is_empty()
    }
}

fn is_held(checked: &CheckedMapping, field: &Field, sent: &Value, held: &Map<String, Value>) -> bool {
    let nothing = Value::Null;
    let held = held.get(&field.name).unwrap_or(&nothing);
    let is_empty = checked.empty_is_null && sent == "";
    alike(&field.property.kind, sent, held) || (is_empty && held.is_null())
}

fn message(field: &Field) -> String {
    if let Body::Join { parts, .. } = &field.body {
        return format!("it is made of {}, which were written instead", parts.join(", "));
    }
    "it was sent as it was, and changed with another field that is kept in the same place".to_owned()
}

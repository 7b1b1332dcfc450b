//! What new records begin with, as a form asks for it.

use connection_vault::RecordDefault;
use connector_catalog::ConnectorDefinition;
use serde::Serialize;
use unified_model::{Format, Kind, Resource};

use super::FormOption;

/// A default with what a form draws it by. What no control can hold, such as a list of objects, has no `type`.
#[derive(Clone, Serialize)]
pub(in crate::http::vault) struct DefaultField {
    #[serde(flatten)]
    default: RecordDefault,
    label: String,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    control: Option<&'static str>,
    required: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    options: Vec<FormOption>,
}

impl DefaultField {
    /// The form of a resource: a field for each default that it has.
    pub(in crate::http::vault) fn every(
        connector: &ConnectorDefinition,
        resource: Resource,
        defaults: &[RecordDefault],
    ) -> Vec<Self> {
        let record = &connector.schema.resource(resource).record;
        let field = |default: &RecordDefault| {
            let kind = record.property(&default.id).map(|property| &property.kind);
            let (control, options) = kind.map_or((control_of(&default.value), &[][..]), control);
            Self {
                default: default.clone(),
                label: in_words(&default.id),
                control,
                required: false,
                options: every(options),
            }
        };
        defaults.iter().map(field).collect()
    }
}

/// What a member of a record is entered with, and the values that it takes.
fn control(kind: &Kind) -> (Option<&'static str>, &[String]) {
    match kind {
        Kind::Text { one_of, .. } if !one_of.is_empty() => (Some("select"), one_of),
        Kind::Text { format: Some(Format::Date), .. } => (Some("date"), &[]),
        Kind::Text { .. } => (Some("text"), &[]),
        Kind::Integer { .. } | Kind::Number => (Some("number"), &[]),
        Kind::Boolean => (Some("checkbox"), &[]),
        Kind::Object(_) | Kind::FreeObject | Kind::List(_) | Kind::Any => (None, &[]),
    }
}

/// What a custom field is entered with: only its value says what it holds.
fn control_of(value: &serde_json::Value) -> Option<&'static str> {
    use serde_json::Value;
    match value {
        Value::String(_) => Some("text"),
        Value::Number(_) => Some("number"),
        Value::Bool(_) => Some("checkbox"),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn every(options: &[String]) -> Vec<FormOption> {
    options.iter().map(|option| FormOption::simple(option, option)).collect()
}

/// `owner_id` as `Owner id`.
fn in_words(id: &str) -> String {
    let spaced = id.replace('_', " ");
    let mut letters = spaced.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

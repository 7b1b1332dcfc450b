//! A connection's settings: as a form asks for them, and as far as they may be shown.

use std::collections::BTreeMap;

use connection_vault::ConnectionView;
use connector_catalog::{Setting, SettingInput};
use serde::Serialize;
use serde_json::Value;

/// A setting as a form asks for it.
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "as the contract has it")]
pub(super) struct FormField {
    id: String,
    label: String,
    #[serde(rename = "type")]
    input: SettingInput,
    required: bool,
    custom_field: bool,
    allow_custom_values: bool,
    disabled: bool,
    hidden: bool,
    sensitive: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    placeholder: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// What it is set to; never of what is sensitive.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    options: Vec<FormOption>,
}

#[derive(Serialize)]
struct FormOption {
    label: String,
    value: String,
    /// There are groups of options in the contract, too.
    option_type: &'static str,
}

/// The settings that may be shown; a checkbox is true or false.
pub(super) fn settings(view: &ConnectionView) -> BTreeMap<String, Value> {
    let is_checkbox = |name: &String| {
        let mut settings = view.connector.settings.iter();
        settings.any(|setting| setting.name == *name && setting.input == SettingInput::Checkbox)
    };
    let shown = view.settings.iter().map(|(name, text)| {
        let value = if is_checkbox(name) { Value::Bool(text == "true") } else { Value::String(text.clone()) };
        (name.clone(), value)
    });
    shown.collect()
}

impl FormField {
    pub(super) fn of(setting: &Setting, value: Option<&Value>) -> Self {
        let options = setting.options.iter().map(|option| FormOption {
            label: option.clone(),
            value: option.clone(),
            option_type: "simple",
        });
        let is_select = setting.input == SettingInput::Select;
        Self {
            id: setting.name.clone(),
            label: setting.label.clone(),
            input: setting.input,
            required: setting.required,
            custom_field: false,
            allow_custom_values: false,
            disabled: false,
            hidden: false,
            sensitive: setting.sensitive,
            placeholder: setting.default.clone(),
            description: setting.help.clone(),
            value: value.cloned(),
            options: if is_select { options.collect() } else { Vec::new() },
        }
    }
}

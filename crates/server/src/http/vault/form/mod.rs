//! A connection's settings: as a form asks for them, and as far as they may be shown.

pub(super) mod defaults;

use std::collections::BTreeMap;

use connection_vault::ConnectionView;
use connector_catalog::{Setting, SettingInput};
use serde::Serialize;
use serde_json::Value;

/// In place of a secret, which never comes out.
const STORED: &str = "Stored; leave it empty to keep it";

/// A setting as a form asks for it.
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "as the contract has it")]
pub(super) struct FormField {
    id: String,
    label: String,
    #[serde(rename = "type")]
    control: Control,
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

/// The controls that every known connect page draws. Forms use no others: a field without a control cannot be filled in.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Control {
    Text,
    Password,
    Select,
}

impl Control {
    /// What a value is entered with. What is entered is checked against the setting's own input when it is saved.
    fn of(input: SettingInput) -> Self {
        match input {
            SettingInput::Text | SettingInput::Email | SettingInput::Url => Self::Text,
            SettingInput::Password => Self::Password,
            SettingInput::Select | SettingInput::Checkbox => Self::Select,
        }
    }
}

#[derive(Clone, Serialize)]
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

impl FormOption {
    fn simple(value: &str, label: &str) -> Self {
        Self { label: label.to_owned(), value: value.to_owned(), option_type: "simple" }
    }
}

impl FormField {
    /// A setting of this connection. What is stored is not asked for again.
    pub(super) fn of(setting: &Setting, view: &ConnectionView) -> Self {
        let is_stored = view.stored_secrets.contains(&setting.name);
        Self {
            id: setting.name.clone(),
            label: setting.label.clone(),
            control: Control::of(setting.input),
            required: setting.required && setting.default.is_none() && !is_stored,
            custom_field: false,
            allow_custom_values: false,
            disabled: false,
            hidden: false,
            sensitive: setting.sensitive,
            placeholder: if is_stored { Some(STORED.to_owned()) } else { placeholder(setting) },
            description: setting.help.clone(),
            value: view.settings.get(&setting.name).map(|value| Value::String(value.clone())),
            options: options(setting),
        }
    }
}

/// What counts where nothing is entered, as the form words it.
fn placeholder(setting: &Setting) -> Option<String> {
    let default = setting.default.as_deref()?;
    Some(if setting.input == SettingInput::Checkbox { yes_or_no(default) } else { default }.to_owned())
}

fn options(setting: &Setting) -> Vec<FormOption> {
    let label = |option: &str| match setting.input {
        SettingInput::Checkbox => yes_or_no(option).to_owned(),
        SettingInput::Text
        | SettingInput::Email
        | SettingInput::Password
        | SettingInput::Url
        | SettingInput::Select => option.to_owned(),
    };
    setting.options.iter().map(|option| FormOption::simple(option, &label(option))).collect()
}

fn yes_or_no(checked: &str) -> &'static str {
    if checked == "true" { "Yes" } else { "No" }
}

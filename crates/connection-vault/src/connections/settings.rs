//! Settings against a connector's definition: what does not fit, what is missing, what may be shown.

use std::collections::BTreeMap;

use crate::error::SettingProblem;
use connector_catalog::{ConnectorDefinition, Setting, SettingInput, Template, Zone};
use secrecy::{ExposeSecret, SecretString};

const LARGEST_VALUE_BYTES: usize = 8 * 1024;

/// Everything that is wrong with the values given.
pub(crate) fn problems(connector: &ConnectorDefinition, given: &BTreeMap<String, SecretString>) -> Vec<SettingProblem> {
    let problem = |(name, value): (&String, &SecretString)| match find(connector, name) {
        Some(setting) => problem(connector, setting, value.expose_secret()),
        None => Some(unknown(connector, name)),
    };
    given.iter().filter_map(problem).collect()
}

/// The definition of a setting.
pub(crate) fn find<'a>(connector: &'a ConnectorDefinition, name: &str) -> Option<&'a Setting> {
    connector.settings.iter().find(|setting| setting.name == name)
}

/// A setting that the connector does not have.
pub(crate) fn unknown(connector: &ConnectorDefinition, name: &str) -> SettingProblem {
    SettingProblem::Unknown {
        setting: name.to_owned(),
        allowed: connector.settings.iter().map(|setting| setting.name.clone()).collect(),
    }
}

/// The required settings that have neither a value nor a default.
pub(crate) fn missing(connector: &ConnectorDefinition, has: impl Fn(&str) -> bool) -> Vec<String> {
    let is_missing = |setting: &&Setting| setting.required && setting.default.is_none() && !has(&setting.name);
    connector.settings.iter().filter(is_missing).map(|setting| setting.name.clone()).collect()
}

fn problem(connector: &ConnectorDefinition, setting: &Setting, value: &str) -> Option<SettingProblem> {
    let malformed = |expected| Some(SettingProblem::Malformed { setting: setting.name.clone(), expected });
    // A line break would end a header; a pasted secret often carries one.
    if value.chars().any(char::is_control) {
        return malformed("one line without control characters");
    }
    if value.len() > LARGEST_VALUE_BYTES {
        return malformed("at most 8 KiB");
    }
    match setting.input {
        SettingInput::Email if !is_email(value) => return malformed("an e-mail address"),
        SettingInput::Url if !is_url(value) => return malformed("an absolute address with https://"),
        SettingInput::Select | SettingInput::Checkbox if !setting.options.iter().any(|option| option == value) => {
            return Some(SettingProblem::Option { setting: setting.name.clone(), allowed: setting.options.clone() });
        }
        SettingInput::Text
        | SettingInput::Email
        | SettingInput::Password
        | SettingInput::Url
        | SettingInput::Select
        | SettingInput::Checkbox => {}
    }
    let names_zone = connector.time_zone.as_ref().and_then(Template::setting) == Some(setting.name.as_str());
    if names_zone && Zone::named(value).is_none() {
        return malformed("the IANA name of a time zone, such as Europe/Zurich");
    }
    let pattern = setting.pattern.as_ref().filter(|pattern| !pattern.regex.is_match(value))?;
    Some(SettingProblem::Pattern { setting: setting.name.clone(), pattern: pattern.source.clone() })
}

fn is_email(value: &str) -> bool {
    let parts = value.split_once('@');
    parts.is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'))
        && !value.contains(char::is_whitespace)
}

/// `http://` passes here: whether a private address may be called is the operator's word, asked when it is called.
fn is_url(value: &str) -> bool {
    let rest = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/')) && !value.contains(char::is_whitespace)
}

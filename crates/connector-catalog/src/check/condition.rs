//! Conditions on settings: each names a setting that exists and a value that it can have.

use crate::check::checker::{Checker, listed};
use crate::file::values::Entries;
use crate::file::{SettingFile, WhenSettingsFile};
use crate::plan::{Condition, SettingInput};
use field_mapping::yaml::Placed;

/// The words that a checkbox says.
pub(crate) const CHECKBOX: [&str; 2] = ["true", "false"];

/// A condition, or one that always holds where none is written.
pub(crate) fn optional(written: Option<&Placed<WhenSettingsFile>>, checker: &mut Checker<'_>) -> Condition {
    let Some(written) = written else { return Condition::default() };
    if written.value.settings.0.is_empty() {
        checker.mistake(written.place, "`when.settings` is empty; name a setting and its value");
    }
    settings(&written.value.settings, checker)
}

/// Settings and the values that they must have.
pub(crate) fn settings(written: &Entries<Placed<String>>, checker: &mut Checker<'_>) -> Condition {
    for (name, value) in written.iter() {
        let Some(setting) = checker.setting(&name.value) else {
            let known = listed(checker.settings());
            checker
                .mistake(name.place, format!("`when`: there is no setting `{}`; the settings are {known}", name.value));
            continue;
        };
        if is_sensitive(setting) {
            checker.mistake(name.place, format!("`when`: `{}` is sensitive; nothing may depend on it", name.value));
        }
        if let Some(allowed) = values(setting).filter(|allowed| !allowed.contains(&value.value.as_str())) {
            let allowed = listed(allowed);
            let message = format!("`when`: `{}` is never `{}`; allowed are {allowed}", name.value, value.value);
            checker.mistake(value.place, message);
        }
    }
    let settings = written.iter().map(|(name, value)| (name.value.clone(), value.value.clone()));
    Condition { settings: settings.collect() }
}

pub(crate) fn is_sensitive(setting: &SettingFile) -> bool {
    setting.sensitive.unwrap_or_else(|| has_input(setting, SettingInput::Password))
}

fn has_input(setting: &SettingFile, input: SettingInput) -> bool {
    setting.input.as_ref().is_some_and(|written| written.word == Ok(input))
}

/// The values that a setting can have, where they are few.
fn values(setting: &SettingFile) -> Option<Vec<&str>> {
    if has_input(setting, SettingInput::Checkbox) {
        return Some(CHECKBOX.to_vec());
    }
    let options = setting.options.as_ref().filter(|_| has_input(setting, SettingInput::Select))?;
    Some(options.value.iter().map(|option| option.value.as_str()).collect())
}

//! A connection's settings as plans see them, and what may depend on them.

use std::collections::BTreeMap;
use std::fmt;

use super::{ConnectorDefinition, setting_of};

/// The settings of a connection that are not sensitive, defaults included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettingValues(BTreeMap<String, String>);

impl SettingValues {
    /// A setting's value, or its default.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

impl ConnectorDefinition {
    /// The values that plans may depend on, where `given` says what the connection itself has.
    #[must_use]
    pub fn setting_values<'v>(&self, given: impl Fn(&str) -> Option<&'v str>) -> SettingValues {
        let shown = self.settings.iter().filter(|setting| !setting.sensitive);
        let values = shown.filter_map(|setting| {
            let value = given(&setting.name).map(str::to_owned).or_else(|| setting.default.clone())?;
            Some((setting.name.clone(), value))
        });
        SettingValues(values.collect())
    }
}

/// Settings that must have certain values. An empty one always holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Condition {
    /// Each setting and the value that it must have.
    pub settings: BTreeMap<String, String>,
}

impl SettingValues {
    /// The name under which a parameter is sent: as it is written, or what a setting says where it is `{settings.<name>}`.
    #[must_use]
    pub fn parameter<'n>(&'n self, name: &'n str) -> Option<&'n str> {
        match setting_of(name) {
            None => Some(name),
            Some(setting) => self.get(setting).filter(|value| !value.trim().is_empty()),
        }
    }
}

impl Condition {
    /// Whether every setting has its value.
    #[must_use]
    pub fn holds(&self, values: &SettingValues) -> bool {
        self.settings.iter().all(|(name, value)| values.get(name) == Some(value))
    }

    /// Whether it holds whatever the settings are.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.settings.is_empty()
    }

    /// Both conditions at once.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let both = self.settings.iter().chain(&other.settings);
        Self { settings: both.map(|(name, value)| (name.clone(), value.clone())).collect() }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, (name, value)) in self.settings.iter().enumerate() {
            let joint = if position == 0 { "" } else { " and " };
            write!(formatter, "{joint}`{name}: {value}`")?;
        }
        Ok(())
    }
}

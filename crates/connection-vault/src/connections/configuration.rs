//! What new records of a resource begin with, per connection.

use std::collections::BTreeMap;

use super::rows::ConnectionRow;
use crate::core::size;
use crate::error::AdminError;
use connector_catalog::{ConnectorDefinition, ResourceCoverage, coverage, overall};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use unified_model::{Access, ObjectType, Operation, Resource, check_body};

/// What new records begin with, by resource.
pub type Configuration = BTreeMap<Resource, Vec<RecordDefault>>;

/// One member that new records begin with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordDefault {
    /// What it is part of. Not said: of the record, where that has a member of this name, or else a custom field.
    #[serde(default)]
    pub target: Option<DefaultTarget>,
    /// A canonical member of the record, or the id of a custom field.
    pub id: String,
    /// Its value.
    pub value: Value,
}

/// What a default is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DefaultTarget {
    /// A member of the record itself.
    Resource,
    /// One of its custom fields.
    CustomFields,
}

/// The canonical member that holds custom fields.
const CUSTOM_FIELDS: &str = "custom_fields";
/// Members that are no part of the vendor's record, or that have defaults one by one.
const NO_DEFAULTS: [&str; 2] = [CUSTOM_FIELDS, "pass_through"];

impl RecordDefault {
    /// Puts it into a new record that does not say otherwise.
    pub fn apply(&self, record: &mut Map<String, Value>) {
        if self.target != Some(DefaultTarget::CustomFields) {
            record.entry(&self.id).or_insert_with(|| self.value.clone());
            return;
        }
        let fields = record.entry(CUSTOM_FIELDS).or_insert_with(|| Value::Array(Vec::new()));
        let Value::Array(fields) = fields else { return };
        let is_said = |field: &Value| field["id"] == *self.id || (field["id"].is_null() && field["name"] == *self.id);
        if !fields.iter().any(is_said) {
            fields.push(json!({ "id": self.id, "value": self.value }));
        }
    }

    /// The same, with what it is part of.
    fn resolved(mut self, record: &ObjectType) -> Self {
        let told = || match record.property(&self.id) {
            Some(_) => DefaultTarget::Resource,
            None => DefaultTarget::CustomFields,
        };
        self.target = Some(self.target.unwrap_or_else(told));
        self
    }

    /// Why no new record could begin with it.
    fn problem(&self, resource: Resource, record: &ObjectType, covered: Option<&ResourceCoverage>) -> Option<String> {
        let id = &self.id;
        let member = match self.target {
            Some(DefaultTarget::CustomFields) if record.property(CUSTOM_FIELDS).is_none() => {
                return Some(format!("`{id}` is no member of {resource}, and these have no custom fields"));
            }
            Some(DefaultTarget::CustomFields) => CUSTOM_FIELDS,
            Some(DefaultTarget::Resource) | None => {
                let Some(property) = record.property(id) else {
                    return Some(format!(
                        "`{id}` is no member of {resource}; a custom field has the target custom_fields"
                    ));
                };
                if property.access == Access::ReadOnly {
                    return Some(format!("`{id}` is set by the vendor alone"));
                }
                if NO_DEFAULTS.contains(&id.as_str()) {
                    return Some(format!("`{id}` cannot be a default; name custom fields one by one"));
                }
                id
            }
        };
        let is_written = covered.is_some_and(|covered| {
            let below = format!("{member}.");
            covered.fields.iter().any(|line| line.writable && (line.field == member || line.field.starts_with(&below)))
        });
        (!is_written).then(|| format!("`{id}` cannot be written: the connector does not map {member} of {resource}"))
    }
}

impl ConnectionRow {
    /// Checks defaults against the resource, all of them, before they are kept.
    pub(super) fn set_configuration(
        &mut self,
        connector: &ConnectorDefinition,
        resource: Resource,
        defaults: Vec<RecordDefault>,
    ) -> Result<(), AdminError> {
        if !connector.resources.contains_key(&resource) {
            let problem = format!("{} has no resource `{resource}`", connector.service_id);
            return Err(AdminError::Configuration(problem));
        }
        let record = &connector.schema.resource(resource).record;
        let defaults: Vec<_> = defaults.into_iter().map(|default| default.resolved(record)).collect();
        let variants: Vec<_> = coverage(connector).into_iter().filter(|covered| covered.resource == resource).collect();
        let covered = overall(&variants);
        let mut problems: Vec<String> =
            defaults.iter().filter_map(|default| default.problem(resource, record, covered.as_ref())).collect();
        problems.extend(repeated(&defaults).map(|id| format!("`{id}` has two defaults")));
        if problems.is_empty() {
            problems = misfits(&defaults, record);
        }
        if !problems.is_empty() {
            return Err(AdminError::Configuration(problems.join("; ")));
        }
        size::check("configuration", &defaults)?;
        if defaults.is_empty() {
            self.configuration.remove(&resource);
        } else {
            self.configuration.insert(resource, defaults);
        }
        Ok(())
    }
}

fn repeated(defaults: &[RecordDefault]) -> impl Iterator<Item = &str> {
    let is_second = |(index, default): (usize, &RecordDefault)| {
        defaults[..index].iter().any(|other| other.id == default.id && other.target == default.target)
    };
    let second = move |(index, default)| is_second((index, default)).then_some(default.id.as_str());
    defaults.iter().enumerate().filter_map(second)
}

/// What a record made of nothing but the defaults would be refused for.
fn misfits(defaults: &[RecordDefault], record: &ObjectType) -> Vec<String> {
    let mut example = Map::new();
    for default in defaults {
        default.apply(&mut example);
    }
    let violations = check_body(example, record, Operation::Update).err().unwrap_or_default();
    violations.iter().map(|violation| format!("{}: {}", violation.at, violation.message)).collect()
}

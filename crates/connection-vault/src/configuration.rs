//! What new records of a resource begin with, per connection.

use connector_catalog::ConnectorDefinition;
use serde_json::{Map, Value, json};
use unified_model::{Access, CanonicalSchema, Operation, Resource, check_body};

use crate::AdminError;
use crate::store::ConnectionRow;
use crate::vault::Inner;

/// One member that new records begin with.
#[derive(Debug, Clone, PartialEq)]
pub struct Default {
    /// A canonical member of the record, or the id of a custom field.
    pub id: String,
    /// Its value.
    pub value: Value,
}

/// The canonical member that holds custom fields.
const CUSTOM_FIELDS: &str = "custom_fields";

impl Default {
    /// Whether it is a member of the record rather than a custom field.
    #[must_use]
    pub fn is_member(&self, resource: Resource) -> bool {
        let record = &CanonicalSchema::built_in().resource(resource).record;
        record.property(&self.id).is_some_and(|property| property.access != Access::ReadOnly)
    }

    /// The defaults that a stored configuration holds.
    #[must_use]
    pub fn list(stored: &Value) -> Vec<Self> {
        let items = stored.as_array().map(Vec::as_slice).unwrap_or_default();
        let read = |item: &Value| Some(Self { id: item["id"].as_str()?.to_owned(), value: item["value"].clone() });
        items.iter().filter_map(read).collect()
    }

    /// Puts it into a new record that does not say otherwise.
    pub fn apply(&self, resource: Resource, record: &mut Map<String, Value>) {
        if self.is_member(resource) {
            record.entry(&self.id).or_insert_with(|| self.value.clone());
            return;
        }
        let fields = record.entry(CUSTOM_FIELDS).or_insert_with(|| Value::Array(Vec::new()));
        let Value::Array(fields) = fields else { return };
        if fields.iter().all(|field| field["id"] != *self.id) {
            fields.push(json!({ "id": self.id, "value": self.value }));
        }
    }
}

impl Inner {
    /// Checks defaults against the resource, all of them, before they are kept.
    pub(crate) fn set_configuration(
        &self,
        row: &mut ConnectionRow,
        connector: &ConnectorDefinition,
        resource: Resource,
        defaults: Value,
    ) -> Result<(), AdminError> {
        if !connector.resources.contains_key(&resource) {
            let problem = format!("{} has no resource `{resource}`", connector.service_id);
            return Err(AdminError::Configuration(problem));
        }
        let defaults = Default::list(&defaults);
        let record = &CanonicalSchema::built_in().resource(resource).record;
        let mut example = Map::new();
        for default in &defaults {
            if !default.is_member(resource) && record.property(CUSTOM_FIELDS).is_none() {
                let problem = format!("`{}` is no member of {resource}, which have no custom fields", default.id);
                return Err(AdminError::Configuration(problem));
            }
            default.apply(resource, &mut example);
        }
        check_body(example, record, Operation::Update).map_err(|violations| {
            let problems = violations.iter().map(|violation| format!("{}: {}", violation.at, violation.message));
            AdminError::Configuration(problems.collect::<Vec<_>>().join("; "))
        })?;
        if defaults.is_empty() {
            row.configuration.remove(&resource);
        } else {
            let kept = defaults.iter().map(|default| json!({ "id": default.id, "value": default.value }));
            row.configuration.insert(resource, kept.collect());
        }
        Ok(())
    }
}

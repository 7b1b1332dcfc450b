//! The plan for one call: what of a definition the call's resource, operation and settings choose.

use std::sync::Arc;

use field_mapping::VendorRecord;
use field_mapping::Zone;
use serde_json::{Map, Value};
use unified_model::schema::ResourceSchema;
use unified_model::{Operation, Resource};

use super::{Condition, ConnectorDefinition, Part, PlanError, ResourceDefinition, SettingValues, Takes, Variant};
use crate::plan::holes::{Piece, pieces};
use crate::plan::template::{Hole, verbatim};

/// What to do for one call: a connector, a resource and an operation that the connector offers with these settings.
#[derive(Debug, Clone)]
pub struct Plan {
    connector: Arc<ConnectorDefinition>,
    settings: Arc<SettingValues>,
    resource: Resource,
    variant: usize,
    part: usize,
    /// The entity with the connection's settings in its kind; `None` where they are in none.
    own: Option<Arc<ResourceDefinition>>,
    operation: Operation,
}

impl ConnectorDefinition {
    /// The plan for an operation of a connection with these settings.
    pub fn plan(
        self: &Arc<Self>,
        resource: Resource,
        operation: Operation,
        settings: &Arc<SettingValues>,
    ) -> Result<Plan, PlanError> {
        let variants = self.resources.get(&resource).map(Vec::as_slice).unwrap_or_default();
        let chosen = variants.iter().position(|variant| variant.when.holds(settings));
        if let Some(variant) = chosen
            && variants[variant].offers(operation, settings)
        {
            let own = variants[variant].parts.first().and_then(|part| part.with_settings(settings)).map(Arc::new);
            let (connector, settings) = (Arc::clone(self), Arc::clone(settings));
            return Ok(Plan { connector, settings, resource, variant, part: 0, own, operation });
        }
        let service = self.service_id.clone();
        let wanted = switches(variants, chosen, operation);
        if !wanted.is_empty() {
            return Err(PlanError::SwitchedOff { service, resource, operation, wanted });
        }
        let supported = chosen.map(|variant| variants[variant].operations(settings)).unwrap_or_default();
        let because = self.because(resource, Part::Operation(operation));
        Err(PlanError::Unsupported { service, resource, operation, supported, because })
    }

    /// The plan to find the fields that an account has of its own: the operation `one`, which reads a record for their values.
    pub fn custom_fields_plan(
        self: &Arc<Self>,
        resource: Resource,
        settings: &Arc<SettingValues>,
    ) -> Result<Plan, PlanError> {
        let plan = self.plan(resource, Operation::One, settings)?;
        if plan.parts().all(|part| part.resource().custom_fields.is_empty()) {
            return Err(PlanError::NoCustomFields { service: self.service_id.clone(), resource });
        }
        Ok(plan)
    }

    /// Every entity of every variant of every resource.
    pub fn entities(&self) -> impl Iterator<Item = &ResourceDefinition> {
        self.resources.values().flatten().flat_map(|variant| &variant.parts)
    }

    /// The vendor's record behind a resource, as the mapping that these settings choose knows it; of a sequence, its first entity's.
    #[must_use]
    pub fn vendor_record(&self, resource: Resource, settings: &SettingValues) -> Option<VendorRecord> {
        let variants = self.resources.get(&resource)?;
        let chosen = variants.iter().find(|variant| variant.when.holds(settings)).or(variants.first())?;
        Some(chosen.parts.first()?.mapping.vendor_record())
    }

    /// The first entity of the first variant of a resource: all there is, unless settings or a sequence come into it.
    #[must_use]
    pub fn entity(&self, resource: Resource) -> Option<&ResourceDefinition> {
        self.resources.get(&resource)?.first()?.parts.first()
    }
}

/// The conditions any of which would let the operation happen, where a setting is what stands in its way.
fn switches(variants: &[Variant], chosen: Option<usize>, operation: Operation) -> Vec<Condition> {
    let mut wanted = Vec::new();
    let mut want = |condition: Condition| {
        if !condition.is_empty() && !wanted.contains(&condition) {
            wanted.push(condition);
        }
    };
    for (position, variant) in variants.iter().enumerate() {
        for part in variant.parts.iter().filter(|part| part.defines(operation)) {
            let own = part.condition(operation);
            want(if chosen == Some(position) { own } else { variant.when.and(&own) });
        }
    }
    wanted
}

/// The setting that a text stands for: `{settings.lead_tag}`.
pub(crate) fn setting_of(text: &str) -> Option<&str> {
    let mut pieces = pieces(text);
    let (Some(Ok(Piece::Hole(name))), None) = (pieces.next(), pieces.next()) else { return None };
    name.strip_prefix("settings.")
}

impl Variant {
    /// The operations that the vendor offers with these settings.
    #[must_use]
    pub fn operations(&self, settings: &SettingValues) -> Vec<Operation> {
        Operation::EVERY.iter().copied().filter(|operation| self.offers(*operation, settings)).collect()
    }

    /// Whether several entities make the resource.
    #[must_use]
    pub fn is_sequence(&self) -> bool {
        self.parts.iter().any(|part| !part.id_prefix.is_empty())
    }

    fn offers(&self, operation: Operation, settings: &SettingValues) -> bool {
        self.parts.iter().any(|part| part.offers(operation, settings))
    }
}

impl ResourceDefinition {
    /// The definition with a connection's settings where its kind names them.
    fn with_settings(&self, settings: &SettingValues) -> Option<Self> {
        let mut filled = self.kind.clone()?;
        let mut any = false;
        for (_, value) in &mut filled.members {
            if let Some(text) = value.as_str().and_then(setting_of).and_then(|name| settings.get(name)) {
                *value = text.into();
                any = true;
            }
        }
        any.then(|| Self { kind: Some(filled), ..self.clone() })
    }

    /// Whether the definition has the operation, with whatever settings.
    #[must_use]
    pub fn defines(&self, operation: Operation) -> bool {
        match operation {
            Operation::All => self.all.is_some(),
            Operation::One => self.one.is_some(),
            Operation::Add => self.add.is_some(),
            Operation::Update => self.update.is_some(),
            Operation::Delete => self.delete.is_some(),
        }
    }

    /// The settings that the operation needs.
    #[must_use]
    pub fn condition(&self, operation: Operation) -> Condition {
        self.conditions.get(&operation).cloned().unwrap_or_default()
    }

    /// Whether the operation is there with these settings.
    #[must_use]
    pub fn offers(&self, operation: Operation, settings: &SettingValues) -> bool {
        self.defines(operation) && self.conditions.get(&operation).is_none_or(|condition| condition.holds(settings))
    }
}

impl Takes {
    /// Whether a new record goes to this entity.
    #[must_use]
    pub fn accepts(&self, body: &Map<String, Value>) -> bool {
        let is_there = |name: &String| body.get(name).is_some_and(|value| !value.is_null());
        let kind = body.get("type").and_then(Value::as_str);
        let is_one_of = self.types.is_empty() || kind.is_some_and(|kind| self.types.iter().any(|own| own == kind));
        is_one_of && self.has.iter().all(is_there)
    }
}

impl Plan {
    /// The connector.
    #[must_use]
    pub fn connector(&self) -> &Arc<ConnectorDefinition> {
        &self.connector
    }

    /// What records of the resource are held against.
    #[must_use]
    pub fn schema(&self) -> &'static ResourceSchema {
        self.connector.schema.resource(self.resource)
    }

    /// The plan for another operation on the same entity, where that is offered.
    #[must_use]
    pub fn to(&self, operation: Operation) -> Option<Self> {
        self.resource().offers(operation, &self.settings).then(|| Self { operation, ..self.clone() })
    }

    /// The operation.
    #[must_use]
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// The connection's settings that are not sensitive.
    #[must_use]
    pub fn settings(&self) -> &SettingValues {
        &self.settings
    }

    /// The entity's definition; of a sequence, the part's.
    #[must_use]
    pub fn resource(&self) -> &ResourceDefinition {
        self.own.as_deref().unwrap_or_else(|| &self.variant().parts[self.part])
    }

    /// Whether several entities make the resource.
    #[must_use]
    pub fn is_sequence(&self) -> bool {
        self.variant().is_sequence()
    }

    /// The same call to each entity of a sequence, in order, whether or not it offers the operation.
    pub fn parts(&self) -> impl Iterator<Item = Self> {
        (0..self.variant().parts.len()).map(|part| Self {
            part,
            own: self.own.clone().filter(|_| part == 0),
            ..self.clone()
        })
    }

    /// Whether this part of a sequence offers the operation.
    #[must_use]
    pub fn is_offered(&self) -> bool {
        self.resource().offers(self.operation, &self.settings)
    }

    /// Why this part of a sequence does not offer the operation.
    #[must_use]
    pub fn refusal(&self) -> PlanError {
        let (service, resource, operation) = (self.connector.service_id.clone(), self.resource, self.operation);
        let part = self.resource();
        if part.defines(operation) {
            return PlanError::SwitchedOff { service, resource, operation, wanted: vec![part.condition(operation)] };
        }
        let is_offered = |other: &Operation| part.offers(*other, &self.settings);
        let supported = Operation::EVERY.iter().copied().filter(is_offered).collect();
        // What a statement says is of the resource as a whole; this is one entity of several.
        let because = self.connector.because(resource, Part::Operation(operation));
        PlanError::Unsupported { service, resource, operation, supported, because }
    }

    /// The zone of the vendor's times that name none. Values are checked when a connection is saved.
    #[must_use]
    pub fn zone(&self) -> Zone {
        let value = |hole: &Hole| self.settings.get(hole.setting()?).map(Into::into);
        let name = self.connector.time_zone.as_ref().and_then(|template| template.render(value, verbatim).ok());
        name.and_then(|name| Zone::named(&name)).unwrap_or_default()
    }

    fn variant(&self) -> &Variant {
        &self.connector.resources[&self.resource][self.variant]
    }
}

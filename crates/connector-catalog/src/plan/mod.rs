//! What a definition compiles to: everything that a call needs, with nothing left to look up by name.

mod list;
mod vendor;
mod write;

pub use list::*;
pub use vendor::*;
pub use write::*;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use field_mapping::{Evidence, KindGuard, Mapping, VendorPath};
use unified_model::{Operation, Resource, ServiceId};

use crate::PlanError;
use crate::template::Template;

/// One vendor.
#[derive(Debug, Clone)]
pub struct ConnectorDefinition {
    /// Its identifier.
    pub service_id: ServiceId,
    /// Its name for people.
    pub name: String,
    /// Which implementation of `Connector` serves it.
    pub protocol: Protocol,
    /// The vendor's own documentation.
    pub docs: Option<String>,
    /// What a consumer fills in.
    pub settings: Vec<Setting>,
    /// The address that request paths are added to.
    pub base_url: Template,
    /// How calls are authorised.
    pub auth: Auth,
    /// Headers of every call.
    pub headers: Vec<(String, Template)>,
    /// Query parameters of every call.
    pub query: Vec<(String, Template)>,
    /// What a record id looks like; anything else cannot exist.
    pub ids: Option<Pattern>,
    /// How much the vendor allows, per connection.
    pub limits: Limits,
    /// How long one unified call may take in all.
    pub timeout: Duration,
    /// When a safe read is repeated.
    pub retry: RetryPolicy,
    /// How vendor answers become errors; the first match wins.
    pub errors: Vec<ErrorRule>,
    /// Where the vendor's own error message is, in the order tried.
    pub error_messages: Vec<VendorPath>,
    /// Small tables, cached by connection.
    pub lookups: BTreeMap<String, Lookup>,
    /// Its resources.
    pub resources: BTreeMap<Resource, ResourceDefinition>,
}

/// One resource of a vendor.
#[derive(Debug, Clone)]
pub struct ResourceDefinition {
    /// Which one.
    pub resource: Resource,
    /// What tells its records from others that share the end-point.
    pub kind: Option<KindGuard>,
    /// What the vendor refuses a record without.
    pub requires: Vec<Requirement>,
    /// Canonical fields to vendor fields and back.
    pub mapping: Arc<Mapping>,
    /// How sure the definition is.
    pub evidence: Evidence,
    /// Listing.
    pub all: Option<ListPlan>,
    /// Fetching one.
    pub one: Option<OnePlan>,
    /// Creating.
    pub add: Option<WritePlan>,
    /// Changing.
    pub update: Option<WritePlan>,
    /// Removing.
    pub delete: Option<DeletePlan>,
}

/// A vendor member that no record may lack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Where it is.
    pub at: VendorPath,
    /// The canonical fields any of which fills it.
    pub fields: Vec<String>,
}

/// Method, path, fixed query and encoding of a vendor request.
#[derive(Debug, Clone)]
pub struct RequestTemplate {
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: http::Method,
    /// The path below the base address; holes are percent-encoded.
    pub path: Template,
    /// Fixed parameters; one whose hole is empty is left out. They go into the form where `encode` is `form`.
    pub query: Vec<(String, Template)>,
    /// How a body is written.
    pub encode: Encoding,
}

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// `application/json`.
    #[default]
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// XML that names the record at the other end of a link: `send: { uri: "Users(guid'{item.Id}')" }` (protocol `odata`).
    OdataLink,
}

/// How to fetch one record.
#[derive(Debug, Clone)]
pub struct OnePlan {
    /// The request; `{id}` is the record's id.
    pub request: RequestTemplate,
    /// Where the record is in the answer.
    pub record: VendorPath,
}

/// What to do for one call: a connector, a resource and an operation that the connector offers.
#[derive(Debug, Clone)]
pub struct Plan {
    connector: Arc<ConnectorDefinition>,
    resource: Resource,
    operation: Operation,
}

impl ConnectorDefinition {
    /// The plan for an operation.
    pub fn plan(self: &Arc<Self>, resource: Resource, operation: Operation) -> Result<Plan, PlanError> {
        let supported = self.resources.get(&resource).map(ResourceDefinition::operations).unwrap_or_default();
        if supported.contains(&operation) {
            return Ok(Plan { connector: Arc::clone(self), resource, operation });
        }
        Err(PlanError::Unsupported { service: self.service_id.clone(), resource, operation, supported })
    }
}

impl ResourceDefinition {
    /// The operations that the vendor offers.
    #[must_use]
    pub fn operations(&self) -> Vec<Operation> {
        let offered = [
            (Operation::All, self.all.is_some()),
            (Operation::One, self.one.is_some()),
            (Operation::Add, self.add.is_some()),
            (Operation::Update, self.update.is_some()),
            (Operation::Delete, self.delete.is_some()),
        ];
        offered.into_iter().filter_map(|(operation, is_offered)| is_offered.then_some(operation)).collect()
    }
}

impl Plan {
    /// The connector.
    #[must_use]
    pub fn connector(&self) -> &Arc<ConnectorDefinition> {
        &self.connector
    }

    /// The operation.
    #[must_use]
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// The resource's definition.
    #[must_use]
    pub fn resource(&self) -> &ResourceDefinition {
        &self.connector.resources[&self.resource]
    }
}

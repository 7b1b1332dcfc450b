//! `OData` 2 and 3 beyond `rest`: filters as `$filter`, links between records with XML bodies, and answers in either of the two
//! JSON forms, of which the rest of the gateway sees the light one alone.

mod filter;
mod form;
pub(crate) mod link;
mod literal;
mod metadata;
mod own_condition;
mod side_tables;

use async_trait::async_trait;
use bytes::Bytes;
use connector_catalog::{ListWay, Plan, ResourceDefinition};
use field_mapping::Zone;
use serde_json::{Map, Value};
use unified_model::{RecordId, UnifiedRequest, Warning};
use vendor_client::VendorSession;

use crate::Connector;
use crate::call::dialect::{Dialect, Rewriting};
use crate::call::outcome::{ConnectorError, VendorOutcome};
use crate::custom_fields::CustomField;
use crate::lookup::Surroundings;
use crate::protocol::Rest;
use crate::request::filters;

pub(crate) use form::{light, record};
pub use metadata::{FieldMapProblem, check_field_map};

/// The parameter that holds conditions.
const FILTER: &str = "$filter";

/// The protocol `odata`.
#[derive(Debug, Default)]
pub struct Odata {
    rest: Rest,
}

impl Odata {
    /// The protocol, with an empty lookup cache.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The protocol over another `rest`.
    pub(crate) fn over(rest: Rest) -> Self {
        Self { rest }
    }
}

#[async_trait]
impl Connector for Odata {
    async fn execute(
        &self,
        plan: &Plan,
        request: &UnifiedRequest,
        vendor: &VendorSession,
    ) -> Result<VendorOutcome, ConnectorError> {
        self.rest.execute_with(plan, request, vendor, &Odata3).await
    }

    async fn custom_fields(
        &self,
        plan: &Plan,
        id: Option<&RecordId>,
        vendor: &VendorSession,
    ) -> Result<Vec<CustomField>, ConnectorError> {
        self.rest.custom_fields_with(plan, id, vendor, &Odata3).await
    }
}

/// What the protocol adds.
struct Odata3;

impl Dialect for Odata3 {
    fn rules(
        &self,
        way: &ListWay,
        resource: &ResourceDefinition,
        request: &UnifiedRequest,
        zone: &Zone,
    ) -> Result<Option<Vec<(String, String)>>, ConnectorError> {
        let mut conditions = Vec::new();
        for filter in &request.filters {
            let (comparison, field) = filters::ruled(way, resource, filter)?;
            match filter::condition(field, comparison, &filter.value, zone) {
                Some(condition) => conditions.push(condition),
                None => return Ok(None),
            }
        }
        let own = request.pass_through_query.iter().find(|(name, _)| name == FILTER);
        conditions.extend(own.map(|(_, value)| own_condition::condition(value)).transpose()?);
        if conditions.is_empty() {
            return Ok(Some(Vec::new()));
        }
        Ok(Some(vec![(FILTER.to_owned(), conditions.join(" and "))]))
    }

    fn shown(&self, resource: &ResourceDefinition, surroundings: &Surroundings, body: Bytes) -> Bytes {
        side_tables::shown(resource, surroundings, body)
    }

    fn outdated(
        &self,
        resource: &ResourceDefinition,
        surroundings: &Surroundings,
        sent: &Map<String, Value>,
    ) -> Vec<String> {
        side_tables::outdated(resource, surroundings, sent)
    }

    fn complete(
        &self,
        resource: &ResourceDefinition,
        surroundings: &Surroundings,
        rewriting: &mut Rewriting<'_>,
    ) -> Vec<Warning> {
        side_tables::complete(resource, surroundings, rewriting)
    }
}

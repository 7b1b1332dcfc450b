//! `OData` 2 and 3 beyond `rest`: filters as `$filter`, links between records with XML bodies, and answers in either of the two
//! JSON forms, of which the rest of the gateway sees the light one alone.

pub(super) mod conventions;
mod filter;
mod form;
mod link;
mod literal;
pub(crate) mod metadata;
mod own_condition;
mod side_tables;

use bytes::Bytes;
use connector_catalog::{ListWay, ResourceDefinition};
use serde_json::{Map, Value};
use unified_model::{Operation, Warning};

use crate::call::context::CallContext;
use crate::call::dialect::{Conventions, Dialect, Rewriting};
use crate::call::outcome::ConnectorError;
use crate::call::surroundings::Surroundings;
use crate::request::filters;

use own_condition::FILTER;

/// The protocol `odata`.
#[derive(Debug)]
pub(super) struct Odata;

impl Dialect for Odata {
    fn conventions(&self) -> &'static Conventions {
        &conventions::OWN
    }

    fn rules(&self, way: &ListWay, context: CallContext<'_>) -> Result<Option<Vec<(String, String)>>, ConnectorError> {
        let (request, zone) = (context.request, context.plan.zone());
        let mut conditions = Vec::new();
        for filter in &request.filters {
            let (comparison, field) = filters::ruled(way, context.resource(), filter)?;
            match filter::condition(field, comparison, &filter.value, &zone) {
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

    fn plain(&self, body: Bytes, operation: Operation) -> Bytes {
        form::light(body, operation)
    }

    fn one(&self, body: Bytes) -> Bytes {
        form::record(body)
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

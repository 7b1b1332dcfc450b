//! The vendor's record as it is: before a write, and as an example.

use connector_catalog::Plan;
use futures_util::future::join;
use serde_json::{Map, Value};
use unified_model::UnifiedRequest;
use vendor_client::VendorSession;

use crate::dialect::Dialect;
use crate::lookup::Surroundings;
use crate::outcome::ConnectorError;
use crate::{load, rest};

/// The record as it is now with what is loaded beside it, provided that it is of the resource's kind.
pub(crate) async fn read(
    plan: &Plan,
    request: &UnifiedRequest,
    vendor: &VendorSession,
    dialect: &dyn Dialect,
    surroundings: &Surroundings,
) -> Result<Map<String, Value>, ConnectorError> {
    let (fetched, loaded) = join(rest::fetch(plan, request, vendor), load::for_one(plan, request, vendor)).await;
    let mut fetched = fetched?;
    let resource = plan.resource();
    fetched.document = dialect.shown(resource, surroundings, fetched.document);
    let record = Value::Object(fetched.record()?);
    let is_of_kind = resource.kind.as_ref().is_none_or(|kind| kind.admits(&record));
    let Value::Object(mut record) = record else { return Err(ConnectorError::NotFound(fetched.id)) };
    if !is_of_kind {
        return Err(ConnectorError::NotFound(fetched.id));
    }
    record.extend(loaded?.members());
    Ok(record)
}

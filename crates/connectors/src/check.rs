//! Asking a vendor whether it takes a connection's credentials, by the `check` request of the definition.

use connector_catalog::ConnectorDefinition;
use unified_model::Operation;
use vendor_client::{VendorBody, VendorRequest, VendorSession};

use crate::call::exchange;
use crate::call::outcome::ConnectorError;

/// The name that the request has in errors and logs.
const STEP: &str = "check";

/// Asks the vendor. A definition without `check` asks nothing.
///
/// # Errors
/// What the vendor said instead of yes, or why it could not be asked.
pub async fn check(connector: &ConnectorDefinition, vendor: &VendorSession) -> Result<(), ConnectorError> {
    let Some(template) = &connector.check else { return Ok(()) };
    // No hole has a place there: the definition was checked for that.
    let path = template.path.render_path(|_| None);
    let path = path.map_err(|hole| ConnectorError::Internal(format!("{hole} has no value in a check")))?;
    let rendered = |(name, value): &(String, connector_catalog::Template)| {
        let value = value.render(|_| None, connector_catalog::template::verbatim).ok()?;
        Some((name.clone(), value))
    };
    let request = VendorRequest {
        step: STEP.to_owned(),
        method: template.method.clone(),
        path,
        query: template.query.iter().filter_map(rendered).collect(),
        body: VendorBody::None,
        if_match: None,
        safe: true,
    };
    let reply = exchange::received(vendor, request).await;
    let judged = reply.and_then(|reply| exchange::judged(connector, Operation::All, STEP, reply));
    judged.map(drop).map_err(|failure| ConnectorError::reading(STEP, failure))
}

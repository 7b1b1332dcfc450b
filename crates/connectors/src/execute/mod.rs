//! Plans carried out: of one vendor entity, or of several in a row.

mod entity;
mod parts;
pub(crate) mod sequence;

use crate::call::context::CallContext;
use crate::call::outcome::{ConnectorError, VendorOutcome};

/// Carries out the request as the plan says.
pub(crate) async fn execute(context: CallContext<'_>) -> Result<VendorOutcome, ConnectorError> {
    if context.plan.is_sequence() { sequence::execute(context).await } else { entity::execute(context).await }
}

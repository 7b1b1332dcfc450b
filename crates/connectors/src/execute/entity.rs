//! Plans of one vendor entity.

use unified_model::Operation;

use crate::call::context::CallContext;
use crate::call::outcome::{ConnectorError, VendorOutcome};
use crate::read::{list, one};
use crate::write;

/// Carries out the request as the plan says.
pub(super) async fn execute(context: CallContext<'_>) -> Result<VendorOutcome, ConnectorError> {
    if let Some(id) = &context.request.id {
        one::check_id(context.plan, id)?;
    }
    match context.plan.operation() {
        Operation::All => list::execute(context).await,
        Operation::One => one::execute(context).await,
        Operation::Add => write::add(context).await,
        Operation::Update => write::update(context).await,
        Operation::Delete => write::delete(context).await,
    }
}

//! What of a unified request goes into a vendor request: filters, bounds of time, and what a caller passes through.

pub(crate) mod filters;
pub(crate) mod pass_through;
pub(crate) mod since;

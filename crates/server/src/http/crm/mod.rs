//! The CRM API: one model over every connected CRM.

pub(super) mod envelope;
mod raw;
pub(super) mod route;

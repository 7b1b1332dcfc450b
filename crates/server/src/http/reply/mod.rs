//! What goes back to callers: envelopes, errors, addresses of our own.

pub(crate) mod error;
pub(super) mod links;

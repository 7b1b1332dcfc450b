//! Authorisations, and the tokens that come of them.

pub(crate) mod authorization;
mod authorization_rows;
pub(crate) mod authorize;
mod interrupted;
pub(crate) mod link;
pub(crate) mod refresh_rows;
pub(crate) mod renewal;
pub(crate) mod tokens;

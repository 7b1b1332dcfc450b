//! Where calls may go: names looked up for a tenant's address, and the guard that every address passes.

pub(crate) mod guard;
pub(crate) mod names;
pub(crate) mod resolver;

//! Where calls may go: names looked up for a tenant's address, the guard that every address passes, and the threads that
//! connections to tenants' addresses have to themselves.

pub(crate) mod guard;
pub(crate) mod names;
pub(crate) mod resolver;
pub(crate) mod threads;

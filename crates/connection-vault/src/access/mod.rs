//! What callers may do.

pub(crate) mod scope;

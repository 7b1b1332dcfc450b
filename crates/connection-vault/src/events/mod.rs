//! What happened to connections that somebody has to know of.

pub(crate) mod event;
mod rows;

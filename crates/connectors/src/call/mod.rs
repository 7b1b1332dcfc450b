//! One vendor call: with what it is made, how it is sent, what its answer is taken for, and what goes wrong with it.

pub(crate) mod context;
pub(crate) mod dialect;
pub(crate) mod entity_tag;
mod error_rules;
pub(crate) mod exchange;
pub(crate) mod ids;
pub(crate) mod outcome;
pub(crate) mod surroundings;
pub(crate) mod tables;
mod top_members;
pub(crate) mod tree;

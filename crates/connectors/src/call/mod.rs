//! One vendor call: how it is sent, what its answer is taken for, and what goes wrong with it.

pub(crate) mod dialect;
pub(crate) mod entity_tag;
mod error_rules;
pub(crate) mod exchange;
pub(crate) mod outcome;
pub(crate) mod same_id;
mod top_members;
pub(crate) mod tree;

//! Applications, their consumers, and what both define for themselves: integrations, fields of their own, origins.

pub(crate) mod application;
pub(crate) mod application_rows;
pub(crate) mod consumer;
pub(crate) mod consumer_rows;
pub(crate) mod integration;
mod integration_rows;
pub(crate) mod mapping_target;
mod mapping_target_rows;
pub(crate) mod origin;

//! Connections: what is stored of them, how they change, and what may be shown.

pub(crate) mod admin;
pub(crate) mod change;
pub(crate) mod configuration;
pub(crate) mod connection;
mod custom_mapping;
pub(crate) mod export;
pub(crate) mod grant;
pub(crate) mod keeping;
pub(crate) mod readdress;
pub(crate) mod rows;
pub(crate) mod settings;
pub(crate) mod summary;
pub(crate) mod view;

use std::collections::BTreeMap;

use unified_model::Resource;

/// A connection's own mapping lines: resource, canonical field, vendor path.
pub type FieldMap = BTreeMap<Resource, BTreeMap<String, String>>;

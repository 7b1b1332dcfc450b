//! The Vault API: consumers, connections, configuration, custom mappings, sessions, and who may see what.

mod bad_input;
mod clock;
mod configuration;
mod connect;
mod connections;
mod consumers;
mod custom_fields;
mod custom_mappings;
mod document;
mod health;
pub mod house;
mod isolation;
mod keys;
mod logs;
mod origins;
mod readdress;
mod sessions;

//! The Vault API: consumers, connections, configuration, custom mappings, sessions, and who may see what.

mod bad_input;
mod clock;
mod configuration;
mod connections;
mod consumers;
mod custom_fields;
mod custom_mappings;
mod document;
mod health;
mod house;
mod isolation;
mod logs;
mod origins;
mod sessions;

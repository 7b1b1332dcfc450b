//! The Vault API: consumers, connections, configuration, custom mappings, sessions, and who may see what.

mod bad_input;
mod configuration;
mod connections;
mod consumers;
mod custom_mappings;
mod house;
mod origins;
mod sessions;

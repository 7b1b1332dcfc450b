//! What calls are answered while the store is full, locked, replaced, stopped or frozen, and that it is used again afterwards.

mod away;
mod cluster;
mod full;
mod midway;
mod one_server;
pub mod relay;
mod table;

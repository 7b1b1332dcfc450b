//! The vault from outside: what an administrator changes is what calls get, what is secret stays so, and what belongs to one
//! tenant is nothing to another.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod admin;
mod calls;
mod export;
mod interrupted;
mod isolation;
mod listening;
mod logs;
mod master_key;
mod processes;
mod record_leases;
mod resealing;
mod rotation;
mod secrets;
mod store;
mod support;
mod takeover;
mod warmth;

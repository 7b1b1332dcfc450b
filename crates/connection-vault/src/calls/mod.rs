//! Calls: the log of them, and whose turn it is at a record.

pub(crate) mod call_log;
pub(crate) mod logging;
mod record_leases;
mod rows;

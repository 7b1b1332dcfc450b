//! What every request passes: how it is read, answered and logged.

pub(super) mod log;

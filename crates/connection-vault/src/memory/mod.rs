//! What has been read once and is kept in memory until somebody changes it, in this process or another.

pub(crate) mod warm;
pub(crate) mod watching;

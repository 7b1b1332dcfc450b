//! Secrets at rest: sealed with data keys, which the master key seals; and what is signed rather than sealed.

pub(crate) mod keyring;
pub(crate) mod master_key;
mod rows;
pub(crate) mod seal;
pub(crate) mod signed;

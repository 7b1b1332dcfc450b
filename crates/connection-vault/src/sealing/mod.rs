//! Secrets at rest: sealed with data keys, which the master key seals; and what is signed rather than sealed.

mod keyring;
mod master_key;
mod reseal;
mod rows;
mod seal;
mod signed;

pub(crate) use keyring::{DataKeys, Sealer};
pub use master_key::{MasterKey, MasterKeyError};
pub(crate) use reseal::SealedRow;
pub(crate) use seal::{Place, SealingKey};
pub(crate) use signed::Claims;
pub use signed::TokenFault;

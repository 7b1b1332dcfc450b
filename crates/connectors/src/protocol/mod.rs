//! The protocols, and what only they know.

pub(crate) mod agile;
pub(crate) mod odata;
pub(crate) mod rest;

pub use agile::Agile;
pub use odata::Odata;
pub use rest::Rest;

//! Values of invented records, and how they are written.

pub(crate) mod cast;
pub(crate) mod guid;
pub(crate) mod random;
pub(crate) mod words;
pub(crate) mod xml;

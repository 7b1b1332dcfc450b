//! One value on its way between the vendor's form and the canonical one, and what it is converted with.

pub(crate) mod context;
pub(crate) mod convert;
pub(crate) mod keys;
pub(crate) mod leaf;
pub(crate) mod moment;
pub(crate) mod piece;

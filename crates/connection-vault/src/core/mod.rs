//! What every room rests on.

pub(crate) mod abort_point;
pub(crate) mod name;
pub(crate) mod size;

//! Plans carried out: of one vendor entity, or of several in a row.

pub(crate) mod sequence;

//! Reading: records listed, fetched one by one, and completed by what the vendor keeps beside them.

pub(crate) mod current;
pub(crate) mod list;
pub(crate) mod load;
pub(crate) mod one;
pub(crate) mod records;

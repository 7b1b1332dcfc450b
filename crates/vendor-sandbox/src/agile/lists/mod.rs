//! Lists: cursors, filters, searches.

pub(super) mod cursor;
pub(super) mod filters;
pub(super) mod listing;
pub(super) mod searches;

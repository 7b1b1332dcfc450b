//! connector-catalog

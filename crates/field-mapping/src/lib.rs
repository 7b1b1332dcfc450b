//! field-mapping

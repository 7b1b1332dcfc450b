//! vendor-sandbox

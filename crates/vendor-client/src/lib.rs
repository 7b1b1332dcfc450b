//! vendor-client

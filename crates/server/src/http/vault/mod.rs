//! The Vault API.

mod browser;

//! connection-vault

//! How much may be kept with a consumer or a connection: it is read whenever they are, and may come from a consumer's browser.

use crate::error::{AdminError, VaultError};
use serde::Serialize;

const MOST_BYTES: usize = 16 * 1024;

/// Refuses what takes too much room as JSON.
pub(crate) fn check(what: &'static str, value: &impl Serialize) -> Result<(), AdminError> {
    let text = serde_json::to_vec(value).map_err(|error| VaultError::Store(error.to_string()))?;
    if text.len() > MOST_BYTES { Err(AdminError::Size { what, most: MOST_BYTES, found: text.len() }) } else { Ok(()) }
}

//! What applications and consumers may be called.

use crate::error::AdminError;

/// Whether a text can be an id: a header must be able to carry it, so nothing invisible and no space at either end.
pub(crate) fn is_well_formed(text: &str) -> bool {
    // Bytes first, so that an endless id is refused without being read.
    text.len() <= 255 * 4
        && (1..=255).contains(&text.chars().count())
        && text.trim() == text
        && !text.chars().any(char::is_control)
}

/// An application's id stands in addresses that consumers follow.
pub(crate) fn check_for_address(id: &str) -> Result<(), AdminError> {
    let cannot_stand = |character: char| character.is_whitespace() || matches!(character, '/' | '\\');
    if id.contains(cannot_stand) { Err(AdminError::ApplicationId(id.to_owned())) } else { Ok(()) }
}

pub(crate) fn check(what: &'static str, text: &str) -> Result<(), AdminError> {
    if is_well_formed(text) { Ok(()) } else { Err(AdminError::Name { what }) }
}

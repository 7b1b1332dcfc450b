//! What applications, their fields and their API keys may be called.

use unified_model::{ApplicationId, ConsumerId};

use crate::error::AdminError;

/// Returns a text as the id of a new application.
///
/// # Errors
/// Fails with [`AdminError::Name`] where no application can be called that.
pub fn application_id(text: &str) -> Result<ApplicationId, AdminError> {
    text.parse().map_err(|_| AdminError::Name { what: "an application id" })
}

/// Returns a text as the id of a new consumer.
///
/// # Errors
/// Fails with [`AdminError::Name`] where no consumer can be called that.
pub fn consumer_id(text: &str) -> Result<ConsumerId, AdminError> {
    text.parse().map_err(|_| AdminError::Name { what: "a consumer id" })
}

/// Whether a text can be a name: what a header can carry, so nothing invisible and no space at either end.
pub(crate) fn is_well_formed(text: &str) -> bool {
    unified_model::vocabulary::is_header_text(text)
}

/// An application's id stands in addresses that consumers follow.
pub(crate) fn check_for_address(id: &str) -> Result<(), AdminError> {
    let cannot_stand = |character: char| character.is_whitespace() || matches!(character, '/' | '\\');
    if id.contains(cannot_stand) { Err(AdminError::ApplicationId(id.to_owned())) } else { Ok(()) }
}

pub(crate) fn check(what: &'static str, text: &str) -> Result<(), AdminError> {
    if is_well_formed(text) { Ok(()) } else { Err(AdminError::Name { what }) }
}

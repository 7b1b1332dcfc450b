//! How a row is addressed: the set's name and, in parentheses, its key.

use super::replies;
use super::schema::{self, Set};
use crate::exchange::Refusal;
use crate::values::guid;

/// A set, or one row of it.
#[derive(Debug)]
pub(super) struct Address {
    pub(super) set: &'static Set,
    pub(super) key: Option<String>,
}

impl Address {
    /// Reads `Contacts` or `Contacts(guid'…')`.
    pub(super) fn read(segment: &str) -> Result<Self, Refusal> {
        let (name, key) = split(segment)?;
        Ok(Self { set: schema::set(name).ok_or_else(replies::no_such_page)?, key })
    }

    /// Reads one row's address, alone or at the end of a URL.
    pub(super) fn read_row(text: &str) -> Result<(&'static Set, String), Refusal> {
        let Self { set, key } = Self::read(text.rsplit('/').next().unwrap_or_default().trim())?;
        Ok((set, key.ok_or_else(replies::no_such_page)?))
    }
}

/// The name before the parentheses and the key in them.
pub(super) fn split(segment: &str) -> Result<(&str, Option<String>), Refusal> {
    let Some((name, rest)) = segment.split_once('(') else { return Ok((segment, None)) };
    let literal = rest.strip_suffix(')').ok_or_else(replies::no_such_page)?.trim();
    let quoted = literal.get(..5).filter(|prefix| prefix.eq_ignore_ascii_case("guid'")).and(literal.get(5..));
    let text = quoted.and_then(|text| text.strip_suffix('\'')).ok_or_else(replies::no_such_page)?;
    let key = guid::parse(text).ok_or_else(|| replies::wrong("Bad Request - Error in query syntax."))?;
    Ok((name, Some(key)))
}

//! Lists that the vendor answers whole: the gateway cuts them.

use field_mapping::PageFacts;
use unified_model::Position;

use super::window::{After, Window};
use crate::call::outcome::ConnectorError;

pub(crate) fn plan(at: Option<&Position>) -> Result<Window, ConnectorError> {
    let skip = match at {
        None => 0,
        Some(Position::Slice(from)) => usize::try_from(*from).map_err(|_| ConnectorError::ForeignPosition)?,
        Some(_) => return Err(ConnectorError::ForeignPosition),
    };
    Ok(Window { skip, size: usize::MAX, ..Window::default() })
}

pub(crate) fn after(facts: &PageFacts) -> After {
    facts.left_at.map_or(After::End, |left_at| After::More(Position::Slice(left_at as u64)))
}

//! What happened to connections that somebody has to know of.

mod event;
mod rows;

pub(crate) use event::EventType;
pub use event::{Event, Events};

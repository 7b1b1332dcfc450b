//! What writing gives: the vendor's record, and what the caller is told of it.

use serde_json::{Map, Value};
use unified_model::Warning;

/// A vendor record made from a canonical one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Written {
    /// The vendor record: all of it for a new record; for a patch, only what the caller's fields touch.
    pub record: Map<String, Value>,
    /// What was not written, or not as sent.
    pub warnings: Vec<Warning>,
    /// What must not be written at all, with what the caller has to change. The record is not to be sent then.
    pub refused: Vec<Refusal>,
}

/// A value that no vendor value stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The canonical field: `win_probability`, `stages.win_probability`.
    pub field: String,
    /// What it must be.
    pub message: String,
}

/// A vendor record with canonical changes applied.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WrittenOver {
    /// The whole vendor record after the change, members that the mapping does not know kept as they were.
    pub record: Map<String, Value>,
    /// Only what changed: top-level vendor members, of a keyed list (`lists: <name>: key`) only the new or changed entries.
    pub part: Map<String, Value>,
    /// What goes away that adding and overwriting cannot take away: an entry of a keyed list, a member that becomes null, or
    /// one of two entries with one key.
    pub removes: Vec<String>,
    /// What was not written, or not as sent.
    pub warnings: Vec<Warning>,
    /// What must not be written at all, with what the caller has to change. The record is not to be sent then.
    pub refused: Vec<Refusal>,
}

//! What comes back beside the records: where a list goes on, and what went less than well.

use serde::Serialize;

pub use crate::position::Position;

/// Something that went less than well although the call succeeded. Shown in `meta.warnings`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// What kind of warning this is, such as `field_not_supported` or `downstream_request_failed`.
    #[serde(rename = "type")]
    pub kind: WarningKind,
    /// The vendor's HTTP status, where one was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_code: Option<u16>,
    /// The step of the operation that it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The canonical field that it concerns, dotted where nested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// One sentence for a person.
    pub message: String,
}

/// The kinds of warning that a caller can tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WarningKind {
    /// An optional vendor call failed.
    DownstreamRequestFailed,
    /// A field that was sent is read-only, so it was not written.
    ReadOnlyField,
    /// A field that was sent has no place in this vendor's record, so it was not written.
    UnsupportedField,
    /// A value that was sent could be kept only in part, or in another form.
    ValueChanged,
    /// The vendor changed more than was sent.
    SideEffect,
    /// A required member was missing in the vendor's record and was filled in.
    RequiredMemberMissing,
    /// A value of the vendor's record is too large to be answered; it is null.
    ValueTooLarge,
    /// A value of the vendor's record cannot be read as its type; it is null, or has U+FFFD for half a character.
    ValueUnreadable,
    /// The vendor gave a cursor that it had given before; the list was ended.
    CursorRepeated,
    /// The vendor answered the page before once more, whatever page was asked for; the list was ended.
    PageRepeated,
    /// The vendor has no further records although its total says so; the list was ended.
    TotalNotReached,
    /// The vendor answers no more than some number of records, and may have more.
    ListCut,
    /// A part of the resource cannot be filtered so, and was left out of the list.
    PartLeftOut,
}

impl Warning {
    /// A warning about one canonical field.
    #[must_use]
    pub fn about_field(kind: WarningKind, field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { kind, status_code: None, operation: None, field: Some(field.into()), message: message.into() }
    }

    /// A warning about the call as a whole.
    #[must_use]
    pub fn about_call(kind: WarningKind, message: impl Into<String>) -> Self {
        Self { kind, status_code: None, operation: None, field: None, message: message.into() }
    }
}

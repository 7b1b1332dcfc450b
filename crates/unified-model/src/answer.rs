//! What comes back beside the records: where a list goes on, and what went less than well.

use serde::{Deserialize, Serialize};

/// Where a list continues, in the vendor's terms. Callers see it only sealed inside a cursor.
///
/// Counts are in records, not pages, so that `limit` may change from one page to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// An opaque cursor of the vendor's own.
    Cursor(String),
    /// The number of records already delivered, for vendors that page by number or offset.
    Offset(u64),
    /// The query string of the vendor's next-page address; never its host.
    NextQuery(String),
    /// An unpaged vendor list that the gateway slices: the number of records already delivered.
    Slice(u64),
    /// Within one page of the vendor's that was more than was wanted.
    Within {
        /// Where that page starts; `None`: it is the first.
        at: Option<Box<Position>>,
        /// How many of its records were delivered.
        taken: u64,
    },
    /// A page that may be no longer than `most`, so that a step back ends where the step forward began.
    Short {
        /// Where it starts.
        at: Box<Position>,
        /// The most records.
        most: u16,
    },
    /// Several lists, one after the other.
    Part {
        /// Which of them, counted from 0.
        part: u16,
        /// Where in it; `None`: at its start.
        at: Option<Box<Position>>,
    },
    /// A list that is reachable only through other records.
    Parents {
        /// Which list of parents, counted from 0.
        source: u16,
        /// Where its page of parents starts; `None`: at the start.
        page: Option<Box<Position>>,
        /// Which parent of that page, counted from 0.
        parent: u32,
        /// That parent's id, by which it is found again when the page has changed.
        id: String,
        /// How many of its children were passed.
        taken: u64,
    },
}

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
    /// The vendor's cursor did not move; the list was ended.
    CursorRepeated,
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

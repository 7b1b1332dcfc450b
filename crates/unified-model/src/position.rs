//! Where a list continues, in the vendor's terms. Callers see it only sealed inside a cursor.

use serde::{Deserialize, Serialize};

/// Where a list continues, in the vendor's terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// An opaque cursor of the vendor's own.
    Cursor(String),
    /// A number of records to skip. Issued by earlier versions; still read.
    Offset(u64),
    /// The query string of the vendor's next-page address; never its host.
    NextQuery(String),
    /// An unpaged vendor list that the gateway slices: the number of records already delivered.
    Slice(u64),
    /// A page of a vendor that numbers its pages.
    Page(PagePosition),
    /// A number of records to skip, and what is known of the vendor's pages.
    Skip(SkipPosition),
    /// The rest of a page that the vendor cut short, under the vendor's own address.
    Rest(RestPosition),
    /// A cursor or an address, with fingerprints of those that came before it.
    Trail {
        /// The cursor or the address.
        at: Box<Position>,
        /// How many came before it.
        steps: u64,
        /// The fingerprints of some of them.
        seen: String,
    },
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

/// A page of a vendor that numbers its pages. The next page is always that of the next number and the same size parameter,
/// however many records the vendor puts on a page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PagePosition {
    /// The page size that is asked for.
    pub size: u32,
    /// The number of the page, counted from 0.
    pub number: u64,
    /// How many of its records were passed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub taken: u64,
    /// How many records are on the pages before it.
    pub before: u64,
    /// How many records each page has, where all so far had as many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<u32>,
    /// Whether another size was tried in vain.
    #[serde(default, skip_serializing_if = "is_false")]
    pub stays: bool,
    /// The fingerprint of the first record of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<u64>,
    /// Whether the page before was itself one that came twice.
    #[serde(default, skip_serializing_if = "is_false")]
    pub again: bool,
}

/// A number of records to skip, at a vendor that takes one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkipPosition {
    /// The number to skip.
    pub from: u64,
    /// How many of them were no records of their own, because pages overlapped.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub over: u64,
    /// How many records the last page had, where that is fewer than were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<u32>,
    /// The fingerprint of the first record of the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<u64>,
    /// The fingerprint of the last record, where the next page may begin before its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<u64>,
    /// Whether the last page was itself one that came twice.
    #[serde(default, skip_serializing_if = "is_false")]
    pub again: bool,
}

/// The rest of a page that the vendor cut short.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestPosition {
    /// The query string of the vendor's address; never its host.
    pub query: String,
    /// How many records come before.
    pub before: u64,
    /// How many records of what was asked for are left; 0: none, but the vendor goes on.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left: u64,
    /// The fingerprint of the first record of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<u64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

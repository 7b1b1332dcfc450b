//! Entity tags, for tenants that have them: the time of a row's last change, as the services of this kind write it. A write that
//! names another one is refused.

use axum::http::header::IF_MATCH;

use super::replies;
use super::schema::Set;
use super::store::Account;
use crate::exchange::{Refusal, VendorRequest};
use crate::table::{Record, text};

/// A row's tag; `None` where the tenant has no tags, or the set keeps no time of changes.
pub(super) fn of(account: &Account, set: &Set, row: &Record) -> Option<String> {
    let changed = text(row, "UpdatedDate");
    let is_tagged = account.has_tags && set.property("UpdatedDate").is_some() && !changed.is_empty();
    is_tagged.then(|| format!("W/\"datetime'{}'\"", changed.replace(':', "%3A")))
}

/// Whether the row is still the one that `If-Match` means; without that header any is.
pub(super) fn check(account: &Account, request: &VendorRequest, set: &Set, key: &str) -> Result<(), Refusal> {
    let wanted = request.header(&IF_MATCH);
    let tag = account.row(set, key).and_then(|row| of(account, set, &row));
    match tag {
        Some(tag) if !wanted.is_empty() && wanted != "*" && !wanted.split(", ").any(|one| one == tag) => {
            Err(replies::changed_meanwhile())
        }
        _ => Ok(()),
    }
}

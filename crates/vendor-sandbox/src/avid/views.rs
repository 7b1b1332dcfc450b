//! Views: rows with the name and the place of their company beside them, to be read only.

use serde_json::Value;

use super::store::Account;
use crate::table::{Record, text};

/// The row with everything that any view adds; the set's properties say what is shown of it.
pub(super) fn of(account: &Account, row: &Record) -> Record {
    let mut view = row.clone();
    let company = account.table("Companies").and_then(|companies| companies.get(text(row, "MainCompanyId")));
    let mut add = |name: &str, value: Option<&Value>| {
        view.insert(name.to_owned(), value.cloned().unwrap_or_default());
    };
    add("CompanyName", company.and_then(|company| company.get("Name")));
    for (prefix, owner) in [("", Some(row)), ("Company", company)] {
        let address = owner.and_then(|owner| primary_address(account, text(owner, "Id")));
        for part in ["City", "State"] {
            add(&format!("{prefix}Business{part}"), address.and_then(|address| address.get(part)));
        }
    }
    view
}

fn primary_address<'a>(account: &'a Account, owner: &str) -> Option<&'a Record> {
    let mut addresses = account.table("Addresses")?.records();
    addresses.find(|address| text(address, "EntityId") == owner && text(address, "AddressType") == "Primary")
}

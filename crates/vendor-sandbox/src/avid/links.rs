//! `$links`: which rows belong to a row, listed, added with an XML body, and removed.

use axum::http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::address::{self, Address};
use super::render::Form;
use super::replies;
use super::schema::{CUSTOM_VALUES, Navigation, Relation, Set};
use super::store::{Account, Link};
use super::writes;
use crate::exchange::{Outcome, Refusal, VendorAnswer, VendorRequest};
use crate::table::text;

/// One end of a link and the way to the other.
struct End {
    set: &'static Set,
    key: String,
    navigation: &'static Navigation,
}

/// `/{Set}(key)/$links/{Navigation}`, for removal with the other row's key behind it or its address in body or `$id`.
pub(super) fn route(
    account: &mut Account,
    request: &VendorRequest,
    form: &Form,
    row: &str,
    navigation: &str,
) -> Outcome {
    let (set, key) = Address::read_row(row)?;
    let (name, other) = address::split(navigation)?;
    let navigation = set.navigation(name).ok_or_else(replies::no_such_page)?;
    let row = account.row(set, &key).ok_or_else(replies::no_such_row)?;
    match (request.method.as_str(), other) {
        ("GET", None) => {
            let related = account.related(&row, navigation);
            Ok(form.links(set, navigation, related.iter().map(|(set, row)| form.uri(set, row)).collect()))
        }
        ("PUT" | "POST", None) => add(account, request, &End { set, key, navigation }),
        ("DELETE", other) => {
            let other = match other {
                Some(other) => other,
                None => sent_address(request)?.1,
            };
            remove(account, &End { set, key, navigation }, &other)
        }
        _ => Err(replies::not_allowed()),
    }
}

/// PUT answers 203, as the vendor's guide says; POST 204, as `OData` does.
fn add(account: &mut Account, request: &VendorRequest, end: &End) -> Outcome {
    let (other_set, other) = sent_address(request)?;
    let fits = match end.navigation.relation {
        Relation::OwnsCustomValues => CUSTOM_VALUES.contains(&other_set.name),
        _ => other_set.name == end.navigation.target,
    };
    if !fits {
        return Err(replies::wrong(&format!("The link does not lead to {}.", end.navigation.name)));
    }
    let row = account.row(other_set, &other).ok_or_else(replies::no_such_row)?;
    match end.navigation.relation {
        Relation::FromLeft(_) | Relation::FromRight(_) => account.link(end.link(&other)?),
        Relation::Owns | Relation::OwnsCustomValues => {
            let mut moved = row.into_owned();
            moved.insert("EntityId".to_owned(), json!(end.key));
            writes::check_addresses(account, other_set, &moved)?;
            account.insert(other_set.name, moved);
        }
        Relation::OwnedBy => account.change(end.set, &end.key, |row| {
            row.insert("EntityId".to_owned(), json!(other));
        }),
    }
    account.clock.tick();
    Ok(VendorAnswer::empty(if request.method == "PUT" { 203 } else { 204 }))
}

fn remove(account: &mut Account, end: &End, other: &str) -> Outcome {
    let orphan = |row: &mut crate::table::Record| drop(row.insert("EntityId".to_owned(), Value::Null));
    match end.navigation.relation {
        Relation::FromLeft(_) | Relation::FromRight(_) => {
            if !account.unlink(&end.link(other)?) {
                return Err(replies::no_such_row());
            }
        }
        Relation::Owns | Relation::OwnsCustomValues | Relation::OwnedBy => {
            let row = account.row(end.set, &end.key).ok_or_else(replies::no_such_row)?;
            let related = account.related(&row, end.navigation);
            let found = related.iter().find(|(_, row)| text(row, "Id") == other).map(|(set, _)| *set);
            let other_set = found.ok_or_else(replies::no_such_row)?;
            match end.navigation.relation {
                Relation::OwnedBy => account.change(end.set, &end.key, orphan),
                _ => account.change(other_set, other, orphan),
            }
        }
    }
    account.clock.tick();
    Ok(VendorAnswer::empty(204))
}

impl End {
    fn link(&self, other: &str) -> Result<Link, Refusal> {
        let (own, other) = (self.key.clone(), other.to_owned());
        match self.navigation.relation {
            Relation::FromLeft(kind) => Ok(Link { kind, left: own, right: other }),
            Relation::FromRight(kind) => Ok(Link { kind, left: other, right: own }),
            Relation::Owns | Relation::OwnsCustomValues | Relation::OwnedBy => Err(replies::not_allowed()),
        }
    }
}

/// The row in `<uri>…</uri>`, or in `$id`. JSON is not understood here.
fn sent_address(request: &VendorRequest) -> Result<(&'static Set, String), Refusal> {
    if let Some(address) = request.query("$id") {
        return Address::read_row(address);
    }
    if !request.header(&CONTENT_TYPE).contains("xml") {
        return Err(replies::wrong("The body of a link is XML."));
    }
    let body = String::from_utf8_lossy(&request.body);
    let inside = body.split_once("<uri").and_then(|(_, rest)| rest.split_once('>')).map(|(_, rest)| rest);
    let address = inside.and_then(|rest| rest.split_once("</uri>")).map(|(address, _)| address);
    let address = address.ok_or_else(|| replies::wrong("The body holds no uri."))?;
    let address =
        ["&apos;", "&#39;", "&#x27;", "%27"].iter().fold(address.to_owned(), |text, quote| text.replace(quote, "'"));
    Address::read_row(&address)
}

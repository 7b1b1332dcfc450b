//! Ids that the vendor's answers tell: of a new record, or of a new entry.

use std::collections::BTreeMap;

use bytes::Bytes;
use connector_catalog::{AddressEnding, NewId};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use vendor_client::VendorReply;

use crate::call::ids::id_text;

/// The id; `None` where the answer does not tell it, or tells more than one. `headers` may hold the new record's address.
pub(super) fn find(
    at: &NewId,
    reply: &VendorReply,
    answers: &BTreeMap<String, Bytes>,
    headers: &[&str],
) -> Option<Value> {
    let document = || serde_json::from_slice::<Value>(&reply.body).ok();
    match at {
        NewId::At(path) => path.find(&document()?).filter(|id| id_text(id).is_some()).cloned(),
        NewId::InAddress { at, ending } => {
            let in_body = at.as_ref().and_then(|path| path.find(&document()?).cloned());
            in_body.filter(|id| id_text(id).is_some()).or_else(|| in_address(reply, headers, ending).map(Value::String))
        }
        NewId::Added { list, since, take } => {
            let earlier: Value =
                answers.get(since).and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default();
            let none = Vec::new();
            let before = list.find(&earlier).and_then(Value::as_array).unwrap_or(&none);
            let before: Vec<&Value> = before.iter().filter_map(|entry| take.find(entry)).collect();
            let document = document()?;
            let now = list.find(&document)?.as_array()?.iter().filter_map(|entry| take.find(entry));
            let mut added = now.filter(|id| id_text(id).is_some() && !before.contains(id));
            let id = added.next()?.clone();
            added.next().is_none().then_some(id)
        }
    }
}

/// The member that holds the id in an entry: it is called there as in the answer.
pub(super) fn member(at: &NewId) -> String {
    let path = match at {
        NewId::At(path) | NewId::Added { take: path, .. } | NewId::InAddress { at: Some(path), .. } => path.to_string(),
        NewId::InAddress { at: None, .. } => "$".to_owned(),
    };
    let last = path.rsplit(['.', '[', ']', '\'', '"']).find(|name| !name.is_empty());
    last.filter(|name| *name != "$").unwrap_or("id").to_owned()
}

/// The id at the end of the address of the new record.
fn in_address(reply: &VendorReply, headers: &[&str], ending: &AddressEnding) -> Option<String> {
    let mut addresses = headers.iter().filter_map(|name| reply.headers.get(*name)?.to_str().ok());
    addresses.find_map(|address| at_the_end(address, ending))
}

fn at_the_end(address: &str, ending: &AddressEnding) -> Option<String> {
    let path = address.split(['?', '#']).next()?.trim().trim_end_matches('/');
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    // Quotes and brackets may be percent-encoded; an id with a slash in it must be.
    let encoded = cut(path, ending).map(|id| percent_decode_str(id).decode_utf8_lossy().into_owned());
    encoded.or_else(|| cut(&decoded, ending).map(str::to_owned))
}

fn cut<'a>(path: &'a str, ending: &AddressEnding) -> Option<&'a str> {
    let before = path.strip_suffix(ending.after.trim_end_matches('/'))?;
    let (_, id) = before.rsplit_once(&ending.before)?;
    (!id.is_empty() && !id.contains('/')).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_stands_at_the_end_of_an_address() {
        for (address, ending, id) in [
            ("https://vendor.example/v1/contacts/71", "/{id}", Some("71")),
            ("/contacts/71/", "/contacts/{id}", Some("71")),
            ("/contacts/71?expand=all#top", "/contacts/{id}", Some("71")),
            ("/contacts/a%2Fb", "/contacts/{id}", Some("a/b")),
            ("/contacts/71/details", "/contacts/{id}", None),
            ("/contacts/", "/contacts/{id}", None),
            ("/companies/71", "/contacts/{id}", None),
            ("https://vendor.example/odata/Contacts(guid'aa-1')", "(guid'{id}')", Some("aa-1")),
            ("https://vendor.example/odata/Contacts(guid%27aa-1%27)", "(guid'{id}')", Some("aa-1")),
            ("https://vendor.example/odata/Contacts%28guid%27aa-1%27%29", "(guid'{id}')", Some("aa-1")),
            ("https://vendor.example/odata/Contacts(7)", "Contacts({id})", Some("7")),
            ("https://vendor.example/odata/Contacts(7)", "(guid'{id}')", None),
            ("", "/{id}", None),
        ] {
            let ending: AddressEnding = ending.parse().expect("an ending");
            assert_eq!(at_the_end(address, &ending).as_deref(), id, "{address}");
        }
    }
}

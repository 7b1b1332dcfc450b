//! Pages of another size than asked for, the same page again and again, and empty ones: what becomes of a list's request and
//! answer, by the names that the stand-ins have for size, place and cursor.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::exchange::{Content, VendorAnswer, VendorRequest};

const SIZES: [&str; 5] = ["page_size", "size", "pageSize", "$top", "limit"];
const PLACES: [&str; 2] = ["page", "$skip"];

/// The request with another page size, where it names one.
pub(crate) fn sized(request: &VendorRequest, size: impl Fn(Option<usize>) -> usize) -> VendorRequest {
    changed(request, |name, value| SIZES.contains(&name).then(|| size(value.parse().ok()).to_string()))
}

/// The request of the first page.
pub(crate) fn first(request: &VendorRequest) -> VendorRequest {
    changed(request, |name, _| PLACES.contains(&name).then(|| u8::from(name == "page").to_string()))
}

/// The request with other values in its query and its form.
fn changed(request: &VendorRequest, value: impl Fn(&str, &str) -> Option<String>) -> VendorRequest {
    let change = |pairs: &[(String, String)]| -> Vec<(String, String)> {
        let pairs = pairs.iter();
        pairs.map(|(name, own)| (name.clone(), value(name, own).unwrap_or_else(|| own.clone()))).collect()
    };
    let body = match request.content() {
        Content::Form(pairs) => {
            form_urlencoded::Serializer::new(String::new()).extend_pairs(change(&pairs)).finish().into()
        }
        Content::Empty | Content::Json(_) | Content::Malformed | Content::Other => request.body.clone(),
    };
    VendorRequest { query: change(&request.query), body, ..request.clone() }
}

/// Makes of a first page an empty one that leads to it.
pub(crate) fn empty(request: &VendorRequest, answer: &mut VendorAnswer) {
    let Ok(mut page) = serde_json::from_slice::<Value>(&answer.body) else { return };
    let starts = ["after", "cursor", "$skiptoken"].iter().all(|name| request.query(name).is_none());
    if !starts || !page.is_object() {
        return;
    }
    let again = || Value::String(request.url(&request.query));
    if page["results"].is_array() {
        page["results"] = json!([]);
        page["paging"] = json!({"next": {"after": "0"}});
    } else if page["data"].is_array() {
        page["data"] = json!([]);
        let start = json!({"fieldValue": "", "id": 0}).to_string();
        page["additional_data"] = json!({"next_cursor": URL_SAFE_NO_PAD.encode(start)});
    } else if page["value"].is_array() {
        page["value"] = json!([]);
        page["odata.nextLink"] = again();
    } else if page["d"]["results"].is_array() {
        page["d"]["results"] = json!([]);
        page["d"]["__next"] = again();
    }
    answer.body = page.to_string().into_bytes();
}

//! The body that makes a link: the address of the record at its other end, in XML.

use serde_json::{Map, Value};

/// The member of a step's body that names the record, as `Users(guid'…')`.
const MEMBER: &str = "uri";

/// The body's text. `base` is the address that the record's own is added to. `None`: no record is named.
pub(crate) fn body(base: &str, members: &Map<String, Value>) -> Option<String> {
    let record = record(members)?;
    let mut text = String::from(r#"<uri xmlns="http://schemas.microsoft.com/ado/2007/08/dataservices">"#);
    for character in base.chars().chain(['/']).chain(record.trim_start_matches('/').chars()) {
        match character {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            other => text.push(other),
        }
    }
    text.push_str("</uri>");
    Some(text)
}

/// The record at the other end, where the body names one.
pub(crate) fn record(members: &Map<String, Value>) -> Option<&str> {
    members.get(MEMBER).and_then(Value::as_str).filter(|record| !record.is_empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use serde_json::json;

    use super::*;

    #[test]
    fn the_address_is_whole_and_stays_inside_its_element() {
        let members = Map::from_iter([("uri".to_owned(), json!("Users(guid'1')</uri>&"))]);
        assert_eq!(
            body("https://vendor.example/odata", &members).unwrap(),
            "<uri xmlns=\"http://schemas.microsoft.com/ado/2007/08/dataservices\">\
             https://vendor.example/odata/Users(guid'1')&lt;/uri&gt;&amp;</uri>"
        );
    }

    #[test]
    fn a_link_to_nothing_has_no_body() {
        for members in [json!({}), json!({ "uri": "" }), json!({ "uri": null })] {
            assert_eq!(body("https://vendor.example/odata", members.as_object().unwrap()), None);
        }
    }
}

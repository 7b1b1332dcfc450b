//! The body that makes a link: the address of the record at its other end, in XML.

use serde_json::{Map, Value};

/// The member of a step's body that names the record, as `Users(guid'…')`.
const MEMBER: &str = "uri";

/// The body's text. `base` is the address that the record's own is added to.
pub(crate) fn body(base: &str, members: &Map<String, Value>) -> String {
    let record = members.get(MEMBER).and_then(Value::as_str).unwrap_or_default();
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
    text
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
            body("https://vendor.example/odata", &members),
            "<uri xmlns=\"http://schemas.microsoft.com/ado/2007/08/dataservices\">\
             https://vendor.example/odata/Users(guid'1')&lt;/uri&gt;&amp;</uri>"
        );
    }
}

//! The version of a record, where its vendor tells one: it goes back with the write over the record, which the vendor then refuses
//! if somebody else has changed the record since it was read.

use connector_catalog::{ConnectorDefinition, EntityTag};
use http::header::ETAG;
use http::{HeaderMap, HeaderValue};
use serde_json::{Map, Value};

use crate::call::dialect::Conventions;

/// Which version of which record was read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Version {
    pub(crate) tag: HeaderValue,
    /// The path that the record was read from.
    pub(crate) path: String,
}

/// The tag of a record that was read, which is taken out of it. `headers` are the answer's, where they are about that record alone.
pub(crate) fn take(
    connector: &ConnectorDefinition,
    conventions: &Conventions,
    headers: Option<&HeaderMap>,
    record: &mut Map<String, Value>,
) -> Option<HeaderValue> {
    let in_members: Vec<Value> = conventions.version_members.iter().filter_map(|name| record.remove(*name)).collect();
    let (member, inner) = conventions.version_at;
    let in_member = record.get(member).and_then(|member| member.get(inner)).cloned();
    let in_record = || in_members.into_iter().chain(in_member).find_map(|tag| as_header(&tag));
    let in_header = || headers?.get(ETAG).cloned();
    let tag = match &connector.entity_tag {
        EntityTag::None => None,
        EntityTag::Header => in_header(),
        EntityTag::Record(path) => path.find(&Value::Object(record.clone())).and_then(as_header),
        EntityTag::WhereTold => {
            let is_compared = |tag: &HeaderValue| conventions.compares_weak_tags || !is_weak(tag);
            in_record().or_else(|| in_header().filter(is_compared))
        }
    };
    tag.filter(is_tag)
}

/// A weak tag says that two versions mean the same. `If-Match` compares bytes (RFC 9110, 13.1.1), so it never matches one; some
/// protocols have it match all the same.
fn is_weak(tag: &HeaderValue) -> bool {
    tag.as_bytes().starts_with(b"W/")
}

/// `*` would match any version, and nothing matches none.
fn is_tag(tag: &HeaderValue) -> bool {
    !matches!(tag.as_bytes().trim_ascii(), b"" | b"*")
}

/// Versions are texts, or numbers.
fn as_header(tag: &Value) -> Option<HeaderValue> {
    match tag {
        Value::String(text) => HeaderValue::from_str(text).ok(),
        Value::Number(number) => HeaderValue::from_str(&number.to_string()).ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::sync::Arc;

    use connector_catalog::Catalog;
    use field_mapping::VendorPath;
    use serde_json::json;

    use super::*;

    const MEMBERS: [&str; 2] = ["odata.etag", "@odata.etag"];
    const STRICT: Conventions = Conventions {
        version_members: &MEMBERS,
        version_at: ("__metadata", "etag"),
        compares_weak_tags: false,
        new_record_headers: &[],
        compares_local_times: false,
        linked: |_| None,
        link: |_, _| None,
    };
    const LENIENT: Conventions = Conventions { compares_weak_tags: true, ..STRICT };

    fn connector(service: &str, entity_tag: EntityTag) -> ConnectorDefinition {
        let catalog = Catalog::built_in().unwrap();
        let definition = Arc::clone(catalog.connector(&service.parse().unwrap()).unwrap());
        ConnectorDefinition { entity_tag, ..ConnectorDefinition::clone(&definition) }
    }

    fn taken(connector: &ConnectorDefinition, header: Option<&str>, record: &Value) -> (Option<String>, Value) {
        let conventions = if connector.service_id.as_str() == "avid-crm" { &LENIENT } else { &STRICT };
        let headers = header.map(|tag| (ETAG, HeaderValue::from_str(tag).unwrap()));
        let headers: HeaderMap = headers.into_iter().collect();
        let mut record = record.as_object().unwrap().clone();
        let tag = take(connector, conventions, Some(&headers), &mut record);
        (tag.map(|tag| tag.to_str().unwrap().to_owned()), Value::Object(record))
    }

    #[test]
    fn a_tag_is_taken_from_wherever_it_is_told() {
        let odata = connector("avid-crm", EntityTag::WhereTold);
        let plain = json!({"Id": "1"});
        let told = |tag: &str| (Some(tag.to_owned()), plain.clone());
        assert_eq!(taken(&odata, Some("W/\"1\""), &plain), told("W/\"1\""));
        for member in MEMBERS {
            assert_eq!(taken(&odata, None, &json!({"Id": "1", member: "W/\"2\""})), told("W/\"2\""), "{member}");
        }
        let verbose = json!({"Id": "1", "__metadata": {"etag": "W/\"3\""}});
        assert_eq!(taken(&odata, None, &verbose), (Some("W/\"3\"".to_owned()), verbose));
        for useless in ["*", "", "\u{7f}", "a\nb"] {
            assert_eq!(
                taken(&odata, None, &json!({"Id": "1", "odata.etag": useless})),
                (None, plain.clone()),
                "{useless:?}"
            );
        }
    }

    #[test]
    fn a_weak_tag_counts_where_the_protocol_or_the_definition_says_so() {
        let plain = json!({"id": "1"});
        let rest = connector("hubspot", EntityTag::WhereTold);
        assert_eq!(taken(&rest, Some("W/\"1\""), &plain).0, None);
        assert_eq!(taken(&rest, Some("\"1\""), &plain).0.as_deref(), Some("\"1\""));
        let told = connector("hubspot", EntityTag::Header);
        assert_eq!(taken(&told, Some("W/\"1\""), &plain).0.as_deref(), Some("W/\"1\""));
    }

    #[test]
    fn the_definition_may_say_where_or_that_there_is_none() {
        let record = json!({"id": "1", "version": 7, "odata.etag": "W/\"1\""});
        let switched_off = connector("hubspot", EntityTag::None);
        assert_eq!(taken(&switched_off, Some("\"1\""), &record).0, None);
        let in_member = connector("hubspot", EntityTag::Record(VendorPath::parse("version").unwrap()));
        let (tag, left) = taken(&in_member, Some("\"1\""), &record);
        assert_eq!((tag.as_deref(), left["version"].clone()), (Some("7"), json!(7)));
    }
}

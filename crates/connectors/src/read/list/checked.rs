//! Filters whose effect is checked: a vendor that does not know a parameter answers every record, and nobody is to take those for what
//! was asked for.

use connector_catalog::{Comparison, ListRefusal, ListWay};
use field_mapping::{Mapping, VendorPath};
use serde_json::Value;
use unified_model::{Filter, UnifiedRequest};

use crate::call::exchange;
use crate::call::ids::as_text;
use crate::call::outcome::ConnectorError;
use crate::request::filters;

/// Refuses an answer that holds a record which a checked filter excludes.
///
/// # Errors
/// [`ListRefusal::Ignored`] with the filters that the vendor ignored.
pub(super) fn check(
    way: &ListWay,
    mapping: &Mapping,
    request: &UnifiedRequest,
    body: &[u8],
) -> Result<(), ConnectorError> {
    let asked: Vec<&Filter> = request.filters.iter().filter(|filter| way.checked.contains(&filter.field)).collect();
    if asked.is_empty() {
        return Ok(());
    }
    // What cannot be read is told of where it is read.
    let Ok(document) = serde_json::from_slice::<Value>(body) else { return Ok(()) };
    let records = exchange::rows(&document, &way.records, way.empty).unwrap_or_default();
    let is_ignored = |filter: &&&Filter| records.iter().any(|record| !admits(way, mapping, filter, record));
    let ignored: Vec<String> = asked.iter().filter(is_ignored).map(|filter| filter.field.clone()).collect();
    if ignored.is_empty() { Ok(()) } else { Err(ConnectorError::ListRefused(ListRefusal::Ignored { ignored })) }
}

/// Whether a record shows the value asked for. One that shows nothing there may be anything, so it does not.
fn admits(way: &ListWay, mapping: &Mapping, filter: &Filter, record: &Value) -> bool {
    let comparison = way.filters.iter().find(|(name, _)| *name == filter.field).map(|(_, comparison)| *comparison);
    let (Some(field), Some(comparison)) = (mapping.filter(&filter.field), comparison) else { return true };
    let wanted = filters::text(&filter.value).to_lowercase();
    let shown = field.at.iter().filter_map(|path| VendorPath::parse(path).ok()?.take(record)).map(|own| as_text(&own));
    let meets = |own: String| match comparison {
        Comparison::Eq => own.to_lowercase() == wanted,
        Comparison::Contains => own.to_lowercase().contains(&wanted),
        // A lower bound is sent in the vendor's own terms, which are compared elsewhere.
        Comparison::Ge => true,
    };
    shown.into_iter().any(meets)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use connector_catalog::Catalog;
    use unified_model::{Operation, RequestParts, Resource};

    use super::*;

    const CONNECTOR: &str = "service_id: quay-crm
name: Quay
protocol: rest
base_url: https://quay.example
auth: { bearer: { token: none } }
resources:
  contacts:
    all:
      request: GET /people
      query: { q: \"{filter.name}\", company: \"{filter.company_id}\" }
      filters: { name: contains, company_id: eq }
      checked: [name, company_id]
      records: people
      paging: none
";
    const MAPPING: &str = "fields: { id: { at: id, as: text, mode: read } }
filters: { name: name, company_id: employer.id }
";

    fn refused(query: &str, body: &str) -> Option<ListRefusal> {
        let files = [("connectors/quay-crm.yaml", CONNECTOR), ("mappings/quay-crm/contacts.yaml", MAPPING)];
        let catalog = Catalog::from_sources(&files).unwrap();
        let contacts = catalog.connectors().next().unwrap().entity(Resource::Contacts).unwrap();
        let (resource, operation) = (Resource::Contacts, Operation::All);
        let parts = RequestParts { resource, operation, parent: None, id: None, query, body: None };
        let request = UnifiedRequest::new(unified_model::CanonicalSchema::built_in(), parts).unwrap();
        let way = contacts.all.as_ref().unwrap().choose(&["name"], None).unwrap();
        match check(way, &contacts.mapping, &request, body.as_bytes()) {
            Ok(()) => None,
            Err(ConnectorError::ListRefused(refusal)) => Some(refusal),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn records_that_a_filter_excludes_are_noticed() {
        for (query, body, ignored) in [
            ("filter[name]=quill", r#"{"people":[]}"#, &[][..]),
            ("filter[name]=quill", r#"{"people":[{"name":"Quill"},{"name":"Ada Quillfeather"}]}"#, &[]),
            ("filter[name]=quill", r#"{"people":[{"name":"Quill"},{"name":"Ada"}]}"#, &["name"]),
            ("filter[name]=quill", r#"{"people":[{"id":"1"}]}"#, &["name"]),
            ("filter[name]=quill", r#"{"people":[{"name":null}]}"#, &["name"]),
            ("filter[name]=quill", "no JSON", &[]),
            ("filter[company_id]=a1", r#"{"people":[{"employer":{"id":"A1"}}]}"#, &[]),
            ("filter[company_id]=a1", r#"{"people":[{"employer":{"id":"A11"}}]}"#, &["company_id"]),
            ("filter[company_id]=7", r#"{"people":[{"employer":{"id":7}}]}"#, &[]),
            ("filter[company_id]=7&filter[name]=q", r#"{"people":[{}]}"#, &["company_id", "name"]),
            ("", r#"{"people":[{}]}"#, &[]),
        ] {
            let ignored: Vec<String> = ignored.iter().map(|name| (*name).to_owned()).collect();
            let owed = if ignored.is_empty() { None } else { Some(ListRefusal::Ignored { ignored }) };
            assert_eq!(refused(query, body), owed, "{query} {body}");
        }
    }
}

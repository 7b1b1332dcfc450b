//! A small connector with one of everything, and its mappings.

#![allow(dead_code, reason = "each test file uses what it needs")]

use connector_catalog::{Catalog, CatalogError, ConnectorDefinition, Diagnostic};
use std::sync::Arc;

pub(crate) const ACME: &str = r#"service_id: acme
name: Acme
protocol: rest
docs: https://acme.example/docs
settings:
  domain: { label: Sub-domain, pattern: "[a-z]+", required: true, secrets_go_to: true }
  token: { label: Token, type: password, required: true }
base_url: https://{settings.domain}.acme.example/v1
auth: { bearer: { token: "{settings.token}" } }
headers: { Accept: application/json }
query: { tenant: "{settings.domain}" }
ids: "[0-9]+"
limits: { requests: 10, per: 1s, concurrency: 2 }
timeout: 30s
retry: { reads: { on: [429, 503], attempts: 3, backoff: { base: 300ms, factor: 2 }, wait_header: Retry-After } }
errors:
  - { status: 404, as: not_found }
  - { status: 200, steps: [owner], text: true, as: refused }
error_messages: [error.message]
lookups:
  users: { request: GET /users, key: id, cache: 5m }
resources:
  companies:
    kind: { type: org }
    all:
      request: GET /companies
      records: items
      paging: { page: { size: per_page, max: 100, send: page, total: { document: total } } }
      sort: { pair: { by: sort, direction: order } }
      sorts: [name]
      query: { name: "{filter.name}" }
      filters: { name: contains }
      alternatives:
        - { when: { filter: { updated_since: ge } }, request: "GET /companies/since/{filter.updated_since}" }
    one: { request: "GET /companies/{id}", record: item }
    add: { request: POST /companies }
    update:
      choose:
        - covers: [name, tags]
          steps:
            - { id: part, request: "PATCH /companies/{id}", send: [id, name] }
            - { id: tags, request: "PUT /companies/{id}/tags", send: { tags: { added_to: tags } } }
            - { id: owner, request: "POST /companies/{id}/owner", send: { email: { lookup: users, by: owner.id, take: email } } }
        - steps:
            - { id: whole, request: "PUT /companies/{id}", send: { over: current, drop: [owner] } }
    delete: { request: "DELETE /companies/{id}", first: one }
"#;

pub(crate) const ACME_COMPANIES: &str = "fields:
  id: { at: id, as: text, mode: read }
  name: name
filters: { name: name }
sorts: { name: name }
";

/// The connector and its mapping, with a piece of the connector replaced.
pub(crate) fn acme_with(from: &str, to: &str) -> Result<Catalog, CatalogError> {
    assert!(ACME.contains(from), "the fixture does not contain {from:?}");
    let connector = ACME.replacen(from, to, 1);
    Catalog::from_sources(&[("connectors/acme.yaml", &connector), ("mappings/acme/companies.yaml", ACME_COMPANIES)])
}

pub(crate) fn acme() -> Arc<ConnectorDefinition> {
    definition(&acme_with("name: Acme", "name: Acme").expect("the fixture is right"), "acme")
}

pub(crate) fn definition(catalog: &Catalog, service: &str) -> Arc<ConnectorDefinition> {
    Arc::clone(catalog.connector(&service.parse().expect("a service id")).expect("a connector"))
}

/// Every mistake, a line each.
pub(crate) fn mistakes(result: Result<Catalog, CatalogError>) -> Vec<String> {
    match result {
        Ok(_) => Vec::new(),
        Err(CatalogError::Definitions(found)) => found.iter().map(Diagnostic::to_string).collect(),
        Err(other) => vec![other.to_string()],
    }
}

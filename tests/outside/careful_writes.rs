//! Writes that no built-in definition makes: what a definition cannot carry is said, what a write refers to is checked first, and
//! nothing is sent to an address that names no record.

use connector_catalog::Catalog;
use server::case::{Case, play};

const CONNECTOR: &str = r#"service_id: acme
name: Acme
protocol: rest
settings:
  mode: { label: Mode, type: select, options: [full, poor], default: full }
base_url: https://acme.example
auth: { header: { name: x-key, value: secret } }
ids: "[0-9]+"
errors: [ { status: 404, as: not_found } ]
resources:
  contacts:
    references: { owner_id: { request: "GET /users/{id}" } }
    one: { request: "GET /contacts/{id}" }
    add:
      steps:
        - { id: contact, when: { settings: { mode: full } }, request: POST /contacts }
    update:
      steps:
        - id: link
          for_each: { added_to: links }
          request: POST /contacts/{id}/links
          send: { companyId: item.companyId }
          new_id: id
          undo: DELETE /contacts/{id}/links/{item.id}
        - { id: name, request: "PATCH /contacts/{id}", send: { changed: { only: [first, owner] } } }
        - { id: title, when: { settings: { mode: full } }, request: "PUT /contacts/{id}/title", send: [title] }
        - { id: unlink, for_each: { removed_from: links }, request: DELETE /links, query: { link: "{item.id}" } }
"#;

const MAPPING: &str = "nulls: send
fields:
  id: { at: id, as: text, mode: read }
  first_name: first
  title: title
  owner_id: owner
  company_id: { at: 'links[companyId!=].companyId', as: text }
  description: { at: about, mode: read }
lists:
  links: { key: [companyId] }
";

async fn plays(case: &str) {
    let files = [("connectors/acme.yaml", CONNECTOR), ("mappings/acme/contacts.yaml", MAPPING)];
    let catalog = Catalog::from_sources(&files).unwrap_or_else(|error| panic!("{error}"));
    let case: Case = serde_saphyr::from_str(&format!("case: it\nservice: acme\n{case}")).unwrap();
    play(case, &catalog).await.unwrap_or_else(|differences| panic!("{differences}"));
}

#[tokio::test]
async fn a_change_that_no_call_carries_is_refused_whole() {
    plays(
        "settings: { mode: poor }
request: { method: PATCH, path: /crm/contacts/7, body: { first_name: Ada, title: CTO } }
exchanges:
  - { expect: { method: GET, path: /contacts/7 }, answer: { json: { id: 7, first: Eve, title: null, links: [] } } }
reply:
  status: 501
  body:
    type_name: ConnectorWorkflowMappingError
    detail: { outcome: not_run, because: definition, fields: [title], message: No call of Acme writes title; nothing was written. }",
    )
    .await;
}

#[tokio::test]
async fn what_stays_as_it_is_needs_no_call() {
    plays(
        "settings: { mode: poor }
request: { method: PATCH, path: /crm/contacts/7, body: { first_name: Ada, title: CTO } }
exchanges:
  - { expect: { method: GET, path: /contacts/7 }, answer: { json: { id: 7, first: Eve, title: CTO, links: [] } } }
  - { expect: { method: PATCH, path: /contacts/7, json: { first: Ada } }, answer: { json: { id: 7 } } }
reply: { status: 200, body: { data: { id: '7' } } }",
    )
    .await;
}

#[tokio::test]
async fn a_new_record_for_which_no_call_is_made_is_no_fault_of_the_server() {
    plays(
        "settings: { mode: poor }
request: { method: POST, path: /crm/contacts, body: { first_name: Ada } }
reply: { status: 501, body: { type_name: ConnectorWorkflowMappingError, detail: { outcome: not_run } } }",
    )
    .await;
}

#[tokio::test]
async fn a_read_only_or_unsupported_member_alone_is_a_warning() {
    plays(
        "request: { method: PATCH, path: /crm/contacts/7, body: { description: tall, department: Sales } }
exchanges:
  - { expect: { method: GET, path: /contacts/7 }, answer: { json: { id: 7, first: Eve, links: [] } } }
reply:
  status: 200
  body:
    data: { id: '7' }
    meta:
      warnings:
        - { type: unsupported_field, field: department, message: '*' }
        - { type: read_only_field, field: description, message: '*' }",
    )
    .await;
}

#[tokio::test]
async fn a_record_that_is_referred_to_is_looked_for_before_anything_is_written() {
    plays(
        "request: { method: POST, path: /crm/contacts, body: { first_name: Ada, owner_id: '4' } }
exchanges:
  - { expect: { method: GET, path: /users/4 }, answer: { status: 404 } }
reply:
  status: 400
  body: { type_name: RequestValidationError, detail: 'owner_id: `4` is the id of no record of Acme; nothing was written' }",
    )
    .await;
    plays(
        "request: { method: POST, path: /crm/contacts, body: { first_name: Ada, owner_id: '4' } }
exchanges:
  - { expect: { method: GET, path: /users/4 }, answer: { json: { id: 4 } } }
  - { expect: { method: POST, path: /contacts, json: { first: Ada, owner: '4' } }, answer: { json: { id: 8 } } }
reply: { status: 201, body: { data: { id: '8' } } }",
    )
    .await;
}

#[tokio::test]
async fn an_id_that_the_record_holds_already_may_be_sent_back() {
    plays(
        "request: { method: PATCH, path: /crm/contacts/7, body: { first_name: Ada, owner_id: gone } }
exchanges:
  - { expect: { method: GET, path: /contacts/7 }, answer: { json: { id: 7, first: Eve, owner: gone, links: [] } } }
  - { expect: { method: PATCH, path: /contacts/7, json: { first: Ada } }, answer: { json: { id: 7 } } }
reply: { status: 200, body: { data: { id: '7' } } }",
    )
    .await;
}

#[tokio::test]
async fn a_reference_that_the_answer_shows_otherwise_is_told() {
    plays(
        "request: { method: PATCH, path: /crm/contacts/7, body: { first_name: Ada, owner_id: '4' } }
exchanges:
  - { expect: { method: GET, path: /contacts/7 }, answer: { json: { id: 7, first: Eve, owner: '3', links: [] } } }
  - { expect: { method: GET, path: /users/4 }, answer: { json: { id: 4 } } }
  - { expect: { method: PATCH, path: /contacts/7, json: { first: Ada, owner: '4' } }, answer: { json: { id: 7, first: Ada, owner: '3' } } }
reply:
  status: 200
  body:
    data: { id: '7' }
    meta: { warnings: [{ type: value_changed, field: owner_id, message: 'Acme did not keep `4`; its answer shows another value, or none' }] }",
    )
    .await;
}

#[tokio::test]
async fn no_removal_is_sent_without_the_record_that_it_is_about() {
    plays(
        "request: { method: PATCH, path: /crm/contacts/7, body: { company_id: '' } }
exchanges:
  - expect: { method: GET, path: /contacts/7 }
    answer: { json: { id: 7, first: Eve, links: [{ id: ' ', companyId: '1' }] } }
reply: { status: 400, body: { type_name: RequestValidationError, detail: '*' } }",
    )
    .await;
}

#[tokio::test]
async fn what_came_in_place_of_something_stays_once_that_is_gone() {
    plays(
        "request: { method: PATCH, path: /crm/contacts/7, body: { company_id: '2' } }
exchanges:
  - expect: { method: GET, path: /contacts/7 }
    answer: { json: { id: 7, first: Eve, links: [{ id: '51', companyId: '1' }] } }
  - { expect: { method: POST, path: /contacts/7/links, json: { companyId: '2' } }, answer: { json: { id: '52' } } }
  - { expect: { method: DELETE, path: /links, query: { link: '51' } }, answer: { status: 500, json: { message: broke } } }
reply:
  status: 400
  body:
    type_name: ConnectorExecutionError
    detail: { outcome: partial, completed_steps: [link], failed_step: unlink }",
    )
    .await;
    plays(
        "request: { method: PATCH, path: /crm/contacts/7, body: { company_id: '2' } }
exchanges:
  - expect: { method: GET, path: /contacts/7 }
    answer: { json: { id: 7, first: Eve, links: [{ id: '51', companyId: '1' }] } }
  - { expect: { method: POST, path: /contacts/7/links, json: { companyId: '2' } }, answer: { json: { id: '52' } } }
  - { expect: { method: DELETE, path: /links, query: { link: '51' } }, answer: { status: 409, json: { message: locked } } }
  - { expect: { method: DELETE, path: /contacts/7/links/52 }, answer: { status: 204 } }
reply:
  status: 409
  body:
    type_name: ConnectorExecutionError
    detail: { outcome: undone, completed_steps: [link], undone_steps: [link], failed_step: unlink }",
    )
    .await;
}

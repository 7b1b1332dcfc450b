//! What an answer of success must hold, and what a definition declares to be empty instead.

use connectors::{ConnectorError, Failure, OutcomeData};
use serde_json::{Value, json};
use unified_model::{Operation, Resource};

use crate::gateway::Gateway;
use crate::vendor::{Asked, Vendor};

/// How many records a list has, or why its answer cannot be used.
async fn listed(
    resources: &str,
    resource: Resource,
    answers: impl Fn(&Asked) -> Value + Send + Sync + 'static,
) -> Result<usize, String> {
    let vendor = Vendor::answering(answers).await;
    match Gateway::to(&vendor, resources).execute(resource, Operation::All, None, "", None).await {
        Ok(outcome) => match outcome.data {
            OutcomeData::Page { count, .. } => Ok(count),
            OutcomeData::Record(_) | OutcomeData::Written(_) => panic!("no page"),
        },
        Err(error) => Err(reason(error)),
    }
}

fn reason(error: ConnectorError) -> String {
    match error {
        ConnectorError::NotFound(id) => format!("there is no {id}"),
        ConnectorError::Call { failure, .. } => match *failure {
            Failure::Unusable { reason, .. } => reason,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

/// `(what `empty` says, the answer, whether that is empty)`.
fn answers() -> Vec<(&'static str, Value, bool)> {
    let (none, null, missing) = (json!({ "items": [] }), json!({ "items": null }), json!({ "more": 1 }));
    vec![
        ("[]", none.clone(), true),
        ("[]", null.clone(), false),
        ("[]", missing.clone(), false),
        ("[]", json!(""), false),
        ("[is_null]", null.clone(), true),
        ("[is_null]", missing.clone(), false),
        ("[missing]", missing.clone(), true),
        ("[missing]", null.clone(), false),
        ("[missing]", json!([]), false),
        ("[no_body]", json!(""), true),
        ("[no_body]", null, false),
        ("[is_null, missing]", json!({ "items": {} }), false),
        ("[is_null, missing]", json!({ "items": [7] }), false),
        ("[is_null, missing]", json!({ "items": [{ "name": "no id" }] }), false),
        ("[is_null, missing]", json!({ "items": [{ "id": "" }] }), false),
        ("[is_null, missing]", json!({ "items": [{ "id": {} }] }), false),
        ("[is_null, missing]", missing, true),
        ("[is_null, missing]", none, true),
    ]
}

#[tokio::test]
async fn a_list_is_empty_where_the_definition_says_so() {
    for (empty, answer, is_empty) in answers() {
        let all =
            format!("  companies:\n    all: {{ request: GET /c, records: items, empty: {empty}, paging: sliced }}\n");
        let sent = answer.clone();
        let found = listed(&all, Resource::Companies, move |_| sent.clone()).await;
        assert_eq!(found == Ok(0), is_empty, "{empty} {answer}: {found:?}");
    }
}

#[tokio::test]
async fn parents_and_their_children_are_none_where_the_definition_says_so() {
    for (empty, answer, is_empty) in answers() {
        let resource = format!(
            "  notes:
    all:
      parents:
        - request: GET /people
          records: items
          empty: {empty}
          paging: sliced
          id: id
          children: \"GET /people/{{parent}}/notes\"
          children_at: items
"
        );
        let sent = answer.clone();
        let parents = listed(&resource, Resource::Notes, move |_| sent.clone()).await;
        assert_eq!(parents == Ok(0), is_empty, "parents, {empty} {answer}: {parents:?}");
        let sent = answer.clone();
        let children = move |asked: &Asked| match asked.path.as_str() {
            "/people" => json!({ "items": [{ "id": 1 }] }),
            _ => sent.clone(),
        };
        let children = listed(&resource, Resource::Notes, children).await;
        assert_eq!(children == Ok(0), is_empty, "children, {empty} {answer}: {children:?}");
    }
}

#[tokio::test]
async fn a_record_is_not_there_where_the_definition_says_so() {
    for (empty, answer, is_empty) in answers() {
        let resource =
            format!("  companies:\n    one: {{ request: \"GET /c/{{id}}\", record: items, empty: {empty} }}\n");
        let sent = answer.clone();
        let vendor = Vendor::answering(move |_| sent.clone()).await;
        let gateway = Gateway::to(&vendor, &resource);
        let one = gateway.execute(Resource::Companies, Operation::One, Some("1"), "", None).await;
        let found = reason(one.expect_err("no record"));
        assert_eq!(found == "there is no 1", is_empty, "{empty} {answer}: {found}");
    }
}

#[tokio::test]
async fn what_is_loaded_is_nothing_where_the_definition_says_so() {
    // What is loaded may be of any form, but not missing.
    let answers = || answers().into_iter().filter(|(_, answer, _)| answer["items"].is_null());
    for (empty, answer, is_empty) in answers() {
        let resource = format!(
            "  companies:
    load: {{ label: {{ request: \"GET /c/{{id}}/label\", records: items, empty: {empty}, all: always }} }}
    all: {{ request: GET /c, paging: sliced }}
"
        );
        let sent = answer.clone();
        let vendor = move |asked: &Asked| match asked.path.as_str() {
            "/c" => json!([{ "id": 1 }]),
            _ => sent.clone(),
        };
        let found = listed(&resource, Resource::Companies, vendor).await;
        assert_eq!(found == Ok(1), is_empty, "{empty} {answer}: {found:?}");
    }
}

#[tokio::test]
async fn one_or_none_may_be_a_record_a_list_or_null() {
    let all = "  companies:\n    all: { request: GET /c, records: one_or_none, paging: none }\n";
    for (answer, records) in [
        (json!({ "id": 1 }), Ok(1)),
        (json!([{ "id": 1 }]), Ok(1)),
        (json!([]), Ok(0)),
        (json!({}), Err("a record of the answer has no id at `id`")),
        (json!("gone"), Err("what the answer holds at `$` is no list of records")),
        (json!(""), Err("the answer has no body")),
    ] {
        let sent = answer.clone();
        let found = listed(all, Resource::Companies, move |_| sent.clone()).await;
        assert_eq!(found, records.map_err(str::to_owned), "{answer}");
    }
}

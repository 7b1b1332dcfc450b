//! Data that the vendor keeps beside the records of a list.

use serde_json::{Value, json};
use unified_model::Resource;

use crate::gateway::Gateway;
use crate::vendor::{Asked, Vendor};

fn resource(all: &str) -> String {
    format!(
        "  companies:
    kind: {{ kind: wanted }}
    load: {{ label: {{ request: \"GET /companies/{{id}}/label\", records: text, all: {all} }} }}
    all: {{ request: GET /companies, records: items, paging: sliced }}
"
    )
}

fn answer(asked: &Asked) -> Value {
    match asked.path.split('/').skip(1).collect::<Vec<_>>().as_slice() {
        ["companies"] => {
            let company =
                |id: usize| json!({ "id": id, "kind": if id.is_multiple_of(2) { "wanted" } else { "other" } });
            json!({ "items": (0..8).map(company).collect::<Vec<_>>() })
        }
        ["companies", "4", "label"] => Value::Null,
        ["companies", id, "label"] => json!({ "text": format!("Label {id}") }),
        _ => Value::Null,
    }
}

async fn calls(all: &str, query: &str) -> (Vec<String>, Vec<String>, Vec<String>) {
    let vendor = Vendor::answering(answer).await;
    let page = Gateway::to(&vendor, &resource(all)).page(Resource::Companies, query, None).await;
    (page.names, page.raw, vendor.seen())
}

#[tokio::test]
async fn a_list_loads_for_the_records_that_it_answers_when_fields_asks_for_it() {
    let (names, raw, seen) = calls("opt_in", "fields=name&limit=3&raw=true").await;
    assert_eq!(names, ["Label 0", "Label 2", ""], "what belonged to a record that went away is nothing");
    assert_eq!(seen.len(), 4, "{seen:?}");
    assert_eq!(raw, ["all", "all-2", "all-3"]);
    let (names, _, seen) = calls("opt_in", "").await;
    assert_eq!((names.len(), seen.len()), (4, 1));
}

#[tokio::test]
async fn a_list_loads_always_or_never_where_the_definition_says_so() {
    assert_eq!(calls("always", "").await.2.len(), 5);
    assert_eq!(calls("never", "fields=name").await.2.len(), 1);
}

//! Credentials, XML and JSON, statuses and content types.

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::json;
use vendor_sandbox::{AGILE_API_KEY, AGILE_EMAIL};

use crate::client::{Agile, read};

#[tokio::test]
async fn a_wrong_key_answers_401_as_json() {
    let agile = Agile::start().await;
    let wrong = read(agile.bare("GET", "contacts").basic_auth(AGILE_EMAIL, Some("another"))).await;
    assert_eq!(wrong.status, 401);
    assert_eq!(wrong.value(), json!({"status": "401", "exception message": "authentication issue"}));
    assert_eq!(read(agile.bare("GET", "contacts")).await.status, 401);
    assert_eq!(read(agile.bare("GET", "contacts").header("authorization", "Basic")).await.status, 401);
}

#[tokio::test]
async fn without_accept_json_lists_and_records_are_xml() {
    let agile = Agile::start().await;
    let request = |path: &str| agile.bare("GET", path).basic_auth(AGILE_EMAIL, Some(AGILE_API_KEY));
    for request in [request("contacts?page_size=2"), request("contacts?page_size=2").header(ACCEPT, "*/*")] {
        let list = read(request).await;
        assert_eq!((list.status, list.content_type.as_str()), (200, "application/xml"));
        assert!(list.text.starts_with("<?xml") && list.text.contains("<collection><contact>"), "{}", list.text);
        assert!(list.text.contains("<count>250</count>"));
    }
    let one = read(request("contacts/9007199254740993")).await;
    assert!(one.text.contains("<id>9007199254740993</id>") && one.text.ends_with("</contact>"), "{}", one.text);
}

#[tokio::test]
async fn unknown_ids_answer_204_and_ids_that_are_no_numbers_500() {
    let agile = Agile::start().await;
    let unknown = agile.get("contacts/42").await;
    assert_eq!((unknown.status, unknown.text.as_str()), (204, ""));
    let text = agile.get("contacts/abc").await;
    let message = "java.lang.NumberFormatException: For input string: \"abc\"";
    assert_eq!(text.status, 500);
    assert_eq!(text.value(), json!({"status": "500", "exception message": message}));
    assert_eq!(agile.get("contacts/99999999999999999999").await.status, 500);
    assert_eq!(agile.delete("contacts/x%2Fy").await.status, 500);
    assert_eq!(agile.get("no/such/page").await.status, 404);
}

#[tokio::test]
async fn forms_and_json_are_not_taken_for_each_other() {
    let agile = Agile::start().await;
    let forms = ["contacts/list", "contacts/companies/list", "filters/filter/dynamic-filter", "contacts/change-owner"];
    for path in forms {
        assert_eq!(agile.json("POST", path, &json!({"page_size": 5})).await.status, 415, "{path}");
    }
    assert_eq!(agile.form("contacts", &[("type", "PERSON")]).await.status, 415);
    let broken = agile.request("POST", "contacts").header(CONTENT_TYPE, "application/json").body("{\"type\":");
    assert_eq!(read(broken).await.status, 400);
    assert_eq!(read(agile.request("GET", "contacts").body("{}")).await.status, 400);
}

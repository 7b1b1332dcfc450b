//! Records by e-mail, phone number and keyword; users and custom fields.

use serde_json::json;

use crate::client::{Agile, properties};

#[tokio::test]
async fn a_person_is_found_by_any_e_mail_in_lower_case_and_no_company_is() {
    let agile = Agile::start().await;
    let found = agile.get("contacts/search/email/person30%2Bsecond%40work.example").await.value();
    assert_eq!(properties(&found, "SYSTEM", "email").len(), 4);
    assert_eq!(agile.get("contacts/search/email/Person30@work.example").await.status, 204);
    assert_eq!(agile.get("contacts/search/email/desk@company2.example").await.status, 204);
}

#[tokio::test]
async fn several_e_mails_are_answered_in_their_order_with_empty_objects_for_strangers() {
    let agile = Agile::start().await;
    let emails = json!(["person2@work.example", "stranger@work.example", "person1@work.example"]).to_string();
    let found = agile.form("contacts/search/email", &[("email_ids", &emails)]).await.list();
    assert_eq!(properties(&found[0], "SYSTEM", "email")[0], "person2@work.example");
    assert_eq!(found[1], json!({}));
    assert_eq!(properties(&found[2], "SYSTEM", "email")[0], "person1@work.example");
    assert_eq!(agile.form("contacts/search/email", &[("email_ids", "person1@work.example")]).await.status, 400);
}

#[tokio::test]
async fn phone_numbers_find_companies_too() {
    let agile = Agile::start().await;
    let company = agile.get("contacts/search/phonenumber/+1%20555%20019%200002").await.value();
    assert_eq!(company["type"], "COMPANY");
    assert_eq!(agile.get("contacts/search/phonenumber/0").await.status, 204);
}

#[tokio::test]
async fn a_keyword_needs_its_companions() {
    let agile = Agile::start().await;
    let found = agile.get("search?q=PERSON1&page_size=5&type=PERSON").await.list();
    assert_eq!(found.len(), 5);
    assert!(found.iter().all(|record| record.get("cursor").is_none() && record["type"] == "PERSON"));
    assert_eq!(agile.get("search?q=company7.example&page_size=5&type=%22COMPANY%22").await.list().len(), 1);
    assert_eq!(agile.get("search?q=nobody+at+all&page_size=5&type=PERSON").await.text, "[]");
    for query in ["q=a&page_size=5", "q=a&type=PERSON", "page_size=5&type=PERSON", "q=a&page_size=5&type=LEAF"] {
        assert_eq!(agile.get(&format!("search?{query}")).await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn users_come_as_a_list_and_the_first_is_the_keys() {
    let agile = Agile::start().await;
    let users = agile.get("users").await.list();
    assert_eq!(users.len(), 4);
    assert_eq!(agile.get("users/current-user").await.value(), users[0]);
    assert_eq!(users[0]["email"], vendor_sandbox::AGILE_EMAIL);
    assert_eq!(users[0]["domain"], vendor_sandbox::AGILE_DOMAIN);
    assert!(users.iter().all(|user| user["id"].to_string().len() == 16));
}

#[tokio::test]
async fn custom_fields_are_defined_by_scope() {
    let agile = Agile::start().await;
    let fields = agile.get("custom-fields/scope?scope=CONTACT").await.list();
    assert!(fields.iter().any(|field| field["field_label"] == "title" && field["field_type"] == "TEXT"));
    assert_eq!(agile.get("custom-fields/scope?scope=COMPANY").await.list().len(), 2);
    assert_eq!(agile.get("custom-fields/scope?scope=TASK").await.text, "[]");
    assert_eq!(agile.get("custom-fields/scope").await.status, 500);
}

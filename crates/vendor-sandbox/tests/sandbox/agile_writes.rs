//! Whole records: created, replaced, deleted.

use serde_json::{Value, json};

use crate::client::{Agile, ids, properties};

fn named(first_name: &str) -> Value {
    json!({"type": "SYSTEM", "name": "first_name", "value": first_name})
}

#[tokio::test]
async fn a_new_person_is_answered_whole_and_was_never_updated() {
    let agile = Agile::start().await;
    let body = json!({"type": "PERSON", "star_value": "4", "lead_score": "20", "tags": ["Buyer"], "properties": [
        named("Tamsin"), {"name": "email", "subtype": "work", "value": "Tamsin@Larkspur.Example"},
        {"type": "CUSTOM", "name": "Newsletter", "value": "off"}]});
    let person = agile.person(&body).await;
    assert_eq!(person["id"].to_string().len(), 16);
    assert_eq!((&person["star_value"], &person["lead_score"]), (&json!(4), &json!(20)));
    assert_eq!(person["created_time"], 1_767_225_601);
    assert_eq!(person["updated_time"], 0);
    assert_eq!(person["tags"], json!(["Buyer"]));
    assert_eq!(person["tagsWithTime"][0]["createdTime"], 1_767_225_601_000_i64);
    assert_eq!(properties(&person, "SYSTEM", "email"), ["tamsin@larkspur.example"]);
    assert_eq!(properties(&person, "CUSTOM", "Newsletter"), ["off"]);
    assert_eq!(person["owner"]["email"], vendor_sandbox::AGILE_EMAIL);
    assert_eq!(agile.get(&format!("contacts/{}", person["id"])).await.value(), person);
}

#[tokio::test]
async fn an_e_mail_belongs_to_one_person() {
    let agile = Agile::start().await;
    let body = json!({"properties": [named("A"), {"name": "email", "value": "Person1@work.example"}]});
    let reply = agile.json("POST", "contacts", &body).await;
    assert_eq!(
        (reply.status, reply.text.as_str()),
        (400, "Sorry, duplicate contact found with the same email address.")
    );
    let company = json!({"type": "COMPANY", "properties": [
        {"name": "name", "value": "A"}, {"name": "email", "value": "person1@work.example"}]});
    assert_eq!(agile.json("POST", "contacts", &company).await.status, 200);
}

#[tokio::test]
async fn a_full_plan_answers_406() {
    let agile = Agile::start().await;
    agile.sandbox.limit_agile_contacts(Some(311));
    let body = json!({"properties": [named("A")]});
    assert_eq!(agile.json("POST", "contacts", &body).await.status, 200);
    assert_eq!(agile.json("POST", "contacts", &body).await.status, 406);
    agile.sandbox.limit_agile_contacts(None);
    assert_eq!(agile.json("POST", "contacts", &body).await.status, 200);
}

#[tokio::test]
async fn what_the_vendor_does_not_take_is_refused() {
    let agile = Agile::start().await;
    for (status, body) in [
        (500, json!({"properties": []})),
        (500, json!({"properties": [named(" "), {"name": "email", "value": "a@b.example"}]})),
        (500, json!({"type": "COMPANY", "properties": [named("A")]})),
        (400, json!({"type": "WHALE", "properties": [named("A")]})),
        (400, json!({"properties": [named("A")], "tags": ["1st"]})),
        (400, json!({"properties": [named("A")], "tags": ["a-b"]})),
        (400, json!({"properties": [named("A")], "tags": [7]})),
        (400, json!({"properties": [named("A")], "star_value": 6})),
        (500, json!({"properties": [named("A")], "lead_score": "many"})),
        (400, json!({"properties": [named("A")], "lead_score": null})),
        (400, json!({"properties": [{"name": "first_name", "value": null}]})),
        (400, json!({"properties": [{"value": "A"}]})),
        (400, json!({"properties": {"first_name": "A"}})),
        (400, json!([])),
    ] {
        assert_eq!(agile.json("POST", "contacts", &body).await.status, status, "{body}");
    }
    assert_eq!(agile.get("contacts/list/count").await.text, "250");
}

#[tokio::test]
async fn a_company_name_makes_a_company_once() {
    let agile = Agile::start().await;
    let body = json!({"properties": [named("A"), {"name": "company", "value": "Brand New & Sons"}]});
    let first = agile.person(&body).await;
    let second = agile.person(&body).await;
    assert_eq!(first["contact_company_id"], second["contact_company_id"]);
    let company = agile.get(&format!("contacts/{}", first["contact_company_id"].as_str().unwrap())).await.value();
    assert_eq!(company["type"], "COMPANY");
    assert_eq!(properties(&company, "SYSTEM", "name_lower"), ["brand new & sons"]);
    assert_eq!(agile.form("contacts/companies/list", &[]).await.list().len(), 61);
}

#[tokio::test]
async fn the_id_of_a_company_counts_more_than_a_name_and_gives_the_name() {
    let agile = Agile::start().await;
    let company = agile.form("contacts/companies/list", &[("page_size", "1")]).await.list().remove(0);
    let body = json!({"contact_company_id": company["id"].to_string(),
        "properties": [named("A"), {"name": "company", "value": "Ignored"}]});
    let person = agile.person(&body).await;
    assert_eq!(person["contact_company_id"], json!(company["id"].to_string()));
    assert_eq!(properties(&person, "SYSTEM", "company"), properties(&company, "SYSTEM", "name"));
}

#[tokio::test]
async fn a_put_replaces_all_but_what_is_read_only() {
    let agile = Agile::start().await;
    let mut person = agile.get("contacts/9007199254740993").await.value();
    assert_eq!(agile.json("PUT", "contacts", &person).await.value(), person, "sent back unchanged");

    person["properties"] = json!([named("Only")]);
    person["created_time"] = json!(1);
    person["tagsWithTime"] = json!([{"tag": "Fresh"}]);
    person["tags"] = json!([]);
    let replaced = agile.json("PUT", "contacts", &person).await.value();
    assert_eq!(properties(&replaced, "SYSTEM", "first_name"), ["Only"]);
    assert_eq!(properties(&replaced, "SYSTEM", "email"), [""; 0]);
    assert_eq!(replaced["tags"], json!(["Fresh"]));
    assert_ne!(replaced["created_time"], 1);
    assert_eq!(replaced["contact_company_id"], "9223372036854775783");

    let bare = json!({"id": "9007199254740993", "properties": [named("Only")]});
    let replaced = agile.json("PUT", "contacts", &bare).await.value();
    assert_eq!((&replaced["tags"], replaced.get("contact_company_id")), (&json!([]), None));

    assert_eq!(agile.json("PUT", "contacts", &json!({"id": 5, "properties": [named("A")]})).await.status, 400);
    assert_eq!(agile.json("PUT", "contacts", &json!({"properties": [named("A")]})).await.status, 400);
}

#[tokio::test]
async fn posting_the_id_of_a_record_replaces_it() {
    let agile = Agile::start().await;
    let body = json!({"id": 9_007_199_254_740_993_i64, "properties": [named("Replaced")]});
    assert_eq!(agile.person(&body).await["id"], 9_007_199_254_740_993_i64);
    assert_eq!(agile.get("contacts/list/count").await.text, "250");
}

#[tokio::test]
async fn deleting_a_company_leaves_its_persons_without_one() {
    let agile = Agile::start().await;
    let company = "9223372036854775783";
    let persons = ids(&agile.get(&format!("contacts/related/{company}")).await.list());
    assert!(persons.contains(&9_007_199_254_740_993));
    assert_eq!(agile.delete(&format!("contacts/{company}")).await.status, 204);
    assert_eq!(agile.delete(&format!("contacts/{company}")).await.status, 204);
    assert_eq!(agile.get(&format!("contacts/{company}")).await.status, 204);
    for id in persons {
        let person = agile.get(&format!("contacts/{id}")).await.value();
        assert!(person.get("contact_company_id").is_none());
        assert_eq!(properties(&person, "SYSTEM", "company"), [""; 0]);
    }
    assert_eq!(agile.get(&format!("contacts/related/{company}")).await.text, "[]");
}

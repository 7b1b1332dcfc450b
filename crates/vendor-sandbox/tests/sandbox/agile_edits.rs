//! Parts of a record, changed one by one.

use serde_json::{Value, json};

use crate::client::{Agile, properties};

/// A person without company, tags or anything but names and an e-mail.
async fn plain_person(agile: &Agile) -> Value {
    let properties = json!([
        {"type": "SYSTEM", "name": "first_name", "value": "Ffion"},
        {"type": "SYSTEM", "name": "title", "value": "Buyer"},
        {"type": "SYSTEM", "name": "email", "subtype": "work", "value": "ffion@edits.example"}
    ]);
    agile.person(&json!({"properties": properties})).await
}

#[tokio::test]
async fn edit_properties_overwrites_and_adds_but_never_removes() {
    let agile = Agile::start().await;
    let person = plain_person(&agile).await;
    let body = json!({"id": person["id"].to_string(), "lead_score": 99, "properties": [
        {"type": "SYSTEM", "name": "email", "subtype": "work", "value": "NEW@edits.example"},
        {"type": "SYSTEM", "name": "email", "subtype": "personal", "value": "home@edits.example"},
        {"type": "CUSTOM", "name": "title", "value": "custom"},
        {"type": "SYSTEM", "name": "title", "value": ""}]});
    let edited = agile.json("PUT", "contacts/edit-properties", &body).await.value();
    assert_eq!(properties(&edited, "SYSTEM", "email"), ["new@edits.example", "home@edits.example"]);
    assert_eq!(properties(&edited, "SYSTEM", "title"), [""], "an empty value stays, empty");
    assert_eq!(properties(&edited, "CUSTOM", "title"), ["custom"]);
    assert_eq!(properties(&edited, "SYSTEM", "first_name"), ["Ffion"]);
    assert_eq!(edited["lead_score"], 0, "scores have an end-point of their own");
}

#[tokio::test]
async fn edit_properties_says_what_is_wrong_with_the_id() {
    let agile = Agile::start().await;
    let edit = async |body: Value| agile.json("PUT", "contacts/edit-properties", &body).await;
    let missing = edit(json!({"properties": []})).await;
    assert_eq!((missing.status, missing.text.as_str()), (400, "Please check id value should not be null."));
    let unknown = edit(json!({"id": 5, "properties": []})).await;
    assert_eq!((unknown.status, unknown.text.as_str()), (400, "Contact is not availabe for given id."));
}

#[tokio::test]
async fn updated_time_moves_with_tracked_changes_only() {
    let agile = Agile::start().await;
    let person = plain_person(&agile).await;
    let id = person["id"].clone();
    let same = json!({"id": id, "properties": [{"name": "title", "value": "Buyer"}]});
    assert_eq!(agile.json("PUT", "contacts/edit-properties", &same).await.value()["updated_time"], 0);
    let other = json!({"id": id, "properties": [{"name": "title", "value": "Seller"}]});
    assert_eq!(agile.json("PUT", "contacts/edit-properties", &other).await.value()["updated_time"], 1_767_225_603);
    let score = json!({"id": id, "lead_score": "-7"});
    let scored = agile.json("PUT", "contacts/edit/lead-score", &score).await.value();
    assert_eq!((&scored["lead_score"], &scored["updated_time"]), (&json!(-7), &json!(1_767_225_604)));
}

#[tokio::test]
async fn stars_go_up_to_five() {
    let agile = Agile::start().await;
    let id = plain_person(&agile).await["id"].clone();
    let star = async |value: Value| agile.json("PUT", "contacts/edit/add-star", &value).await;
    assert_eq!(star(json!({"id": id, "star_value": "5"})).await.value()["star_value"], 5);
    let six = star(json!({"id": id, "star_value": 6})).await;
    assert_eq!((six.status, six.text.as_str()), (400, "Star value should be less then or equal to 5."));
    let nobody = star(json!({"star_value": 1})).await;
    assert_eq!((nobody.status, nobody.text.as_str()), (400, "Please check id value passed."));
}

#[tokio::test]
async fn tags_are_added_at_one_place_and_removed_at_another() {
    let agile = Agile::start().await;
    let id = plain_person(&agile).await["id"].clone();
    let added = agile.json("PUT", "contacts/edit/tags", &json!({"id": id, "tags": ["Ärger", "b_1"]})).await.value();
    let again = agile.json("PUT", "contacts/edit/tags", &json!({"id": id, "tags": ["b_1", "New"]})).await.value();
    assert_eq!(again["tags"], json!(["Ärger", "b_1", "New"]));
    assert_eq!(again["tagsWithTime"][1], added["tagsWithTime"][1]);
    let left = agile.json("PUT", "contacts/delete/tags", &json!({"id": id, "tags": ["Ärger", "New", "never"]})).await;
    assert_eq!(left.value(), json!([added["tagsWithTime"][1]]));
    let empty = agile.json("PUT", "contacts/edit/tags", &json!({"id": id, "tags": []})).await;
    assert_eq!((empty.status, empty.text.as_str()), (400, "Sorry, tag input is empty"));
    assert_eq!(agile.json("PUT", "contacts/edit/tags", &json!({"id": id, "tags": ["#no"]})).await.status, 400);
}

#[tokio::test]
async fn an_unknown_owner_is_a_sentence_with_status_200() {
    let agile = Agile::start().await;
    let id = plain_person(&agile).await["id"].to_string();
    let unknown = agile.form("contacts/change-owner", &[("owner_email", "no@one.example"), ("contact_id", &id)]).await;
    assert_eq!((unknown.status, unknown.text.as_str()), (200, "Owner with this email does not exist."));
    let pairs = [("owner_email", "ines.quay@saltmarsh.example"), ("contact_id", id.as_str())];
    assert_eq!(agile.form("contacts/change-owner", &pairs).await.value()["owner"]["name"], "Ines Quay");
    assert_eq!(agile.form("contacts/change-owner", &pairs[..1]).await.status, 400);
}

#[tokio::test]
async fn a_companys_name_is_what_its_persons_show() {
    let agile = Agile::start().await;
    let body = json!({"id": "9223372036854775783", "properties": [{"name": "name", "value": "Renamed ÅS"}]});
    let company = agile.json("PUT", "contacts/edit-properties", &body).await.value();
    assert_eq!(properties(&company, "SYSTEM", "name_lower"), ["renamed ås"]);
    let person = agile.get("contacts/9007199254740993").await.value();
    assert_eq!(properties(&person, "SYSTEM", "company"), ["Renamed ÅS"]);
}

#[tokio::test]
async fn a_persons_company_follows_the_name_that_is_edited() {
    let agile = Agile::start().await;
    let edit = async |name: &str| {
        let body = json!({"id": 9_007_199_254_740_993_i64, "properties": [{"name": "company", "value": name}]});
        agile.json("PUT", "contacts/edit-properties", &body).await.value()
    };
    let moved = edit("Elsewhere Ltd").await;
    assert_eq!(properties(&moved, "SYSTEM", "company"), ["Elsewhere Ltd"]);
    assert_ne!(moved["contact_company_id"], "9223372036854775783");
    assert!(edit("").await.get("contact_company_id").is_none());
}

//! Forms that such a page can draw, and the reasons that it can show.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::vault::house::{AGILE, House, agile_settings};

fn field<'c>(connection: &'c Value, id: &str) -> &'c Value {
    let mut fields = connection["form_fields"].as_array().unwrap().iter();
    fields.find(|field| field["id"] == id).unwrap_or_else(|| panic!("no field {id}: {connection}"))
}

#[tokio::test]
async fn every_field_of_every_connector_has_a_control() {
    let house = House::start().await;
    for connection in house.data("ada", "/vault/connections").await.as_array().unwrap() {
        for field in connection["form_fields"].as_array().unwrap() {
            let control = field["type"].as_str().unwrap();
            assert!(["text", "password", "select", "textarea"].contains(&control), "{}: {field}", connection["id"]);
            let has_options = field.get("options").is_some_and(|options| !options.as_array().unwrap().is_empty());
            assert_eq!(control == "select", has_options, "{field}");
        }
    }
}

#[tokio::test]
async fn yes_and_no_are_chosen_and_kept_as_a_boolean() {
    let house = House::start().await;
    house.connect("ada").await;
    for (chosen, kept) in [("true", true), ("false", false)] {
        let body = json!({ "settings": { "notes_fan_out": chosen } });
        let connection = house.call("ada", "PATCH", AGILE, &body).await.succeeded();
        assert_eq!(connection["settings"]["notes_fan_out"], json!(kept));
        let field = field(&connection, "notes_fan_out");
        assert_eq!(field["value"], json!(chosen), "one of the options' values");
        let labels: Vec<&Value> = field["options"].as_array().unwrap().iter().map(|option| &option["label"]).collect();
        assert!(labels.contains(&&json!("Yes")) && labels.contains(&&json!("No")), "{field}");
    }
}

#[tokio::test]
async fn a_text_field_still_takes_no_malformed_address() {
    let house = House::start().await;
    for (service, name, value) in [
        ("agile-crm", "email", "not an address"),
        ("teamswork-crm", "base_url", "crm.example"),
        ("avid-crm", "base_url", "ftp://crm.example"),
        ("agile-crm", "notes_fan_out", "perhaps"),
    ] {
        let path = format!("/vault/connections/crm/{service}");
        let body = json!({ "settings": { (name): value } });
        let refused = house.call("ada", "PATCH", &path, &body).await;
        refused.refused(400, "RequestValidationError");
        let message = refused.body["message"].as_str().unwrap();
        assert!(message.contains(&format!("`{name}` must be")), "the reason is shown: {message}");
    }
}

#[tokio::test]
async fn a_stored_secret_is_not_asked_for_again() {
    let house = House::start().await;
    let before = house.data("ada", AGILE).await;
    assert_eq!(field(&before, "api_key")["required"], true);
    let connected = house.connect("ada").await;
    let secret = field(&connected, "api_key");
    assert_eq!((&secret["required"], secret.get("value")), (&json!(false), None));
    assert_eq!(field(&connected, "domain")["required"], true, "a value that is shown is sent again");
    let mut without = agile_settings();
    without.as_object_mut().unwrap().remove("api_key");
    without["lead_tag"] = json!("Prospect");
    let changed = house.call("ada", "PATCH", AGILE, &json!({ "settings": without })).await.succeeded();
    assert_eq!((&changed["state"], &changed["settings"]["lead_tag"]), (&json!("callable"), &json!("Prospect")));
    without["domain"] = json!("elsewhere");
    let refused = house.call("ada", "PATCH", AGILE, &json!({ "settings": without })).await;
    refused.refused(400, "RequestValidationError");
    assert!(refused.body["message"].as_str().unwrap().contains("send api_key again"), "{}", refused.text);
}

#[tokio::test]
async fn the_records_api_keeps_its_own_messages() {
    let house = House::start().await;
    house.connect("ada").await;
    let refused = house.call("ada", "POST", "/crm/companies", &json!({ "name": 5 })).await;
    assert_eq!(refused.body["message"], "Invalid Params");
}

#[tokio::test]
async fn every_connector_has_pictures_and_a_few_words_and_no_guide() {
    let house = House::start().await;
    for connection in house.data("ada", "/vault/connections").await.as_array().unwrap() {
        if house
            .vault
            .catalog()
            .connectors()
            .any(|one| one.tag_line.is_some() && connection["service_id"] == one.service_id.as_str())
        {
            assert!(connection["tag_line"].is_string(), "{connection}");
        }
        assert_eq!(connection["has_guide"], false);
        for name in ["icon", "logo"] {
            let address = connection[name].as_str().unwrap();
            let path = &address[address.find("/pictures/").unwrap()..];
            let picture = house.anonymous("GET", path).send().await.unwrap();
            assert_eq!(picture.status(), StatusCode::OK, "{address}");
            assert_eq!(picture.headers()["content-type"], "image/svg+xml");
        }
    }
    for nowhere in ["/pictures/no-crm/icon.svg", "/pictures/agile-crm/photo.png"] {
        assert_eq!(house.anonymous("GET", nowhere).send().await.unwrap().status(), StatusCode::NOT_FOUND, "{nowhere}");
    }
}

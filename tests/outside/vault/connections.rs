//! Connections as the Vault API shows and changes them: state, health and forms told anew from what is stored.

use serde_json::{Value, json};

use super::house::{ACME, AGILE, House, QUAY, ZENITH, agile_settings, with_json};
use crate::support::send;

pub fn state_and_health(connection: &Value) -> (&str, &str) {
    (connection["state"].as_str().unwrap(), connection["health"].as_str().unwrap())
}

fn field<'c>(connection: &'c Value, id: &str) -> &'c Value {
    let fields = connection["form_fields"].as_array().unwrap();
    fields.iter().find(|field| field["id"] == id).unwrap_or_else(|| panic!("no field {id}: {fields:?}"))
}

#[tokio::test]
async fn every_connector_is_there_for_a_consumer_nobody_knows() {
    let house = House::start().await;
    let listed = house.data("nobody", "/vault/connections").await;
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.len(), house.vault.catalog().connectors().count());
    for connection in listed {
        assert_eq!(connection["state"], "available", "{connection}");
        assert_eq!((&connection["enabled"], &connection["unified_api"]), (&json!(false), &json!("crm")));
        assert_eq!(connection["id"], format!("crm+{}", connection["service_id"].as_str().unwrap()));
        assert!(connection.get("created_at").is_none_or(Value::is_null), "{connection}");
    }
    house.get("", "/vault/consumers/nobody").await.refused(404, "EntityNotFoundError");
    // The header may be missing here: what an application offers is no consumer's secret.
    let offered = house.data("", "/vault/connections").await;
    assert_eq!(offered.as_array().unwrap().len(), listed.len());
    assert!(offered.as_array().unwrap().iter().all(|connection| connection.get("authorize_url").is_none()));
}

#[tokio::test]
async fn a_list_is_narrowed_by_api_and_by_what_is_configured() {
    let house = House::start().await;
    house.connect("ada").await;
    house.call("ada", "POST", QUAY, &json!({})).await.succeeded();
    let every = house.vault.catalog().connectors().count();
    for (query, expected) in [
        ("api=crm", every),
        ("api=hris", 0),
        ("api=", every),
        ("configured=true", 1),
        ("configured=false", every - 1),
        ("api=crm&configured=true", 1),
        ("configured=null", every),
    ] {
        let listed = house.data("ada", &format!("/vault/connections?{query}")).await;
        assert_eq!(listed.as_array().unwrap().len(), expected, "{query}");
    }
    let configured = house.data("ada", "/vault/connections?configured=true").await;
    assert_eq!(configured[0]["service_id"], "agile-crm");
}

#[tokio::test]
async fn a_connection_is_added_step_by_step_until_it_is_callable() {
    for house in House::of_every_engine().await {
        let offered = house.data("ada", AGILE).await;
        assert_eq!(state_and_health(&offered), ("available", "missing_settings"));
        let added = house.call("ada", "POST", AGILE, &json!({})).await.succeeded();
        assert_eq!(state_and_health(&added), ("added", "missing_settings"));
        assert_eq!(added["enabled"], true);
        assert!(added["created_at"].as_i64().unwrap() > 1_600_000_000_000, "epoch milliseconds: {added}");
        let mut settings = agile_settings();
        let api_key = settings.as_object_mut().unwrap().remove("api_key").unwrap();
        let partly = house.call("ada", "PATCH", AGILE, &json!({ "settings": settings })).await.succeeded();
        assert_eq!(state_and_health(&partly), ("added", "missing_settings"));
        let body = json!({ "settings": { "api_key": api_key }, "metadata": { "plan": "gold" } });
        let whole = house.call("ada", "PATCH", AGILE, &body).await.succeeded();
        assert_eq!(state_and_health(&whole), ("callable", "ok"));
        assert_eq!(whole["metadata"], json!({ "plan": "gold" }));
        assert_eq!(house.data("ada", AGILE).await, whole, "an answer to a change shows what is stored");
        assert_eq!(house.get("ada", "/crm/companies?limit=1").await.status, 200);

        let off = house.call("ada", "PATCH", AGILE, &json!({ "enabled": false })).await.succeeded();
        assert_eq!((off["enabled"].as_bool(), state_and_health(&off)), (Some(false), ("callable", "ok")));
        house.get("ada", "/crm/companies").await.refused(403, "ConnectorDisabledError");
        house.call("ada", "PATCH", AGILE, &json!({ "enabled": true, "metadata": null })).await.succeeded();
        assert_eq!(house.data("ada", AGILE).await["metadata"], json!(null));
        assert_eq!(house.get("ada", "/crm/companies?limit=1").await.status, 200);

        let gone = house.delete("ada", AGILE).await;
        assert_eq!((gone.status, gone.text.as_str()), (204, ""));
        assert_eq!(house.data("ada", AGILE).await["state"], "available");
        house.get("ada", "/crm/companies").await.refused(404, "ConnectionNotFoundError");
        let happened = ["created", "updated", "callable", "disabled", "updated", "deleted"];
        let happened: Vec<String> = happened.iter().map(|event| format!("vault.connection.{event}")).collect();
        assert_eq!(house.events("ada").await, happened);
    }
}

#[tokio::test]
async fn a_change_adds_a_connection_that_is_not_there_or_nothing_at_all() {
    let house = House::start().await;
    let refused = house.call("ada", "PATCH", AGILE, &json!({ "settings": { "domain": "a b", "nope": "x" } })).await;
    let detail = refused.refused(400, "RequestValidationError").to_string();
    assert!(detail.contains("`domain`") && detail.contains("`nope`"), "all problems at once: {detail}");
    house.get("", "/vault/consumers/ada").await.refused(404, "EntityNotFoundError");
    assert_eq!(house.events("ada").await, [""; 0]);
    house.connect("ada").await;
    assert_eq!(house.events("ada").await, ["vault.connection.created", "vault.connection.callable"]);
    house.call("ada", "POST", AGILE, &json!({})).await.refused(409, "ConflictError");
    assert_eq!(house.data("ada", AGILE).await["state"], "callable", "what is there stays");
}

#[tokio::test]
async fn a_refused_change_changes_nothing() {
    let house = House::start().await;
    let before = house.connect("ada").await;
    for body in [
        json!({ "enabled": false, "settings": { "domain": "not a domain" } }),
        json!({ "metadata": { "a": 1 }, "custom_mappings": [{ "id": "crm+companies+nope", "value": "$.a" }] }),
        json!({ "enabled": false, "custom_mappings": [{ "id": "crm+companies+tier", "value": "$.[" }] }),
        json!({ "enabled": false, "configuration": [{ "resource": "companies", "defaults": [{ "id": "name", "value": 1 }] }] }),
        json!({ "enabled": false, "configuration": [{ "resource": "widgets", "defaults": [] }] }),
    ] {
        let refused = house.call("ada", "PATCH", AGILE, &body).await;
        assert!((400..500).contains(&refused.status), "{body}: {}", refused.text);
        assert_eq!(house.data("ada", AGILE).await, before, "{body}");
    }
}

#[tokio::test]
async fn a_form_shows_what_is_wanted_and_no_secret() {
    let house = House::start().await;
    house.connect("ada").await;
    let body = json!({ "settings": { "notes_fan_out": true, "leads_mode": "type" } });
    let reply = house.call("ada", "PATCH", AGILE, &body).await;
    let connection = reply.succeeded();
    let secret = agile_settings()["api_key"].as_str().unwrap().to_owned();
    for text in [&reply.text, &house.get("ada", "/vault/connections").await.text] {
        assert!(!text.contains(&secret), "a secret is never shown");
    }
    assert_eq!(connection["settings"]["domain"], agile_settings()["domain"]);
    assert!(connection["settings"].get("api_key").is_none());
    let domain = field(&connection, "domain");
    assert_eq!(
        (&domain["type"], &domain["required"], &domain["sensitive"]),
        (&json!("text"), &json!(true), &json!(false))
    );
    assert_eq!(domain["value"], agile_settings()["domain"]);
    let key = field(&connection, "api_key");
    assert_eq!((&key["type"], &key["required"], &key["sensitive"]), (&json!("password"), &json!(false), &json!(true)));
    assert!(key.get("value").is_none(), "{key}");
    let fan_out = field(&connection, "notes_fan_out");
    assert_eq!((&fan_out["type"], &fan_out["value"]), (&json!("select"), &json!("true")));
    let mode = field(&connection, "leads_mode");
    assert_eq!((&mode["type"], &mode["value"]), (&json!("select"), &json!("type")));
    let options = mode["options"].as_array().unwrap();
    assert!(options.len() > 1);
    for option in options {
        // The Python SDK reads no option without these.
        assert!(
            option["label"].is_string() && option["value"].is_string() && option["option_type"] == "simple",
            "{option}"
        );
    }
    // Taken away by null, and then missing again.
    let taken = house.call("ada", "PATCH", AGILE, &json!({ "settings": { "api_key": null } })).await.succeeded();
    assert_eq!(state_and_health(&taken), ("added", "missing_settings"));
}

#[tokio::test]
async fn what_is_read_may_be_sent_back() {
    let house = House::start().await;
    house.connect("ada").await;
    let body = json!({ "custom_mappings": [{ "id": "crm+companies+tier", "value": "$.tier" }] });
    let read = house.call("ada", "PATCH", AGILE, &body).await.succeeded();
    let again = house.call("ada", "PATCH", AGILE, &read).await.succeeded();
    for member in ["state", "health", "settings", "custom_mappings", "configuration", "metadata", "enabled"] {
        assert_eq!(again[member], read[member], "{member}");
    }
}

#[tokio::test]
async fn connections_of_others_do_not_exist() {
    let house = House::start().await;
    house.connect("ada").await;
    for (application, consumer) in [(ACME, "bob"), (ZENITH, "ada")] {
        let one = send(house.request(application, consumer, "GET", AGILE)).await.succeeded();
        assert_eq!((&one["state"], &one["settings"]), (&json!("available"), &json!({})));
        send(house.request(application, consumer, "DELETE", AGILE)).await.refused(404, "ConnectionNotFoundError");
        let config = with_json(
            house.request(application, consumer, "PATCH", &format!("{AGILE}/companies/config")),
            &json!({ "configuration": [{ "resource": "companies", "defaults": [] }] }),
        );
        send(config).await.refused(404, "ConnectionNotFoundError");
    }
    assert_eq!(house.data("ada", AGILE).await["state"], "callable");
}

#[tokio::test]
async fn a_warm_call_sends_no_statement_whatever_was_set_through_the_vault() {
    let house = House::start().await;
    house.connect("ada").await;
    let body = json!({
        "configuration": [{ "resource": "companies", "defaults": [{ "id": "name", "value": "Unnamed" }] }],
        "custom_mappings": [{ "id": "crm+companies+tier", "value": "$.tier" }],
    });
    house.call("ada", "PATCH", AGILE, &body).await.succeeded();
    assert_eq!(house.get("ada", "/crm/companies?limit=1").await.status, 200);
    let before = house.vault.statements();
    for _ in 0..3 {
        assert_eq!(house.get("ada", "/crm/companies?limit=1").await.status, 200);
        assert_eq!(house.call("ada", "POST", "/crm/companies", &json!({ "name": "Acme" })).await.status, 201);
    }
    assert_eq!(house.vault.statements(), before);
}

#[tokio::test]
async fn changes_that_come_at_once_add_one_connection() {
    for house in House::of_every_engine().await {
        let body = json!({ "settings": agile_settings() });
        let mut changes = tokio::task::JoinSet::new();
        for _ in 0..8 {
            changes.spawn(send(with_json(house.request(ACME, "ada", "PATCH", AGILE), &body)));
        }
        while let Some(reply) = changes.join_next().await {
            assert_eq!(reply.unwrap().succeeded()["state"], "callable");
        }
        let events = house.events("ada").await;
        assert_eq!(events.iter().filter(|event| *event == "vault.connection.created").count(), 1, "{events:?}");
        assert_eq!(events.len(), 9, "{events:?}");
    }
}

#[tokio::test]
async fn a_method_can_be_named_in_the_query() {
    let house = House::start().await;
    house.connect("ada").await;
    let off = json!({ "enabled": false });
    assert_eq!(house.call("ada", "POST", &format!("{AGILE}?_method=PATCH"), &off).await.succeeded()["enabled"], false);
    let gone = send(house.request(ACME, "ada", "POST", &format!("{AGILE}?_method=DELETE"))).await;
    assert_eq!(gone.status, 204, "{}", gone.text);
    house.get("ada", &format!("{AGILE}?_method=BREW")).await.refused(400, "RequestValidationError");
}

#[tokio::test]
async fn what_is_answered_is_kept_by_no_cache() {
    let house = House::start().await;
    for path in ["/vault/connections", AGILE, "/vault/consumers/nobody"] {
        assert_eq!(house.get("ada", path).await.headers["cache-control"], "no-store", "{path}");
    }
}

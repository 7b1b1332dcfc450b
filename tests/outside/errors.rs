//! Each type of error that a caller can reach without a vendor's bad day, with what its `detail` says.

use reqwest::Method;
use serde_json::{Value, json};
use server::sandbox::{APPLICATION, CONSUMER};

use crate::support::{Gateway, agile_crm, catalog, connection, seeded, send};

#[tokio::test]
async fn several_callable_connections_need_a_name() {
    let gateway = Gateway::over(catalog(&[("agile-crm", |text| text), ("other-crm", |text| text)]), |_| {}).await;
    let reply = gateway.get("/crm/contacts").await;
    let detail = reply.refused(400, "RequestHeadersValidationError");
    assert_eq!(detail["candidates"], json!(["agile-crm", "other-crm"]));
    for service in ["agile-crm", "other-crm"] {
        let named = gateway.request(Method::GET, "/crm/contacts").header("x-apideck-service-id", service);
        let reply = send(named).await;
        assert_eq!((reply.status, &reply.body["service"]), (200, &json!(service)));
    }
    gateway
        .vault
        .connections()
        .disable(&APPLICATION.parse().unwrap(), &CONSUMER.parse().unwrap(), &agile_crm())
        .await
        .unwrap();
    let reply = gateway.get("/crm/contacts").await;
    assert_eq!((reply.status, &reply.body["service"]), (200, &json!("other-crm")), "one is left that can be called");
}

#[tokio::test]
async fn connections_that_cannot_be_called_say_why() {
    let gateway = Gateway::start().await;
    let of = async |consumer: &str, service: &str| {
        let request = gateway.anonymous(Method::GET, "/crm/contacts").bearer_auth(server::sandbox::API_KEY);
        let request = request.header("x-apideck-app-id", APPLICATION).header("x-apideck-consumer-id", consumer);
        send(request.header("x-apideck-service-id", service)).await
    };
    let half =
        connection_vault::NewConnection::new(&APPLICATION.parse().unwrap(), &"half".parse().unwrap(), agile_crm())
            .with_setting("domain", "saltmarsh");
    gateway.vault.connections().add(half).await.unwrap();
    gateway
        .vault
        .connections()
        .add(connection("wrong", &agile_crm()).with_setting("api_key", "expired-key"))
        .await
        .unwrap();
    gateway.vault.connections().add(connection("off", &agile_crm())).await.unwrap();
    gateway
        .vault
        .connections()
        .disable(&APPLICATION.parse().unwrap(), &"off".parse().unwrap(), &agile_crm())
        .await
        .unwrap();
    for service in ["", "agile-crm"] {
        let reply = of("wrong", service).await;
        assert_eq!(reply.refused(401, "ConnectorCredentialsError")["message"], "E-mail or API key is wrong");
        of("nobody", service).await.refused(404, "ConnectionNotFoundError");
    }
    let reply = of("half", "agile-crm").await;
    assert_eq!(reply.refused(422, "ConnectionSettingsError")["missing"], json!(["email", "api_key"]));
    let reply = of("off", "agile-crm").await;
    assert_eq!(
        reply.refused(403, "ConnectorDisabledError"),
        "The connection to agile-crm is disabled; enable it first."
    );
    // It is the only one, so it is the one that was meant.
    of("half", "").await.refused(422, "ConnectionSettingsError");
    of("off", "").await.refused(403, "ConnectorDisabledError");
    of(CONSUMER, "salesforce").await.refused(404, "ConnectorNotFoundError");
}

#[tokio::test]
async fn a_record_of_another_kind_is_not_found_and_not_touched() {
    let gateway = Gateway::start().await;
    let company = seeded("companies").await;
    let path = company.replace("companies", "contacts");
    let before = gateway.get(&company).await.body["data"].clone();
    assert!(before.is_object());
    gateway.get(&path).await.refused(404, "EntityNotFoundError");
    gateway.patch(&path, &json!({ "last_name": "Byron" })).await.refused(404, "EntityNotFoundError");
    gateway.delete(&path).await.refused(404, "EntityNotFoundError");
    for missing in ["1", "5100000000009999"] {
        let path = format!("/crm/contacts/{missing}");
        gateway.get(&path).await.refused(404, "EntityNotFoundError");
        gateway.patch(&path, &json!({ "last_name": "Byron" })).await.refused(404, "EntityNotFoundError");
        gateway.delete(&path).await.refused(404, "EntityNotFoundError");
    }
    assert!(gateway.sandbox.requests().iter().all(|request| request.method == "GET"));
    assert_eq!(gateway.get(&company).await.body["data"], before);
}

#[tokio::test]
async fn what_a_connector_cannot_do_is_said_with_what_it_can() {
    let gateway = Gateway::start().await;
    gateway.get("/crm/lists").await.refused(501, "ConnectorOperationUnsupportedError");
    gateway.post("/crm/users", &json!({ "emails": [] })).await.refused(501, "ConnectorOperationUnsupportedError");
    let reply = gateway.get("/crm/activities?filter[updated_since]=2026-01-01T00:00:00Z").await;
    let detail = reply.refused(400, "UnsupportedFiltersError");
    assert_eq!(
        (&detail["service_id"], &detail["unsupported_filters"]),
        (&json!("agile-crm"), &json!(["updated_since"]))
    );
    assert!(detail["supported_filters"].as_array().unwrap().contains(&json!("owner_id")), "{detail}");
    let reply = gateway.get("/crm/contacts?sort[by]=email").await;
    let detail: &Value = reply.refused(400, "UnsupportedSortFieldError");
    assert!(detail["supported_sort_by"].as_array().unwrap().contains(&json!("created_at")), "{detail}");
}

#[tokio::test]
async fn every_reference_leads_to_a_section_of_the_error_page() {
    let gateway = Gateway::start().await;
    let page = gateway.get("/docs/errors").await.text;
    let reply = gateway.get("/crm/contacts?limit=0").await;
    let owed = format!("http://{}/docs/errors#requestvalidationerror", gateway.address);
    assert_eq!(reply.body["ref"], owed);
    for error_type in gateway::ErrorType::EVERY {
        let id = format!("id=\"{}\"", error_type.type_name().to_lowercase());
        assert!(page.contains(&id), "{id}");
    }
}

#[tokio::test]
async fn a_body_is_not_read_before_it_is_known_whose_it_is() {
    let gateway = Gateway::start().await;
    let request = gateway.anonymous(Method::POST, "/crm/contacts").header("content-type", "text/plain");
    send(request.body("no JSON ".repeat(1024))).await.refused(401, "UnauthorizedError");
}

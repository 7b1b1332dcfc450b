//! The same record of two consumers is two records, whatever their vendor accounts have in common.

use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::json;
use server::sandbox::{APPLICATION, connect, demo_connection};
use vendor_sandbox::{Fault, FaultKind};

use super::{CONTACTS, call, first, with_body};
use crate::support::{Gateway, send};

const SERVICE: &str = "avid-crm";

#[tokio::test]
async fn consumers_do_not_wait_for_each_other() {
    let gateway = Gateway::demo().await;
    let definition = std::sync::Arc::clone(gateway.vault.catalog().connector(&SERVICE.parse().unwrap()).unwrap());
    let demo = demo_connection(&definition).unwrap();
    let new = connection_vault::NewConnection::new(
        &APPLICATION.parse().unwrap(),
        &"another-consumer".parse().unwrap(),
        definition.service_id.clone(),
    );
    let new = demo.settings.iter().fold(new, |new, (name, value)| new.with_setting(name, value.expose_secret()));
    connect(&gateway.vault, new, gateway.vendors.address).await.unwrap();
    let path = first(&gateway, SERVICE, "contacts").await;
    let start = gateway.sandbox.requests().len();
    gateway
        .sandbox
        .inject(Fault { path_prefix: CONTACTS["/avid-crm".len()..].to_owned(), ..Fault::of(SERVICE, FaultKind::Held) });
    let held = tokio::spawn(send(call(&gateway, SERVICE, Method::PATCH, &path, Some(&json!({"title": "first"})))));
    while !gateway.sandbox.requests()[start..].iter().any(|seen| seen.path.contains("Contacts(")) {
        tokio::task::yield_now().await;
    }
    let other = gateway
        .anonymous(Method::PATCH, &path)
        .bearer_auth(server::sandbox::API_KEY)
        .header("x-apideck-app-id", APPLICATION)
        .header("x-apideck-consumer-id", "another-consumer");
    let other = send(with_body(other, &json!({"department": "Sales"}))).await;
    assert_eq!(other.status, 200, "{}", other.text);
    gateway.sandbox.release();
    let first = held.await.unwrap();
    assert_eq!(first.status, 200, "{}", first.text);
}

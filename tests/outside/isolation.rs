//! What belongs to one application, consumer or list is of no use to another, and an administrator's word counts at once.

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use server::sandbox::{API_KEY, APPLICATION, CONSUMER};

use crate::support::{Gateway, Reply, agile_crm, catalog, connection, send};

const SECOND_KEY: &str = "second-key";

/// The sandbox with a second consumer, and a second application that has consumers of the same names.
async fn two_of_each() -> Gateway {
    let gateway = Gateway::over(catalog(&[("agile-crm", |text| text), ("other-crm", |text| text)]), |_| {}).await;
    let vault = &gateway.vault;
    vault.applications().add(&"second".parse().unwrap(), "Second").await.unwrap();
    vault.api_keys().add_chosen(&"second".parse().unwrap(), &SecretString::from(SECOND_KEY)).await.unwrap();
    vault.connections().add(connection("other-consumer", &agile_crm())).await.unwrap();
    for consumer in [CONSUMER, "other-consumer"] {
        let mut new = connection(consumer, &agile_crm());
        new.application_id = "second".parse().unwrap();
        vault.connections().add(new).await.unwrap();
    }
    gateway
}

async fn ask(gateway: &Gateway, key: &str, application: &str, consumer: &str, service: &str, path: &str) -> Reply {
    let request = gateway.anonymous(Method::GET, path).bearer_auth(key).header("x-apideck-app-id", application);
    send(request.header("x-apideck-consumer-id", consumer).header("x-apideck-service-id", service)).await
}

async fn first_cursor(gateway: &Gateway, path: &str) -> String {
    let reply = ask(gateway, API_KEY, APPLICATION, CONSUMER, "agile-crm", path).await;
    reply.body["meta"]["cursors"]["next"].as_str().unwrap_or_else(|| panic!("{path}: {}", reply.text)).to_owned()
}

#[tokio::test]
async fn an_api_key_opens_its_own_application_only() {
    let gateway = two_of_each().await;
    for (key, application, status) in [
        (API_KEY, APPLICATION, 200),
        (SECOND_KEY, "second", 200),
        (API_KEY, "second", 401),
        (SECOND_KEY, APPLICATION, 401),
        (API_KEY, "third", 401),
        ("sandbox-keys", APPLICATION, 401),
        ("SANDBOX-KEY", APPLICATION, 401),
    ] {
        let reply = ask(&gateway, key, application, CONSUMER, "agile-crm", "/crm/contacts?limit=1").await;
        assert_eq!(reply.status, status, "{key} {application}: {}", reply.text);
        if status == 401 {
            reply.refused(401, "UnauthorizedError");
        }
    }
}

#[tokio::test]
async fn a_consumer_of_another_application_does_not_exist() {
    let gateway = two_of_each().await;
    gateway.vault.connections().add(connection("only-first", &agile_crm())).await.unwrap();
    let reply = ask(&gateway, SECOND_KEY, "second", "only-first", "", "/crm/contacts").await;
    let unknown = ask(&gateway, SECOND_KEY, "second", "nobody", "", "/crm/contacts").await;
    reply.refused(404, "ConnectionNotFoundError");
    assert_eq!(reply.text.replace("only-first", "nobody"), unknown.text, "the two cannot be told apart");
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_only() {
    let gateway = two_of_each().await;
    let path = "/crm/contacts?limit=2";
    let cursor = first_cursor(&gateway, path).await;
    let own = |path: &str| format!("{path}&cursor={cursor}");
    // What may differ from page to page.
    for path in
        ["/crm/contacts?limit=3", "/crm/contacts?fields=id", "/crm/contacts?raw=true", "/crm/contacts?unknown=1"]
    {
        let reply = ask(&gateway, API_KEY, APPLICATION, CONSUMER, "agile-crm", &own(path)).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
    }
    for (key, application, consumer, service, path) in [
        (SECOND_KEY, "second", CONSUMER, "agile-crm", path),
        (SECOND_KEY, "second", "other-consumer", "agile-crm", path),
        (API_KEY, APPLICATION, "other-consumer", "agile-crm", path),
        (API_KEY, APPLICATION, CONSUMER, "other-crm", path),
        (API_KEY, APPLICATION, CONSUMER, "agile-crm", "/crm/companies?limit=2"),
        (API_KEY, APPLICATION, CONSUMER, "agile-crm", "/crm/contacts?sort[by]=created_at"),
        (API_KEY, APPLICATION, CONSUMER, "agile-crm", "/crm/contacts?filter[first_name]=A"),
        (API_KEY, APPLICATION, CONSUMER, "agile-crm", "/crm/contacts?filter[email]=a@x.example"),
        (API_KEY, APPLICATION, CONSUMER, "agile-crm", "/crm/contacts?pass_through[x]=1"),
    ] {
        let reply = ask(&gateway, key, application, consumer, service, &own(path)).await;
        assert_eq!(reply.status, 400, "{application} {consumer} {service} {path}: {}", reply.text);
        reply.refused(400, "InvalidCursorError");
    }
}

#[tokio::test]
async fn a_cursor_is_bound_to_filters_order_and_pass_through() {
    let gateway = two_of_each().await;
    let made = "/crm/contacts?limit=1&filter[created_since]=2001-01-01T00:00:00Z&sort[by]=created_at&pass_through[x][y]=1&pass_through[z]=2";
    let cursor = first_cursor(&gateway, made).await;
    let since = "filter[created_since]=2001-01-01T00:00:00Z";
    for (query, status) in [
        (format!("{since}&sort[by]=created_at&pass_through[x][y]=1&pass_through[z]=2"), 200),
        // The same instant, and another order of parameters.
        ("pass_through[x][y]=1&pass_through[z]=2&sort[by]=created_at&sort[direction]=asc&filter[created_since]=2001-01-01T02:00:00%2B02:00".to_owned(), 200),
        ("filter[created_since]=2001-01-01T00:00:01Z&sort[by]=created_at&pass_through[x][y]=1&pass_through[z]=2".to_owned(), 400),
        (format!("{since}&sort[by]=updated_at&pass_through[x][y]=1&pass_through[z]=2"), 400),
        (format!("{since}&sort[by]=created_at&sort[direction]=desc&pass_through[x][y]=1&pass_through[z]=2"), 400),
        (format!("{since}&pass_through[x][y]=1&pass_through[z]=2"), 400),
        (format!("{since}&sort[by]=created_at&pass_through[x][y]=2&pass_through[z]=2"), 400),
        (format!("{since}&sort[by]=created_at&pass_through[x]=1&pass_through[z]=2"), 400),
        (format!("{since}&sort[by]=created_at&pass_through[x][y]=1"), 400),
        ("sort[by]=created_at&pass_through[x][y]=1&pass_through[z]=2".to_owned(), 400),
    ] {
        let path = format!("/crm/contacts?{query}&cursor={cursor}");
        let reply = ask(&gateway, API_KEY, APPLICATION, CONSUMER, "agile-crm", &path).await;
        assert_eq!(reply.status, status, "{query}: {}", reply.text);
    }
}

#[tokio::test]
async fn an_altered_cursor_is_refused_whichever_byte_it_is() {
    let gateway = Gateway::start().await;
    let reply = gateway.get("/crm/contacts?limit=1").await;
    let cursor = reply.body["meta"]["cursors"]["next"].as_str().unwrap();
    let asked = gateway.sandbox.requests().len();
    let refused = async |altered: &str| {
        gateway.get(&format!("/crm/contacts?limit=1&cursor={altered}")).await.refused(400, "InvalidCursorError");
    };
    for at in 0..cursor.len() {
        let old = cursor.as_bytes()[at];
        // The neighbour differs in the lowest bit where it can: in the last character that bit may be spare.
        for new in [if old == b'A' { 'B' } else { 'A' }, char::from(old ^ 1)] {
            if new.is_ascii_alphanumeric() {
                refused(&format!("{}{new}{}", &cursor[..at], &cursor[at + 1..])).await;
            }
        }
        if at > 0 {
            refused(&cursor[..at]).await;
        }
    }
    for altered in [
        format!("{cursor}A"),
        format!("{cursor}="),
        format!("A{cursor}"),
        format!("{cursor}{cursor}"),
        cursor.to_lowercase(),
    ] {
        refused(&altered).await;
    }
    assert_eq!(gateway.sandbox.requests().len(), asked, "the vendor was not asked");
    let another = Gateway::start().await;
    let reply = another.get(&format!("/crm/contacts?limit=1&cursor={cursor}")).await;
    reply.refused(400, "InvalidCursorError");
}

#[tokio::test]
async fn disabled_deleted_and_revoked_count_at_once() {
    let gateway = Gateway::start().await;
    let vault = &gateway.vault;
    let path = "/crm/contacts?limit=1";
    let list = async || ask(&gateway, API_KEY, APPLICATION, CONSUMER, "agile-crm", path).await;
    assert_eq!(list().await.status, 200);
    vault.connections().disable(&APPLICATION.parse().unwrap(), &CONSUMER.parse().unwrap(), &agile_crm()).await.unwrap();
    list().await.refused(403, "ConnectorDisabledError");
    vault.connections().enable(&APPLICATION.parse().unwrap(), &CONSUMER.parse().unwrap(), &agile_crm()).await.unwrap();
    let cursor = list().await.body["meta"]["cursors"]["next"].as_str().unwrap().to_owned();
    vault.connections().delete(&APPLICATION.parse().unwrap(), &CONSUMER.parse().unwrap(), &agile_crm()).await.unwrap();
    list().await.refused(404, "ConnectionNotFoundError");
    vault.connections().add(connection(CONSUMER, &agile_crm())).await.unwrap();
    assert_eq!(list().await.status, 200);
    let reply = gateway.get(&format!("/crm/contacts?limit=1&cursor={cursor}")).await;
    reply.refused(400, "InvalidCursorError");
    let (id, key) = vault.api_keys().add(&APPLICATION.parse().unwrap()).await.unwrap();
    let with_new =
        async || ask(&gateway, key.expose_secret(), APPLICATION, CONSUMER, "", "/crm/contacts?limit=1").await;
    assert_eq!(with_new().await.status, 200);
    vault.api_keys().revoke(&id).await.unwrap();
    with_new().await.refused(401, "UnauthorizedError");
    assert_eq!(list().await.status, 200, "the other key still works");
}

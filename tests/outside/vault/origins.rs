//! Web pages of other origins: browsers let those of an application's own list read the answers to its sessions, and no others.

use connection_vault::ApplicationPatch;
use serde_json::json;

use super::house::{ACME, AGILE, House, ORIGIN, OTHER_ORIGIN};
use crate::support::{Reply, send};

fn allowed_origin(reply: &Reply) -> Option<&str> {
    reply.headers.get("access-control-allow-origin").map(|value| value.to_str().unwrap())
}

fn varies(reply: &Reply) -> bool {
    let vary = reply.headers.get_all("vary").iter();
    vary.map(|value| value.to_str().unwrap()).any(|value| value.eq_ignore_ascii_case("origin"))
}

async fn preflight(house: &House, origin: &str, path: &str) -> Reply {
    let request = house.anonymous("OPTIONS", path).header("origin", origin);
    let request = request.header("access-control-request-method", "PATCH");
    send(request.header("access-control-request-headers", "authorization,content-type,x-apideck-auth-type")).await
}

#[tokio::test]
async fn a_browser_that_asks_first_is_told_what_it_may_send() {
    for house in House::of_every_engine().await {
        // The question does not say for which application it is, so the answer must not say which origins there are.
        for origin in [
            ORIGIN,
            OTHER_ORIGIN,
            "https://evil.example",
            "null",
            "https://app.acme.example.evil.example",
            "http://app.acme.example",
        ] {
            let reply = preflight(&house, origin, AGILE).await;
            assert_eq!((reply.status, reply.text.as_str()), (204, ""));
            assert_eq!(allowed_origin(&reply), Some(origin));
            let said = |name: &str| reply.headers[name].to_str().unwrap().to_ascii_lowercase();
            for method in ["get", "post", "patch", "delete"] {
                assert!(said("access-control-allow-methods").contains(method));
            }
            for header in
                ["authorization", "content-type", "x-apideck-app-id", "x-apideck-consumer-id", "x-apideck-auth-type"]
            {
                assert!(said("access-control-allow-headers").contains(header), "{header}");
            }
            assert!(reply.headers.contains_key("access-control-max-age"));
            assert!(!reply.headers.contains_key("access-control-allow-credentials"));
            assert!(varies(&reply));
        }
    }
}

#[tokio::test]
async fn an_answer_may_be_read_by_the_pages_of_the_sessions_application_alone() {
    let house = House::start().await;
    house.connect("ada").await;
    let token = house.session("ada", &json!({ "allow_actions": [] })).await;
    let ok = send(house.in_session(&token, "GET", AGILE).header("origin", ORIGIN)).await;
    assert_eq!((ok.status, allowed_origin(&ok), varies(&ok)), (200, Some(ORIGIN), true));
    // What is refused has to be readable as well, or the page cannot say why.
    for (method, path) in [("DELETE", AGILE), ("GET", "/vault/consumers")] {
        let refused = send(house.in_session(&token, method, path).header("origin", ORIGIN)).await;
        refused.refused(403, "UnauthorizedError");
        assert_eq!(allowed_origin(&refused), Some(ORIGIN), "{method} {path}");
    }
    for origin in [OTHER_ORIGIN, "https://evil.example", "null"] {
        for method in ["GET", "DELETE"] {
            let refused = send(house.in_session(&token, method, AGILE).header("origin", origin)).await;
            refused.refused(403, "UnauthorizedError");
            assert_eq!((allowed_origin(&refused), varies(&refused)), (None, true), "{method} {origin}");
        }
    }
    for origin in [ORIGIN, OTHER_ORIGIN, "https://evil.example"] {
        let strangers = house.in_session("none", "GET", AGILE).header("x-apideck-app-id", ACME.id);
        let strangers = send(strangers.header("origin", origin)).await;
        strangers.refused(401, "UnauthorizedError");
        assert_eq!(allowed_origin(&strangers), Some(origin), "an expired session has to be recognised by its page");
    }
    let without = send(house.in_session(&token, "GET", AGILE)).await;
    assert_eq!(allowed_origin(&without), None);
}

#[tokio::test]
async fn records_are_no_business_of_other_pages() {
    let house = House::start().await;
    house.connect("ada").await;
    for path in ["/crm/companies", "/connector/connectors", "/vault/callback", "/vault/authorize/quay-crm/acme"] {
        let reply = preflight(&house, ORIGIN, path).await;
        assert_eq!(allowed_origin(&reply), None, "{path}");
        reply.refused(404, "EntityNotFoundError");
        let reply = send(house.request(ACME, "ada", "GET", path).header("origin", ORIGIN)).await;
        assert_eq!(allowed_origin(&reply), None, "{path}");
    }
}

#[tokio::test]
async fn a_list_of_origins_counts_as_soon_as_it_is_changed() {
    let house = House::start().await;
    house.connect("ada").await;
    let token = house.session("ada", &json!({ "allow_actions": [] })).await;
    let asks = async |origin: &'static str| {
        let reply = send(house.in_session(&token, "GET", AGILE).header("origin", origin)).await;
        allowed_origin(&reply) == Some(origin)
    };
    assert!(asks(ORIGIN).await);
    assert!(!asks("https://new.example").await);
    let patch =
        ApplicationPatch { origins: Some(vec!["https://new.example".to_owned()]), ..ApplicationPatch::default() };
    house.vault.applications().update(&ACME.id.parse().unwrap(), patch).await.unwrap();
    assert!(!asks(ORIGIN).await);
    assert!(asks("https://new.example").await);
}

#[tokio::test]
async fn guessed_origins_cost_no_statement_each() {
    let house = House::start().await;
    preflight(&house, ORIGIN, AGILE).await;
    let before = house.vault.statements();
    for number in 0..20 {
        preflight(&house, &format!("https://guess-{number}.example"), AGILE).await;
    }
    // What runs in the background sends a few of its own.
    let sent = house.vault.statements() - before;
    assert!(sent < 20, "{sent} statements");
}

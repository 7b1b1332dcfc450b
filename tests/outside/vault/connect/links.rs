//! Links that lead nowhere, as a consumer's browser is answered, and as a program is.

use crate::vault::house::House;

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const WRONG: [&str; 4] = [
    "/vault/authorize/quay-crm/acme?state=x",
    "/vault/revoke/quay-crm/acme?state=x",
    "/vault/callback?state=x&code=1",
    "/vault/callback?state=x&error=access_denied",
];

#[tokio::test]
async fn a_browser_is_told_in_words_that_its_link_is_of_no_use() {
    let house = House::start().await;
    for path in WRONG {
        let reply = house.anonymous("GET", path).header("accept", BROWSER).send().await.unwrap();
        assert!(reply.status().is_client_error(), "{path}");
        let header = |name: &str| reply.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "text/html; charset=utf-8", "{path}");
        assert!(header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        assert_eq!((header("cache-control"), header("referrer-policy")), ("no-store".into(), "no-referrer".into()));
        let page = reply.text().await.unwrap();
        assert!(page.contains("<h1>This link cannot be used</h1>"), "{page}");
        assert!(!page.contains("<script"), "{page}");
    }
}

#[tokio::test]
async fn a_program_is_answered_in_json() {
    let house = House::start().await;
    for (path, accept) in WRONG.into_iter().zip(["*/*", "application/json", "text/html;q=0", "text/plain"]) {
        let reply = house.anonymous("GET", path).header("accept", accept).send().await.unwrap();
        assert_eq!(reply.headers()["content-type"], "application/json", "{path} {accept}");
    }
}

#[tokio::test]
async fn what_a_link_says_is_shown_as_text() {
    let house = House::start().await;
    let path = "/vault/authorize/%3Cscript%3Ealert(1)%3C%2Fscript%3E/acme?state=x";
    let page = house.anonymous("GET", path).header("accept", BROWSER).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script>"), "{page}");
}

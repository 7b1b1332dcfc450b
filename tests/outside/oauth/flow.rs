//! From a link to a connection that can be called, and what goes wrong on the way.

use reqwest::Method;
use serde_json::{Value, json};
use server::sandbox::APPLICATION;

use super::quay::Mood;
use super::{Quayside, quay_crm, tokens};
use crate::support::{Reply, send};

pub const HOME: &str = "https://app.example/done";

impl Quayside {
    pub async fn api(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        let request = self.request("ann", method, path);
        send(match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()),
            None => request,
        })
        .await
    }

    async fn connection(&self) -> Value {
        self.api(Method::GET, "/vault/connections/crm/quay-crm", None).await.body["data"].clone()
    }

    pub async fn allow(&self, uri: &str) {
        let patch = connection_vault::ApplicationPatch {
            redirect_uris: Some(vec![uri.to_owned()]),
            ..connection_vault::ApplicationPatch::default()
        };
        self.vault.applications().update(&APPLICATION.parse().unwrap(), patch).await.unwrap();
    }

    /// Follows an address of ours as a browser does, and stops at the redirect.
    async fn follow(&self, address: &str) -> Reply {
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        send(client.get(address)).await
    }

    /// Begins an authorisation; the `state` that the vendor brings back.
    pub async fn begin(&self, more: &str) -> String {
        let link = self.connection().await["authorize_url"].as_str().unwrap().to_owned();
        let page = location(&self.follow(&format!("{link}&redirect_uri={HOME}{more}")).await);
        parameter(&page, "state").unwrap()
    }

    pub async fn come_back(&self, query: &str) -> Reply {
        self.follow(&format!("http://{}/vault/callback?{query}", self.address)).await
    }
}

pub fn location(reply: &Reply) -> reqwest::Url {
    assert_eq!(reply.status, 301, "{}", reply.text);
    assert_eq!(reply.headers["cache-control"], "no-store");
    reply.headers["location"].to_str().unwrap().parse().unwrap()
}

pub fn parameter(address: &reqwest::Url, name: &str) -> Option<String> {
    address.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

#[tokio::test]
async fn a_consumer_consents_and_the_connection_can_be_called_until_it_is_revoked() {
    let quayside = Quayside::start().await;
    quayside.allow(HOME).await;
    let before = quayside.connection().await;
    assert_eq!((&before["state"], &before["health"]), (&json!("available"), &json!("needs_auth")), "{before}");
    let link = before["authorize_url"].as_str().unwrap();
    let page = location(&quayside.follow(&format!("{link}&redirect_uri={HOME}")).await);
    assert_eq!(parameter(&page, "client_id").as_deref(), Some(super::CLIENT_ID));
    assert_eq!(parameter(&page, "scope").as_deref(), Some("people.read people.write"));
    assert_eq!(parameter(&page, "code_challenge_method").as_deref(), Some("S256"));
    let callback = format!("http://{}/vault/callback", quayside.address);
    assert_eq!(parameter(&page, "redirect_uri").as_deref(), Some(callback.as_str()));

    let state = parameter(&page, "state").unwrap();
    let back = location(&quayside.come_back(&format!("state={state}&code=code-1")).await);
    assert_eq!(back.as_str(), HOME);
    let asked = quayside.quay.token_requests().remove(0);
    assert_eq!((&*asked["grant_type"], &*asked["code"]), ("authorization_code", "code-1"));
    assert_eq!(asked["code_verifier"].len(), 43);
    assert_eq!(quayside.people("ann").await.status, 200);
    let after = quayside.connection().await;
    assert_eq!((&after["state"], &after["health"]), (&json!("callable"), &json!("ok")), "{after}");
    assert!(after["credentials_expire_at"].as_i64().unwrap() > 0);

    let revoke = after["revoke_url"].as_str().unwrap();
    assert_eq!(location(&quayside.follow(&format!("{revoke}&redirect_uri={HOME}")).await).as_str(), HOME);
    assert_eq!(quayside.quay.revoked(), ["refresh-of-quay-1"]);
    let revoked = quayside.connection().await;
    assert_eq!((&revoked["state"], &revoked["health"]), (&json!("added"), &json!("revoked")), "{revoked}");
    quayside.people("ann").await.refused(401, "ConnectorCredentialsError");
    assert_eq!(quayside.events("ann").await[0].0, "vault.connection.revoked");
}

#[tokio::test]
async fn with_a_nonce_nothing_is_used_before_it_is_confirmed() {
    let quayside = Quayside::start().await;
    quayside.allow(HOME).await;
    let state = quayside.begin("&nonce=n-17").await;
    let back = location(&quayside.come_back(&format!("state={state}&code=code-1")).await);
    let fragment: reqwest::Url = format!("http://x/?{}", back.fragment().unwrap()).parse().unwrap();
    assert_eq!(parameter(&fragment, "nonce").as_deref(), Some("n-17"));
    assert_eq!(parameter(&fragment, "service_id").as_deref(), Some("quay-crm"));
    assert_eq!(quayside.connection().await["health"], "pending_confirmation");
    quayside.people("ann").await.refused(404, "ConnectionNotFoundError");

    let confirm = json!({ "confirm_token": parameter(&fragment, "confirm_token").unwrap() });
    let path = "/vault/connections/crm/quay-crm/confirm";
    let wrong = quayside.api(Method::POST, path, Some(json!({ "confirm_token": "wrong" }))).await;
    wrong.refused(422, "InvalidStateError");
    let foreign = quayside.request("bob", Method::POST, path).header("content-type", "application/json");
    send(foreign.body(confirm.to_string())).await.refused(422, "InvalidStateError");
    let confirmed = quayside.api(Method::POST, path, Some(confirm.clone())).await;
    assert_eq!((confirmed.status, &confirmed.body["data"]["state"]), (200, &json!("callable")), "{}", confirmed.text);
    assert_eq!(quayside.people("ann").await.status, 200);
    quayside.api(Method::POST, path, Some(confirm)).await.refused(422, "InvalidStateError");
}

#[tokio::test]
async fn a_state_works_once_and_only_as_it_was_signed() {
    let quayside = Quayside::start().await;
    quayside.allow(HOME).await;
    let state = quayside.begin("").await;
    let tampered = format!("{}x{}", &state[..state.len() - 9], &state[state.len() - 8..]);
    for wrong in [tampered.as_str(), "x", "a.b.c"] {
        quayside.come_back(&format!("state={wrong}&code=c")).await.refused(400, "OAuthInvalidStateError");
    }
    location(&quayside.come_back(&format!("state={state}&code=c")).await);
    let replayed = quayside.come_back(&format!("state={state}&code=c")).await;
    assert!(replayed.refused(400, "OAuthInvalidStateError").as_str().unwrap().contains("used before"));
    assert_eq!(quayside.quay.token_requests().len(), 1);
    // A link is no state, and a state is no link.
    let link = quayside.connection().await["authorize_url"].as_str().unwrap().to_owned();
    let link_state = parameter(&link.parse().unwrap(), "state").unwrap();
    quayside.come_back(&format!("state={link_state}&code=c")).await.refused(400, "OAuthInvalidStateError");
    let address = format!("http://{}/vault/authorize/quay-crm/{APPLICATION}?redirect_uri={HOME}", quayside.address);
    quayside.follow(&format!("{address}&state={state}")).await.refused(400, "OAuthInvalidStateError");
    // And it is for the application and the connector that it names.
    let other = format!("http://{}/vault/authorize/quay-crm/other?state={link_state}", quayside.address);
    quayside.follow(&other).await.refused(400, "OAuthInvalidStateError");
    let other = format!("http://{}/vault/authorize/agile-crm/{APPLICATION}?state={link_state}", quayside.address);
    quayside.follow(&other).await.refused(400, "OAuthInvalidStateError");
}

#[tokio::test]
async fn nobody_is_sent_where_the_application_does_not_allow() {
    let quayside = Quayside::start().await;
    let link = quayside.connection().await["authorize_url"].as_str().unwrap().to_owned();
    quayside.follow(&link).await.refused(400, "OAuthRedirectUriError");
    quayside.allow(HOME).await;
    for wrong in [
        "https://evil.example/",
        "https://app.example/done/x",
        "https://app.example/done?x=1",
        "http://app.example/done",
    ] {
        let reply = quayside.follow(&format!("{link}&redirect_uri={wrong}")).await;
        assert!(reply.refused(400, "OAuthRedirectUriError").as_str().unwrap().contains("trunkline apps update"));
    }
    // Without one, it is the application's first.
    location(&quayside.follow(&link).await);
}

#[tokio::test]
async fn what_goes_wrong_at_the_vendor_is_told_where_the_consumer_comes_back_to() {
    let quayside = Quayside::start().await;
    quayside.allow(HOME).await;
    let state = quayside.begin("").await;
    let denied = quayside.come_back(&format!("state={state}&error=access_denied&error_description=No")).await;
    let denied = location(&denied);
    assert_eq!(parameter(&denied, "error").as_deref(), Some("access_denied"));
    assert_eq!(parameter(&denied, "error_type").as_deref(), Some("OAuthConnectorError"));
    quayside.quay.set(Mood::GrantOver);
    let state = quayside.begin("").await;
    let failed = location(&quayside.come_back(&format!("state={state}&code=old")).await);
    assert_eq!(parameter(&failed, "error_type").as_deref(), Some("OAuthCodeExchangeError"));
    assert!(!failed.as_str().contains(super::CLIENT_SECRET));
    assert_eq!(quayside.connection().await["state"], "available");
}

#[tokio::test]
async fn without_an_integration_or_its_client_nobody_can_authorise() {
    let quayside = Quayside::start().await;
    quayside.allow(HOME).await;
    let link = quayside.connection().await["authorize_url"].as_str().unwrap().to_owned();
    quayside.vault.integrations().delete(&APPLICATION.parse().unwrap(), &quay_crm()).await.unwrap();
    quayside.follow(&link).await.refused(404, "IntegrationNotFoundError");
    let empty = connection_vault::IntegrationPatch::default();
    quayside.vault.integrations().keep(&APPLICATION.parse().unwrap(), &quay_crm(), empty).await.unwrap();
    quayside.follow(&link).await.refused(404, "OAuthCredentialsNotFoundError");
    assert_eq!(quayside.connection().await["integration_state"], "needs_configuration");
    let off = connection_vault::IntegrationPatch { enabled: Some(false), ..Default::default() };
    quayside.vault.integrations().keep(&APPLICATION.parse().unwrap(), &quay_crm(), off).await.unwrap();
    quayside.follow(&link).await.refused(403, "ConnectorDisabledError");
    quayside.import("ann", tokens(quayside.quay.give(), 60)).await;
    quayside.people("ann").await.refused(403, "ConnectorDisabledError");
}

#[tokio::test]
async fn tokens_can_be_brought_along_and_tried() {
    let quayside = Quayside::start().await;
    let (access, refresh) = quayside.quay.give();
    let import = json!({
        "credentials": { "access_token": access, "refresh_token": refresh },
        "settings": { "home": format!("http://{}", quayside.quay.address) },
        "metadata": { "id": "7" },
    });
    let imported = quayside.api(Method::POST, "/vault/connections/crm/quay-crm/import", Some(import)).await;
    assert_eq!((imported.status, &imported.body["data"]["metadata"]["id"]), (200, &json!("7")), "{}", imported.text);
    assert!(!imported.text.contains("of-quay"), "{}", imported.text);
    let path = "/vault/connections/crm/quay-crm/validate";
    let valid = quayside.api(Method::POST, path, Some(json!({}))).await;
    assert_eq!(valid.body["data"], json!({ "id": "crm+quay-crm", "state": "callable" }), "{}", valid.text);
    assert_eq!(quayside.quay.token_requests().len(), 1);
    quayside.quay.set(Mood::GrantOver);
    quayside.api(Method::POST, path, Some(json!({}))).await.refused(401, "ConnectorCredentialsError");
    assert_eq!(quayside.connection().await["state"], "invalid");
    let token = quayside.api(Method::POST, "/vault/connections/crm/quay-crm/token", Some(json!({}))).await;
    token.refused(422, "InvalidStateError");
}

#[tokio::test]
async fn a_consumers_own_page_begins_with_a_state_of_ours() {
    let quayside = Quayside::start().await;
    quayside.allow(HOME).await;
    let path = "/vault/connections/crm/quay-crm/callback-state";
    quayside
        .api(Method::POST, path, Some(json!({ "redirect_uri": "https://evil.example" })))
        .await
        .refused(400, "OAuthRedirectUriError");
    let reply = quayside.api(Method::POST, path, Some(json!({ "redirect_uri": HOME }))).await;
    let state = reply.body["data"]["state"].as_str().unwrap().to_owned();
    assert_eq!(location(&quayside.come_back(&format!("state={state}&code=c")).await).as_str(), HOME);
    assert!(!quayside.quay.token_requests()[0].contains_key("code_verifier"));
    assert_eq!(quayside.people("ann").await.status, 200);
}

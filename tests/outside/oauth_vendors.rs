//! `HubSpot` and Pipedrive with the OAuth of their own, from the consent page to the record and back to nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use connection_vault::{ApplicationPatch, ImportedConnection, ImportedTokens};
use jiff::Timestamp;
use reqwest::{Method, Url};
use serde_json::{Value, json};
use server::sandbox::{API_KEY, APPLICATION};
use vendor_sandbox::{
    Fault, FaultKind, HUBSPOT_ACCESS_TOKEN, HUBSPOT_REFRESH_TOKEN, OAuthOrder, PIPEDRIVE_ACCESS_TOKEN,
    PIPEDRIVE_OTHER_COMPANY, PIPEDRIVE_REFRESH_TOKEN,
};

use crate::support::{Gateway, Reply, send};

const HOME: &str = "https://app.example/done";

/// A consumer who has not connected anything yet, and a vendor to connect to.
struct Consumer {
    gateway: Gateway,
    service: &'static str,
    browser: reqwest::Client,
}

impl Consumer {
    async fn of(service: &'static str) -> Self {
        let gateway = Gateway::demo().await;
        let patch = ApplicationPatch { redirect_uris: Some(vec![HOME.to_owned()]), ..ApplicationPatch::default() };
        gateway.vault.applications().update(&APPLICATION.parse().unwrap(), patch).await.unwrap();
        let browser =
            reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { gateway, service, browser }
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.gateway.anonymous(method, path).bearer_auth(API_KEY).header("x-apideck-app-id", APPLICATION);
        request.header("x-apideck-consumer-id", "ann").header("x-apideck-service-id", self.service)
    }

    async fn get(&self, path: &str) -> Reply {
        send(self.request(Method::GET, path)).await
    }

    async fn connection(&self) -> Value {
        self.get(&format!("/vault/connections/crm/{}", self.service)).await.body["data"].clone()
    }

    /// Brings tokens along that were given a while ago, and live for half an hour.
    async fn import(&self) {
        self.import_of(60).await;
    }

    async fn import_of(&self, age: i64) {
        let (access, refresh) = match self.service {
            "hubspot" => (HUBSPOT_ACCESS_TOKEN, HUBSPOT_REFRESH_TOKEN),
            _ => (PIPEDRIVE_ACCESS_TOKEN, PIPEDRIVE_REFRESH_TOKEN),
        };
        let tokens = ImportedTokens {
            access_token: Some(access.into()),
            refresh_token: Some(refresh.into()),
            issued_at: Some(Timestamp::from_second(Timestamp::now().as_second() - age).unwrap()),
            expires_in: Some(Duration::from_mins(30)),
        };
        let caller = self.gateway.vault.api_keys().caller(API_KEY, &APPLICATION.parse().unwrap()).await.unwrap();
        let service = self.service.parse().unwrap();
        let settings = BTreeMap::new();
        self.gateway
            .vault
            .authorisations()
            .import(
                &caller,
                &"ann".parse().unwrap(),
                &service,
                ImportedConnection { tokens: Some(tokens), settings, ..ImportedConnection::default() },
            )
            .await
            .unwrap();
    }

    /// Follows an address as a browser does, and stops at the redirect.
    async fn follow(&self, address: &str) -> Url {
        redirect(&send(self.browser.get(address)).await)
    }

    /// Begins at the connection's link, decides on the vendor's page, and comes back to the application.
    async fn decide(&self, decision: &str, account: Option<&str>) -> Url {
        let link = self.connection().await["authorize_url"].as_str().unwrap().to_owned();
        let page = self.follow(&format!("{link}&redirect_uri={HOME}")).await;
        let shown = send(self.browser.get(page.as_str())).await;
        assert!(shown.status == 200 && shown.text.contains("<form"), "{}", shown.text);
        let mut form: Vec<(String, String)> = page.query_pairs().into_owned().collect();
        form.push(("decision".to_owned(), decision.to_owned()));
        form.extend(account.map(|account| ("account".to_owned(), account.to_owned())));
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&form).finish();
        let mut address = page.clone();
        address.set_query(None);
        let post = self.browser.post(address).header("content-type", "application/x-www-form-urlencoded").body(body);
        let back = redirect(&send(post).await);
        self.follow(back.as_str()).await
    }

    async fn contacts(&self) -> Reply {
        self.get("/crm/contacts?limit=200").await
    }

    fn order(&self, order: &OAuthOrder) {
        assert!(self.gateway.sandbox.order(self.service, order));
    }

    fn refreshes(&self) -> u32 {
        self.gateway.sandbox.oauth_calls(self.service).refreshes
    }

    /// The refresh tokens that renewals were asked for with.
    fn refresh_tokens(&self) -> Vec<String> {
        let calls = self.gateway.sandbox.requests().into_iter();
        let forms = calls.filter(|call| call.service == self.service).filter_map(|call| call.form);
        forms.flatten().filter(|(name, _)| name == "refresh_token").map(|(_, token)| token).collect()
    }
}

fn redirect(reply: &Reply) -> Url {
    assert!((300..400).contains(&reply.status), "{} {}", reply.status, reply.text);
    reply.headers["location"].to_str().unwrap().parse().unwrap()
}

fn parameter(address: &Url, name: &str) -> Option<String> {
    address.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

const VENDORS: [&str; 2] = ["hubspot", "pipedrive"];

#[tokio::test]
async fn a_consumer_consents_works_with_records_and_takes_the_consent_back() {
    for service in VENDORS {
        let consumer = Consumer::of(service).await;
        assert_eq!(consumer.decide("approve", None).await.as_str(), HOME);
        let connection = consumer.connection().await;
        assert_eq!((&connection["state"], &connection["health"]), (&json!("callable"), &json!("ok")), "{connection}");
        assert_eq!(consumer.contacts().await.body["data"].as_array().unwrap().len(), 120, "{service}");

        let write = async |method: Method, path: &str, body: Value| {
            let request = consumer.request(method, path).header("content-type", "application/json");
            send(request.body(body.to_string())).await
        };
        let created = write(Method::POST, "/crm/companies", json!({ "name": "Kestrel" })).await;
        let company = created.body["data"]["id"].as_str().unwrap().to_owned();
        let created = write(Method::POST, "/crm/contacts", json!({ "name": "Ada Byron", "company_id": company })).await;
        assert_eq!(created.status, 201, "{}", created.text);
        let contact = format!("/crm/contacts/{}", created.body["data"]["id"].as_str().unwrap());
        assert_eq!(write(Method::PATCH, &contact, json!({ "last_name": "King" })).await.status, 200);
        let read = consumer.get(&contact).await.body["data"].clone();
        assert_eq!((&read["name"], &read["company_id"]), (&json!("Ada King"), &json!(company)));
        assert_eq!(send(consumer.request(Method::DELETE, &contact)).await.status, 200);
        consumer.get(&contact).await.refused(404, "EntityNotFoundError");

        let revoke = consumer.connection().await["revoke_url"].as_str().unwrap().to_owned();
        assert_eq!(consumer.follow(&format!("{revoke}&redirect_uri={HOME}")).await.as_str(), HOME);
        assert_eq!(consumer.gateway.sandbox.oauth_calls(service).revocations, 1, "{service}");
        assert_eq!(consumer.connection().await["health"], "revoked");
        consumer.contacts().await.refused(401, "ConnectorCredentialsError");
    }
}

#[tokio::test]
async fn the_page_is_asked_for_what_the_definition_says() {
    let (hubspot, pipedrive) = (Consumer::of("hubspot").await, Consumer::of("pipedrive").await);
    let page = async |consumer: &Consumer| {
        let link = consumer.connection().await["authorize_url"].as_str().unwrap().to_owned();
        consumer.follow(&format!("{link}&redirect_uri={HOME}")).await
    };
    let asked = page(&hubspot).await;
    assert!(parameter(&asked, "scope").unwrap().contains("crm.objects.contacts.write"));
    assert_eq!(parameter(&asked, "code_challenge_method").as_deref(), Some("S256"));
    let asked = page(&pipedrive).await;
    assert_eq!((parameter(&asked, "scope"), parameter(&asked, "code_challenge")), (None, None));
}

#[tokio::test]
async fn a_consumer_who_says_no_comes_back_with_that() {
    for service in VENDORS {
        let consumer = Consumer::of(service).await;
        let back = consumer.decide("deny", None).await;
        assert_eq!(parameter(&back, "error").as_deref(), Some("access_denied"), "{back}");
        assert_eq!(consumer.connection().await["state"], "available");
        assert_eq!(consumer.gateway.sandbox.oauth_calls(service).codes, 0);
    }
}

#[tokio::test]
async fn each_company_of_pipedrives_is_called_where_its_tokens_say() {
    let consumer = Consumer::of("pipedrive").await;
    consumer.decide("approve", Some(PIPEDRIVE_OTHER_COMPANY)).await;
    assert_eq!(consumer.contacts().await.body["data"].as_array().unwrap().len(), 5);
    let last = consumer.gateway.sandbox.requests().pop().unwrap();
    assert_eq!(last.path, "/saltby/api/v2/persons");
    // Another consent, for another company: the address follows.
    consumer.decide("approve", None).await;
    assert_eq!(consumer.contacts().await.body["data"].as_array().unwrap().len(), 120);
}

#[tokio::test]
async fn an_imported_grant_learns_its_address_with_the_first_renewal() {
    let consumer = Consumer::of("pipedrive").await;
    consumer.import().await;
    assert_eq!(consumer.contacts().await.status, 200);
    assert_eq!(consumer.refreshes(), 1, "without an address there is nowhere to call");
    assert_eq!(consumer.contacts().await.status, 200);
    assert_eq!(consumer.refreshes(), 1);
}

#[tokio::test]
async fn an_expired_token_is_renewed_once_for_however_many_calls() {
    for service in VENDORS {
        let consumer = Consumer::of(service).await;
        consumer.import().await;
        consumer.order(&OAuthOrder::ExpireAccessTokens);
        let path = if service == "hubspot" { "/oauth/v1/token" } else { "/oauth/token" };
        let held = Fault { path_prefix: path.to_owned(), ..Fault::of(service, FaultKind::Held) };
        consumer.gateway.sandbox.inject(held);
        let calls: Vec<_> =
            (0..20).map(|_| tokio::spawn(send(consumer.request(Method::GET, "/crm/contacts?limit=1")))).collect();
        while consumer.refreshes() == 0 {
            tokio::task::yield_now().await;
        }
        consumer.gateway.sandbox.release();
        for call in calls {
            let reply = call.await.unwrap();
            assert_eq!(reply.status, 200, "{service}: {}", reply.text);
        }
        assert_eq!(consumer.refreshes(), 1, "{service}");
    }
}

/// Tokens that end at once make every call renew them.
#[tokio::test]
async fn hubspots_refresh_token_stays_and_pipedrives_is_replaced() {
    for service in VENDORS {
        let consumer = Consumer::of(service).await;
        consumer.order(&OAuthOrder::ExpiresIn(0));
        consumer.import().await;
        consumer.order(&OAuthOrder::ExpireAccessTokens);
        for _ in 0..2 {
            assert_eq!(consumer.contacts().await.status, 200, "{service}");
        }
        let mut tokens = consumer.refresh_tokens();
        tokens.dedup();
        assert_eq!(tokens.len() == 1, service == "hubspot", "{service}: {tokens:?}");
    }
}

#[tokio::test]
async fn a_reply_without_a_refresh_token_leaves_the_one_before() {
    let consumer = Consumer::of("pipedrive").await;
    consumer.order(&OAuthOrder::OmitRefreshToken(true));
    consumer.order(&OAuthOrder::ExpiresIn(0));
    consumer.import().await;
    for _ in 0..2 {
        assert_eq!(consumer.contacts().await.status, 200);
    }
    let tokens = consumer.refresh_tokens();
    assert!(tokens.len() > 1 && tokens.iter().all(|token| token == PIPEDRIVE_REFRESH_TOKEN), "{tokens:?}");
}

#[tokio::test]
async fn a_grant_that_is_over_is_told_in_the_vendors_own_word() {
    for (service, word) in [("hubspot", "BAD_REFRESH_TOKEN"), ("pipedrive", "invalid_grant")] {
        let consumer = Consumer::of(service).await;
        consumer.import().await;
        consumer.order(&OAuthOrder::EndGrants);
        for _ in 0..2 {
            let reply = consumer.contacts().await;
            let detail = reply.refused(401, "ConnectorCredentialsError");
            assert!(detail["message"].as_str().unwrap().contains(word), "{service}: {detail}");
        }
        assert_eq!(consumer.refreshes(), 1, "{service}: what is over is not asked for again");
        assert_eq!(consumer.connection().await["state"], "invalid", "{service}");
        let events = consumer
            .gateway
            .vault
            .events()
            .list(&APPLICATION.parse().unwrap(), Some(&"ann".parse().unwrap()), 10)
            .await
            .unwrap();
        assert_eq!(events[0].event_type, "vault.connection.token_refresh.failed");
        // A new consent makes it good again.
        consumer.decide("approve", None).await;
        assert_eq!(consumer.contacts().await.status, 200, "{service}");
    }
}

#[tokio::test]
async fn a_token_end_point_that_wants_a_pause_gets_it() {
    for service in VENDORS {
        let consumer = Consumer::of(service).await;
        consumer.import_of(3600).await;
        let kind = FaultKind::Status { status: 429, retry_after: Some(77) };
        let limited = Fault { path_prefix: "/oauth".to_owned(), times: 9, ..Fault::of(service, kind) };
        consumer.gateway.sandbox.inject(limited);
        for _ in 0..2 {
            consumer.contacts().await.refused(429, "ConnectorRateLimitError");
        }
        assert_eq!(consumer.refreshes(), 1, "{service}");
    }
}

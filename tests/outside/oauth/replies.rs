//! The forms in which token end-points answer: each has its result, and no token that replaced another is lost.

use std::path::Path;
use std::sync::Arc;

use connector_catalog::Catalog;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::flow::{HOME, location, parameter};
use super::quay::{Mood, TokenForm};
use super::{Quayside, tokens};
use crate::support::Reply;

/// A form, and what is owed for it.
#[derive(Deserialize)]
struct Case {
    name: String,
    status: u16,
    media_type: Option<String>,
    encoding: Option<String>,
    body: String,
    owed: Owed,
    /// What the answer has to say of a refusal.
    #[serde(default)]
    words: String,
    /// Where it is there: how long the token lives, in seconds.
    #[serde(default, deserialize_with = "some")]
    #[expect(clippy::option_option, reason = "null says something else than nothing")]
    lives: Option<Option<i64>>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
enum Owed {
    /// New tokens, both of them.
    Rotated,
    /// A new access token, and the refresh token that there was.
    Kept,
    /// The grant is over.
    Over,
    /// A failure that may pass.
    Later,
    /// A pause.
    Limited,
}

#[expect(clippy::option_option, reason = "null says something else than nothing")]
fn some<'de, D: serde::Deserializer<'de>>(lives: D) -> Result<Option<Option<i64>>, D::Error> {
    Deserialize::deserialize(lives).map(Some)
}

fn cases() -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/outside/oauth/token_replies.json");
    let cases: Vec<Case> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let refusals = cases.iter().filter(|case| !matches!(case.owed, Owed::Rotated | Owed::Kept)).count();
    assert_eq!((cases.len(), refusals), (30, 10));
    cases
}

impl Case {
    fn mood(&self) -> Mood {
        let is_utf16 = self.encoding.is_some();
        let (status, media_type, body) = (self.status, self.media_type.clone(), self.body.clone());
        Mood::Say(TokenForm { status, media_type, body, is_utf16 })
    }

    fn is_refusal(&self) -> bool {
        !matches!(self.owed, Owed::Rotated | Owed::Kept)
    }

    /// Holds a call and what it left behind to what is owed.
    async fn check(&self, quayside: &Quayside, path: &str, reply: &Reply) {
        let name = &self.name;
        let connection = quayside.api(Method::GET, path, None).await.body["data"].clone();
        let health = connection["health"].as_str().unwrap();
        let expected = match self.owed {
            Owed::Rotated | Owed::Kept => (200, None, "ok"),
            Owed::Over => (401, Some("ConnectorCredentialsError"), "needs_auth"),
            Owed::Later => (401, Some("UnauthorizedError"), "pending_refresh"),
            Owed::Limited => (429, Some("ConnectorRateLimitError"), "pending_refresh"),
        };
        let found = (reply.status, reply.body["type_name"].as_str(), health);
        assert_eq!(found, expected, "{name}: {}", reply.text);
        assert!(reply.text.contains(&self.words), "{name}: {}", reply.text);
        let failed_at = connection["last_refresh_failed_at"].as_i64().unwrap();
        assert_eq!(failed_at > 0, self.is_refusal(), "{name}: {connection}");
        if let Some(lives) = self.lives {
            let ends = connection["credentials_expire_at"].as_i64().unwrap();
            let left = (ends - jiff::Timestamp::now().as_millisecond()) / 1000;
            match lives {
                Some(seconds) => assert!((seconds - 60..=seconds).contains(&left), "{name}: {left}"),
                None => assert_eq!(ends, 0, "{name}"),
            }
        }
    }
}

const QUAY: &str = "/vault/connections/crm/quay-crm";
const MOLE: &str = "/vault/connections/crm/mole-crm";

#[tokio::test]
async fn every_form_of_an_answer_to_a_renewal_has_its_result() {
    for case in cases() {
        let quayside = Quayside::start().await;
        quayside.import("ann", tokens(quayside.quay.give(), 4000)).await;
        quayside.quay.set(case.mood());
        let reply = quayside.people("ann").await;
        case.check(&quayside, QUAY, &reply).await;
        if case.is_refusal() {
            continue;
        }
        // What is stored now is what the vendor takes next.
        quayside.quay.set(Mood::Rotate);
        let renewed = quayside.api(Method::POST, &format!("{QUAY}/validate"), Some(json!({}))).await;
        assert_eq!(renewed.status, 200, "{}: {}", case.name, renewed.text);
        let sent = quayside.quay.token_requests().pop().unwrap()["refresh_token"].clone();
        let expected = if case.owed == Owed::Kept { "refresh-of-quay-1" } else { "refresh-of-quay-2" };
        assert_eq!(sent, expected, "{}", case.name);
    }
}

#[tokio::test]
async fn every_form_of_an_answer_to_a_code_has_its_result() {
    for case in cases() {
        let quayside = Quayside::start().await;
        quayside.allow(HOME).await;
        let state = quayside.begin("").await;
        quayside.quay.set(case.mood());
        let back = location(&quayside.come_back(&format!("state={state}&code=code-1")).await);
        let (error_type, told) = (parameter(&back, "error_type"), parameter(&back, "error_description"));
        if case.is_refusal() {
            assert_eq!(error_type.as_deref(), Some("OAuthCodeExchangeError"), "{}", case.name);
            assert!(told.unwrap_or_default().contains(&case.words), "{}: {back}", case.name);
            continue;
        }
        assert_eq!(back.as_str(), HOME, "{}", case.name);
        case.check(&quayside, QUAY, &quayside.people("ann").await).await;
    }
}

#[tokio::test]
async fn every_form_of_an_answer_to_a_clients_own_word_has_its_result() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/outside/oauth/client_credentials");
    let catalog = Arc::new(Catalog::built_in().unwrap().with_directory(&directory).unwrap());
    for case in cases() {
        let quayside = Quayside::start_with(Arc::clone(&catalog), &"mole-crm".parse().unwrap()).await;
        let added: Value = quayside.api(Method::PATCH, MOLE, Some(json!({ "settings": {} }))).await.body;
        assert_eq!(added["data"]["state"], "callable", "{added}");
        quayside.quay.set(case.mood());
        let reply = quayside.people("ann").await;
        assert_eq!(quayside.quay.token_requests()[0]["grant_type"], "client_credentials");
        case.check(&quayside, MOLE, &reply).await;
    }
}

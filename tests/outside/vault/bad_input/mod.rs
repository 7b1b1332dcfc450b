//! Bad input: whatever is malformed, foreign or expired gets the documented error at every end-point of the Vault API, and a
//! `detail` that says what to change. `endpoints` is every end-point once; `strangers` is wrong at all of them, `rows` at one each.

mod endpoints;
mod links;
mod rows;
mod strangers;

use connection_vault::ImportedConnection;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::clock;
use super::house::{ACME, AGILE, DONE, House, PUBLIC_URL, QUAY, ZENITH, with_json};
use crate::oauth::{quay_crm, tokens};
use crate::support::{Reply, send};

/// Status and type of an error.
type Owed = (u16, &'static str);

const PARAMS: Owed = (400, "RequestValidationError");
const TOO_LARGE: Owed = (413, "RequestValidationError");
const HEADERS: Owed = (400, "RequestHeadersValidationError");
const CURSOR: Owed = (400, "InvalidCursorError");
const STATE: Owed = (400, "OAuthInvalidStateError");
const REDIRECT: Owed = (400, "OAuthRedirectUriError");
const UNAUTHORIZED: Owed = (401, "UnauthorizedError");
const FORBIDDEN: Owed = (403, "UnauthorizedError");
const NOT_FOUND: Owed = (404, "EntityNotFoundError");
const NO_CONNECTION: Owed = (404, "ConnectionNotFoundError");
const NO_CONNECTOR: Owed = (404, "ConnectorNotFoundError");
const CONFLICT: Owed = (409, "ConflictError");
const UNSUPPORTED: Owed = (501, "ConnectorOperationUnsupportedError");
const INVALID_STATE: Owed = (422, "InvalidStateError");

/// A house in which Ada has connected Agile and Quay, and what is good, foreign or expired there, by name.
struct Setting {
    house: House,
    names: BTreeMap<&'static str, String>,
}

impl Setting {
    async fn new() -> Self {
        let house = House::start_at(clock::now).await;
        house.connect("ada").await;
        let caller = house.vault.api_keys().caller(ACME.key, &ACME.id.parse().unwrap()).await.unwrap();
        let given = Some(tokens(house.quay.give(), 0));
        house
            .vault
            .authorisations()
            .import(
                &caller,
                &"ada".parse().unwrap(),
                &quay_crm(),
                ImportedConnection { tokens: given, ..ImportedConnection::default() },
            )
            .await
            .unwrap();
        let mut names = BTreeMap::new();
        names.insert("expired_session", house.session("ada", &json!({})).await);
        names.insert("expired_authorize", state_of(&house, "bob", "authorize_url").await);
        names.insert("expired_revoke", state_of(&house, "ada", "revoke_url").await);
        names.insert("expired_state", vendor_state(&house, "bob", "").await);
        names.insert("expired_confirm", confirm_token(&house, "bob").await);
        clock::advance(2 * 3600);
        let session = house.session("ada", &json!({})).await;
        names.insert("altered_session", altered(&session));
        names.insert("session", session);
        names.insert("hris_session", house.session("ada", &json!({ "unified_apis": ["hris"] })).await);
        names.insert("tied_session", house.session("ada", &json!({ "allow_actions": [] })).await);
        let theirs = with_json(house.request(ZENITH, "ada", "POST", "/vault/sessions"), &json!({}));
        let theirs = send(theirs).await.succeeded();
        names.insert("their_session", theirs["session_token"].as_str().unwrap().to_owned());
        let authorize = state_of(&house, "bob", "authorize_url").await;
        names.insert("altered_authorize", altered(&authorize));
        names.insert("authorize", authorize);
        names.insert("revoke", state_of(&house, "ada", "revoke_url").await);
        let used = vendor_state(&house, "cyd", "&nonce=n").await;
        let back = send(house.anonymous("GET", &format!("/vault/callback?state={used}&code=c"))).await;
        assert_eq!(back.status, 301, "{}", back.text);
        names.insert("used_state", used);
        names.insert("cyds_confirm", fragment(&back, "confirm_token"));
        let state = vendor_state(&house, "bob", "").await;
        names.insert("altered_state", altered(&state));
        names.insert("state", state);
        for id in ["a-1", "a-2", "b-1"] {
            house.call("", "POST", "/vault/consumers", &json!({ "consumer_id": id })).await.succeeded();
        }
        let page = house.get("", "/vault/consumers?limit=1&filter[consumer_id]=a-").await;
        let cursor = page.body["meta"]["cursors"]["next"].as_str().unwrap().to_owned();
        names.insert("altered_cursor", altered(&cursor));
        names.insert("cursor", cursor);
        names.insert("done", DONE.to_owned());
        Self { house, names }
    }

    /// A text with what its braces name.
    fn filled(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }

    /// A session's request.
    fn in_session(&self, name: &str, method: &str, path: &str) -> RequestBuilder {
        self.house.in_session(&self.names[name], method, path)
    }

    /// Nothing of what was asked has been done.
    async fn is_unchanged(&self) {
        let connection = self.house.data("ada", AGILE).await;
        assert_eq!((&connection["state"], &connection["enabled"]), (&json!("callable"), &json!(true)), "{connection}");
        assert_eq!((&connection["configuration"], &connection["metadata"]), (&json!([]), &json!(null)));
        assert!(connection["custom_mappings"][0].get("value").is_none(), "{connection}");
        assert_eq!(self.house.data("ada", QUAY).await["state"], "callable");
        assert_eq!(self.house.quay.revoked(), [""; 0]);
        let known = self.house.get("", "/vault/consumers?limit=200").await;
        let known: Vec<&str> =
            known.body["data"].as_array().unwrap().iter().map(|one| one["consumer_id"].as_str().unwrap()).collect();
        assert_eq!(known, ["a-1", "a-2", "ada", "b-1", "bob", "cyd"]);
    }
}

/// What was answered otherwise than owed, a line each.
#[derive(Default)]
struct Surprises(String);

impl Surprises {
    /// `says` are parts of the detail, blanks between them.
    fn check(&mut self, what: &str, reply: &Reply, (status, type_name): Owed, says: &str) {
        let found = (reply.status, reply.body["type_name"].as_str().unwrap_or_default());
        let detail = &reply.body["detail"];
        let detail = detail.as_str().map_or_else(|| detail.to_string(), str::to_owned);
        let is_said = says.split(' ').all(|part| detail.contains(part));
        if found == (status, type_name) && is_said && detail.len() > 20 {
            reply.refused(status, type_name);
        } else {
            let text: String = reply.text.chars().take(400).collect();
            writeln!(self.0, "{what}\n    owed {status} {type_name}: {says}\n    got  {} {text}", reply.status)
                .unwrap();
        }
    }

    fn none(&self) {
        assert!(self.0.is_empty(), "\n{}", self.0);
    }
}

/// The same with another end.
fn altered(token: &str) -> String {
    let (start, end) = token.split_at(token.len() - 6);
    let other: String = end.chars().rev().collect();
    format!("{start}{}", if other == end { "AAAAAA" } else { &other })
}

async fn state_of(house: &House, consumer: &str, address: &str) -> String {
    let connection = house.data(consumer, QUAY).await;
    connection[address].as_str().unwrap().split_once("state=").unwrap().1.to_owned()
}

/// The `state` that a consumer takes to the vendor.
async fn vendor_state(house: &House, consumer: &str, further: &str) -> String {
    let link = state_of(house, consumer, "authorize_url").await;
    let path = format!("/vault/authorize/quay-crm/acme?state={link}&redirect_uri={DONE}{further}");
    let sent = send(house.anonymous("GET", &path)).await;
    assert_eq!(sent.status, 301, "{}", sent.text);
    let page = reqwest::Url::parse(sent.headers["location"].to_str().unwrap()).unwrap();
    page.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
}

async fn confirm_token(house: &House, consumer: &str) -> String {
    let state = vendor_state(house, consumer, "&nonce=n").await;
    let back = send(house.anonymous("GET", &format!("/vault/callback?state={state}&code=c"))).await;
    fragment(&back, "confirm_token")
}

fn fragment(reply: &Reply, name: &str) -> String {
    let address = reqwest::Url::parse(reply.headers["location"].to_str().unwrap()).unwrap();
    let fragment = address.fragment().unwrap_or_else(|| panic!("no fragment: {address}"));
    let as_query = reqwest::Url::parse(&format!("{PUBLIC_URL}?{fragment}")).unwrap();
    as_query.query_pairs().find(|(found, _)| found == name).unwrap().1.into_owned()
}

/// The members of a body that are wrong at every end-point that takes one.
fn a_value() -> Value {
    json!({ "nope": 1 })
}

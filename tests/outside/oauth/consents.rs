//! Consents and what they overtake: an answer that is still on its way, a token that confirms, and what was kept for the account before.

use std::time::Duration;

use connection_vault::{StoreLocation, VaultOptions};
use reqwest::Method;
use serde_json::json;
use server::sandbox::{API_KEY, APPLICATION};

use super::flow::{HOME, location, parameter};
use super::{Quayside, catalog, quay_crm, tokens};

#[tokio::test]
async fn an_answer_to_an_older_question_never_replaces_newer_tokens() {
    let quayside = Quayside::start().await;
    quayside.import("ann", tokens(quayside.quay.give(), 4000)).await;
    quayside.quay.close();
    let waiting = tokio::spawn(crate::support::send(quayside.request("ann", Method::GET, "/crm/contacts")));
    quayside.quay.token_request_arrived().await;
    // The vendor has answered with its second tokens; before they arrive, the consumer brings the third.
    quayside.import("ann", tokens(quayside.quay.give(), 60)).await;
    quayside.quay.open();
    let waited = waiting.await.unwrap();
    assert_eq!((waited.status, quayside.quay.called_with()), (200, Some(3)), "{}", waited.text);
    assert_eq!((quayside.people("ann").await.status, quayside.quay.called_with()), (200, Some(3)));
    assert_eq!(quayside.quay.token_requests().len(), 1);
}

#[tokio::test]
async fn a_token_that_confirms_ends() {
    let options = VaultOptions { confirm_within: Duration::ZERO, ..VaultOptions::new(StoreLocation::Memory) };
    let quayside = Quayside::start_as(catalog(), &quay_crm(), options).await;
    quayside.allow(HOME).await;
    let state = quayside.begin("&nonce=n-17").await;
    let back = location(&quayside.come_back(&format!("state={state}&code=code-1")).await);
    let fragment: reqwest::Url = format!("http://x/?{}", back.fragment().unwrap()).parse().unwrap();
    let confirm = json!({ "confirm_token": parameter(&fragment, "confirm_token").unwrap() });
    let path = "/vault/connections/crm/quay-crm/confirm";
    quayside.api(Method::POST, path, Some(confirm)).await.refused(422, "InvalidStateError");
    quayside.people("ann").await.refused(404, "ConnectionNotFoundError");
}

#[tokio::test]
async fn what_was_kept_for_one_account_is_of_no_use_for_the_next() {
    let quayside = Quayside::start().await;
    quayside.allow(HOME).await;
    let caller = quayside.vault.api_keys().caller(API_KEY, &APPLICATION.parse().unwrap()).await.unwrap();
    // Cursors and kept tables are bound to this key.
    let key = async || {
        let connection =
            quayside.vault.calls().connection(&caller, &"ann".parse().unwrap(), Some(&quay_crm())).await.unwrap();
        connection.key.0.to_string()
    };
    quayside.import("ann", tokens(quayside.quay.give(), 60)).await;
    let imported = key().await;
    assert_eq!(key().await, imported);
    let state = quayside.begin("").await;
    location(&quayside.come_back(&format!("state={state}&code=code-1")).await);
    let consented = key().await;
    let state = quayside.begin("&nonce=n-17").await;
    let back = location(&quayside.come_back(&format!("state={state}&code=code-2")).await);
    assert_eq!(key().await, consented, "nothing is used before it is confirmed");
    let fragment: reqwest::Url = format!("http://x/?{}", back.fragment().unwrap()).parse().unwrap();
    let confirm = json!({ "confirm_token": parameter(&fragment, "confirm_token").unwrap() });
    quayside.api(Method::POST, "/vault/connections/crm/quay-crm/confirm", Some(confirm)).await;
    let confirmed = key().await;
    quayside.import("ann", tokens(quayside.quay.give(), 60)).await;
    let again = key().await;
    let keys = std::collections::BTreeSet::from([imported, consented, confirmed, again]);
    assert_eq!(keys.len(), 4, "{keys:?}");
}

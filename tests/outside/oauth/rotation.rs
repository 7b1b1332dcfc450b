//! Another master key while consumers are on their way.

use connection_vault::MasterKey;
use reqwest::Method;
use serde_json::json;

use super::flow::{HOME, location, parameter};
use super::{Quayside, tokens};

#[tokio::test]
async fn what_is_on_its_way_arrives_although_the_master_key_changes() {
    let quayside = Quayside::start().await;
    quayside.allow(HOME).await;
    quayside.import("bob", tokens(quayside.quay.give(), 3590)).await;
    let state = quayside.begin("&nonce=n-17").await;
    let back = location(&quayside.come_back(&format!("state={state}&code=code-1")).await);
    let fragment: reqwest::Url = format!("http://x/?{}", back.fragment().unwrap()).parse().unwrap();
    let asked = quayside.begin("").await;

    quayside.vault.rotate_master_key(&MasterKey::generate().unwrap()).await.unwrap();
    // What was not sealed anew opens no more.
    quayside.vault.retire_other_master_keys().await.unwrap();

    let confirm = json!({ "confirm_token": parameter(&fragment, "confirm_token").unwrap() });
    let confirmed = quayside.api(Method::POST, "/vault/connections/crm/quay-crm/confirm", Some(confirm)).await;
    assert_eq!((confirmed.status, &confirmed.body["data"]["state"]), (200, &json!("callable")), "{}", confirmed.text);
    assert_eq!(quayside.people("ann").await.status, 200);
    assert_eq!(quayside.people("bob").await.status, 200, "renewed with the client secret");
    assert_eq!(quayside.quay.token_requests().len(), 2);
    let back = location(&quayside.come_back(&format!("state={asked}&code=code-2")).await);
    assert_eq!(back.as_str(), HOME);
    assert_eq!(quayside.quay.token_requests()[2]["code_verifier"].len(), 43);
}

//! State and health of connections that are authorised by OAuth, told from grant and integration.

use std::time::Duration;

use connection_vault::{ImportedConnection, ImportedTokens, IntegrationPatch};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::connections::state_and_health;
use super::house::{ACME, AGILE, House, PUBLIC_URL, QUAY};
use crate::oauth::{quay_crm, tokens};

async fn import(house: &House, consumer: &str, tokens: ImportedTokens) {
    let caller = house.vault.api_keys().caller(ACME.key, &ACME.id.parse().unwrap()).await.unwrap();
    let tokens = Some(tokens);
    house
        .vault
        .authorisations()
        .import(
            &caller,
            &consumer.parse().unwrap(),
            &quay_crm(),
            ImportedConnection { tokens, ..ImportedConnection::default() },
        )
        .await
        .unwrap();
}

#[tokio::test]
async fn an_oauth_connection_says_how_far_it_has_come() {
    for house in House::of_every_engine().await {
        let offered = house.data("ada", QUAY).await;
        assert_eq!(state_and_health(&offered), ("available", "needs_auth"));
        assert_eq!(
            (&offered["auth_type"], &offered["oauth_grant_type"]),
            (&json!("oauth2"), &json!("authorization_code"))
        );
        assert_eq!(offered["integration_state"], "configured");
        let authorize = offered["authorize_url"].as_str().unwrap();
        assert!(authorize.starts_with(&format!("{PUBLIC_URL}/vault/authorize/quay-crm/acme?state=")), "{authorize}");
        assert!(offered.get("revoke_url").is_none_or(Value::is_null), "there is nothing to revoke: {offered}");
        assert!(offered["form_fields"].as_array().unwrap().is_empty(), "nobody is asked for what the token names");
        let added = house.call("ada", "POST", QUAY, &json!({})).await.succeeded();
        assert_eq!(state_and_health(&added), ("added", "needs_auth"));

        import(&house, "ada", tokens(house.quay.give(), 0)).await;
        let callable = house.data("ada", QUAY).await;
        assert_eq!(callable["state"], "callable");
        assert!(
            callable["revoke_url"]
                .as_str()
                .unwrap()
                .starts_with(&format!("{PUBLIC_URL}/vault/revoke/quay-crm/acme?state="))
        );
        assert!(callable["credentials_expire_at"].as_i64().unwrap() > Timestamp::now().as_millisecond());
        assert_eq!(callable["last_refresh_failed_at"], 0);
    }
}

#[tokio::test]
async fn tokens_of_unknown_age_wait_to_be_renewed() {
    let house = House::start().await;
    let (access, refresh) = house.quay.give();
    let unknown = ImportedTokens {
        access_token: Some(access.into()),
        refresh_token: Some(refresh.into()),
        issued_at: None,
        expires_in: None,
    };
    import(&house, "ada", unknown).await;
    assert_eq!(state_and_health(&house.data("ada", QUAY).await), ("callable", "pending_refresh"));
    house.get("ada", "/crm/contacts").await.succeeded();
    assert_eq!(state_and_health(&house.data("ada", QUAY).await), ("callable", "ok"));
}

#[tokio::test]
async fn a_grant_that_ended_says_why() {
    let house = House::start().await;
    let old = ImportedTokens {
        issued_at: Some(Timestamp::from_second(Timestamp::now().as_second() - 7200).unwrap()),
        expires_in: Some(Duration::from_hours(1)),
        ..tokens(house.quay.give(), 0)
    };
    import(&house, "ada", old.clone()).await;
    house.quay.set(crate::oauth::quay::Mood::Fault);
    house.get("ada", "/crm/contacts").await.refused(401, "UnauthorizedError");
    let waiting = house.data("ada", QUAY).await;
    assert_eq!(state_and_health(&waiting), ("callable", "pending_refresh"));
    assert!(waiting["last_refresh_failed_at"].as_i64().unwrap() > 0);
    import(&house, "bob", old).await;
    house.quay.set(crate::oauth::quay::Mood::GrantOver);
    house.get("bob", "/crm/contacts").await.refused(401, "ConnectorCredentialsError");
    assert_eq!(state_and_health(&house.data("bob", QUAY).await), ("invalid", "needs_auth"));
}

#[tokio::test]
async fn an_integration_that_is_off_or_unfinished_is_said_so() {
    let house = House::start().await;
    let off = IntegrationPatch { enabled: Some(false), ..IntegrationPatch::default() };
    house.vault.integrations().keep(&ACME.id.parse().unwrap(), &quay_crm(), off).await.unwrap();
    let connection = house.data("ada", QUAY).await;
    assert_eq!(connection["integration_state"], "disabled");
    assert!(connection.get("authorize_url").is_none_or(Value::is_null), "it would lead nowhere: {connection}");
    house.vault.integrations().delete(&ACME.id.parse().unwrap(), &quay_crm()).await.unwrap();
    assert_eq!(house.data("ada", QUAY).await["integration_state"], "needs_configuration");
    assert_eq!(house.data("ada", AGILE).await["integration_state"], "configured", "it needs no client");
}

//! Another master key, and what is sealed beside connections: OAuth clients' secrets, and authorisations on their way.

use std::collections::{BTreeMap, BTreeSet};

use connection_vault::{
    ApplicationPatch, Authorize, AuthorizeError, Callback, CallbackOutcome, Caller, IntegrationPatch, LinkVerb,
    MasterKey, Rotation, Vault, VaultError,
};
use secrecy::SecretString;
use vendor_client::{ConnectorOverrides, VendorClient, VendorClientOptions};

use crate::rotation::{for_statements, open};
use crate::store::{TestStore, on_each_engine};
use crate::support::{API_KEY, jetty, to_harbor};

on_each_engine!(
    client_secrets_and_authorisations_are_sealed_anew_in_batches,
    an_authorisation_that_was_begun_goes_on_under_the_new_key,
    a_client_secret_that_was_read_before_it_was_sealed_anew_still_opens,
    a_client_secret_that_does_not_open_is_left_and_counted,
);

const CLIENT_SECRET: &str = "client-hush-hush";
const CALLBACK: &str = "https://trunkline.example/vault/callback";

/// The vault with a way out to a Jetty that nobody answers at.
fn with_way_out(vault: Vault) -> Vault {
    let closed =
        ConnectorOverrides { token_url: Some("http://127.0.0.1:9/token".to_owned()), ..ConnectorOverrides::default() };
    let overrides = BTreeMap::from([(jetty(), closed)]);
    vault.set_client(VendorClient::new(VendorClientOptions::default(), overrides).unwrap());
    vault
}

/// An application with an API key and Jetty's OAuth client.
async fn add_application(vault: &Vault, id: &str, api_key: &str) -> Caller {
    let home = vec!["https://app.example/done".to_owned()];
    let patch = ApplicationPatch { redirect_uris: Some(home), ..ApplicationPatch::default() };
    vault.applications().add_with(&id.parse().unwrap(), id, patch).await.unwrap();
    vault.api_keys().add_chosen(&id.parse().unwrap(), &SecretString::from(api_key)).await.unwrap();
    let client = IntegrationPatch {
        client_id: Some("client".to_owned()),
        client_secret: Some(CLIENT_SECRET.into()),
        ..IntegrationPatch::default()
    };
    vault.integrations().keep(&id.parse().unwrap(), &jetty(), client).await.unwrap();
    vault.api_keys().caller(api_key, &id.parse().unwrap()).await.unwrap()
}

/// Begins an authorisation, for which the client secret has to open; the `state` that the vendor brings back.
async fn begin(vault: &Vault, caller: &Caller, consumer: &str) -> Result<String, AuthorizeError> {
    let state = vault.authorisations().link(caller, &consumer.parse().unwrap(), &jetty(), LinkVerb::Authorize).unwrap();
    let authorize = Authorize {
        application_id: &caller.application_id,
        service: &jetty(),
        state: &state,
        redirect_uri: None,
        scope: None,
        nonce: None,
        callback: CALLBACK,
    };
    let page = vault.authorisations().begin(authorize).await?;
    Ok(page.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned())
}

/// Whether an authorisation gets as far as the vendor, for which everything sealed has to open.
async fn comes_to_the_vendor(vault: &Vault, state: &str) -> bool {
    let code = CallbackOutcome::Code("code".into());
    let (_, error) =
        vault.authorisations().complete(Callback { state, outcome: code, callback: CALLBACK }).await.unwrap();
    matches!(error, Some(AuthorizeError::Exchange(_)))
}

/// What the blobs of both tables say of their keys.
async fn keys_in_use(store: &TestStore) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for select in ["SELECT client_secret FROM integrations", "SELECT sealed FROM authorizations WHERE sealed <> '{}'"] {
        let blobs = store.column(select).await;
        assert!(!blobs.is_empty());
        keys.extend(blobs.iter().map(|blob| blob.split('"').nth(3).unwrap_or(blob)[..12].to_owned()));
    }
    keys
}

async fn client_secrets_and_authorisations_are_sealed_anew_in_batches(store: TestStore) {
    let vault = with_way_out(store.open().await);
    for number in 0..105 {
        let caller = add_application(&vault, &format!("app-{number}"), &format!("{API_KEY}-{number}")).await;
        begin(&vault, &caller, "ann").await.unwrap();
    }
    let before = store.column("SELECT client_secret FROM integrations ORDER BY application_id").await;
    let key = MasterKey::generate().unwrap();
    let rotated = vault.rotate_master_key(&key).await.unwrap();
    assert_eq!(rotated, Rotation { resealed: 210, broken: 0 });
    assert_eq!(keys_in_use(&store).await.len(), 1);
    assert_eq!(vault.rotate_master_key(&key).await.unwrap(), Rotation::default(), "there is no more to do");

    let successor = with_way_out(open(&store, &key).await.unwrap());
    assert_eq!(successor.retire_other_master_keys().await.unwrap(), Rotation::default());
    for number in [0, 99, 104] {
        let caller = successor
            .api_keys()
            .caller(&format!("{API_KEY}-{number}"), &format!("app-{number}").parse().unwrap())
            .await
            .unwrap();
        begin(&successor, &caller, "bob").await.unwrap();
    }
    for gone in [&before[0], &before[104]] {
        assert!(!store.holds(gone).await, "with the old master key, this would open");
    }
}

async fn an_authorisation_that_was_begun_goes_on_under_the_new_key(store: TestStore) {
    let command_line = with_way_out(store.open().await);
    let server = with_way_out(store.open().await);
    let caller = add_application(&command_line, "app", API_KEY).await;
    let (first, second) =
        (begin(&server, &caller, "ann").await.unwrap(), begin(&server, &caller, "bob").await.unwrap());
    let key = MasterKey::generate().unwrap();
    command_line.rotate_master_key(&key).await.unwrap();
    assert!(comes_to_the_vendor(&server, &first).await, "a server with the old key");
    begin(&server, &caller, "eve").await.unwrap();
    assert_eq!(keys_in_use(&store).await.len(), 1, "sealed with the new key");

    let successor = with_way_out(open(&store, &key).await.unwrap());
    successor.retire_other_master_keys().await.unwrap();
    assert!(comes_to_the_vendor(&successor, &second).await, "a server with the new key");
}

/// A server with the new key, started before everything was sealed anew, keeps a secret as it was sealed then. The next rotation
/// makes it fetch its keys, and that one is no longer among them.
async fn a_client_secret_that_was_read_before_it_was_sealed_anew_still_opens(store: TestStore) {
    let vault = with_way_out(store.open().await);
    let caller = add_application(&vault, "app", API_KEY).await;
    let key = MasterKey::generate().unwrap();
    let mut statements = 0;
    let early = loop {
        statements += 1;
        for_statements(&vault, statements, vault.rotate_master_key(&key)).await;
        if let Ok(early) = open(&store, &key).await {
            break with_way_out(early);
        }
    };
    let before = keys_in_use_of_integrations(&store).await;
    begin(&early, &caller, "ann").await.unwrap();
    let command_line = open(&store, &key).await.unwrap();
    command_line.retire_other_master_keys().await.unwrap();
    assert_ne!(keys_in_use_of_integrations(&store).await, before, "it was sealed anew behind the server's back");
    command_line.rotate_master_key(&MasterKey::generate().unwrap()).await.unwrap();
    early.connections().add(to_harbor("app", "ann")).await.unwrap();
    begin(&early, &caller, "bob").await.unwrap();
}

async fn keys_in_use_of_integrations(store: &TestStore) -> Vec<String> {
    let blobs = store.column("SELECT client_secret FROM integrations ORDER BY application_id").await;
    blobs.into_iter().map(|blob| blob[..12].to_owned()).collect()
}

async fn a_client_secret_that_does_not_open_is_left_and_counted(store: TestStore) {
    let vault = with_way_out(store.open().await);
    let caller = add_application(&vault, "app", API_KEY).await;
    add_application(&vault, "other", "another-api-key").await;
    store.execute("UPDATE integrations SET client_secret = 'AAAA' WHERE application_id = 'app'").await;
    let key = MasterKey::generate().unwrap();
    assert_eq!(vault.rotate_master_key(&key).await.unwrap(), Rotation { resealed: 1, broken: 1 });
    let successor = with_way_out(open(&store, &key).await.unwrap());
    successor.retire_other_master_keys().await.unwrap();
    let refused = begin(&successor, &caller, "ann").await.unwrap_err();
    assert!(matches!(refused, AuthorizeError::Vault(VaultError::Sealed(_))), "{refused}");
    let other = successor.api_keys().caller("another-api-key", &"other".parse().unwrap()).await.unwrap();
    begin(&successor, &other, "ann").await.unwrap();
}

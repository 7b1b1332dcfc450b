//! Leases on vendors' records: one holder at a time among the servers over a database, for as long as it lives.

use std::sync::Arc;
use std::time::Duration;

use connection_vault::{Vault, VaultOptions};
use vendor_client::RecordLeases;

use crate::store::TestStore;
use crate::support::{NEVER, catalog, master_key, soon};

const RECORD: &str = "app\nann\nharbor-crm\n/contacts/7";

async fn server(store: &TestStore, lease: Duration) -> Arc<dyn RecordLeases> {
    let options = VaultOptions { record_lease: lease, poll_every: NEVER, ..VaultOptions::new(store.location()) };
    let vault = Vault::open(options, master_key(), catalog("catalog")).await.unwrap();
    vault.calls().record_leases().unwrap()
}

#[tokio::test]
async fn a_file_has_one_server_and_no_leases() {
    let store = TestStore::sqlite();
    assert!(store.open().await.calls().record_leases().is_none());
}

#[tokio::test]
async fn a_lease_is_one_holders_until_it_is_given_back() {
    let Some(store) = TestStore::postgres().await else { return };
    let (first, second) = (server(&store, NEVER).await, server(&store, NEVER).await);
    let (ours, theirs) = (first.new_holder(), second.new_holder());
    assert_ne!(ours, theirs);
    assert!(first.take(RECORD, &ours).await.unwrap());
    assert!(!second.take(RECORD, &theirs).await.unwrap());
    assert!(!first.take(RECORD, &first.new_holder()).await.unwrap(), "nor another write of the same server");
    assert!(second.take("app\nann\nharbor-crm\n/contacts/8", &theirs).await.unwrap());
    assert!(first.renew(RECORD, &ours).await.unwrap());
    assert!(!second.renew(RECORD, &theirs).await.unwrap());
    second.give_back(RECORD, &theirs).await.unwrap();
    assert!(!second.take(RECORD, &theirs).await.unwrap(), "only its holder gives it back");
    first.give_back(RECORD, &ours).await.unwrap();
    assert!(second.take(RECORD, &theirs).await.unwrap());
}

#[tokio::test]
async fn a_lease_that_is_over_is_anybodys_and_its_holder_learns_of_it() {
    let Some(store) = TestStore::postgres().await else { return };
    let (first, second) = (server(&store, Duration::from_millis(1)).await, server(&store, NEVER).await);
    let (ours, theirs) = (first.new_holder(), second.new_holder());
    assert!(first.take(RECORD, &ours).await.unwrap());
    soon(async || second.take(RECORD, &theirs).await.unwrap()).await;
    assert!(!first.renew(RECORD, &ours).await.unwrap());
    first.give_back(RECORD, &ours).await.unwrap();
    assert!(!first.take(RECORD, &ours).await.unwrap(), "what was another's by then is not given back");
}

#[tokio::test]
async fn of_many_that_ask_at_once_one_gets_it() {
    let Some(store) = TestStore::postgres().await else { return };
    let servers = [server(&store, NEVER).await, server(&store, NEVER).await];
    for round in 0..20 {
        let record = format!("{RECORD}{round}");
        let asks = (0..16).map(|number| {
            let (leases, record) = (Arc::clone(&servers[number % 2]), record.clone());
            tokio::spawn(async move { leases.take(&record, &leases.new_holder()).await.unwrap() })
        });
        let mut given = 0;
        for ask in asks.collect::<Vec<_>>() {
            given += usize::from(ask.await.unwrap());
        }
        assert_eq!(given, 1);
    }
}

//! The log of calls: written behind everybody's back, listed newest first, kept for as long as it is to be.

use std::time::Duration;

use connection_vault::{LogBounds, LogFilter, LogPosition, LoggedCall, PathMatch, StoreLocation, Vault};
use jiff::SignedDuration;

use crate::store::{TestStore, on_each_engine};
use crate::support::{noon, open, soon};

on_each_engine!(
    what_was_recorded_is_listed_the_newest_first,
    what_belongs_to_others_is_not_listed,
    every_condition_has_to_hold,
    a_list_goes_on_behind_any_call,
    recording_sends_no_statement_and_a_list_one,
    a_call_is_written_without_being_waited_for,
    old_calls_are_taken_out_and_no_others,
    the_log_keeps_within_its_bytes_and_the_newest_stay,
    while_the_store_refuses_calls_are_tried_again_and_then_counted,
    a_stop_writes_what_was_recorded,
);

const A_MONTH: Duration = Duration::from_hours(30 * 24);

fn call(number: u16) -> LoggedCall {
    LoggedCall {
        id: format!("call-{number:05}"),
        application_id: "app".parse().unwrap(),
        consumer_id: Some("ann".parse().unwrap()),
        unified_api: "crm".to_owned(),
        service_id: "agile-crm".to_owned(),
        operation_id: "contactsAll".to_owned(),
        http_method: "GET".to_owned(),
        path: "/crm/contacts".to_owned(),
        status_code: 200,
        error_type: None,
        execution: Duration::from_micros(12_345),
        vendor: Duration::from_millis(12),
        called_at: noon() + SignedDuration::from_secs(number.into()),
    }
}

async fn the_log_keeps_within_its_bytes_and_the_newest_stay(store: TestStore) {
    let vault = store.open().await;
    let bounds = LogBounds { retention: A_MONTH, most_bytes: 100_000 };
    vault.call_log().keep_within(bounds);
    for batch in 0..10 {
        (batch * 300..(batch + 1) * 300).for_each(|number| vault.call_log().record(call(number)));
        vault.call_log().flush().await;
    }
    let count = async || store.column("SELECT CAST(COUNT(*) AS TEXT) FROM logs").await[0].parse::<u64>().unwrap();
    soon(async || count().await < 1000).await;
    let newest = listed(&vault, &LogFilter::default()).await;
    assert_eq!(newest[0], call(2999), "the newest stay");
    // Another server that begins with what is there keeps within its own bound as well.
    drop(vault);
    let vault = store.open().await;
    vault.call_log().keep_within(LogBounds { most_bytes: 1, ..bounds });
    soon(async || count().await == 0).await;
}

/// What `docs/operate.md` says of its growth.
#[tokio::test]
async fn a_call_takes_about_as_much_as_is_told() {
    let store = TestStore::sqlite();
    let vault = logging(&store).await;
    let StoreLocation::File(file) = store.location() else { panic!() };
    store.execute("PRAGMA wal_checkpoint(TRUNCATE)").await;
    let before = file.metadata().unwrap().len();
    for number in 0..10_000 {
        let id = format!("0197d5a0-{:04x}-7000-8000-{:012x}", number % 100, number);
        let consumer_id = format!("customer-{}", u64::from(number) * 7919 % 500).parse().ok();
        vault.call_log().record(LoggedCall { id, consumer_id, ..call(number) });
        if number % 1000 == 999 {
            vault.call_log().flush().await;
        }
    }
    store.execute("PRAGMA wal_checkpoint(TRUNCATE)").await;
    let each = (file.metadata().unwrap().len() - before) / 10_000;
    assert!((150..=350).contains(&each), "{each} bytes");
}

async fn logging(store: &TestStore) -> Vault {
    let vault = store.open().await;
    vault.call_log().keep(A_MONTH);
    vault
}

async fn with_calls(store: &TestStore, calls: impl IntoIterator<Item = LoggedCall>) -> Vault {
    let vault = logging(store).await;
    calls.into_iter().for_each(|call| vault.call_log().record(call));
    vault.call_log().flush().await;
    vault
}

async fn listed(vault: &Vault, filter: &LogFilter) -> Vec<LoggedCall> {
    vault.call_log().list((&"app".parse().unwrap(), &"ann".parse().unwrap()), filter, None, 100).await.unwrap()
}

async fn what_was_recorded_is_listed_the_newest_first(store: TestStore) {
    let refused = LoggedCall { status_code: 404, error_type: Some("EntityNotFoundError".to_owned()), ..call(2) };
    let calls = [call(1), refused, call(3)];
    let vault = with_calls(&store, calls.clone()).await;
    assert_eq!(listed(&vault, &LogFilter::default()).await, [&calls[2], &calls[1], &calls[0]].map(Clone::clone));
    vault.call_log().record(calls[0].clone());
    vault.call_log().flush().await;
    assert_eq!(listed(&store.open().await, &LogFilter::default()).await.len(), 3, "one call is one call");

    let endless = LoggedCall { path: "/crm/contacts/ü".repeat(1000), ..call(4) };
    let vault = with_calls(&store, [endless.clone()]).await;
    let kept = &listed(&vault, &LogFilter::default()).await[0].path;
    assert!(endless.path.starts_with(kept) && (1000..=1024).contains(&kept.len()), "{}", kept.len());
}

async fn what_belongs_to_others_is_not_listed(store: TestStore) {
    let of_bob = LoggedCall { consumer_id: Some("bob".parse().unwrap()), ..call(1) };
    let of_another = LoggedCall { application_id: "other".parse().unwrap(), ..call(2) };
    let of_nobody = LoggedCall { consumer_id: None, ..call(3) };
    let vault = with_calls(&store, [of_bob, of_another, of_nobody, call(4)]).await;
    assert_eq!(listed(&vault, &LogFilter::default()).await, [call(4)]);
    let position = call(9).position();
    let behind = vault
        .call_log()
        .list((&"other".parse().unwrap(), &"bob".parse().unwrap()), &LogFilter::default(), Some(&position), 100)
        .await
        .unwrap();
    assert_eq!(behind, []);
}

async fn every_condition_has_to_hold(store: TestStore) {
    let odd = |number: u16| LoggedCall { path: "/crm/contacts/a%25b_c".to_owned(), ..call(number) };
    let calls = [
        call(0),
        LoggedCall { http_method: "POST".to_owned(), status_code: 201, ..call(1) },
        LoggedCall { service_id: "avid-crm".to_owned(), path: "/crm/companies/7".to_owned(), ..call(2) },
        LoggedCall { unified_api: "vault".to_owned(), path: "/vault/connections".to_owned(), ..call(3) },
        LoggedCall { unified_api: "proxy".to_owned(), path: "/proxy".to_owned(), status_code: 502, ..call(4) },
        LoggedCall { http_method: "DELETE".to_owned(), status_code: 404, ..odd(5) },
    ];
    let vault = with_calls(&store, calls).await;
    let all = LogFilter::default;
    let path = |path: PathMatch| LogFilter { path: Some(path), ..all() };
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    for (filter, owed) in [
        (LogFilter { service_id: Some("avid-crm".to_owned()), ..all() }, vec![2]),
        (LogFilter { service_id: Some("avid".to_owned()), ..all() }, vec![]),
        (path(PathMatch::Exact("/crm/contacts".to_owned())), vec![0, 1]),
        (path(PathMatch::Exact("/CRM/contacts".to_owned())), vec![]),
        (path(PathMatch::StartsWith("/crm/c".to_owned())), vec![0, 1, 2, 5]),
        (path(PathMatch::StartsWith("crm".to_owned())), vec![]),
        (path(PathMatch::Contains("contacts".to_owned())), vec![0, 1, 5]),
        (path(PathMatch::Contains("Contacts".to_owned())), vec![]),
        (path(PathMatch::Contains("a%b".to_owned())), vec![]),
        (path(PathMatch::Contains("%25b_".to_owned())), vec![5]),
        (LogFilter { http_methods: texts(&["GET"]), ..all() }, vec![0, 2, 3, 4]),
        (LogFilter { http_methods: texts(&["POST", "DELETE"]), ..all() }, vec![1, 5]),
        (LogFilter { http_methods: texts(&["GE", "ET"]), ..all() }, vec![]),
        (LogFilter { status_codes: vec![404, 502], ..all() }, vec![4, 5]),
        (LogFilter { status_codes: vec![20], ..all() }, vec![]),
        (LogFilter { from: Some(call(4).called_at), ..all() }, vec![4, 5]),
        (LogFilter { until: Some(call(2).called_at), ..all() }, vec![0, 1]),
        (LogFilter { from: Some(call(1).called_at), until: Some(call(3).called_at), ..all() }, vec![1, 2]),
        (LogFilter { excluded_apis: texts(&["vault", "proxy"]), ..all() }, vec![0, 1, 2, 5]),
        (LogFilter { http_methods: texts(&["GET"]), excluded_apis: texts(&["crm"]), ..all() }, vec![3, 4]),
        (LogFilter { status_codes: vec![200], service_id: Some("avid-crm".to_owned()), ..all() }, vec![2]),
    ] {
        let mut found: Vec<_> = listed(&vault, &filter).await.into_iter().map(|found| found.id).collect();
        found.reverse();
        let owed: Vec<_> = owed.into_iter().map(|number| call(number).id).collect();
        assert_eq!(found, owed, "{filter:?}");
    }
}

async fn a_list_goes_on_behind_any_call(store: TestStore) {
    // Two calls share every moment.
    let calls = (0..600).map(|number| LoggedCall { called_at: call(number / 2).called_at, ..call(number) });
    let vault = with_calls(&store, calls).await;
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = vault
            .call_log()
            .list((&"app".parse().unwrap(), &"ann".parse().unwrap()), &LogFilter::default(), after.as_ref(), 7)
            .await
            .unwrap();
        let Some(last) = page.last() else { break };
        after = LogPosition::parse(&last.position().to_text());
        assert!(after.is_some());
        found.extend(page.into_iter().map(|call| call.id));
    }
    assert_eq!(found, (0..600).rev().map(|number| call(number).id).collect::<Vec<_>>());
    for text in ["", "1", "x 1", "99999999999999999 id"] {
        assert_eq!(LogPosition::parse(text), None, "{text}");
    }
}

async fn recording_sends_no_statement_and_a_list_one(store: TestStore) {
    let vault = logging(&store).await;
    let before = vault.statements();
    (0..100).for_each(|number| vault.call_log().record(call(number)));
    vault.call_log().flush().await;
    assert_eq!(vault.statements(), before, "none that a call waits for");
    assert_eq!(listed(&vault, &LogFilter::default()).await.len(), 100);
    assert_eq!(vault.statements(), before + 1);
}

async fn a_call_is_written_without_being_waited_for(store: TestStore) {
    let vault = logging(&store).await;
    vault.call_log().record(call(1));
    soon(async || !listed(&vault, &LogFilter::default()).await.is_empty()).await;
}

async fn old_calls_are_taken_out_and_no_others(store: TestStore) {
    let at = |number: u16, age: SignedDuration| LoggedCall { called_at: noon() - age, ..call(number) };
    let old = (0..2500).map(|number| at(number, SignedDuration::from_hours(30 * 24 + 1)));
    let young = [at(2500, SignedDuration::from_hours(30 * 24 - 1)), at(2501, SignedDuration::ZERO)];
    let keeps_longer = store.open().await;
    keeps_longer.call_log().keep(A_MONTH * 2);
    old.chain(young).for_each(|call| keeps_longer.call_log().record(call));
    keeps_longer.call_log().flush().await;
    assert_eq!(keeps_longer.call_log().lost(), 0);
    let left = async || store.column("SELECT id FROM logs ORDER BY id").await;
    assert_eq!(left().await.len(), 2502);
    let _vault = logging(&store).await;
    soon(async || left().await.len() <= 2).await;
    assert_eq!(left().await, ["call-02500", "call-02501"]);
}

async fn while_the_store_refuses_calls_are_tried_again_and_then_counted(store: TestStore) {
    let vault = logging(&store).await;
    vault.call_log().flush().await;
    store.execute("ALTER TABLE logs RENAME TO hidden").await;
    vault.call_log().record(call(1));
    vault.call_log().flush().await;
    assert_eq!(vault.call_log().lost(), 1);
    store.execute("ALTER TABLE hidden RENAME TO logs").await;
    vault.call_log().record(call(2));
    vault.call_log().flush().await;
    assert_eq!(listed(&vault, &LogFilter::default()).await, [call(2)]);
    assert_eq!(vault.call_log().lost(), 1);
}

async fn a_stop_writes_what_was_recorded(store: TestStore) {
    let vault = logging(&store).await;
    (0..1000).for_each(|number| vault.call_log().record(call(number)));
    assert_eq!(vault.stop_jobs(A_MONTH).await, Vec::<&str>::new());
    assert_eq!(store.column("SELECT id FROM logs").await.len(), 1000);
    vault.call_log().record(call(1000));
    assert_eq!(vault.call_log().lost(), 1, "nobody writes any more");
    // A vault without its watcher may still be asked, and takes nothing from memory.
    assert_eq!(listed(&vault, &LogFilter::default()).await.len(), 100);
}

/// On one thread nothing is written before somebody waits.
#[tokio::test]
async fn what_comes_faster_than_it_can_be_written_is_let_go_and_counted() {
    let vault = open(StoreLocation::Memory).await.unwrap();
    vault.call_log().keep(A_MONTH);
    (0..10_000).for_each(|number| vault.call_log().record(call(number)));
    let lost = vault.call_log().lost();
    assert!(lost > 0 && lost < 10_000, "{lost}");
    vault.call_log().flush().await;
    let written = vault
        .call_log()
        .list((&"app".parse().unwrap(), &"ann".parse().unwrap()), &LogFilter::default(), None, 100_000)
        .await
        .unwrap();
    assert_eq!(written.len() as u64 + lost, 10_000);
    assert_eq!(vault.call_log().lost(), lost);
}

/// Commands of an operator keep none.
#[tokio::test]
async fn without_a_log_nothing_is_recorded_or_lost() {
    let vault = open(StoreLocation::Memory).await.unwrap();
    vault.call_log().record(call(1));
    vault.call_log().flush().await;
    assert_eq!((listed(&vault, &LogFilter::default()).await, vault.call_log().lost()), (Vec::new(), 0));
}

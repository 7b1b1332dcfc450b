//! Within one server: no write is lost, those of other records do not wait, and none waits for longer than its call may take.

use std::time::Duration;

use connector_catalog::Catalog;
use reqwest::Method;
use serde_json::json;
use unified_model::ServiceId;
use vendor_sandbox::{Fault, FaultKind};

use super::{CONTACTS, at_once, call, change, first, hold_to_replies, slow};
use crate::support::{Gateway, send};

const SERVICE: &str = "avid-crm";

#[tokio::test]
async fn of_two_hundred_updates_none_is_lost() {
    let gateway = Gateway::demo().await;
    let path = first(&gateway, SERVICE, "contacts").await;
    let changes: Vec<_> = (0..200).map(change).collect();
    let update = |(member, _, value): &(&str, &str, String)| {
        call(&gateway, SERVICE, Method::PATCH, &path, Some(&json!({ *member: value })))
    };
    let replies = at_once(changes.iter().map(update)).await;
    assert_eq!(hold_to_replies(&gateway.sandbox, &changes, &replies), 200);
}

#[tokio::test]
async fn six_members_at_once_are_all_kept() {
    let gateway = Gateway::demo().await;
    let path = first(&gateway, SERVICE, "contacts").await;
    slow(&gateway.sandbox, SERVICE);
    let changes: Vec<_> = (0..6).map(change).collect();
    let update = |(member, _, value): &(&str, &str, String)| {
        call(&gateway, SERVICE, Method::PATCH, &path, Some(&json!({ *member: value })))
    };
    let replies = at_once(changes.iter().map(update)).await;
    assert_eq!(hold_to_replies(&gateway.sandbox, &changes, &replies), 6);
    let contact = super::record(&gateway, SERVICE, &path).await;
    for (member, _, value) in &changes {
        assert_eq!(contact[*member], json!(value), "{contact}");
    }
}

/// One spelling of an id or another: to the vendor it is one record.
#[tokio::test]
async fn spellings_of_one_id_are_one_record() {
    let gateway = Gateway::demo().await;
    let path = first(&gateway, SERVICE, "contacts").await;
    let id = path.rsplit('/').next().unwrap().to_uppercase();
    slow(&gateway.sandbox, SERVICE);
    let changes: Vec<_> = (0..6).map(change).collect();
    let paths = [path.clone(), format!("/crm/contacts/{id}")];
    let update = |(number, (member, _, value)): (usize, &(&str, &str, String))| {
        call(&gateway, SERVICE, Method::PATCH, &paths[number % 2], Some(&json!({ *member: value })))
    };
    let replies = at_once(changes.iter().enumerate().map(update)).await;
    assert_eq!(hold_to_replies(&gateway.sandbox, &changes, &replies), 6);
}

#[tokio::test]
async fn an_update_and_a_delete_leave_no_record() {
    for (service, resource, body) in [
        ("avid-crm", "contacts", json!({"title": "CTO"})),
        ("agile-crm", "contacts", json!({"company_id": null})),
        ("agile-crm", "opportunities", json!({"tags": ["new"]})),
        ("pipedrive", "contacts", json!({"first_name": "Ada"})),
    ] {
        let gateway = Gateway::demo().await;
        let path = first(&gateway, service, resource).await;
        slow(&gateway.sandbox, service);
        let update = call(&gateway, service, Method::PATCH, &path, Some(&body));
        let delete = call(&gateway, service, Method::DELETE, &path, None);
        let replies = at_once([update, delete]).await;
        assert!(matches!(replies[0].status, 200 | 404), "{service}/{resource}: {}", replies[0].text);
        assert_eq!(replies[1].status, 200, "{service}/{resource}: {}", replies[1].text);
        let gone = send(call(&gateway, service, Method::GET, &path, None)).await;
        assert_eq!(gone.status, 404, "{service}/{resource}: {}", gone.text);
    }
}

/// While a write of one record waits for its vendor, another record's passes, and another write of the first one does not.
#[tokio::test]
async fn records_do_not_wait_for_each_other() {
    let gateway = Gateway::demo().await;
    let listed = send(call(&gateway, SERVICE, Method::GET, "/crm/contacts?limit=2", None)).await;
    let paths: Vec<String> =
        (0..2).map(|at| format!("/crm/contacts/{}", listed.body["data"][at]["id"].as_str().unwrap())).collect();
    let update = |path: &str, title: &str| {
        tokio::spawn(send(call(&gateway, SERVICE, Method::PATCH, path, Some(&json!({ "title": title })))))
    };
    let start = gateway.sandbox.requests().len();
    gateway
        .sandbox
        .inject(Fault { path_prefix: CONTACTS["/avid-crm".len()..].to_owned(), ..Fault::of(SERVICE, FaultKind::Held) });
    let held = update(&paths[0], "first");
    while !gateway.sandbox.requests()[start..].iter().any(|seen| seen.path.contains("Contacts(")) {
        tokio::task::yield_now().await;
    }
    let waiting = update(&paths[0], "second");
    let other = update(&paths[1], "other").await.unwrap();
    assert_eq!(other.status, 200, "{}", other.text);
    let id = paths[0].rsplit('/').next().unwrap();
    let calls = || gateway.sandbox.requests()[start..].iter().filter(|seen| seen.path.contains(id)).count();
    assert_eq!(calls(), 1, "the second write reads only after the first one has written");
    gateway.sandbox.release();
    for write in [held, waiting] {
        let reply = write.await.unwrap();
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
    assert_eq!(calls(), 4);
}

#[tokio::test]
async fn a_write_that_waited_in_vain_has_sent_nothing() {
    let service: ServiceId = SERVICE.parse().unwrap();
    let gateway = Gateway::over(Catalog::built_in().unwrap(), |config| {
        config.connectors.get_mut(&service).unwrap().timeout_seconds = Some(2);
    })
    .await;
    let path = first(&gateway, SERVICE, "contacts").await;
    let update = |title: &str| {
        tokio::spawn(send(call(&gateway, SERVICE, Method::PATCH, &path, Some(&json!({ "title": title })))))
    };
    let start = gateway.sandbox.requests().len();
    gateway
        .sandbox
        .inject(Fault { path_prefix: CONTACTS["/avid-crm".len()..].to_owned(), ..Fault::of(SERVICE, FaultKind::Held) });
    let held = update("first");
    while !gateway.sandbox.requests()[start..].iter().any(|seen| seen.path.contains("Contacts(")) {
        tokio::task::yield_now().await;
    }
    let before = gateway.sandbox.requests().len();
    let refused = tokio::time::timeout(Duration::from_secs(10), update("second")).await.unwrap().unwrap();
    let detail = refused.refused(409, "ConflictError");
    assert_eq!(detail["outcome"], "not_run");
    assert!(detail["message"].as_str().unwrap().contains("nothing was sent"), "{detail}");
    let since = gateway.sandbox.requests().split_off(before);
    assert!(
        since.iter().all(|seen| seen.json.as_ref().is_none_or(|json| !json.to_string().contains("second"))),
        "{since:?}"
    );
    gateway.sandbox.release();
    held.await.unwrap();
}

//! Access tokens are renewed once, ahead of their end, and what cannot be renewed says so.

use super::quay::Mood;
use super::{Quayside, tokens};

const EXPIRED: i64 = 4000;
const FRESH: i64 = 60;

#[tokio::test]
async fn a_token_is_renewed_before_it_ends_and_the_new_one_is_kept() {
    let quayside = Quayside::start().await;
    quayside.import("ann", tokens(quayside.quay.give(), 3590)).await;
    for _ in 0..3 {
        let reply = quayside.people("ann").await;
        assert_eq!((reply.status, &reply.body["data"][0]["first_name"]), (200, &"Ada".into()), "{}", reply.text);
    }
    let requests = quayside.quay.token_requests();
    assert_eq!(requests.len(), 1, "{requests:?}");
    assert_eq!((&*requests[0]["grant_type"], &*requests[0]["refresh_token"]), ("refresh_token", "refresh-of-quay-1"));
    assert_eq!(quayside.quay.refused_calls(), 0);
}

#[tokio::test]
async fn a_fresh_token_is_left_alone() {
    let quayside = Quayside::start().await;
    quayside.import("ann", tokens(quayside.quay.give(), FRESH)).await;
    assert_eq!(quayside.people("ann").await.status, 200);
    assert_eq!(quayside.quay.token_requests().len(), 0);
}

#[tokio::test]
async fn two_hundred_calls_with_an_expired_token_renew_it_once() {
    let quayside = Quayside::start().await;
    quayside.import("ann", tokens(quayside.quay.give(), EXPIRED)).await;
    quayside.quay.close();
    let calls: Vec<_> = (0..200)
        .map(|_| tokio::spawn(crate::support::send(quayside.request("ann", reqwest::Method::GET, "/crm/contacts"))))
        .collect();
    quayside.quay.token_request_arrived().await;
    quayside.quay.open();
    for call in calls {
        let reply = call.await.unwrap();
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
    assert_eq!((quayside.quay.token_requests().len(), quayside.quay.refused_calls()), (1, 0));
}

#[tokio::test]
async fn a_vendors_401_is_answered_with_one_renewal_and_one_repeat() {
    let quayside = Quayside::start().await;
    quayside.import("ann", tokens(quayside.quay.give(), FRESH)).await;
    quayside.quay.forget_access();
    assert_eq!(quayside.people("ann").await.status, 200);
    assert_eq!((quayside.quay.token_requests().len(), quayside.quay.refused_calls()), (1, 1));
    // A vendor that refuses what it has only just given is not asked for more.
    quayside.quay.forget_access();
    quayside.people("ann").await.refused(401, "ConnectorCredentialsError");
    assert_eq!((quayside.quay.token_requests().len(), quayside.quay.refused_calls()), (1, 2));
}

#[tokio::test]
async fn an_answer_without_a_refresh_token_leaves_the_one_that_there_is() {
    let quayside = Quayside::start().await;
    quayside.quay.set(Mood::Keep);
    quayside.quay.set_lifetime(0);
    quayside.import("ann", tokens(quayside.quay.give(), EXPIRED)).await;
    for _ in 0..2 {
        assert_eq!(quayside.people("ann").await.status, 200);
    }
    let requests = quayside.quay.token_requests();
    assert!(requests.len() >= 2 && requests.iter().all(|request| request["refresh_token"] == "refresh-of-quay-1"));
}

#[tokio::test]
async fn a_grant_that_is_over_needs_a_new_authorisation_and_is_told_of() {
    let quayside = Quayside::start().await;
    quayside.import("ann", tokens(quayside.quay.give(), EXPIRED)).await;
    quayside.quay.set(Mood::GrantOver);
    let reply = quayside.people("ann").await;
    let detail = reply.refused(401, "ConnectorCredentialsError");
    assert!(detail["message"].as_str().unwrap().contains("invalid_grant"), "{detail}");
    assert!(detail["hint"].as_str().unwrap().contains("authorize_url"), "{detail}");
    quayside.people("ann").await.refused(401, "ConnectorCredentialsError");
    assert_eq!(quayside.quay.token_requests().len(), 1);
    assert_eq!(quayside.events("ann").await[0].0, "vault.connection.token_refresh.failed");
}

#[tokio::test]
async fn after_a_failure_there_is_a_pause_which_callers_are_told_of() {
    let quayside = Quayside::start().await;
    quayside.import("ann", tokens(quayside.quay.give(), EXPIRED)).await;
    quayside.quay.set(Mood::Fault);
    for _ in 0..3 {
        let reply = quayside.people("ann").await;
        let detail = reply.refused(401, "UnauthorizedError");
        assert_eq!(detail["type"], "refresh_token_connector_error");
        assert!(detail["debug"]["retry_after_ms"].as_u64().unwrap() <= 5000, "{detail}");
        assert!(reply.headers.contains_key("retry-after"));
    }
    assert_eq!(quayside.quay.token_requests().len(), 1);
    assert_eq!(quayside.events("ann").await[0].0, "vault.connection.token_refresh.pending");
}

#[tokio::test]
async fn a_failure_ahead_of_the_end_does_not_keep_a_token_from_being_used() {
    let quayside = Quayside::start().await;
    quayside.import("ann", tokens(quayside.quay.give(), 3590)).await;
    quayside.quay.set(Mood::Fault);
    for _ in 0..3 {
        assert_eq!(quayside.people("ann").await.status, 200);
    }
    assert_eq!(quayside.quay.token_requests().len(), 1);
}

#[tokio::test]
async fn a_token_end_point_that_wants_a_pause_gets_it() {
    let quayside = Quayside::start().await;
    quayside.import("ann", tokens(quayside.quay.give(), EXPIRED)).await;
    quayside.quay.set(Mood::TooMany(77));
    for _ in 0..2 {
        let reply = quayside.people("ann").await;
        reply.refused(429, "ConnectorRateLimitError");
        let wait: u64 = reply.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((70..=77).contains(&wait), "{wait}");
    }
    assert_eq!(quayside.quay.token_requests().len(), 1);
}

#[tokio::test]
async fn imported_tokens_that_name_no_end_are_renewed_before_they_are_used() {
    let quayside = Quayside::start().await;
    let mut imported = tokens(quayside.quay.give(), FRESH);
    imported.expires_in = None;
    quayside.import("ann", imported).await;
    assert_eq!(quayside.people("ann").await.status, 200);
    assert_eq!(quayside.quay.token_requests().len(), 1);
}

#[tokio::test]
async fn a_caller_that_hangs_up_does_not_lose_the_tokens() {
    let quayside = Quayside::start().await;
    quayside.import("ann", tokens(quayside.quay.give(), EXPIRED)).await;
    quayside.quay.close();
    let call = tokio::spawn(crate::support::send(quayside.request("ann", reqwest::Method::GET, "/crm/contacts")));
    quayside.quay.token_request_arrived().await;
    call.abort();
    quayside.quay.open();
    assert_eq!(quayside.people("ann").await.status, 200);
    assert_eq!(quayside.quay.token_requests().len(), 1);
}

#[tokio::test]
async fn without_an_oauth_client_nothing_can_be_renewed() {
    let quayside = Quayside::start().await;
    quayside.import("ann", tokens(quayside.quay.give(), EXPIRED)).await;
    quayside
        .vault
        .integrations()
        .delete(&server::sandbox::APPLICATION.parse().unwrap(), &super::quay_crm())
        .await
        .unwrap();
    quayside.people("ann").await.refused(404, "OAuthCredentialsNotFoundError");
    assert_eq!(quayside.quay.token_requests().len(), 0);
}

//! Addresses that a browser follows: the signed `state` tells whose they are.

use super::*;

/// What, the request line, what is owed, and parts of what is said.
type Link = (&'static str, &'static str, Owed, &'static str);

#[rustfmt::skip]
const LINKS: &[Link] = &[
    ("no state", "/vault/authorize/quay-crm/acme", PARAMS, "state required"),
    ("an empty state", "/vault/authorize/quay-crm/acme?state=", PARAMS, "state required"),
    ("two states", "/vault/authorize/quay-crm/acme?state={authorize}&state=x", PARAMS, "state once"),
    ("no token", "/vault/authorize/quay-crm/acme?state=x", STATE, "state altered"),
    ("an altered state", "/vault/authorize/quay-crm/acme?state={altered_authorize}", STATE, "state altered"),
    ("an expired state", "/vault/authorize/quay-crm/acme?state={expired_authorize}", STATE, "state expired"),
    ("a session", "/vault/authorize/quay-crm/acme?state={session}", STATE, "state altered"),
    ("the vendor's state", "/vault/authorize/quay-crm/acme?state={state}", STATE, "state altered"),
    ("the state to revoke", "/vault/authorize/quay-crm/acme?state={revoke}", STATE, "state revoke_url"),
    ("another application", "/vault/authorize/quay-crm/zenith?state={authorize}", STATE, "state another"),
    ("an unknown application", "/vault/authorize/quay-crm/nobody?state={authorize}", STATE, "state another"),
    ("another connector", "/vault/authorize/agile-crm/acme?state={authorize}", STATE, "state another"),
    ("an unknown connector", "/vault/authorize/acme-crm/acme?state={authorize}", STATE, "state another"),
    ("no connector", "/vault/authorize/Acme!/acme?state={authorize}", NO_CONNECTOR, "connector /connector/connectors"),
    ("no application", "/vault/authorize/quay-crm?state={authorize}", NOT_FOUND, "/docs"),
    ("a foreign address", "/vault/authorize/quay-crm/acme?state={authorize}&redirect_uri=https://evil.example/", REDIRECT, "redirect_uri allows"),
    ("an address below", "/vault/authorize/quay-crm/acme?state={authorize}&redirect_uri={done}/x", REDIRECT, "redirect_uri allows"),
    ("a script", "/vault/authorize/quay-crm/acme?state={authorize}&redirect_uri=javascript:alert(1)", REDIRECT, "redirect_uri allows"),
    ("no state", "/vault/callback?code=c", PARAMS, "state required"),
    ("no code", "/vault/callback?state={state}", PARAMS, "code error"),
    ("no token", "/vault/callback?state=x&code=c", STATE, "state altered"),
    ("an altered state", "/vault/callback?state={altered_state}&code=c", STATE, "state altered"),
    ("an expired state", "/vault/callback?state={expired_state}&code=c", STATE, "state expired"),
    ("a state that was used", "/vault/callback?state={used_state}&code=c", STATE, "state used"),
    ("a link's state", "/vault/callback?state={authorize}&code=c", STATE, "state altered"),
    ("a session", "/vault/callback?state={session}&code=c", STATE, "state altered"),
    ("no state", "/vault/revoke/quay-crm/acme", PARAMS, "state required"),
    ("no token", "/vault/revoke/quay-crm/acme?state=x", STATE, "state altered"),
    ("an expired state", "/vault/revoke/quay-crm/acme?state={expired_revoke}", STATE, "state expired"),
    ("the state to authorise", "/vault/revoke/quay-crm/acme?state={authorize}", STATE, "state authorize_url"),
    ("another application", "/vault/revoke/quay-crm/zenith?state={revoke}", STATE, "state another"),
    ("another connector", "/vault/revoke/agile-crm/acme?state={revoke}", STATE, "state another"),
    ("a foreign address", "/vault/revoke/quay-crm/acme?state={revoke}&redirect_uri=https://evil.example/", REDIRECT, "redirect_uri allows"),
];

#[tokio::test]
async fn links_that_were_not_given_out_lead_nowhere() {
    let (setting, mut surprises) = (Setting::new().await, Surprises::default());
    for (what, path, owed, says) in LINKS {
        let reply = send(setting.house.anonymous("GET", &setting.filled(path))).await;
        surprises.check(&format!("{what}: {path}"), &reply, *owed, says);
        assert!(!reply.headers.contains_key("location"), "{what}: nobody is sent anywhere");
    }
    for path in ["/vault/authorize/quay-crm/acme", "/vault/callback", "/vault/revoke/quay-crm/acme"] {
        let reply = send(setting.house.anonymous("POST", path)).await;
        surprises.check(path, &reply, NOT_FOUND, "POST");
    }
    surprises.none();
    setting.is_unchanged().await;
    // All that was wrong was said of good links.
    for path in [
        "/vault/authorize/quay-crm/acme?state={authorize}",
        "/vault/callback?state={state}&code=c",
        "/vault/revoke/quay-crm/acme?state={revoke}",
    ] {
        assert_eq!(send(setting.house.anonymous("GET", &setting.filled(path))).await.status, 301, "{path}");
    }
}

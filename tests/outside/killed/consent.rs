//! A server that is killed between a consumer's consent and the use of its tokens.

use reqwest::RequestBuilder;

use super::owed;
use crate::oauth::office::{INTERRUPTED, Office, UNCONFIRMED};
use crate::process::Server;
use crate::support::send;
use crate::two_servers::Schema;

pub const POINTS: [&str; 4] = [EXCHANGING, ANSWERED, STORED, CONFIRMED];
const EXCHANGING: &str = "connect.exchanging";
const ANSWERED: &str = "connect.answered";
const STORED: &str = "connect.stored";
const CONFIRMED: &str = "confirm.stored";

const CODE: &str = "code-of-quay-1";

impl Office {
    async fn consents(&self, server: &Server, more: &str) -> RequestBuilder {
        let state = self.begin(server, "ann", more).await;
        self.callback(server, &state, CODE)
    }

    /// Ann consents anew, and nothing of what went wrong before is in the way.
    async fn connects_anew(&self, server: &Server) {
        let state = self.begin(server, "ann", "").await;
        assert_eq!(self.come_back(server, &state, "code-of-quay-2").await, None);
        assert_eq!(self.people(server, "ann").await.status, 200);
        assert_eq!(self.quay.called_with(), self.quay.exchanged("code-of-quay-2"));
        assert_eq!(self.standing(server, "ann").await, owed("callable", "ok"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_is_not_stored_is_told_of_as_soon_as_a_server_serves_again() {
    for point in [EXCHANGING, ANSWERED] {
        for more in ["", "&nonce=n"] {
            let office = Office::new("trunkline.sqlite").await;
            office.killed_at(point, async |server| office.consents(server, more).await).await;
            assert_eq!(office.quay.exchanged(CODE).is_some(), point == ANSWERED);

            let server = office.installation.serve();
            assert_eq!(office.standing(&server, "ann").await, owed("available", "needs_auth"), "{point}");
            assert_eq!(office.events("ann"), [INTERRUPTED], "{point}");
            office.people(&server, "ann").await.refused(404, "ConnectionNotFoundError");
            // It is told once, and what it tells of is over.
            drop(server);
            let server = office.installation.serve();
            assert_eq!(office.events("ann"), [INTERRUPTED], "{point}");
            office.connects_anew(&server).await;
            drop(server);
            office.no_file_tells(&[]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_who_said_no_is_not_told_to_have_consented() {
    let office = Office::new("trunkline.sqlite").await;
    let denies = async |server: &Server| {
        let state = office.begin(server, "ann", "").await;
        office.denial(server, &state)
    };
    office.killed_at(EXCHANGING, denies).await;
    let server = office.installation.serve();
    assert_eq!(office.standing(&server, "ann").await, owed("available", "needs_auth"));
    assert_eq!(office.events("ann"), [""; 0]);
    office.connects_anew(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_authorised_before_goes_on_after_a_consent_that_is_not_stored() {
    for point in [EXCHANGING, ANSWERED] {
        let office = Office::new("trunkline.sqlite").await;
        office.connects_anew(&office.installation.serve()).await;
        office.killed_at(point, async |server| office.consents(server, "").await).await;

        let server = office.installation.serve();
        assert_eq!(office.people(&server, "ann").await.status, 200, "{point}");
        assert_eq!(office.quay.called_with(), office.quay.exchanged("code-of-quay-2"), "{point}");
        assert_eq!(office.standing(&server, "ann").await, owed("callable", "ok"), "{point}");
        assert_eq!(office.events("ann")[0], INTERRUPTED, "{point}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_is_stored_counts_although_nobody_was_told() {
    let office = Office::new("trunkline.sqlite").await;
    office.killed_at(STORED, async |server| office.consents(server, "").await).await;
    let server = office.installation.serve();
    assert_eq!(office.people(&server, "ann").await.status, 200);
    assert_eq!(office.quay.called_with(), office.quay.exchanged(CODE));
    assert_eq!(office.standing(&server, "ann").await, owed("callable", "ok"));
    assert_eq!(office.told("ann", INTERRUPTED), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_waits_to_be_confirmed_says_so() {
    let office = Office::new("trunkline.sqlite").await;
    office.killed_at(STORED, async |server| office.consents(server, "&nonce=n").await).await;
    let server = office.installation.serve();
    assert_eq!(office.standing(&server, "ann").await, owed("available", "pending_confirmation"));
    assert_eq!(office.events("ann"), [UNCONFIRMED]);
    office.people(&server, "ann").await.refused(404, "ConnectionNotFoundError");
    // The token that confirms it went to nobody, so that there has to be another consent.
    office.connects_anew(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_that_is_stored_counts_although_nobody_was_told() {
    let office = Office::new("trunkline.sqlite").await;
    let mut token = String::new();
    let confirms = async |server: &Server| {
        let state = office.begin(server, "ann", "&nonce=n").await;
        token = office.come_back(server, &state, CODE).await.unwrap();
        office.confirm(server, "ann", &token)
    };
    office.killed_at(CONFIRMED, confirms).await;
    let server = office.installation.serve();
    assert_eq!(office.people(&server, "ann").await.status, 200);
    assert_eq!(office.quay.called_with(), office.quay.exchanged(CODE));
    assert_eq!(office.standing(&server, "ann").await, owed("callable", "ok"));
    send(office.confirm(&server, "ann", &token)).await.refused(422, "InvalidStateError");
    drop(server);
    office.no_file_tells(&[token]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_runs_while_a_code_is_exchanged_interrupts_nothing() {
    let office = Office::new("trunkline.sqlite").await;
    let server = office.installation.serve();
    office.quay.close();
    let call = tokio::spawn(send(office.consents(&server, "").await));
    office.quay.token_request_arrived().await;
    office.installation.run(&["connections", "list", "--app", "acme"]).done();
    assert_eq!(office.events("ann"), Vec::<String>::new());
    office.quay.open();
    assert_eq!(call.await.unwrap().status, 301);
    assert_eq!(office.people(&server, "ann").await.status, 200);
    assert_eq!(office.told("ann", INTERRUPTED), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_servers_the_other_tells_once_the_exchange_had_its_time() {
    let Some(schema) = Schema::new().await else { return };
    let office = Office::new(&schema.address()).await;
    office.killed_at(ANSWERED, async |server| office.consents(server, "").await).await;
    // Another server may still be exchanging the code.
    let server = office.installation.serve();
    assert_eq!(office.events("ann"), Vec::<String>::new());
    drop(server);
    schema.let_exchanges_and_renewals_end().await;
    let server = office.installation.serve();
    assert_eq!(office.events("ann"), [INTERRUPTED]);
    assert_eq!(office.standing(&server, "ann").await, owed("available", "needs_auth"));
    office.connects_anew(&server).await;
}

//! A server that is killed while it renews a token.

use reqwest::Method;

use super::owed;
use crate::oauth::office::Office;
use crate::oauth::quay::Mood;

pub const POINTS: [&str; 3] = [INTENT, ANSWERED, STORED];
const INTENT: &str = "refresh.intent";
const ANSWERED: &str = "refresh.answered";
const STORED: &str = "refresh.stored";

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_while_it_renews_leaves_nothing_unsaid() {
    for (point, mood, is_lost) in [
        (INTENT, Mood::Rotate, false),
        (ANSWERED, Mood::Keep, false),
        (ANSWERED, Mood::Rotate, true),
        (STORED, Mood::Rotate, false),
    ] {
        let office = Office::new("trunkline.sqlite").await;
        office.import(&office.installation.serve(), "ann").await;
        office.quay.set(mood.clone());
        office.killed_at(point, async |server| office.request(server, "ann", Method::GET, "/crm/contacts")).await;
        let asked = office.quay.token_requests().len();
        assert_eq!(asked, usize::from(point != INTENT), "{point}");

        let server = office.installation.serve();
        let before = office.standing(&server, "ann").await;
        let is_in_doubt = point != STORED;
        assert_eq!(before, owed("callable", if is_in_doubt { "pending_refresh" } else { "ok" }), "{point}");
        assert_eq!(office.told("ann", "vault.connection.token_refresh.pending"), usize::from(is_in_doubt), "{point}");

        let reply = office.people(&server, "ann").await;
        let after = office.standing(&server, "ann").await;
        let last = office.events("ann").swap_remove(0);
        if is_lost {
            let detail = reply.refused(401, "ConnectorCredentialsError");
            assert!(detail["message"].as_str().unwrap().contains("interrupted"), "{detail}");
            assert_eq!(after, owed("invalid", "needs_auth"));
            assert_eq!(last, "vault.connection.token_refresh.failed");
            // The old token was tried once, and is not tried again.
            office.people(&server, "ann").await.refused(401, "ConnectorCredentialsError");
            assert_eq!(office.quay.token_requests().len(), 2);
        } else {
            assert_eq!(reply.status, 200, "{point}: {}", reply.text);
            assert_eq!(after, owed("callable", "ok"), "{point}");
            assert_eq!(last == "vault.connection.token_refresh.recovered", is_in_doubt, "{point}: {last}");
            let more = usize::from(is_in_doubt);
            assert_eq!(office.quay.token_requests().len(), asked + more, "{point}");
        }
        drop(server);
        office.no_file_tells(&[]);
    }
}

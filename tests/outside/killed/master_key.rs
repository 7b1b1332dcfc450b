//! A change of the master key that is killed, with everything on its way that OAuth has.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use vendor_sandbox::{AGILE_API_KEY, AGILE_DOMAIN, AGILE_EMAIL};

use super::owed;
use crate::master_key::hand_out;
use crate::oauth::office::Office;
use crate::process::Installation;
use crate::support::send;

pub const POINTS: [&str; 3] = [HANDED_OVER, BATCH, RESEALED];
const HANDED_OVER: &str = "rotate.handed_over";
const BATCH: &str = "rotate.batch";
const RESEALED: &str = "retire.resealed";

pub const ROTATE: [&str; 4] = ["master-key", "rotate", "--to", "new.key"];
const RETIRE: [&str; 2] = ["master-key", "retire"];

/// Runs a command up to a point, and kills it there.
fn kill_at(installation: &Installation, point: &str, arguments: &[&str]) {
    let mut command = installation.command(arguments);
    command.env("TRUNKLINE_PAUSE_AT", point).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let log = BufReader::new(child.stderr.take().unwrap());
    let paused = log.lines().map_while(Result::ok).any(|line| line.contains("paused") && line.contains(point));
    assert!(paused, "{arguments:?} never came to {point}");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_keys_that_is_killed_at_any_point_is_finished_by_the_next() {
    for point in POINTS {
        let office = Office::new("trunkline.sqlite").await;
        let installation = &office.installation;
        installation.add_connection("acme", "agile", AGILE_DOMAIN, AGILE_EMAIL, AGILE_API_KEY);
        let server = installation.serve();
        // Ann's token is to be renewed, Bob's consent to be confirmed, and Cid is at the vendor.
        office.import(&server, "ann").await;
        let state = office.begin(&server, "bob", "&nonce=n").await;
        let confirm_token = office.come_back(&server, &state, "code-of-quay-1").await.unwrap();
        let state = office.begin(&server, "cid", "").await;

        installation.run(&["master-key", "generate", "--out", "new.key"]).done();
        if point != RESEALED {
            kill_at(installation, point, &ROTATE);
            let everything = installation.json(&["connections", "list", "--app", "acme"]);
            let states = everything.as_array().unwrap().iter().map(|connection| &connection["state"]);
            assert_eq!(states.collect::<Vec<_>>(), ["callable", "callable"], "{point}");
        }
        let rotated = installation.run(&ROTATE).done();
        // Two connections, an integration, two authorisations. A batch becomes true as a whole, or not at all.
        assert!(rotated.contains("sealed anew: 5") && !rotated.contains("did not open"), "{point}: {rotated}");
        hand_out(installation);
        // A server that goes on with the old key, until there is one with the new.
        assert_eq!(office.standing(&server, "bob").await, owed("available", "pending_confirmation"), "{point}");
        drop(server);
        if point == RESEALED {
            kill_at(installation, point, &RETIRE);
        }
        let retired = installation.run(&RETIRE).done();
        assert!(!retired.contains("did not open"), "{point}: {retired}");

        let server = installation.serve();
        let renewed = office.people(&server, "ann").await;
        assert_eq!(renewed.status, 200, "{point}: {}", renewed.text);
        let confirmed = send(office.confirm(&server, "bob", &confirm_token)).await;
        assert_eq!(confirmed.status, 200, "{point}: {}", confirmed.text);
        assert_eq!(office.come_back(&server, &state, "code-of-quay-2").await, None);
        for consumer in ["bob", "cid"] {
            let reply = office.people(&server, consumer).await;
            assert_eq!(reply.status, 200, "{point}: {consumer}: {}", reply.text);
        }
        let export = ["connections", "export", "--app", "acme", "--consumer", "agile", "--yes"];
        assert!(installation.run(&export).done().contains(AGILE_API_KEY), "{point}");
        drop(server);
        office.no_file_tells(&[confirm_token, AGILE_API_KEY.to_owned()]);
    }
}

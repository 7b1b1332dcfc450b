//! Kills at moments by chance: before, while and after a server connects, confirms and renews, and a command changes the master
//! key. What is owed after each restart:
//!
//! - No connection is lost, neither the one in question nor any other.
//! - Each can be called, or its health and an event say why not.
//! - The newest tokens that reached us are used, or an event tells that they are lost. From outside nobody sees whether an answer
//!   that the vendor sent had arrived when the kill came. So: what the caller was told to be done has to be stored; tokens that the
//!   vendor gave out are used from then on, or else an event says that it was interrupted, and never both; and where the vendor was
//!   not asked, the same request can be made again, or the event is there.
//! - No file of the installation tells a secret.

mod attempt;
mod bench;
mod trial;

use std::io::Write;

use attempt::attempts;
use trial::Trial;

use crate::two_servers::Schema;

const SEED: u64 = 20_261_130;
const CONSUMERS: usize = 6;

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_kills_lose_nothing_unsaid() {
    let landed = Trial::run(None, attempts(SEED, CONSUMERS, 100)).await;
    // It would be no trial if they all came too early or too late.
    assert!(landed.into_iter().all(|landed| landed >= 5), "{landed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dozen_kills_over_postgres_lose_nothing_unsaid() {
    let Some(schema) = Schema::new().await else { return };
    Trial::run(Some(schema), attempts(SEED, CONSUMERS, 12)).await;
}

/// What a passing test has to say.
fn say(text: &str) {
    std::io::stderr().write_all(text.as_bytes()).unwrap();
}

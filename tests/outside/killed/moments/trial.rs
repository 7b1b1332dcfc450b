//! What each operation owes when it is killed.

use connection_vault::MasterKey;
use vendor_sandbox::AGILE_API_KEY;

use super::attempt::{Attempt, Operation};
use super::bench::Bench;
use super::{CONSUMERS, say};
use crate::master_key::hand_out;
use crate::oauth::office::{INTERRUPTED, UNCONFIRMED};
use crate::support::send;
use crate::two_servers::Schema;

const REFRESH_FAILED: &str = "vault.connection.token_refresh.failed";
const REFRESH_PENDING: &str = "vault.connection.token_refresh.pending";

/// Where a kill came.
#[derive(Debug, Clone, Copy)]
enum Landing {
    /// Nothing had happened.
    Before,
    /// Something had, and the caller did not know.
    Within,
    /// The caller had its answer.
    After,
}

pub struct Trial {
    bench: Bench,
    attempt: Attempt,
    /// How many attempts there have been.
    number: usize,
    /// The number of the tokens that each consumer is to call with; none where it cannot call.
    standing: [Option<u64>; CONSUMERS],
    /// Whether there is an older master key that is good as well.
    is_rotated: bool,
    confirm_tokens: Vec<String>,
}

impl Trial {
    /// How many kills came before, within and after.
    pub async fn run(schema: Option<Schema>, attempts: Vec<Attempt>) -> [usize; 3] {
        let name = if schema.is_some() { "PostgreSQL" } else { "SQLite" };
        let bench = Bench::new(schema).await;
        let mut trial = Self {
            bench,
            attempt: attempts[0],
            number: 0,
            standing: [None; CONSUMERS],
            is_rotated: false,
            confirm_tokens: Vec::new(),
        };
        let mut landed = std::collections::BTreeMap::<Operation, [usize; 3]>::new();
        for attempt in attempts {
            trial.attempt = attempt;
            trial.number += 1;
            let landing = match attempt.operation {
                Operation::Connect => trial.connect().await,
                Operation::Confirm => trial.confirm().await,
                Operation::Refresh => trial.refresh().await,
                Operation::Rotate => trial.rotate().await,
            };
            trial.everyone_stands().await;
            trial.bench.office.no_file_tells(&[&trial.confirm_tokens[..], &[AGILE_API_KEY.to_owned()]].concat());
            if attempt.share.is_some() {
                landed.entry(attempt.operation).or_default()[landing as usize] += 1;
            }
        }
        trial.bench.agile_is_callable().await;
        for (operation, [before, within, after]) in &landed {
            let span = trial.bench.spans[operation];
            say(&format!(
                "\n{name}: {operation:?} takes {span:.1?}; killed {before} before, {within} within, {after} after"
            ));
        }
        say("\n");
        landed.values().fold([0; 3], |all, more| [0, 1, 2].map(|index| all[index] + more[index]))
    }

    fn consumer(&self) -> String {
        format!("consumer-{}", self.attempt.consumer)
    }

    fn code(&self) -> String {
        format!("code-of-quay-{}", self.number)
    }

    /// The consumer comes back from the vendor with a code.
    async fn connect(&mut self) -> Landing {
        let (consumer, code) = (self.consumer(), self.code());
        if self.attempt.is_first {
            self.bench.delete(&consumer).await;
            self.standing[self.attempt.consumer] = None;
        }
        let state = self.bench.office.begin(self.bench.server(), &consumer, "").await;
        let request = self.bench.office.callback(self.bench.server(), &state, &code);
        let reply = self.bench.killed(Operation::Connect, self.attempt.share, request).await;

        let given = self.bench.office.quay.exchanged(&code);
        let [told] = self.bench.newly_told(&consumer, [INTERRUPTED]).await;
        let used = self.used(self.attempt.consumer).await;
        let before = self.standing[self.attempt.consumer];
        if used.is_some() && used == given {
            assert_eq!(told, 0, "what is stored is not lost: {:?}", self.attempt);
            self.standing[self.attempt.consumer] = used;
            return if reply.is_some() { Landing::After } else { Landing::Within };
        }
        assert_eq!((reply, used), (None, before), "{:?}", self.attempt);
        if told == 1 {
            return Landing::Within;
        }
        assert_eq!((told, given), (0, None), "{:?}", self.attempt);
        // The vendor was not asked, and the state is still good.
        assert_eq!(self.bench.office.come_back(self.bench.server(), &state, &code).await, None);
        self.standing[self.attempt.consumer] = self.bench.office.quay.exchanged(&code);
        Landing::Before
    }

    /// The application confirms what the consumer consented to.
    async fn confirm(&mut self) -> Landing {
        let (consumer, code) = (self.consumer(), self.code());
        if self.attempt.is_first {
            self.bench.delete(&consumer).await;
            self.standing[self.attempt.consumer] = None;
        }
        let state = self.bench.office.begin(self.bench.server(), &consumer, "&nonce=n").await;
        let token = self.bench.office.come_back(self.bench.server(), &state, &code).await.unwrap();
        self.confirm_tokens.push(token.clone());
        let request = self.bench.office.confirm(self.bench.server(), &consumer, &token);
        let reply = self.bench.killed(Operation::Confirm, self.attempt.share, request).await;

        let given = self.bench.office.quay.exchanged(&code);
        let told = self.bench.newly_told(&consumer, [UNCONFIRMED, INTERRUPTED]).await;
        assert_eq!(told, [1, 0], "{:?}", self.attempt);
        let used = self.used(self.attempt.consumer).await;
        let before = std::mem::replace(&mut self.standing[self.attempt.consumer], given);
        if used == given {
            return if reply.is_some() { Landing::After } else { Landing::Within };
        }
        assert_eq!((reply, used), (None, before), "{:?}", self.attempt);
        if before.is_none() {
            let (_, health) = self.bench.office.standing(self.bench.server(), &consumer).await;
            assert_eq!(health, "pending_confirmation");
        }
        let again = send(self.bench.office.confirm(self.bench.server(), &consumer, &token)).await;
        assert_eq!(again.status, 200, "{:?}: {}", self.attempt, again.text);
        Landing::Before
    }

    /// A call needs a new token, for which the vendor takes the old ones back.
    async fn refresh(&mut self) -> Landing {
        let consumer = self.consumer();
        let old = self.bench.office.import(self.bench.server(), &consumer).await;
        let spent = format!("refresh-of-quay-{old}");
        let request = self.bench.office.request(self.bench.server(), &consumer, reqwest::Method::GET, "/crm/contacts");
        let reply = self.bench.killed(Operation::Refresh, self.attempt.share, request).await;

        let given = self.bench.office.quay.exchanged(&spent);
        let (state, health) = self.bench.office.standing(self.bench.server(), &consumer).await;
        let used = self.used(self.attempt.consumer).await;
        let [in_doubt, failed] = self.bench.newly_told(&consumer, [REFRESH_PENDING, REFRESH_FAILED]).await;
        self.standing[self.attempt.consumer] = used;
        if reply.is_some() {
            assert_eq!((reply, used, in_doubt, failed), (Some(200), given, 0, 0), "{:?}", self.attempt);
            return Landing::After;
        }
        let was_stored = used.is_some() && used == given;
        if was_stored {
            assert_eq!((health.as_str(), in_doubt, failed), ("ok", 0, 0), "{:?}", self.attempt);
            return Landing::Within;
        }
        // Even before the first call it is said that there is something to be done.
        assert!(in_doubt == 0 || (state == "callable" && health == "pending_refresh"), "{:?}: {health}", self.attempt);
        if given.is_some() {
            assert_eq!((used, in_doubt, failed), (None, 1, 1), "{:?}", self.attempt);
            return Landing::Within;
        }
        assert!(used.is_some() && used == self.bench.office.quay.exchanged(&spent), "{:?}", self.attempt);
        assert_eq!(failed, 0, "{:?}", self.attempt);
        if in_doubt == 1 { Landing::Within } else { Landing::Before }
    }

    /// A command gives a new master key to everything, and dies together with the server.
    async fn rotate(&mut self) -> Landing {
        if self.is_rotated {
            self.bench.office.vault("master.key").await.unwrap().retire_other_master_keys().await.unwrap();
        }
        self.bench.office.installation.run(&["master-key", "generate", "--out", "new.key"]).done();
        let has_ended = self.bench.rotation_killed(self.attempt.share).await;

        self.everyone_stands().await;
        self.bench.agile_is_callable().await;
        let is_begun = self.bench.office.vault("new.key").await.is_ok();
        let vault = self.bench.office.vault("master.key").await.unwrap();
        let new = MasterKey::read_file(&self.bench.office.installation.path().join("new.key")).unwrap();
        let rotated = vault.rotate_master_key(&new).await.unwrap();
        assert_eq!(rotated.broken, 0);
        hand_out(&self.bench.office.installation);
        self.is_rotated = true;
        if has_ended {
            assert!(is_begun && rotated.resealed == 0, "{rotated:?}");
            return Landing::After;
        }
        if is_begun { Landing::Within } else { Landing::Before }
    }

    /// The number of the tokens that a consumer's calls come with, if it can call.
    async fn used(&self, consumer: usize) -> Option<u64> {
        let reply = self.bench.office.people(self.bench.server(), &format!("consumer-{consumer}")).await;
        if reply.status == 200 {
            return Some(self.bench.office.quay.called_with().unwrap());
        }
        assert!(matches!(reply.status, 401 | 404), "{}", reply.text);
        None
    }

    /// Every consumer calls as it could before, and who cannot is told what to do.
    async fn everyone_stands(&self) {
        for (number, standing) in self.standing.into_iter().enumerate() {
            assert_eq!(self.used(number).await, standing, "consumer {number} after {:?}", self.attempt);
            if standing.is_none() {
                let consumer = format!("consumer-{number}");
                let (state, health) = self.bench.office.standing(self.bench.server(), &consumer).await;
                assert_eq!(health, "needs_auth", "{consumer} is {state}");
            }
        }
    }
}

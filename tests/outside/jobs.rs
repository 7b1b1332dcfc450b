//! Background jobs that panic: each is logged and starts again, and what depends on it stays right meanwhile.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use reqwest::Method;
use vendor_sandbox::{AGILE_API_KEY, AGILE_DOMAIN, AGILE_EMAIL, RunningSandbox, Sandbox};

use crate::oauth::office::{INTERRUPTED, Office};
use crate::process::{Caller, Installation, Server};
use crate::support::send;
use crate::two_servers::Schema;

const CONTACTS: &str = "/crm/contacts?limit=1";
const WATCHER: &str = "watch_changes";
const LOG_WRITER: &str = "write_call_log";
const LOOKOUT: &str = "find_interruptions";

/// An installation whose servers' jobs panic when a test says so.
struct Shaky {
    installation: Installation,
    api_key: String,
    _vendors: RunningSandbox,
}

impl Shaky {
    async fn new(database: &str) -> Self {
        let vendors = Sandbox::new().start(([127, 0, 0, 1], 0).into()).await.unwrap();
        let base_url = format!("http://{}/agile-crm/dev/api", vendors.address);
        let installation = Installation::new(&base_url, "");
        let configuration = std::fs::read_to_string(installation.path().join("trunkline.toml")).unwrap();
        installation.write("trunkline.toml", &configuration.replace("trunkline.sqlite", database));
        let api_key = installation.add_application("acme");
        installation.add_connection("acme", "c-1", AGILE_DOMAIN, AGILE_EMAIL, AGILE_API_KEY);
        Self { installation, api_key, _vendors: vendors }
    }

    fn caller(&self) -> Caller<'_> {
        Caller { api_key: &self.api_key, application: "acme", consumer: "c-1" }
    }

    fn serve(&self) -> Server {
        self.installation.serve_shaky()
    }

    /// Returns once the log holds so many calls.
    async fn await_calls(&self, server: &Server, calls: usize) {
        let path = "/vault/logs?filter[exclude_unified_apis]=vault";
        let start = Instant::now();
        loop {
            let reply = server.get(self.caller(), path).await;
            if reply.body["data"].as_array().is_some_and(|logs| logs.len() == calls) {
                return;
            }
            assert!(start.elapsed() < Duration::from_secs(20), "{} {}", reply.text, self.installation.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn revoke(&self, api_key_number: usize) {
        let keys = self.installation.json(&["api-keys", "list", "--app", "acme"]);
        let id = keys[api_key_number]["id"].as_str().unwrap().to_owned();
        self.installation.run(&["api-keys", "revoke", &id]).done();
    }
}

impl Installation {
    fn panics(&self) -> PathBuf {
        self.path().join("panics")
    }

    fn serve_shaky(&self) -> Server {
        std::fs::create_dir_all(self.panics()).unwrap();
        self.serve_with(&[("TRUNKLINE_PANIC_IN", self.panics().to_str().unwrap())])
    }

    /// From now on the job panics whenever it begins a run.
    fn break_job(&self, job: &str) {
        std::fs::create_dir_all(self.panics()).unwrap();
        std::fs::write(self.panics().join(job), "").unwrap();
    }

    fn mend_job(&self, job: &str) {
        std::fs::remove_file(self.panics().join(job)).unwrap();
    }

    /// How often the log tells of a panic of the job.
    fn told_of_panics(&self, job: &str) -> usize {
        let text = format!("a test wants the job {job} to panic");
        let of_job = |line: &&str| line.contains("a background job panicked; it starts again") && line.contains(&text);
        self.log().lines().filter(of_job).count()
    }

    async fn await_panic(&self, job: &str) {
        self.await_log(|installation| installation.told_of_panics(job) > 0).await;
    }

    async fn await_log(&self, owed: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !owed(self) {
            assert!(start.elapsed() < Duration::from_secs(20), "{}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// A file, and a database that a second server uses.
async fn databases() -> Vec<(String, Option<Schema>)> {
    let mut databases = vec![("trunkline.sqlite".to_owned(), None)];
    if let Some(schema) = Schema::new().await {
        databases.push((schema.address(), Some(schema)));
    }
    databases
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_watcher_is_down_a_revoked_key_is_refused_and_afterwards_it_watches_again() {
    for (database, schema) in databases().await {
        let shaky = Shaky::new(&database).await;
        let second_key = shaky.installation.run(&["api-keys", "add", "--app", "acme"]).done().trim().to_owned();
        let second = Caller { api_key: &second_key, ..shaky.caller() };
        let server = shaky.serve();
        let other = schema.as_ref().map(|_| shaky.installation.serve());
        for caller in [shaky.caller(), second] {
            assert_eq!(server.get(caller, CONTACTS).await.status, 200);
        }
        shaky.installation.break_job(WATCHER);
        shaky.installation.await_panic(WATCHER).await;
        assert_eq!(server.get(shaky.caller(), CONTACTS).await.status, 200, "it serves from the store");
        shaky.revoke(0);
        assert_eq!(server.get(shaky.caller(), CONTACTS).await.status, 401, "at once");
        assert_eq!(server.get(second, CONTACTS).await.status, 200);
        if let Some(other) = &other {
            other.soon(shaky.caller(), CONTACTS, 401).await;
        }

        shaky.installation.mend_job(WATCHER);
        shaky.installation.await_log(|shaky| shaky.log().contains("changes by other processes are seen again")).await;
        assert_eq!(server.get(shaky.caller(), CONTACTS).await.status, 401);
        assert_eq!(server.get(second, CONTACTS).await.status, 200);
        shaky.revoke(1);
        server.soon(second, CONTACTS, 401).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_writer_that_panics_loses_nothing_and_a_stop_writes_what_it_holds() {
    for (database, _schema) in databases().await {
        let shaky = Shaky::new(&database).await;
        let mut server = shaky.serve();
        shaky.installation.break_job(LOG_WRITER);
        assert_eq!(server.get(shaky.caller(), CONTACTS).await.status, 200);
        shaky.installation.await_panic(LOG_WRITER).await;
        shaky.installation.mend_job(LOG_WRITER);
        shaky.await_calls(&server, 1).await;

        for _ in 0..3 {
            assert_eq!(server.get(shaky.caller(), CONTACTS).await.status, 200);
        }
        let sent = Command::new("kill").args(["-TERM", &server.id().to_string()]).status().unwrap();
        assert!(sent.success() && server.ended().success());
        let server = shaky.serve();
        shaky.await_calls(&server, 4).await;
        assert!(!shaky.installation.log().contains("calls are missing"), "{}", shaky.installation.log());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lookout_that_panics_finds_what_it_has_to_when_it_starts_again() {
    let Some(schema) = Schema::new().await else { return };
    let office = Office::new(&schema.address()).await;
    let consents = async |server: &Server| {
        let state = office.begin(server, "ann", "").await;
        office.callback(server, &state, "code-of-quay-1")
    };
    office.killed_at("connect.exchanging", consents).await;
    office.installation.break_job(LOOKOUT);
    let server = office.installation.serve_shaky();
    office.installation.await_panic(LOOKOUT).await;
    schema.let_exchanges_and_renewals_end().await;
    assert_eq!(office.told("ann", INTERRUPTED), 0, "nobody looks");
    office.installation.mend_job(LOOKOUT);
    let start = Instant::now();
    while office.told("ann", INTERRUPTED) == 0 {
        assert!(start.elapsed() < Duration::from_secs(20), "{}", office.installation.log());
    }
    assert_eq!(send(office.request(&server, "ann", Method::GET, "/vault/connections")).await.status, 200);
}

//! The table in `docs/operate.md` of what calls are answered while the store is away, held to what they are answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use connection_vault::VaultOptions;
use jiff::Timestamp;
use serde_json::{Value, json};
use sqlx::{Connection as _, SqliteConnection};

use super::cluster::Cluster;
use super::full::{Place, SmallDisk};
use super::relay::{Mood, Relay};
use crate::vault::house::{ACME, House};

const HEAD: &str =
    "| store | read, warm | read, cold | write | change of a connection | `/healthz` | served again within |";
const CHANGE: &str = "/vault/connections/crm/agile-crm";
const READ: &str = "/crm/contacts?limit=1";
/// In the table's order, while nothing is wrong.
const QUIET: [u16; 5] = [200, 200, 201, 200, 200];

/// Whoever calls: one consumer that is in memory, and one that is not.
struct Asker {
    client: reqwest::Client,
    address: SocketAddr,
    key: String,
    consumers: [&'static str; 2],
}

/// A row of the table: five statuses, and how soon everything is as before.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    statuses: [u16; 5],
    within: Duration,
}

impl Row {
    /// The row of the table that begins so.
    fn documented(store: &str) -> Self {
        let guide = include_str!("../../../docs/operate.md");
        let table = guide.split_once(HEAD).expect("the table is in docs/operate.md").1;
        let line = table.lines().find(|line| line.starts_with(&format!("| {store} |")));
        let cells: Vec<&str> = line.unwrap_or_else(|| panic!("no row {store}")).split('|').map(str::trim).collect();
        let statuses = [2, 3, 4, 5, 6].map(|cell| cells[cell].parse().unwrap());
        let seconds = cells[7].strip_suffix(" s").unwrap().parse().unwrap();
        Self { statuses, within: Duration::from_secs(seconds) }
    }

    /// Asserts that the store, as it is now, is answered as the table has it.
    async fn holds(&self, store: &str, asker: &Asker) {
        assert_eq!(asker.statuses().await, self.statuses, "{store}");
    }

    /// Asserts that whatever is not answered as ever is answered as the table has it, until it is over.
    async fn holds_at_most(&self, store: &str, asker: &Asker, is_over: impl Fn() -> bool) {
        while !is_over() {
            let came = asker.statuses().await;
            let mut each = came.iter().zip(QUIET).zip(self.statuses);
            assert!(each.all(|((came, quiet), away)| *came == quiet || *came == away), "{store}: {came:?}");
        }
    }

    /// Asserts that everything is as before soon enough.
    async fn ends(&self, store: &str, asker: &Asker, start: Instant) {
        while asker.statuses().await != QUIET {
            assert!(start.elapsed() < self.within * 2 + Duration::from_secs(5), "{store}: never");
        }
        assert!(start.elapsed() <= self.within, "{store}: {:?}", start.elapsed());
    }
}

impl Asker {
    fn new(address: SocketAddr, key: &str, consumers: [&'static str; 2]) -> Self {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { client, address, key: key.to_owned(), consumers }
    }

    async fn ask(&self, method: &str, path: &str, consumer: &str, body: Option<Value>) -> u16 {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.client.request(method, format!("http://{}{path}", self.address)).bearer_auth(&self.key);
        let request = request.header("x-apideck-app-id", "acme").header("x-apideck-consumer-id", consumer);
        let request = request.header("x-apideck-service-id", "agile-crm");
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()),
            None => request,
        };
        request.send().await.unwrap().status().as_u16()
    }

    /// In the table's order.
    async fn statuses(&self) -> [u16; 5] {
        let [warm, cold] = self.consumers;
        let note = json!({ "metadata": { "note": "-".repeat(8000) } });
        [
            self.ask("GET", READ, warm, None).await,
            self.ask("GET", READ, cold, None).await,
            self.ask("POST", "/crm/contacts", warm, Some(json!({ "first_name": "Ann", "last_name": "Berg" }))).await,
            self.ask("PATCH", CHANGE, warm, Some(note)).await,
            self.ask("GET", "/healthz", warm, None).await,
        ]
    }

    /// Waits until the store is known to be away: then no call is under way that waits for it.
    async fn notices(&self) {
        let start = Instant::now();
        while self.ask("GET", READ, self.consumers[0], None).await == 200 {
            assert!(start.elapsed() < Duration::from_secs(3), "never noticed");
        }
        assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_is_as_the_table_has_it() {
    let directory = tempfile::tempdir().unwrap();
    let disk = SmallDisk::new(directory.path());
    let place = Place::new(directory.path()).await;
    let server = place.installation.serve();
    let asker = Asker::new(server.address, &place.api_key, ["c-1", "c-2"]);
    assert_eq!(asker.statuses().await, QUIET);
    if let Some(disk) = &disk {
        let store = "SQLite, disk full, then freed";
        let row = Row::documented(store);
        disk.fill();
        row.holds(store, &asker).await;
        disk.free();
        row.ends(store, &asker, Instant::now()).await;
    }

    let store = "SQLite, file locked for 7 s";
    let row = Row::documented(store);
    let path = directory.path().join("trunkline.sqlite");
    let mut holder = SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap();
    sqlx::raw_sql("BEGIN EXCLUSIVE").execute(&mut holder).await.unwrap();
    let release = async {
        tokio::time::sleep(Duration::from_secs(7)).await;
        sqlx::raw_sql("ROLLBACK").execute(&mut holder).await.unwrap();
        Instant::now()
    };
    // Health is asked while the lock is held, and longer after the last change than that is believed.
    let health = async {
        tokio::time::sleep(Duration::from_millis(2500)).await;
        asker.ask("GET", "/healthz", "c-1", None).await
    };
    let (warm, cold) = (asker.ask("GET", READ, "c-1", None), asker.ask("GET", READ, "c-2", None));
    let write = asker.ask("POST", "/crm/contacts", "c-1", Some(json!({ "first_name": "Ann", "last_name": "Berg" })));
    let change = asker.ask("PATCH", CHANGE, "c-1", Some(json!({ "enabled": true })));
    let (freed, health, warm, cold, write, change) = tokio::join!(release, health, warm, cold, write, change);
    assert_eq!([warm, cold, write, change, health], row.statuses, "{store}");
    row.ends(store, &asker, freed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_is_as_the_table_has_it() {
    let Some(cluster) = Cluster::start() else { return };
    let relay = Relay::to(&cluster.address()).await;
    let location = relay.address(&cluster.address()).parse().unwrap();
    let house = House::with(VaultOptions::new(location), Timestamp::now).await;
    for consumer in ["ada", "bob"] {
        house.connect(consumer).await;
    }
    let asker = Asker::new(house.address, ACME.key, ["ada", "bob"]);
    assert_eq!(asker.statuses().await, QUIET);

    let (store, row) = ("PostgreSQL stopped, then started", Row::documented("PostgreSQL stopped, then started"));
    cluster.stop();
    asker.notices().await;
    row.holds(store, &asker).await;
    cluster.begin();
    row.ends(store, &asker, Instant::now()).await;

    let (store, row) = ("PostgreSQL restarted", Row::documented("PostgreSQL restarted"));
    let cluster = Arc::new(cluster);
    let restarting = tokio::task::spawn_blocking({
        let cluster = Arc::clone(&cluster);
        move || cluster.restart()
    });
    row.holds_at_most(store, &asker, || restarting.is_finished()).await;
    restarting.await.unwrap();
    row.ends(store, &asker, Instant::now()).await;

    let (store, row) = ("PostgreSQL frozen, then thawed", Row::documented("PostgreSQL frozen, then thawed"));
    cluster.freeze();
    asker.notices().await;
    row.holds(store, &asker).await;
    cluster.thaw();
    row.ends(store, &asker, Instant::now()).await;

    let (store, row) = ("PostgreSQL failed over to a replica", Row::documented("PostgreSQL failed over to a replica"));
    let replica = cluster.replica();
    // The address leads to a server that only reads, until it is promoted.
    cluster.stop();
    relay.set(Mood::Stopped);
    relay.lead_to(&replica.address());
    relay.set(Mood::Open);
    asker.notices().await;
    row.holds(store, &asker).await;
    replica.promote();
    row.ends(store, &asker, Instant::now()).await;
}

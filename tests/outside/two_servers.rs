//! Two servers and the command line over one `PostgreSQL` database.

use std::io::Write;
use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use vendor_sandbox::{AGILE_API_KEY, AGILE_DOMAIN, AGILE_EMAIL, Sandbox};

use crate::process::{Caller, Installation};

const POSTGRES_VARIABLE: &str = "TRUNKLINE_TEST_POSTGRES_URL";

/// A schema of the test's own on the server that the environment names.
pub struct Schema {
    server: String,
    name: String,
}

impl Schema {
    pub async fn new() -> Option<Self> {
        let Ok(server) = std::env::var(POSTGRES_VARIABLE) else {
            assert!(std::env::var_os("CI").is_none(), "CI has a PostgreSQL server: name it in {POSTGRES_VARIABLE}");
            // Not `eprintln!`, which a passing test would keep to itself.
            let notice = format!("\nskipped: a test over PostgreSQL. Name a server in {POSTGRES_VARIABLE}.\n");
            std::io::stderr().write_all(notice.as_bytes()).unwrap();
            return None;
        };
        let schema = Self { server, name: format!("test_{}", uuid::Uuid::new_v4().simple()) };
        run(&schema.server, format!("CREATE SCHEMA {}", schema.name)).await;
        Some(schema)
    }

    /// As if a minute had passed: so long may a server that nobody hears of still be asking a vendor for tokens.
    pub async fn let_exchanges_and_renewals_end(&self) {
        let name = &self.name;
        let exchanges = format!("UPDATE {name}.authorizations SET expires_at = 0 WHERE stage = 'exchanging'");
        run(&self.server, format!("{exchanges}; UPDATE {name}.refreshes SET lease_until = 0")).await;
    }

    /// Changes something behind the servers' back.
    pub async fn execute(&self, sql: &str) {
        run(&self.server, format!("SET search_path = {}; {sql}", self.name)).await;
    }

    /// Holds a table, so that whoever needs it waits.
    pub async fn holding(&self, table: &str) -> Holding {
        let mut holder = PgConnection::connect(&self.server).await.unwrap();
        let table = format!("{}.{table}", self.name);
        let lock = format!("BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE");
        sqlx::raw_sql(AssertSqlSafe(lock)).execute(&mut holder).await.unwrap();
        Holding { server: self.server.clone(), table, _holder: holder }
    }

    pub fn address(&self) -> String {
        let joint = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{joint}options[search_path]={}", self.server, self.name)
    }
}

/// A table that is held until this is dropped.
pub struct Holding {
    server: String,
    table: String,
    _holder: PgConnection,
}

impl Holding {
    /// Until somebody waits for the table.
    pub async fn is_waited_for(&self) {
        let mut database = PgConnection::connect(&self.server).await.unwrap();
        let waiting = "SELECT count(*) FROM pg_locks WHERE relation = $1::regclass AND NOT granted";
        while sqlx::query_scalar::<_, i64>(waiting).bind(&self.table).fetch_one(&mut database).await.unwrap() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        let clear = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            // Sessions of servers that were killed may hold locks a little longer.
            let drop = format!(
                "SET client_min_messages = warning; \
                 SELECT pg_terminate_backend(holder.pid) FROM pg_locks AS holder JOIN pg_class AS held ON held.oid = holder.relation \
                 WHERE held.relnamespace = '{name}'::regnamespace AND holder.pid <> pg_backend_pid(); \
                 DROP SCHEMA {name} CASCADE"
            );
            runtime.block_on(run(&server, drop));
        });
        assert!(clear.join().is_ok() || std::thread::panicking());
    }
}

async fn run(server: &str, sql: String) {
    let mut database = PgConnection::connect(server).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut database).await.unwrap();
}

#[tokio::test]
async fn what_one_changes_the_others_see_within_a_second() {
    let Some(schema) = Schema::new().await else { return };
    let vendors = Sandbox::new().start(([127, 0, 0, 1], 0).into()).await.unwrap();
    let base_url = format!("http://{}/agile-crm/dev/api", vendors.address);
    let installation =
        Installation::new(&base_url, "limits = { requests = 10000, per_seconds = 1, concurrency = 100 }");
    let configuration = std::fs::read_to_string(installation.path().join("trunkline.toml")).unwrap();
    installation.write("trunkline.toml", &configuration.replace("trunkline.sqlite", &schema.address()));
    let api_key = installation.add_application("acme");
    installation.add_connection("acme", "c-1", AGILE_DOMAIN, AGILE_EMAIL, AGILE_API_KEY);
    let servers = [installation.serve(), installation.serve()];
    let caller = Caller { api_key: &api_key, application: "acme", consumer: "c-1" };
    let path = "/crm/contacts?limit=1";
    let mut cursor = String::new();
    for server in &servers {
        let listed = server.get(caller, path).await;
        assert_eq!(listed.status, 200, "{}", listed.text);
        cursor = listed.body["meta"]["cursors"]["next"].as_str().unwrap().to_owned();
    }
    let next = servers[0].get(caller, &format!("{path}&cursor={cursor}")).await;
    assert_eq!(next.status, 200, "a cursor of one server is good at the other: {}", next.text);
    for (action, status) in [("disable", 403), ("enable", 200), ("delete", 404)] {
        let place = ["--app", "acme", "--consumer", "c-1", "--service", "agile-crm"];
        let arguments: Vec<&str> = ["connections", action].into_iter().chain(place).collect();
        installation.run(&arguments).done();
        for server in &servers {
            server.soon(caller, path, status).await;
        }
    }
    assert!(!installation.path().join("trunkline.sqlite").exists());
}

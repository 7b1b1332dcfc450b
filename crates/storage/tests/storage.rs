//! A store from outside, on both engines: migrations, the feed of changes, leases.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::time::Duration;

use storage::{Announcement, Migration, Migrations, Seen, Statement, StorageError, Store, StoreLocation};
use tempfile::TempDir;

const POSTGRES_VARIABLE: &str = "TRUNKLINE_TEST_POSTGRES_URL";
const LONG: Duration = Duration::from_hours(1);

static FRUIT: Migrations = Migrations {
    owner: "fruit",
    steps: &[step("0001_apples", "CREATE TABLE apples (name TEXT NOT NULL PRIMARY KEY)")],
    continues_schema_version: false,
};
static MORE_FRUIT: Migrations = Migrations {
    owner: "fruit",
    steps: &[
        step("0001_apples", "CREATE TABLE apples (name TEXT NOT NULL PRIMARY KEY)"),
        step("0002_pears", "CREATE TABLE pears (name TEXT NOT NULL PRIMARY KEY)"),
    ],
    continues_schema_version: false,
};
static OTHER_FRUIT: Migrations = Migrations {
    owner: "fruit",
    steps: &[step("0001_apples", "CREATE TABLE apples (id TEXT NOT NULL PRIMARY KEY)")],
    continues_schema_version: false,
};

const fn step(name: &'static str, script: &'static str) -> Migration {
    Migration { name, sqlite: script, postgres: script }
}

/// A database of a test's own.
struct Database {
    location: StoreLocation,
    /// On a server: which schema to take away again.
    schema: Option<(Store, String)>,
    _directory: Option<TempDir>,
}

impl Database {
    fn sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let location = StoreLocation::File(directory.path().join("store.db"));
        Self { location, schema: None, _directory: Some(directory) }
    }

    /// None where no server is named.
    async fn postgres() -> Option<Self> {
        let server = std::env::var(POSTGRES_VARIABLE).ok();
        let is_missing = server.is_none() && std::env::var_os("CI").is_some();
        assert!(!is_missing, "CI has a PostgreSQL server: name it in {POSTGRES_VARIABLE}");
        let server = server?;
        let schema = format!("storage_{}", uuid::Uuid::new_v4().simple());
        let joint = if server.contains('?') { '&' } else { '?' };
        let location = format!("{server}{joint}options[search_path]={schema}").into();
        let store = Store::open(&location, &[]).await.unwrap();
        store.change(sql(&format!("CREATE SCHEMA {schema}"))).await.unwrap();
        Some(Self { location, schema: Some((store, schema)), _directory: None })
    }

    async fn open(&self, migrations: &'static Migrations) -> Result<Store, StorageError> {
        let store = Store::open(&self.location, &[migrations]).await?;
        store.upgrade().await?.commit().await?;
        Ok(store)
    }

    async fn remove(self) {
        if let Some((store, schema)) = self.schema {
            store.change(sql(&format!("DROP SCHEMA {schema} CASCADE"))).await.unwrap();
        }
    }
}

macro_rules! on_each_engine {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $test() { super::$test(&super::Database::sqlite()).await; })+
        }
        mod postgres {
            $(#[tokio::test]
            async fn $test() {
                let Some(database) = super::Database::postgres().await else { return };
                super::$test(&database).await;
                database.remove().await;
            })+
        }
    };
}

on_each_engine!(
    a_crate_adds_steps_to_what_it_has_made,
    a_store_that_does_not_fit_the_build_is_refused,
    stores_that_open_a_new_database_at_once_make_it_once,
    what_is_announced_is_seen_in_order_and_no_other_change_is,
    who_is_far_behind_is_told_so,
    a_lease_is_one_holders_until_it_ends,
    a_lease_that_is_over_is_anybodys,
    what_is_done_in_the_background_is_not_counted,
);

fn sql(text: &str) -> Statement {
    Statement::new(text.to_owned().leak())
}

async fn a_crate_adds_steps_to_what_it_has_made(database: &Database) {
    let store = database.open(&FRUIT).await.unwrap();
    store.change(sql("INSERT INTO apples VALUES ('russet')")).await.unwrap();
    let store = database.open(&MORE_FRUIT).await.unwrap();
    store.change(sql("INSERT INTO pears SELECT name FROM apples")).await.unwrap();
    assert_eq!(store.fetch(sql("SELECT name FROM pears")).await.unwrap()[0].text("name").unwrap(), "russet");
}

async fn a_store_that_does_not_fit_the_build_is_refused(database: &Database) {
    database.open(&FRUIT).await.unwrap();
    let refused = database.open(&OTHER_FRUIT).await.err().unwrap().to_string();
    assert!(refused.contains("the migration 0001_apples of fruit is not the one"), "{refused}");
    database.open(&MORE_FRUIT).await.unwrap();
    let refused = database.open(&FRUIT).await.err().unwrap().to_string();
    assert!(refused.contains("schema 2 of fruit, this build knows up to 1: it is older"), "{refused}");
    let none = Store::open(&database.location, &[]).await.unwrap();
    let refused = none.upgrade().await.err().unwrap().to_string();
    assert!(refused.contains("a schema of fruit, which this build does not know"), "{refused}");
}

async fn stores_that_open_a_new_database_at_once_make_it_once(database: &Database) {
    let (one, two, three) =
        tokio::join!(database.open(&MORE_FRUIT), database.open(&MORE_FRUIT), database.open(&MORE_FRUIT));
    for store in [one, two, three] {
        let recorded = sql("SELECT name FROM applied_migrations WHERE owner = 'fruit'");
        assert_eq!(store.unwrap().fetch(recorded).await.unwrap().len(), 2);
    }
}

async fn what_is_announced_is_seen_in_order_and_no_other_change_is(database: &Database) {
    let (writer, watcher) = (database.open(&FRUIT).await.unwrap(), database.open(&FRUIT).await.unwrap());
    let mut watch = watcher.watch().await.unwrap().unwrap();
    assert_eq!(watch.look().await.unwrap(), Seen::Changes(Vec::new()));
    let announced = [1, 2].map(|number| Announcement::new("fruit", &number).unwrap());
    for announcement in &announced {
        writer.write().await.unwrap().commit_announcing(announcement).await.unwrap();
        writer.write().await.unwrap().commit().await.unwrap();
        drop(writer.write().await.unwrap());
    }
    assert_eq!(watch.look().await.unwrap(), Seen::Changes(announced.to_vec()));
    assert_eq!(announced[1].read::<i64>().unwrap(), 2);
    assert_eq!(watch.look().await.unwrap(), Seen::Changes(Vec::new()));
}

async fn who_is_far_behind_is_told_so(database: &Database) {
    let store = database.open(&FRUIT).await.unwrap();
    let mut watch = store.watch().await.unwrap().unwrap();
    let announcement = Announcement::new("fruit", &"many").unwrap();
    for _ in 0..257 {
        store.write().await.unwrap().commit_announcing(&announcement).await.unwrap();
    }
    assert_eq!(watch.look().await.unwrap(), Seen::TooMany);
    assert_eq!(watch.look().await.unwrap(), Seen::Changes(Vec::new()));
}

async fn a_lease_is_one_holders_until_it_ends(database: &Database) {
    let (one, two) = (database.open(&FRUIT).await.unwrap(), database.open(&FRUIT).await.unwrap());
    assert!(one.acquire_lease("orchard", "ann", LONG).await.unwrap());
    assert!(!two.acquire_lease("orchard", "bob", LONG).await.unwrap());
    assert!(!one.acquire_lease("orchard", "ann", LONG).await.unwrap(), "she has it: she renews it");
    assert!(one.renew_lease("orchard", "ann", LONG).await.unwrap());
    assert!(!two.renew_lease("orchard", "bob", LONG).await.unwrap());
    assert!(two.acquire_lease("meadow", "bob", LONG).await.unwrap(), "another name is another lease");
    two.release_lease("orchard", "bob").await.unwrap();
    assert!(!two.acquire_lease("orchard", "bob", LONG).await.unwrap(), "nobody gives back what is another's");
    one.release_lease("orchard", "ann").await.unwrap();
    assert!(two.acquire_lease("orchard", "bob", LONG).await.unwrap());
}

async fn a_lease_that_is_over_is_anybodys(database: &Database) {
    let store = database.open(&FRUIT).await.unwrap();
    assert!(store.acquire_lease("orchard", "ann", Duration::ZERO).await.unwrap());
    assert!(store.renew_lease("orchard", "ann", Duration::ZERO).await.unwrap(), "nobody else has taken it");
    assert!(store.acquire_lease("orchard", "bob", LONG).await.unwrap());
    assert!(!store.renew_lease("orchard", "ann", LONG).await.unwrap());
    store.sweep_leases().await.unwrap();
    assert!(!store.acquire_lease("orchard", "ann", LONG).await.unwrap(), "what runs is not swept");
    store.change(sql("UPDATE leases SET expires_at = 0")).await.unwrap();
    store.sweep_leases().await.unwrap();
    assert!(store.fetch(sql("SELECT name FROM leases")).await.unwrap().is_empty());
}

async fn what_is_done_in_the_background_is_not_counted(database: &Database) {
    let store = database.open(&FRUIT).await.unwrap();
    let before = store.statements();
    let mut write = store.write_in_background().await.unwrap();
    write.execute(sql("INSERT INTO apples VALUES ('russet')")).await.unwrap();
    write.commit().await.unwrap();
    store.fetch_in_background(sql("SELECT name FROM apples")).await.unwrap();
    assert_eq!(store.statements(), before);
    store.fetch(sql("SELECT name FROM apples")).await.unwrap();
    assert_eq!(store.statements(), before + 1);
}

//! What the vault contributes to the store's schema. A step that has been released is never changed.

use storage::{Migration, Migrations};

macro_rules! steps {
    ($($name:literal),+ $(,)?) => {
        &[$(Migration {
            name: $name,
            sqlite: include_str!(concat!("../../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../../migrations/postgres/", $name, ".sql")),
        }),+]
    };
}

pub(crate) static VAULT: Migrations = Migrations {
    owner: "connection-vault",
    steps: steps!(
        "0001_initial",
        "0002_vault_api",
        "0003_logs",
        "0004_record_leases",
        "0005_keys_and_sessions",
        "0006_storage_apart",
        "0007_refused_credentials",
        "0008_api_of_events",
    ),
    continues_schema_version: true,
};

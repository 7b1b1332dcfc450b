//! Migrations as crates contribute them.

/// One step of a schema, in each engine's words. A step that has been released is never changed.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// What it is called in messages, such as `0001_initial`.
    pub name: &'static str,
    /// The script for `SQLite`.
    pub sqlite: &'static str,
    /// The script for `PostgreSQL`.
    pub postgres: &'static str,
}

/// The steps that one crate contributes.
#[derive(Debug)]
pub struct Migrations {
    /// The crate's name. It stands in every store, so it never changes.
    pub owner: &'static str,
    /// Its steps, in order. They only go forward.
    pub steps: &'static [Migration],
    /// Whether stores that were made before migrations were on record counted these steps, in the table `schema_version`.
    pub continues_schema_version: bool,
}

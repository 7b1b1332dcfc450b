//! Bringing the schema up to date. Each crate contributes its own migrations under its own name; what was applied is on record with
//! a checksum, and a store that does not fit the build is refused.

use std::collections::BTreeMap;

use super::{Store, Write};
use crate::engine::Database;
use crate::sql::{Migration, Migrations, Statement, StorageError};

/// What this crate itself keeps.
static OWN: Migrations = Migrations {
    owner: "storage",
    steps: &[Migration {
        name: "0001_initial",
        sqlite: include_str!("../../migrations/sqlite/0001_initial.sql"),
        postgres: include_str!("../../migrations/postgres/0001_initial.sql"),
    }],
    continues_schema_version: false,
};

/// All that a store is made of: this crate's steps, then those that others contribute.
pub(crate) struct Schema(Vec<&'static Migrations>);

/// A step on record.
struct Applied {
    number: i64,
    checksum: String,
}

impl Schema {
    pub(crate) fn new(contributed: &[&'static Migrations]) -> Self {
        Self(std::iter::once(&OWN).chain(contributed.iter().copied()).collect())
    }

    /// How many steps there are in all.
    pub(crate) fn steps(&self) -> usize {
        self.0.iter().map(|migrations| migrations.steps.len()).sum()
    }
}

impl Store {
    /// Brings the schema up to date, in a change that others who do the same wait for. Nothing of it is true before the caller
    /// commits, who may add what a new store needs first.
    ///
    /// # Errors
    /// Fails where the store was made by a newer build, or with another text of a migration.
    pub async fn upgrade(&self) -> Result<Write<'_>, StorageError> {
        let mut write = self.write_alone().await?;
        write.migrate(&self.schema, self.database.as_ref()).await?;
        Ok(write)
    }
}

impl Write<'_> {
    async fn migrate(&mut self, schema: &Schema, database: &dyn Database) -> Result<(), StorageError> {
        let create = "CREATE TABLE IF NOT EXISTS applied_migrations (owner TEXT NOT NULL, number BIGINT NOT NULL, \
                      name TEXT NOT NULL, checksum TEXT NOT NULL, PRIMARY KEY (owner, number))";
        self.execute(Statement::new(create)).await?;
        let mut applied = self.applied().await?;
        for migrations in &schema.0 {
            let mut own = applied.remove(migrations.owner).unwrap_or_default();
            if migrations.continues_schema_version {
                self.take_over(migrations, database, &mut own).await?;
            }
            migrations.check(&own, database)?;
            self.apply(migrations, own.len(), database).await?;
        }
        match applied.keys().next() {
            None => Ok(()),
            Some(owner) => Err(StorageError::failed(format!(
                "the database has a schema of {owner}, which this build does not know: it is older"
            ))),
        }
    }

    /// What is on record, by owner and in order.
    async fn applied(&mut self) -> Result<BTreeMap<String, Vec<Applied>>, StorageError> {
        let select = "SELECT owner, number, checksum FROM applied_migrations ORDER BY owner, number";
        let mut applied = BTreeMap::<String, Vec<Applied>>::new();
        for row in self.fetch(Statement::new(select)).await? {
            let step = Applied { number: row.get("number")?, checksum: row.text("checksum")? };
            applied.entry(row.text("owner")?).or_default().push(step);
        }
        Ok(applied)
    }

    /// Puts on record what a build from before counted. The count is kept: such a build refuses a number that it does not know.
    async fn take_over(
        &mut self,
        migrations: &Migrations,
        database: &dyn Database,
        own: &mut Vec<Applied>,
    ) -> Result<(), StorageError> {
        self.execute(Statement::new("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")).await?;
        let rows = self.fetch(Statement::new("SELECT version FROM schema_version")).await?;
        let counted: i64 = rows.first().map_or(Ok(0), |row| row.get("version"))?;
        let steps = usize::try_from(counted).ok().and_then(|counted| migrations.steps.get(..counted));
        let steps = steps.ok_or_else(|| migrations.is_older_than(counted))?;
        if own.is_empty() {
            for (number, step) in (1..).zip(steps) {
                own.push(self.record(migrations, number, step, database).await?);
            }
        }
        let known = i64::try_from(migrations.steps.len()).map_err(StorageError::failed)?;
        if counted != known {
            self.execute(Statement::new("DELETE FROM schema_version")).await?;
            self.execute(Statement::new("INSERT INTO schema_version (version) VALUES ($1)").bind(known)).await?;
        }
        Ok(())
    }

    /// Runs the steps that are outstanding.
    async fn apply(
        &mut self,
        migrations: &Migrations,
        done: usize,
        database: &dyn Database,
    ) -> Result<(), StorageError> {
        for (number, step) in (1..).zip(migrations.steps).skip(done) {
            self.run_script(database.script(step)).await?;
            self.record(migrations, number, step, database).await?;
        }
        Ok(())
    }

    async fn record(
        &mut self,
        migrations: &Migrations,
        number: i64,
        step: &Migration,
        database: &dyn Database,
    ) -> Result<Applied, StorageError> {
        let checksum = checksum(database.script(step));
        let insert = "INSERT INTO applied_migrations (owner, number, name, checksum) VALUES ($1, $2, $3, $4)";
        let insert = Statement::new(insert).bind(migrations.owner).bind(number).bind(step.name).bind(&checksum);
        self.execute(insert).await?;
        Ok(Applied { number, checksum })
    }
}

impl Migrations {
    /// Whether what is on record is what this build would have done.
    fn check(&self, applied: &[Applied], database: &dyn Database) -> Result<(), StorageError> {
        for (index, applied) in applied.iter().enumerate() {
            let step = self.steps.get(index).ok_or_else(|| self.is_older_than(applied.number))?;
            if applied.checksum != checksum(database.script(step)) {
                let (owner, name) = (self.owner, step.name);
                return Err(StorageError::failed(format!(
                    "the migration {name} of {owner} is not the one that the database was made with: this build does not fit it"
                )));
            }
        }
        Ok(())
    }

    fn is_older_than(&self, version: i64) -> StorageError {
        let (owner, known) = (self.owner, self.steps.len());
        StorageError::failed(format!(
            "the database has schema {version} of {owner}, this build knows up to {known}: it is older"
        ))
    }
}

fn checksum(script: &str) -> String {
    blake3::hash(script.as_bytes()).to_hex().to_string()
}

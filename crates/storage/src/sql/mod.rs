//! What the engines share: where a database is, statements and rows, migrations, and why something failed.

mod error;
mod location;
mod migration;
mod row;
mod statement;

pub use error::StorageError;
pub(crate) use error::statement_failed;
pub use location::{PostgresUrl, StoreLocation};
pub use migration::{Migration, Migrations};
pub use row::Row;
pub use statement::{Statement, Value};

//! The database: engines, statements and rows, the migrations that each crate contributes, the feed of changes, and leases. What is
//! kept in it is the business of the crates that use it: this one knows none of their tables, and they know no engine.

mod engine;
mod error;
mod feed;
mod health;
mod leases;
mod location;
mod migrations;
mod row;
mod statement;
mod store;

pub use engine::file::ServerLock;
pub use error::StorageError;
pub use feed::{Announcement, Seen, Watch};
pub use location::{PostgresUrl, StoreLocation};
pub use migrations::{Migration, Migrations};
pub use row::Row;
pub use statement::{Statement, Value};
pub use store::{Store, Write};

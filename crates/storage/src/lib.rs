//! The database: engines, statements and rows, the migrations that each crate contributes, the feed of changes, and leases. What is
//! kept in it is the business of the crates that use it: this one knows none of their tables, and they know no engine.

mod engine;
mod sql;
mod store;

pub use engine::ServerLock;
pub use sql::{Migration, Migrations, PostgresUrl, Row, Statement, StorageError, StoreLocation, Value};
pub use store::{Announcement, Seen, Store, Watch, Write};

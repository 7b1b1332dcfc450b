//! Processes that are killed: at every point that has a name, and at moments by chance. Nothing is lost unsaid.

mod consent;
mod master_key;
mod moments;
mod points;
mod renewal;

/// State and health of a connection.
fn owed(state: &str, health: &str) -> (String, String) {
    (state.to_owned(), health.to_owned())
}

//! Places where a test can kill the process. In a release build there are none.

/// Where `TRUNKLINE_PAUSE_AT` names this point, says so on standard error and waits to be killed.
pub(crate) fn pass(point: &str) {
    #[cfg(debug_assertions)]
    if std::env::var("TRUNKLINE_PAUSE_AT").is_ok_and(|named| named == point) {
        tracing::warn!(point, "paused");
        loop {
            std::thread::park();
        }
    }
    #[cfg(not(debug_assertions))]
    let _ = point;
}

//! The place where a test makes a job panic. In a release build there is none.

/// Panics where `TRUNKLINE_PANIC_IN` names a directory that holds a file with the job's name. So a test decides when a job of a
/// running server panics, and when it no longer does.
pub(crate) fn pass(job: &str) {
    #[cfg(debug_assertions)]
    if let Some(directory) = std::env::var_os("TRUNKLINE_PANIC_IN") {
        let is_named = std::path::Path::new(&directory).join(job).exists();
        assert!(!is_named, "a test wants the job {job} to panic");
    }
    #[cfg(not(debug_assertions))]
    let _ = job;
}

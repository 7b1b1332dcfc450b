//! What the process asks of its operating system: no core dumps, as many open files as it may have, and signals.

/// Switches core dumps off: they would hold secrets in the clear.
///
/// # Errors
/// The system does not allow it.
#[cfg(unix)]
pub fn without_core_dumps() -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    Ok(setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?)
}

/// Only Unix has core dumps.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn without_core_dumps() -> std::io::Result<()> {
    Ok(())
}

/// Lets the process open as many files as it may, and returns how many.
#[cfg(unix)]
pub(crate) fn open_files() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum }).is_ok();
    let files = if raised { limit.maximum } else { limit.current };
    files.map_or(usize::MAX, |files| usize::try_from(files).unwrap_or(usize::MAX))
}

/// Elsewhere nothing is known of a limit.
#[cfg(not(unix))]
pub(crate) fn open_files() -> usize {
    usize::MAX
}

/// Done when the process has been asked to end so many times (SIGINT, SIGTERM).
pub async fn asked_to_end(times: usize) {
    let mut signals = Signals::new();
    for _ in 0..times {
        signals.next().await;
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: Option<tokio::signal::unix::Signal>,
    terminate: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| signal(kind).inspect_err(|error| tracing::warn!(%error, "a signal is not heard")).ok();
        Self { interrupt: listen(SignalKind::interrupt()), terminate: listen(SignalKind::terminate()) }
    }

    async fn next(&mut self) {
        tokio::select! {
            () = heard(&mut self.interrupt) => {}
            () = heard(&mut self.terminate) => {}
        }
    }
}

#[cfg(unix)]
async fn heard(signal: &mut Option<tokio::signal::unix::Signal>) {
    match signal {
        Some(signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Self {
        Self
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

//! Writes under way: they go on when their callers hang up, so nobody else knows of them when the server stops.

use std::sync::Arc;

use tokio::sync::watch;

/// Counts the writes under way.
#[derive(Debug, Clone)]
pub(crate) struct Writes(Arc<watch::Sender<usize>>);

/// A write under way. It is over when this is dropped.
#[derive(Debug)]
pub(crate) struct WriteUnderWay(Writes);

impl Default for Writes {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

impl Writes {
    pub(crate) fn begin(&self) -> WriteUnderWay {
        self.0.send_modify(|count| *count += 1);
        WriteUnderWay(self.clone())
    }

    /// Done when none is under way.
    pub(crate) async fn finished(&self) {
        // It fails only where the sender is gone, which this holds.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }
}

impl Drop for WriteUnderWay {
    fn drop(&mut self) {
        (self.0).0.send_modify(|count| *count -= 1);
    }
}

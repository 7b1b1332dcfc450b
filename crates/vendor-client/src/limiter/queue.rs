//! Who waits for a turn: callers one after the other, each with one request at a time.

use std::collections::VecDeque;

use tokio::sync::oneshot;

use super::CallerNumber;

/// Those who wait. The caller at the front is next, and goes to the back with the rest of its requests.
pub(super) struct Queue<T> {
    callers: VecDeque<(CallerNumber, VecDeque<oneshot::Sender<T>>)>,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self { callers: VecDeque::new() }
    }
}

impl<T> Queue<T> {
    /// A place for one more request of a caller.
    pub(super) fn join(&mut self, caller: CallerNumber) -> oneshot::Receiver<T> {
        let (sender, receiver) = oneshot::channel();
        match self.callers.iter_mut().find(|(other, _)| *other == caller) {
            Some((_, requests)) => requests.push_back(sender),
            None => self.callers.push_back((caller, VecDeque::from([sender]))),
        }
        receiver
    }

    /// The next that still waits.
    pub(super) fn next(&mut self) -> Option<oneshot::Sender<T>> {
        while let Some((caller, mut requests)) = self.callers.pop_front() {
            let next = std::iter::from_fn(|| requests.pop_front()).find(|request| !request.is_closed());
            if next.is_some() {
                if !requests.is_empty() {
                    self.callers.push_back((caller, requests));
                }
                return next;
            }
        }
        None
    }

    pub(super) fn is_empty(&self) -> bool {
        self.callers.iter().all(|(_, requests)| requests.iter().all(oneshot::Sender::is_closed))
    }

    /// How many requests have their turn before one more of this caller: of each other caller, as many as this one has then.
    pub(super) fn ahead_of(&self, caller: CallerNumber) -> usize {
        let waiting = |requests: &VecDeque<oneshot::Sender<T>>| requests.iter().filter(|one| !one.is_closed()).count();
        let own = self.callers.iter().find(|(other, _)| *other == caller).map_or(0, |(_, requests)| waiting(requests));
        let others = self.callers.iter().filter(|(other, _)| *other != caller);
        own + others.map(|(_, requests)| waiting(requests).min(own + 1)).sum::<usize>()
    }
}

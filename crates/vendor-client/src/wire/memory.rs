//! How many bytes of vendors' answers are kept at once: those of one call, and the large ones of all calls together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::VendorError;

/// Answers up to this size are not counted: there are never so many at once that they matter.
pub(crate) const SMALL_BYTES: usize = 256 * 1024;
/// So many bytes are worked on in a millisecond or two.
const QUICK_BYTES: usize = 1024 * 1024;
/// The bytes of large answers are counted in such pieces.
const PIECE_BYTES: usize = 64 * 1024;

/// The memory for the large answers of all calls.
#[derive(Debug, Clone)]
pub(crate) struct Memory {
    pieces: Arc<Semaphore>,
    most: u32,
}

/// What one call has received so far.
#[derive(Debug, Default)]
pub(crate) struct Received(AtomicUsize);

/// A large answer, which counts for as long as anything of it is kept.
struct Counted {
    bytes: Bytes,
    _pieces: OwnedSemaphorePermit,
}

impl Memory {
    pub(crate) fn new(bytes: usize) -> Self {
        let most = pieces(bytes).clamp(1, u32::MAX >> 3);
        Self { pieces: Arc::new(Semaphore::new(usize::try_from(most).unwrap_or(Semaphore::MAX_PERMITS))), most }
    }

    /// Waits until there is room for an answer of at most so many bytes. All of it is taken at once: answers that each had a part
    /// of their room would wait for one another.
    pub(crate) async fn room_for(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let wanted = pieces(bytes).min(self.most);
        Arc::clone(&self.pieces).acquire_many_owned(wanted).await.ok()
    }
}

/// Does work on so many bytes at once. Where it takes its time, other calls are served by another thread meanwhile.
pub fn off_the_workers<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    let has_others = || {
        let flavor = Handle::try_current().map(|handle| handle.runtime_flavor());
        matches!(flavor, Ok(RuntimeFlavor::MultiThread))
    };
    if bytes > QUICK_BYTES && has_others() { tokio::task::block_in_place(work) } else { work() }
}

/// A large answer in the room that was taken for it; what it does not need is free again.
pub(crate) fn kept(bytes: Bytes, room: Option<OwnedSemaphorePermit>) -> Bytes {
    let Some(mut room) = room else { return bytes };
    let needed = usize::try_from(pieces(bytes.len())).unwrap_or(usize::MAX).min(room.num_permits());
    match room.split(needed) {
        Some(pieces) => Bytes::from_owner(Counted { bytes, _pieces: pieces }),
        None => bytes,
    }
}

/// An answer with all of the room that was taken for it.
pub(crate) fn with_room(bytes: Bytes, room: OwnedSemaphorePermit) -> Bytes {
    Bytes::from_owner(Counted { bytes, _pieces: room })
}

impl Received {
    /// Counts bytes that came.
    ///
    /// # Errors
    /// The call has received more than a call may.
    pub(crate) fn add(&self, bytes: usize, limit_bytes: usize) -> Result<(), VendorError> {
        let before = self.0.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) > limit_bytes { Err(VendorError::TooLarge { limit_bytes }) } else { Ok(()) }
    }
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

fn pieces(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(PIECE_BYTES)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEGABYTE: usize = 1024 * 1024;

    #[tokio::test]
    async fn an_answer_has_its_room_until_the_last_of_it_is_gone() {
        let memory = Memory::new(4 * MEGABYTE);
        let room = memory.room_for(3 * MEGABYTE).await;
        let answer = kept(Bytes::from(vec![1; MEGABYTE]), room);
        assert_eq!(memory.pieces.available_permits() * PIECE_BYTES, 3 * MEGABYTE, "what it does not need is free");
        let part = answer.slice(10..20);
        drop(answer);
        assert_eq!(memory.pieces.available_permits() * PIECE_BYTES, 3 * MEGABYTE, "a part of it is kept");
        drop(part);
        assert_eq!(memory.pieces.available_permits() * PIECE_BYTES, 4 * MEGABYTE);
    }

    #[tokio::test]
    async fn an_answer_beyond_all_room_waits_for_all_of_it() {
        let memory = Memory::new(MEGABYTE);
        let first = memory.room_for(usize::MAX).await.expect("room");
        assert_eq!(memory.pieces.available_permits(), 0);
        let second = tokio::spawn({
            let memory = memory.clone();
            async move { memory.room_for(1).await.map(drop) }
        });
        tokio::task::yield_now().await;
        assert!(!second.is_finished());
        drop(first);
        assert_eq!(second.await.expect("task"), Some(()));
    }

    #[test]
    fn a_call_receives_so_much_and_no_more() {
        let received = Received::default();
        assert_eq!(received.add(6, 10), Ok(()));
        assert_eq!(received.add(4, 10), Ok(()));
        assert_eq!(received.add(1, 10), Err(VendorError::TooLarge { limit_bytes: 10 }));
    }
}

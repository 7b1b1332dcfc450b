//! What reading may take of memory: parsers need many times the bytes of an answer that has many small values.

/// Buffers of an answer that was larger are not kept for the next.
pub(crate) const KEPT_BYTES: usize = 1024 * 1024;

/// The most values of an answer.
pub(crate) const MOST_VALUES: usize = 4_000_000;

/// The largest answer that is read into a tree where the fast parser does not take it.
pub(crate) const MOST_TREE_BYTES: usize = 8 * 1024 * 1024;

/// Whether a document has more values than are read, without reading it: each but the last has a comma, a colon or a bracket after it.
pub(crate) fn has_too_many_values(document: &[u8]) -> bool {
    // Each of them takes a byte at least.
    document.len() > MOST_VALUES
        && document.iter().filter(|byte| matches!(byte, b',' | b':' | b'[' | b'{')).count() > MOST_VALUES
}

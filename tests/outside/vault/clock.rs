//! A clock that a test sets. Everything of one test runs on one thread, and so each test has its own.

use std::cell::Cell;

use jiff::Timestamp;

thread_local! {
    /// The 12th of February 2026, noon.
    static NOW: Cell<i64> = const { Cell::new(1_770_897_600) };
}

pub fn now() -> Timestamp {
    Timestamp::from_second(NOW.get()).unwrap()
}

pub fn advance(seconds: i64) {
    NOW.set(NOW.get() + seconds);
}

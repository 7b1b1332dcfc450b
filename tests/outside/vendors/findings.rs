//! What a test finds wrong, gathered, so that one run tells everything.

use std::cell::RefCell;
use std::fmt::Display;

/// The surprises of one test on one vendor, each with its resource and field.
pub struct Findings {
    of: String,
    lines: RefCell<Vec<String>>,
}

impl Findings {
    pub fn of(vendor: impl Display) -> Self {
        Self { of: vendor.to_string(), lines: RefCell::default() }
    }

    pub fn add(&self, place: impl Display, what: impl Display) {
        let mut what = what.to_string();
        if what.len() > 1200 {
            let end = (0..=1200).rev().find(|at| what.is_char_boundary(*at)).unwrap_or_default();
            what.truncate(end);
            what.push('…');
        }
        self.lines.borrow_mut().push(format!("{}/{place}: {what}", self.of));
    }

    pub fn owe(&self, holds: bool, place: impl Display, what: impl FnOnce() -> String) {
        if !holds {
            self.add(place, what());
        }
    }

    /// None is owed.
    #[track_caller]
    pub fn none(self) {
        let lines = self.lines.into_inner();
        assert!(lines.is_empty(), "{} surprises\n{}", lines.len(), lines.join("\n"));
    }
}

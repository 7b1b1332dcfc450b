//! What a check finds, and where: violations, capped, and warnings.

use std::fmt;

use crate::answer::{Warning, WarningKind};
use crate::request::Violation;

/// More would not help a person, and a hostile body could make millions of them.
const MAX_VIOLATIONS: usize = 20;

/// The place of a value in a body. It is written out only when there is something to say about it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Path<'p> {
    Body,
    Member(&'p Path<'p>, &'p str),
    Item(&'p Path<'p>, usize),
}

impl Path<'_> {
    /// The canonical field: the path without positions.
    pub(crate) fn field(&self) -> String {
        match self {
            Self::Body => String::new(),
            Self::Member(Path::Body, name) => (*name).to_owned(),
            Self::Member(parent, name) => format!("{}.{name}", parent.field()),
            Self::Item(parent, _) => parent.field(),
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Body => formatter.write_str("body"),
            Self::Member(Path::Body, name) => formatter.write_str(&shortened(name)),
            Self::Member(parent, name) => write!(formatter, "{parent}.{}", shortened(name)),
            Self::Item(parent, index) => write!(formatter, "{parent}[{index}]"),
        }
    }
}

/// Collects what is wrong, and what was left out although nothing is wrong.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) violations: Vec<Violation>,
    pub(crate) warnings: Vec<Warning>,
}

impl Findings {
    pub(crate) fn violation(&mut self, at: impl fmt::Display, message: impl Into<String>) {
        if !self.is_full() {
            self.violations.push(Violation { at: at.to_string(), message: message.into() });
        }
    }

    /// Nothing more will be reported, so nothing more need be looked at.
    pub(crate) fn is_full(&self) -> bool {
        self.violations.len() >= MAX_VIOLATIONS
    }

    /// A read-only member was sent: one warning a field, however many items of a list have it.
    pub(crate) fn left_out(&mut self, at: Path<'_>) {
        let field = at.field();
        if self.warnings.iter().all(|warning| warning.field.as_deref() != Some(field.as_str())) {
            let message = format!("{field} is set by the CRM alone; what was sent was not written");
            self.warnings.push(Warning::about_field(WarningKind::ReadOnlyField, field, message));
        }
    }
}

/// Text of the caller's, short enough to be repeated in a message.
pub(crate) fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

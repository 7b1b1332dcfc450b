//! Collects mistakes, so that one run shows them all.

use field_mapping::{Diagnostic, VendorPath};

use crate::file::SettingFile;
use crate::file::values::{Entries, Number, Word};
use crate::plan::{Emptiness, EmptyAnswer};
use field_mapping::yaml::{Place, Placed};

/// The file under compilation, and what was found wrong with it so far.
pub(crate) struct Checker<'c> {
    file: &'c str,
    settings: &'c Entries<SettingFile>,
    mistakes: Vec<Diagnostic>,
    warnings: Vec<Diagnostic>,
}

impl<'c> Checker<'c> {
    pub(crate) fn new(file: &'c str, settings: &'c Entries<SettingFile>) -> Self {
        Self { file, settings, mistakes: Vec::new(), warnings: Vec::new() }
    }

    /// Every mistake, in the order of the file. What several ways to list share is checked with each, and told once.
    pub(crate) fn into_mistakes(self) -> Vec<Diagnostic> {
        in_order(self.mistakes)
    }

    /// Every warning, in the order of the file.
    pub(crate) fn take_warnings(&mut self) -> Vec<Diagnostic> {
        in_order(std::mem::take(&mut self.warnings))
    }

    /// How many mistakes there are so far.
    pub(crate) fn count(&self) -> usize {
        self.mistakes.len()
    }

    /// The settings that templates may name.
    pub(crate) fn settings(&self) -> Vec<&'c str> {
        self.settings.names()
    }

    /// A setting as it is written.
    pub(crate) fn setting(&self, name: &str) -> Option<&'c SettingFile> {
        self.settings.iter().find(|(known, _)| known.value == name).map(|(_, setting)| setting)
    }

    pub(crate) fn mistake(&mut self, place: Place, message: impl Into<String>) {
        self.mistakes.push(place.diagnostic(self.file, message));
    }

    /// Notes what is sound and yet doubtful: lint tells it, and the definition is served all the same.
    pub(crate) fn warn(&mut self, place: Place, message: impl Into<String>) {
        self.warnings.push(place.diagnostic(self.file, message));
    }

    pub(crate) fn mistakes(&mut self, others: Vec<Diagnostic>) {
        self.mistakes.extend(others);
    }

    /// Notes a failure as a mistake of `key`.
    pub(crate) fn noting<T>(&mut self, key: &str, place: Place, result: Result<T, String>) -> Option<T> {
        result.map_err(|message| self.mistake(place, format!("`{key}`: {message}"))).ok()
    }

    /// A word of a closed set.
    pub(crate) fn word<T: Clone>(&mut self, key: &str, word: &Word<T>) -> Option<T> {
        self.noting(key, word.place, word.word.clone())
    }

    /// A word of a closed set, or what stands for it where none is given.
    pub(crate) fn word_or<T: Clone>(&mut self, key: &str, word: Option<&Word<T>>, missing: T) -> Option<T> {
        word.map_or(Some(missing), |word| self.word(key, word))
    }

    /// A path into the vendor's JSON.
    pub(crate) fn path(&mut self, key: &str, text: &Placed<String>) -> Option<VendorPath> {
        self.noting(key, text.place, VendorPath::parse(&text.value))
    }

    /// A path into the vendor's JSON, or the whole where none is given.
    pub(crate) fn path_or_whole(&mut self, key: &str, text: Option<&Placed<String>>) -> Option<VendorPath> {
        match text {
            Some(text) => self.path(key, text),
            None => VendorPath::parse("$").ok(),
        }
    }

    /// How a vendor says that there is nothing.
    pub(crate) fn empty(&mut self, words: &[Word<EmptyAnswer>]) -> Emptiness {
        words.iter().filter_map(|word| self.word("empty", word)).collect()
    }

    /// A text that must not be empty.
    pub(crate) fn filled(&mut self, key: &str, text: &Placed<String>) -> Option<String> {
        let value = text.value.trim();
        if value.is_empty() {
            self.mistake(text.place, format!("`{key}` is empty"));
            return None;
        }
        Some(value.to_owned())
    }

    /// A number within bounds.
    pub(crate) fn within<N: Copy + PartialOrd + std::fmt::Display>(
        &mut self,
        key: &str,
        written: &Number<N>,
        bounds: std::ops::RangeInclusive<N>,
    ) -> Option<N> {
        let number = written.parsed.filter(|number| bounds.contains(number));
        if number.is_none() {
            let (low, high) = (bounds.start(), bounds.end());
            self.mistake(written.place, format!("`{key}: {}`: allowed is a number from {low} to {high}", written.text));
        }
        number
    }
}

fn in_order(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostics
        .sort_by(|left, right| (&left.file, left.line, left.column).cmp(&(&right.file, right.line, right.column)));
    diagnostics.dedup();
    diagnostics
}

/// `a, b, c`, or `none`.
pub(crate) fn listed<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

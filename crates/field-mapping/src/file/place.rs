//! Places in one of the files of a mapping, and names that were probably meant.

use crate::yaml::{Diagnostic, Place, Placed};

/// A place in one of the files of a mapping.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct FilePlace {
    pub(crate) file: String,
    pub(crate) place: Place,
}

impl FilePlace {
    /// The place of a value in the same file.
    pub(crate) fn at<T>(&self, placed: &Placed<T>) -> Self {
        Self { file: self.file.clone(), place: placed.place }
    }

    pub(crate) fn diagnostic(&self, message: impl Into<String>) -> Diagnostic {
        self.place.diagnostic(&self.file, message)
    }
}

/// The name of `known` nearest to `name`, as `, did you mean ...?`, or a list of all where they are few.
pub(crate) fn suggestion<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> String {
    let known: Vec<&str> = known.collect();
    let nearest = known.iter().map(|candidate| (distance(name, candidate), *candidate)).min();
    match nearest {
        Some((steps, candidate)) if steps <= 1.max(name.chars().count() / 3) => {
            format!(", did you mean `{candidate}`?")
        }
        _ if known.is_empty() => String::new(),
        _ => format!("; allowed: {}", known.join(", ")),
    }
}

/// Levenshtein's distance: how many characters to add, drop or change.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

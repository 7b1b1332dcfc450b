//! Where in a mapping file something is wrong, lossy or remarkable.

use crate::file::Located;

/// One mistake, loss or remark at a place in a file. Displays as `file:line:column: message`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct Diagnostic {
    /// The file's name.
    pub file: String,
    /// 1-based.
    pub line: u64,
    /// 1-based, in characters.
    pub column: u64,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// A place in one of the sources of a mapping.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) line: u64,
    pub(crate) column: u64,
}

impl Place {
    /// The place of a value in the same file.
    pub(crate) fn at<T>(&self, located: &Located<T>) -> Self {
        Self { file: self.file.clone(), line: located.line, column: located.column }
    }

    pub(crate) fn diagnostic(&self, message: impl Into<String>) -> Diagnostic {
        Diagnostic { file: self.file.clone(), line: self.line, column: self.column, message: message.into() }
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

//! Durations, patterns and names: texts with a form of their own.

use std::time::Duration;

use crate::plan::Pattern;

/// `300ms`, `1s`, `5m`, `1h`; never zero, never above a day.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a duration; write a number and a unit, such as 300ms, 1s, 5m or 1h");
    let unit_at = text.find(|character: char| !character.is_ascii_digit()).ok_or_else(wrong)?;
    let (number, unit) = text.split_at(unit_at);
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let milliseconds = match unit {
        "ms" => Some(number),
        "s" => number.checked_mul(1_000),
        "m" => number.checked_mul(60_000),
        "h" => number.checked_mul(3_600_000),
        _ => return Err(wrong()),
    };
    match milliseconds {
        Some(milliseconds @ 1..=86_400_000) => Ok(Duration::from_millis(milliseconds)),
        _ => Err(format!("`{text}` is out of bounds; allowed are 1ms to 24h")),
    }
}

/// A regular expression for a whole text.
pub(crate) fn pattern(text: &str) -> Result<Pattern, String> {
    let wrong = |error| format!("`{text}` is not a regular expression: {error}");
    // By itself first: `a)|(b` would only be well formed between the anchors, and would undo them.
    regex_lite::Regex::new(text).map_err(wrong)?;
    let regex = regex_lite::Regex::new(&format!("^(?:{text})$")).map_err(wrong)?;
    Ok(Pattern { source: text.to_owned(), regex })
}

/// A name of ours, `first second` written with `joint` between: settings with `_`, step ids with `-`.
pub(crate) fn name(text: &str, joint: char) -> Result<(), String> {
    let well_formed = text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(|part| part.is_ascii_lowercase() || part.is_ascii_digit() || part == joint)
        && text.len() <= 64;
    if well_formed {
        return Ok(());
    }
    Err(format!("`{text}` is not a name; write lower-case letters, digits and `{joint}`, a letter first"))
}

/// A header's name.
pub(crate) fn header_name(text: &str) -> Result<(), String> {
    http::HeaderName::try_from(text).map(|_| ()).map_err(|_| format!("`{text}` is not the name of a header"))
}

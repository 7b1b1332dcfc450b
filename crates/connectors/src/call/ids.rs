//! Ids are compared as what they name: a vendor spells one as a number here and as a text there, and a GUID in many ways.

use std::borrow::Cow;

use serde_json::Value;

/// Ids are numbers in one place and texts in another.
pub(crate) fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// An id is a text that is not empty, or a number.
pub(crate) fn id_text(id: &Value) -> Option<String> {
    match id {
        Value::String(text) if text.trim().is_empty() => None,
        Value::String(_) | Value::Number(_) => Some(as_text(id)),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether two spellings name one record.
pub(crate) fn is_same(left: &str, right: &str) -> bool {
    left == right || plain(left) == plain(right)
}

/// The spelling that all of one id share.
pub(crate) fn plain(id: &str) -> Cow<'_, str> {
    let id = id.trim();
    let bare = unquoted(id);
    let digits = || bare.bytes().filter(|byte| *byte != b'-');
    if digits().count() == 32 && digits().all(|byte| byte.is_ascii_hexdigit()) {
        return guid(bare);
    }
    // A number that a vendor computed with: 71 is 71.0.
    match id.strip_suffix(".0") {
        Some(whole) if !whole.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit()) => Cow::Borrowed(whole),
        _ => Cow::Borrowed(id),
    }
}

/// What stands inside `{…}`, `(…)` or `guid'…'`.
fn unquoted(id: &str) -> &str {
    let inside = |open: &str, close: &str| {
        let rest = id.get(open.len()..)?.strip_suffix(close)?;
        id.get(..open.len())?.eq_ignore_ascii_case(open).then_some(rest)
    };
    [("guid'", "'"), ("{", "}"), ("(", ")")].iter().find_map(|(open, close)| inside(open, close)).unwrap_or(id)
}

/// `8-4-4-4-12` in small letters.
fn guid(text: &str) -> Cow<'_, str> {
    let mut spelled = String::with_capacity(36);
    for digit in text.chars().filter(|character| *character != '-') {
        if matches!(spelled.len(), 8 | 13 | 18 | 23) {
            spelled.push('-');
        }
        spelled.push(digit.to_ascii_lowercase());
    }
    Cow::Owned(spelled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_guid_in_every_spelling() {
        let id = "aaaaaaaa-0000-4000-8000-00000000000f";
        for spelled in [
            "AAAAAAAA-0000-4000-8000-00000000000F",
            "{aaaaaaaa-0000-4000-8000-00000000000F}",
            "guid'aaaaaaaa-0000-4000-8000-00000000000f'",
            "GUID'AAAAAAAA-0000-4000-8000-00000000000F'",
            "(aaaaaaaa-0000-4000-8000-00000000000f)",
            "aaaaaaaa00004000800000000000000f",
            " aaaaaaaa-0000-4000-8000-00000000000f ",
        ] {
            assert!(is_same(id, spelled), "{spelled}");
            assert_eq!(plain(spelled), id);
        }
        for other in ["aaaaaaaa-0000-4000-8000-00000000000e", "", "guid''", "aaaaaaaa"] {
            assert!(!is_same(id, other), "{other}");
        }
    }

    #[test]
    fn other_ids_keep_their_letters_and_zeros() {
        assert!(is_same("71", "71.0"));
        for (left, right) in [("71", "071"), ("71", "71.5"), ("abc", "ABC"), ("71", "7"), (".0", "")] {
            assert!(!is_same(left, right), "{left} {right}");
        }
    }
}

//! A condition that a caller passes through: joined with the gateway's own by `and`, so that it can narrow a list and nothing else.

use unified_model::PassThroughValue;

use crate::call::outcome::ConnectorError;

/// The parameter that holds conditions.
pub(super) const FILTER: &str = "$filter";

/// The condition in parentheses of its own.
///
/// # Errors
/// A value that is no text, is blank, or has parentheses or quotes that do not close: it could end those that are put around it.
pub(super) fn condition(value: &PassThroughValue) -> Result<String, ConnectorError> {
    let refuse = |message: &str| ConnectorError::BadRequest {
        at: format!("pass_through[{FILTER}]"),
        message: message.to_owned(),
    };
    let PassThroughValue::Text(text) = value else { return Err(refuse("a condition is one text")) };
    if text.trim().is_empty() {
        return Err(refuse("the condition is blank; leave it out"));
    }
    if !closes(text) {
        return Err(refuse("the parentheses and quotes of the condition must close"));
    }
    Ok(format!("({})", text.trim()))
}

/// Whether every parenthesis and every quote is closed, and none that was not opened. A quote inside a text is doubled, so it opens
/// the text anew.
fn closes(text: &str) -> bool {
    let (mut depth, mut quoted) = (0_usize, false);
    for character in text.chars() {
        match character {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return false,
            },
            _ => {}
        }
    }
    depth == 0 && !quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_cannot_leave_its_parentheses() {
        for text in ["1 eq 1) or (1 eq 1", "(a", "a)", "Name eq 'x", "Name eq 'x'')", "((a)"] {
            assert!(!closes(text), "{text}");
        }
        for text in ["a eq 1", "(a eq 1 and b eq ')') or (c eq 'it''s (')", "startswith(Name,'O''Hara')"] {
            assert!(closes(text), "{text}");
        }
    }
}

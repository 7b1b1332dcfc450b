//! The words of a `$filter`: names, signs and literals.

use jiff::civil::DateTime;

use crate::values::guid;

/// A value that a filter compares. Text is compared as it is written, upper case and all.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
pub(in crate::avid) enum Scalar {
    /// Below everything else.
    Null,
    Flag(bool),
    Number(f64),
    Text(String),
    Guid(String),
    DateTime(DateTime),
}

#[derive(Debug, Clone, PartialEq)]
pub(in crate::avid) enum Token {
    Open,
    Close,
    Comma,
    Name(String),
    Literal(Scalar),
}

/// Cuts the text into tokens, or says what it cannot read.
pub(in crate::avid) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            ',' => (Token::Comma, 1),
            '\'' => {
                let (text, length) = quoted(rest)?;
                (Token::Literal(Scalar::Text(text)), length)
            }
            '-' | '0'..='9' => number(rest)?,
            letter if letter.is_alphabetic() || letter == '_' => word(rest)?,
            other => return Err(format!("Syntax error: character '{other}' is not valid.")),
        };
        tokens.push(token);
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    Ok(tokens)
}

/// A text in quotes, in which two quotes are one, and its length with them.
fn quoted(rest: &str) -> Result<(String, usize), String> {
    let mut text = String::new();
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((place, character)) = characters.next() {
        if character != '\'' {
            text.push(character);
        } else if characters.next_if(|(_, next)| *next == '\'').is_some() {
            text.push('\'');
        } else {
            return Ok((text, place + 1));
        }
    }
    Err("There is an unterminated string literal.".to_owned())
}

fn number(rest: &str) -> Result<(Token, usize), String> {
    let length =
        rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+'))).unwrap_or(rest.len());
    let digits = rest[..length].trim_end_matches(['L', 'l', 'M', 'm', 'D', 'd', 'F', 'f']);
    let number: f64 = digits.parse().map_err(|_| format!("Unrecognized literal '{}'.", &rest[..length]))?;
    Ok((Token::Literal(Scalar::Number(number)), length))
}

fn word(rest: &str) -> Result<(Token, usize), String> {
    let length = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '/'))).unwrap_or(rest.len());
    let word = &rest[..length];
    if rest[length..].starts_with('\'') {
        let (text, quoted_length) = quoted(&rest[length..])?;
        let literal = prefixed(word, &text).ok_or_else(|| format!("Unrecognized '{word}' literal '{text}'."))?;
        return Ok((Token::Literal(literal), length + quoted_length));
    }
    let token = match word {
        "null" => Token::Literal(Scalar::Null),
        "true" => Token::Literal(Scalar::Flag(true)),
        "false" => Token::Literal(Scalar::Flag(false)),
        _ => Token::Name(word.to_owned()),
    };
    Ok((token, length))
}

fn prefixed(prefix: &str, text: &str) -> Option<Scalar> {
    match prefix.to_ascii_lowercase().as_str() {
        "guid" => guid::parse(text).map(Scalar::Guid),
        "datetime" => text.parse().ok().map(Scalar::DateTime),
        _ => None,
    }
}

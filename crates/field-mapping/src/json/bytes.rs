//! JSON bytes written straight to a buffer: strings, numbers.

use serde_json::Value;

/// Appends text as a JSON string.
pub(crate) fn write_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    write_escaped(out, text);
    out.push(b'"');
}

/// Appends text with what JSON must escape escaped, without quotes.
pub(crate) fn write_escaped(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let mut start = 0;
    while let Some(offset) = first_special(&bytes[start..]) {
        let at = start + offset;
        out.extend_from_slice(&bytes[start..at]);
        write_escape(out, bytes[at]);
        start = at + 1;
    }
    out.extend_from_slice(&bytes[start..]);
}

#[cold]
fn write_escape(out: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let short = match byte {
        b'"' => b'"',
        b'\\' => b'\\',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        _ => {
            out.extend_from_slice(b"\\u00");
            out.push(HEX[usize::from(byte >> 4)]);
            out.push(HEX[usize::from(byte & 15)]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The first quote, backslash or control character, eight bytes at a time.
#[inline]
pub(crate) fn first_special(bytes: &[u8]) -> Option<usize> {
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        if let Some(offset) = special_in(*word) {
            return Some(index * 8 + offset);
        }
    }
    match bytes.last_chunk::<8>() {
        _ if rest.is_empty() => None,
        // The last eight bytes overlap what was found to be clean.
        Some(last) => special_in(*last).map(|offset| bytes.len() - 8 + offset),
        None => rest.iter().position(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\'),
    }
}

#[inline]
fn special_in(bytes: [u8; 8]) -> Option<usize> {
    let word = u64::from_le_bytes(bytes);
    let quote = word ^ (LOW * 0x22);
    let backslash = word ^ (LOW * 0x5c);
    // A byte's high bit is set where the byte is below 0x20, or zero after the xor. A borrow can only spoil bytes above a
    // true hit, and the lowest hit is the one that counts.
    let control = word.wrapping_sub(LOW * 0x20) & !word;
    let found = (control | (quote.wrapping_sub(LOW) & !quote) | (backslash.wrapping_sub(LOW) & !backslash)) & HIGH;
    (found != 0).then(|| (found.trailing_zeros() / 8) as usize)
}

pub(crate) fn write_unsigned(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

pub(crate) fn write_signed(out: &mut Vec<u8>, number: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Appends a finite number, a whole one without a fraction; says whether it could.
pub(crate) fn write_float(out: &mut Vec<u8>, number: f64) -> bool {
    if !number.is_finite() {
        return false;
    }
    match whole(number) {
        Some(whole) => write_signed(out, whole),
        None => out.extend_from_slice(ryu::Buffer::new().format_finite(number).as_bytes()),
    }
    true
}

/// A float as text, a whole one without a fraction.
pub(crate) fn float_text(number: f64) -> String {
    whole(number).map_or_else(|| number.to_string(), |whole| whole.to_string())
}

/// The integer that a float is, where it is one exactly.
pub(crate) fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() != 0.0 || number.abs() > EXACT {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "a whole number within 2^53")]
    Some(number as i64)
}

/// Whether two values of any type are equal, numbers by what they mean.
pub(crate) fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left == right || left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            let has = |name: &String, own: &Value| right.get(name).is_some_and(|other| same(own, other));
            left.len() == right.len() && left.iter().all(|(name, own)| has(name, own))
        }
        _ => left == right,
    }
}

/// A value with whole numbers in place of floats that are whole: some clients send every number as one.
pub(crate) fn with_whole_numbers(value: &Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => {
            number.as_f64().and_then(whole).map_or_else(|| value.clone(), Value::from)
        }
        Value::Array(items) => items.iter().map(with_whole_numbers).collect(),
        Value::Object(members) => members.iter().map(|(name, own)| (name.clone(), with_whole_numbers(own))).collect(),
        other => other.clone(),
    }
}

/// Compact JSON.
pub(crate) fn encode(value: &Value) -> Box<[u8]> {
    value.to_string().into_bytes().into_boxed_slice()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_json_must_escape_is_found_wherever_it_stands() {
        for length in 0..26 {
            for at in 0..=length {
                for special in ["\"", "\\", "\u{1}", "\u{1f}", "\n", "é", "\u{7f}", ""] {
                    let text = format!("{}{special}{}", "a".repeat(at), "ü\"!".repeat(length - at));
                    let mut written = Vec::new();
                    write_text(&mut written, &text);
                    assert_eq!(String::from_utf8_lossy(&written), Value::from(text.as_str()).to_string(), "{text:?}");
                }
            }
        }
    }
}

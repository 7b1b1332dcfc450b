//! JSON that is legal and that parsers refuse or change all the same: halves of surrogate pairs, numbers that no double holds,
//! and whole numbers beyond 64 bits.

/// What of a text had to be given up so that it could be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mends {
    /// How many halves of surrogate pairs became U+FFFD.
    pub halves: usize,
    /// How many numbers that no double holds became null.
    pub numbers: usize,
}

impl Mends {
    /// Whether anything was given up.
    #[must_use]
    pub fn is_lossy(self) -> bool {
        self != Self::default()
    }
}

impl std::ops::AddAssign for Mends {
    fn add_assign(&mut self, more: Self) {
        self.halves += more.halves;
        self.numbers += more.numbers;
    }
}

/// The digits of the largest number of 64 bits; a whole number of fewer digits always fits.
const MOST_DIGITS: usize = 19;
/// A double holds any number whose exponent has fewer digits.
const EXPONENT_DIGITS: usize = 3;
/// How many bytes are looked at together.
const BLOCK: usize = 128;
const REPLACEMENT: &[u8] = b"\\ufffd";

/// The same document, spelled so that every parser can read it; `None`: it is so already. Half of a surrogate pair becomes
/// U+FFFD, a number beyond a double null. A whole number beyond 64 bits becomes a text, which keeps all of its digits.
///
/// ```
/// let (mended, mends) = field_mapping::mend(br#"{"id": 18446744073709551617, "name": "Bob \ud83d"}"#).unwrap();
/// assert_eq!(mended, br#"{"id": "18446744073709551617", "name": "Bob \ufffd"}"#);
/// assert_eq!((mends.halves, mends.numbers), (1, 0));
/// ```
#[must_use]
pub fn mend(json: &[u8]) -> Option<(Vec<u8>, Mends)> {
    if !may_need_mending(json) {
        return None;
    }
    let mut mender = Mender { json, kept: 0, out: Vec::new(), mends: Mends::default() };
    mender.run();
    let Mender { kept, mut out, mends, .. } = mender;
    if kept == 0 {
        return None;
    }
    out.extend_from_slice(json.get(kept..).unwrap_or_default());
    Some((out, mends))
}

/// A quick look that most documents stop at: no escaped surrogate, no long run of digits, no long exponent.
fn may_need_mending(json: &[u8]) -> bool {
    has_escaped_surrogate(json) || has_many_digits(json) || has_long_exponent(json)
}

fn has_escaped_surrogate(json: &[u8]) -> bool {
    memchr::memmem::find_iter(json, b"\\u").any(|at| matches!(json.get(at + 2), Some(b'd' | b'D')))
}

/// Looks at every nineteenth byte: a run of so many digits has one there, and reaches nine bytes further on one side.
fn has_many_digits(json: &[u8]) -> bool {
    let is_digit = |at: usize| json.get(at).is_some_and(u8::is_ascii_digit);
    let reaches = |at: usize| is_digit(at + MOST_DIGITS / 2) || is_digit(at.wrapping_sub(MOST_DIGITS / 2));
    (0..json.len())
        .step_by(MOST_DIGITS)
        .any(|at| json[at].is_ascii_digit() && reaches(at) && run(json, at) >= MOST_DIGITS)
}

/// How many digits stand together around a place.
fn run(json: &[u8], at: usize) -> usize {
    let (before, behind) = json.split_at(at);
    let is_digit = |byte: &&u8| byte.is_ascii_digit();
    before.iter().rev().take_while(is_digit).count() + behind.iter().take_while(is_digit).count()
}

/// A block is looked at closely only where it may hold one: the rest costs less than an instruction a byte.
fn has_long_exponent(json: &[u8]) -> bool {
    (1..json.len().saturating_sub(1)).step_by(BLOCK).any(|start| {
        let end = (start + BLOCK).min(json.len() - 1);
        may_hold_exponents(&json[start - 1..=end]) && (start..end).any(|at| is_long_exponent(json, at))
    })
}

/// Whether an `e` may stand between digits. Without branches, so that the compiler looks at many bytes at once; `.` to `9` and `+` to `9`
/// are each a range.
fn may_hold_exponents(json: &[u8]) -> bool {
    let Some(places) = json.len().checked_sub(2) else { return false };
    let (before, letters, behind) = (&json[..places], &json[1..=places], &json[2..]);
    let mut found = 0;
    for at in 0..places {
        let is_letter = (letters[at] | 0x20) == b'e';
        let is_between =
            (before[at].wrapping_sub(b'.') <= b'9' - b'.') & (behind[at].wrapping_sub(b'+') <= b'9' - b'+');
        found |= u8::from(is_letter & is_between);
    }
    found != 0
}

fn is_long_exponent(json: &[u8], at: usize) -> bool {
    let (mantissa, exponent) = json.split_at(at);
    let Some((b'e' | b'E', exponent)) = exponent.split_first() else { return false };
    let exponent = exponent.strip_prefix(b"+").unwrap_or(exponent);
    exponent.get(..EXPONENT_DIGITS).is_some_and(|digits| digits.iter().all(u8::is_ascii_digit))
        && ends_in_number(mantissa)
}

/// Whether a number ends there, and not the letters and digits of a text.
fn ends_in_number(json: &[u8]) -> bool {
    let is_of_number = |byte: &u8| matches!(byte, b'0'..=b'9' | b'.' | b'-');
    let length = json.iter().rev().take_while(|byte| is_of_number(byte)).count();
    let before = json[..json.len() - length].last();
    length > 0 && before.is_none_or(|byte| matches!(byte, b':' | b',' | b'[' | b' ' | b'\t' | b'\n' | b'\r'))
}

struct Mender<'j> {
    json: &'j [u8],
    /// Everything before was written.
    kept: usize,
    out: Vec<u8>,
    mends: Mends,
}

impl Mender<'_> {
    fn run(&mut self) {
        let mut at = 0;
        while let Some(byte) = self.json.get(at) {
            at = match byte {
                b'"' => self.text(at + 1),
                b'-' | b'0'..=b'9' => self.number(at),
                _ => at + 1,
            };
        }
    }

    /// Goes through a text from behind its opening quote; where it ends.
    fn text(&mut self, start: usize) -> usize {
        let mut at = start;
        while let Some(found) = self.json.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
            at += found;
            if self.json[at] == b'"' {
                return at + 1;
            }
            at = self.escape(at);
        }
        self.json.len()
    }

    /// Passes over one escape, or a pair of halves; where it ends.
    fn escape(&mut self, at: usize) -> usize {
        match (self.unit(at), self.unit(at + 6)) {
            (None, _) => at + 2,
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => at + 12,
            (Some(0xd800..=0xdfff), _) => {
                self.replace(at, at + 6, REPLACEMENT);
                self.mends.halves += 1;
                at + 6
            }
            (Some(_), _) => at + 6,
        }
    }

    /// The code unit of the `\uXXXX` that begins there.
    fn unit(&self, at: usize) -> Option<u16> {
        let digits = self.json.get(at..at + 6)?.strip_prefix(b"\\u")?;
        let digits =
            std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        u16::from_str_radix(digits, 16).ok()
    }

    fn number(&mut self, start: usize) -> usize {
        let rest = self.json.get(start..).unwrap_or_default();
        let length =
            rest.iter().take_while(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')).count();
        let end = start + length;
        let Some(text) = self.json.get(start..end).and_then(|text| std::str::from_utf8(text).ok()) else { return end };
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.bytes().all(|byte| byte.is_ascii_digit()) {
            let is_number = !digits.is_empty() && (digits == "0" || !digits.starts_with('0'));
            if is_number && text.parse::<i64>().is_err() && text.parse::<u64>().is_err() {
                self.replace(start, end, format!("\"{text}\"").as_bytes());
            }
        } else if text.parse::<f64>().is_ok_and(f64::is_infinite) {
            self.replace(start, end, b"null");
            self.mends.numbers += 1;
        }
        end
    }

    fn replace(&mut self, start: usize, end: usize, with: &[u8]) {
        self.out.extend_from_slice(&self.json[self.kept..start]);
        self.out.extend_from_slice(with);
        self.kept = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(json: &str) -> Option<String> {
        mend(json.as_bytes()).map(|(text, _)| String::from_utf8(text).expect("UTF-8"))
    }

    #[test]
    fn halves_are_replaced_and_pairs_are_left_alone() {
        for (text, expected) in [
            (r#""Bob \ud83d""#, Some(r#""Bob \ufffd""#)),
            (r#""\uDE00 Bob""#, Some(r#""\ufffd Bob""#)),
            (r#""\ude00\ud83d""#, Some(r#""\ufffd\ufffd""#)),
            (r#""\ud83d\ud83d\ude00""#, Some(r#""\ufffd\ud83d\ude00""#)),
            (r#""\ud83d\n""#, Some(r#""\ufffd\n""#)),
            (r#""\ud83d\ude00""#, None),
            (r#""\\ud83d""#, None),
            (r#""\\\ud83d""#, Some(r#""\\\ufffd""#)),
            (r#"{"\ud83d":1}"#, Some(r#"{"\ufffd":1}"#)),
            (r#""\u00fc""#, None),
            (r#""\ud8"#, None),
        ] {
            assert_eq!(mended(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn numbers_keep_their_digits_or_become_null() {
        for (text, expected) in [
            ("[1e400]", Some("[null]")),
            ("[-1.5E+999,2]", Some("[null,2]")),
            ("[1e-400]", None),
            ("[1e308]", None),
            ("[18446744073709551615]", None),
            ("[18446744073709551616]", Some("[\"18446744073709551616\"]")),
            ("[-9223372036854775808]", None),
            ("[-9223372036854775809]", Some("[\"-9223372036854775809\"]")),
            ("[12345678901234567890.5]", None),
            ("[\"18446744073709551616 1e400\"]", None),
            ("[018446744073709551616]", None),
        ] {
            assert_eq!(mended(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn what_any_parser_reads_is_found_wherever_it_stands() {
        for before in 0..1040 {
            let text = format!("[\"{}\", 123456789012345678901]", "x".repeat(before));
            assert!(mended(&text).is_some_and(|text| text.ends_with("\"123456789012345678901\"]")), "{text}");
            let text = format!("[\"{}\",2.5e+400]", "x".repeat(before));
            assert!(mended(&text).is_some_and(|text| text.ends_with(",null]")), "{text}");
        }
    }
}

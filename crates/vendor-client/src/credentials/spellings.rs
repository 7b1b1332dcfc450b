//! Finding a secret however its characters are escaped: as JSON, HTML and addresses escape them, once or several times, some of them or
//! all, and also where the text ends in the middle of it.

use std::ops::Range;

/// A beginning of a secret that is shorter says nothing.
const SHORTEST_BEGINNING: usize = 4;
/// No escape of one character is longer.
const LONGEST_ESCAPE: usize = 24;

/// A secret's characters.
pub(super) struct Spellings(Vec<char>);

impl Spellings {
    pub(super) fn of(secret: &str) -> Self {
        Self(secret.chars().collect())
    }

    /// Where it stands in the text, or begins where the text ends.
    pub(super) fn find(&self, text: &str) -> Vec<Range<usize>> {
        let Some(first) = self.0.first() else { return Vec::new() };
        let (mut found, mut from) = (Vec::new(), 0);
        for (start, letter) in text.char_indices() {
            let may_begin = letter == *first || matches!(letter, '\\' | '%' | '&' | '+');
            if start < from || !may_begin {
                continue;
            }
            if let Some(end) = self.end(text, start) {
                found.push(start..end);
                from = end;
            }
        }
        found
    }

    /// Where the secret that begins at `start` ends.
    fn end(&self, text: &str, start: usize) -> Option<usize> {
        let mut places = vec![start];
        for (index, character) in self.0.iter().enumerate() {
            let is_cut = |place: &usize| is_cut(&text[*place..]);
            if index >= SHORTEST_BEGINNING && places.iter().any(is_cut) {
                return Some(text.len());
            }
            let mut next: Vec<usize> = Vec::new();
            for place in places {
                lengths(*character, &text[place..], &mut |length| next.push(place + length));
            }
            next.sort_unstable();
            next.dedup();
            if next.is_empty() {
                return None;
            }
            places = next;
        }
        places.into_iter().max()
    }
}

/// Whether a text ends here, or within an escape or a character.
fn is_cut(rest: &str) -> bool {
    let rest = rest.trim_end_matches(char::REPLACEMENT_CHARACTER);
    let is_open = |after: &str| after.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'#');
    rest.is_empty()
        || behind_first_half(rest).is_some_and(is_cut)
        || (rest.starts_with('\\') && rest.trim_start_matches('\\').len() < 5 && is_open(rest.trim_start_matches('\\')))
        || (rest.starts_with('%') && rest.len() < 3 && is_open(&rest[1..]))
        || (rest.starts_with('&') && rest.len() < LONGEST_ESCAPE && is_open(&rest[1..]))
}

/// What follows the first half of an escaped pair of surrogates.
fn behind_first_half(rest: &str) -> Option<&str> {
    let digits = rest.trim_start_matches('\\').strip_prefix('u').filter(|_| rest.starts_with('\\'))?;
    let unit = u16::from_str_radix(digits.get(..4)?, 16).ok()?;
    (0xd800..0xdc00).contains(&unit).then(|| &digits[4..])
}

/// How long each spelling of a character is that the text begins with.
fn lengths(character: char, text: &str, found: &mut impl FnMut(usize)) {
    if text.starts_with(character) {
        found(character.len_utf8());
    }
    if character == ' ' && text.starts_with('+') {
        found(1);
    }
    match text.as_bytes().first() {
        Some(b'\\') => behind_backslashes(character, text, found),
        Some(b'&') => entity(character, text).into_iter().for_each(found),
        Some(b'%') => percent(character, text).into_iter().for_each(found),
        _ => {}
    }
}

/// JSON escapes what it escapes with one backslash, and what was escaped before with more of them.
fn behind_backslashes(character: char, text: &str, found: &mut impl FnMut(usize)) {
    let rest = text.trim_start_matches('\\');
    let backslashes = text.len() - rest.len();
    if character == '\\' {
        (2..=backslashes.min(8)).for_each(&mut *found);
    }
    let short = match character {
        '\n' => Some('n'),
        '\r' => Some('r'),
        '\t' => Some('t'),
        '\u{8}' => Some('b'),
        '\u{c}' => Some('f'),
        '"' | '\'' | '/' => Some(character),
        _ => None,
    };
    if short.is_some_and(|short| rest.starts_with(short)) {
        found(backslashes + 1);
    }
    if let Some(length) = code_units(character, text) {
        found(length);
    }
}

/// One or two `\uXXXX`, each with as many backslashes as there are.
fn code_units(character: char, text: &str) -> Option<usize> {
    let mut rest = text;
    for unit in character.encode_utf16(&mut [0; 2]) {
        let digits = rest.trim_start_matches('\\');
        let digits = digits.strip_prefix('u').filter(|_| digits.len() < rest.len())?;
        let own = u16::from_str_radix(digits.get(..4)?, 16).ok()?;
        if own != *unit {
            return None;
        }
        rest = &digits[4..];
    }
    Some(text.len() - rest.len())
}

/// `&quot;`, `&#34;`, `&#x22;`.
fn entity(character: char, text: &str) -> Option<usize> {
    let end = text.bytes().take(LONGEST_ESCAPE).position(|byte| byte == b';')?;
    let name = &text[1..end];
    let is_it = match name.strip_prefix('#') {
        Some(number) => {
            let hexadecimal = number.strip_prefix(['x', 'X']);
            let code = hexadecimal.map_or_else(|| number.parse(), |digits| u32::from_str_radix(digits, 16));
            code.is_ok_and(|code| code == u32::from(character))
        }
        None => matches!(
            (name, character),
            ("quot", '"') | ("amp", '&') | ("lt", '<') | ("gt", '>') | ("apos", '\'') | ("nbsp", '\u{a0}')
        ),
    };
    is_it.then_some(end + 1)
}

/// `%C3%BC`.
fn percent(character: char, text: &str) -> Option<usize> {
    let mut rest = text;
    for byte in character.encode_utf8(&mut [0; 4]).bytes() {
        let digits = rest.strip_prefix('%')?.get(..2)?;
        if u8::from_str_radix(digits, 16).ok()? != byte {
            return None;
        }
        rest = &rest[3..];
    }
    Some(text.len() - rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "pä55\"w\\ord+%😀 x";

    fn found(text: &str) -> Vec<&str> {
        Spellings::of(SECRET).find(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn a_secret_is_found_in_every_spelling() {
        for spelled in [
            SECRET,
            r#"p\u00e455\"w\\ord+%\ud83d\ude00 x"#,
            r"p\u00E455\u0022w\u005cord\u002B%\uD83D\uDE00 x",
            r#"p\\u00e455\\\"w\\\\ord+%\\ud83d\\ude00 x"#,
            "p&#228;55&quot;w\\ord+%&#x1F600; x",
            "p%C3%A455%22w%5cord%2B%25%f0%9f%98%80+x",
            "pä55\\\"w\\\\ord+%😀 x",
        ] {
            assert_eq!(found(&format!("<p>you sent {spelled}, which is wrong")), [spelled], "{spelled}");
        }
        assert_eq!(found("p\\u00e555 and pä55'w, p%C3"), [""; 0]);
    }

    #[test]
    fn a_secret_that_is_cut_off_is_found_up_to_the_end() {
        for cut in
            [r"p\u00e455", r"p\u00e455\", r"p\u00e455\u00", r#"pä55"w\"#, r#"pä55"w\\ord+%\ud83d\ud"#, "pä55&quo"]
        {
            let text = format!("you sent {cut}");
            assert_eq!(found(&text), [cut], "{cut}");
        }
        assert_eq!(found("you sent pä5"), [""; 0], "three characters say nothing");
    }
}

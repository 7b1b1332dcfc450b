//! What a path may look like. The library reads and evaluates any; some of them would take it forever.

/// Longer ones are none that a person wrote.
const LONGEST: usize = 1000;
/// How many brackets may be open at once: what stands in a filter's bracket is read several times over, for each that is around it.
const DEEPEST: usize = 8;
/// How many filters may stand within each other.
const MOST_FILTERS: usize = 3;
/// Each further `..` would look at every value once for each value around it.
const MOST_DESCENTS: usize = 1;
/// Selectors may overlap, so each bracket multiplies the values found by as many as it has.
const MOST_SELECTORS: usize = 32;
/// How much of a path a message shows.
const SHOWN: usize = 20;

/// What a path looks like.
#[derive(Debug, Default)]
pub(super) struct Form {
    pub(super) root: Option<String>,
    pub(super) lists: bool,
}

/// The form of a path that may be read; or why it may not be.
pub(super) fn check(text: &str) -> Result<Form, String> {
    if text.chars().count() > LONGEST {
        return Err(format!("it has more than {LONGEST} characters"));
    }
    let mut scan = Scan { text, open: Vec::new(), selectors: 1, descents: 0, lists: false };
    let mut at = 0;
    while let Some(&byte) = text.as_bytes().get(at) {
        let length = scan.take(at, byte).map_err(|reason| format!("{}: {reason}", self::at(text, at)))?;
        at += length;
    }
    // With a `$` in a filter it looks elsewhere, too.
    let root = if text.matches('$').count() == 1 { places(text).0 } else { None };
    Ok(Form { root, lists: scan.lists })
}

/// A place in a path, as messages name it.
pub(super) fn at(text: &str, byte: usize) -> String {
    let (before, rest) = text.split_at_checked(byte).unwrap_or((text, ""));
    let character = before.chars().count() + 1;
    if rest.is_empty() {
        return format!("at character {character}, the end");
    }
    let shown: String = rest.chars().take(SHOWN).collect();
    let more = if shown.len() < rest.len() { "…" } else { "" };
    format!("at character {character}, before `{shown}{more}`")
}

/// A bracket that is open.
struct Bracket {
    /// `[` rather than `(`.
    holds_selectors: bool,
    /// Whether what stands in it belongs to a filter.
    in_filter: bool,
    is_filter: bool,
    selectors: usize,
}

struct Scan<'t> {
    text: &'t str,
    open: Vec<Bracket>,
    selectors: usize,
    descents: usize,
    lists: bool,
}

impl Scan<'_> {
    /// Takes what begins with a byte; answers how many bytes that is.
    fn take(&mut self, at: usize, byte: u8) -> Result<usize, String> {
        let in_filter = self.open.last().is_some_and(|open| open.in_filter || open.is_filter);
        match byte {
            // The library panics over an escape that the text ends in.
            b'\'' | b'"' => {
                return quoted(&self.text[at..])
                    .map(|(_, length)| length)
                    .ok_or("the quote is never closed".to_owned());
            }
            b'[' | b'(' => {
                if self.open.len() == DEEPEST {
                    return Err(format!("brackets may stand {DEEPEST} deep within each other, and no deeper"));
                }
                let holds_selectors = byte == b'[';
                self.open.push(Bracket { holds_selectors, in_filter, is_filter: false, selectors: 1 });
            }
            b']' | b')' => self.close()?,
            b'?' => {
                if let Some(open) = self.open.last_mut() {
                    open.is_filter = true;
                }
                if self.open.iter().filter(|open| open.is_filter).count() > MOST_FILTERS {
                    return Err(format!("filters may stand {MOST_FILTERS} deep within each other, and no deeper"));
                }
            }
            b',' => {
                // The arguments of functions stand in the other brackets.
                if let Some(open) = self.open.last_mut().filter(|open| open.holds_selectors) {
                    open.selectors += 1;
                    self.lists |= !open.in_filter;
                }
            }
            b'*' | b':' => self.lists |= !in_filter,
            b'.' if self.text[at..].starts_with("..") => {
                self.descents += 1;
                if self.descents > MOST_DESCENTS {
                    return Err("there may be one `..`".to_owned());
                }
                self.lists |= !in_filter;
                return Ok(2);
            }
            b'$' if at > 0 => {
                let rest = places(&self.text[at..]).1.trim_start();
                if in_filter && rest.starts_with(['.', '[']) {
                    return Err(
                        "in a filter, `$` and what follows it name one place, as in $.id or $.list[0]".to_owned()
                    );
                }
            }
            _ => {}
        }
        Ok(1)
    }

    fn close(&mut self) -> Result<(), String> {
        let closed = self.open.pop().filter(|closed| closed.holds_selectors);
        self.selectors = self.selectors.saturating_mul(closed.map_or(1, |closed| closed.selectors));
        if self.selectors <= MOST_SELECTORS {
            return Ok(());
        }
        Err(format!("its selectors make more than {MOST_SELECTORS} combinations"))
    }
}

/// Of a path that begins with `$`: the first name, and what stands behind its names and indices.
fn places(text: &str) -> (Option<String>, &str) {
    let mut first = None;
    let mut rest = text.strip_prefix('$').unwrap_or(text);
    let mut is_first = true;
    loop {
        let begun = rest.trim_start();
        let Some((name, behind)) = begun.strip_prefix('.').and_then(dotted).or_else(|| bracketed(begun)) else {
            return (first, rest);
        };
        if is_first {
            first = name;
        }
        (is_first, rest) = (false, behind);
    }
}

type Place<'t> = (Option<String>, &'t str);

fn dotted(text: &str) -> Option<Place<'_>> {
    let is_inside = |character: char| character.is_ascii_alphanumeric() || character == '_' || !character.is_ascii();
    let end = text.find(|character| !is_inside(character)).unwrap_or(text.len());
    let (name, behind) = text.split_at(end);
    (!name.is_empty()).then(|| (Some(name.to_owned()), behind))
}

fn bracketed(text: &str) -> Option<Place<'_>> {
    let inside = text.strip_prefix('[')?.trim_start();
    let (name, behind) = if inside.starts_with(['\'', '"']) {
        let (name, length) = quoted(inside)?;
        // One with escapes is a name as well; which one is left to the library.
        (Some(name.to_owned()).filter(|name| !name.contains('\\')), &inside[length..])
    } else {
        let end = inside.find(|character: char| !(character.is_ascii_digit() || character == '-'))?;
        (None, inside.split_at_checked(end).filter(|(number, _)| !number.is_empty())?.1)
    };
    Some((name, behind.trim_start().strip_prefix(']')?))
}

/// What stands between the quotes at the beginning, and how long it is with them.
fn quoted(text: &str) -> Option<(&str, usize)> {
    let quote = text.chars().next()?;
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return Some((&text[1..at], at + 1)),
            _ => {}
        }
    }
    None
}

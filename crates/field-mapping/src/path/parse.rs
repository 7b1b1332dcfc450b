//! The text of a path taken apart.

use crate::path::{Step, Test};

/// The steps of a path; the error says at which character it goes wrong.
pub(super) fn steps(text: &str) -> Result<Vec<Step>, String> {
    Parser { text, characters: text.char_indices().collect(), at: 0 }.steps()
}

struct Parser<'t> {
    text: &'t str,
    characters: Vec<(usize, char)>,
    at: usize,
}

impl Parser<'_> {
    fn steps(&mut self) -> Result<Vec<Step>, String> {
        let mut steps = Vec::new();
        if self.characters.is_empty() {
            return Err(self.wrong("an empty path; `$` is the whole"));
        }
        let whole = self.peek() == Some('$');
        self.at += usize::from(whole);
        let mut named = whole;
        while let Some(character) = self.peek() {
            match character {
                '[' => {
                    self.bracket(&mut steps)?;
                    named = true;
                }
                '.' if named => {
                    self.at += 1;
                    if matches!(self.peek(), None | Some('.' | '[')) {
                        return Err(self.wrong(&format!("no name after '.' at character {}", self.at)));
                    }
                    steps.push(Step::Member(self.name()?));
                }
                _ if !named => {
                    steps.push(Step::Member(self.name()?));
                    named = true;
                }
                other => return Err(self.wrong(&format!("unexpected '{other}' at character {}", self.at + 1))),
            }
        }
        Ok(steps)
    }

    fn bracket(&mut self, steps: &mut Vec<Step>) -> Result<(), String> {
        let open = self.at;
        self.at += 1;
        let unclosed = |parser: &Self| parser.wrong(&format!("'[' at character {} is never closed", open + 1));
        if let Some(quote @ ('\'' | '"')) = self.peek() {
            let name = self.quoted(quote).ok_or_else(|| unclosed(self))?;
            if self.peek() != Some(']') {
                return Err(unclosed(self));
            }
            self.at += 1;
            steps.push(Step::Member(name));
            return Ok(());
        }
        let close = self.characters[self.at..].iter().position(|&(_, character)| character == ']');
        let end = self.at + close.ok_or_else(|| unclosed(self))?;
        let inner: String = self.characters[self.at..end].iter().map(|&(_, character)| character).collect();
        self.at = end + 1;
        if inner.is_empty() {
            // `list[k=v][]`: every element of which the tests hold, and not only the first.
            let tests = match steps.pop() {
                Some(Step::Select(tests)) => tests,
                other => {
                    steps.extend(other);
                    Vec::new()
                }
            };
            steps.push(Step::Each(tests));
            return Ok(());
        }
        if inner == "0" {
            steps.push(Step::Select(Vec::new()));
            return Ok(());
        }
        let (member, equal, value) = match (inner.split_once("!="), inner.split_once('=')) {
            (Some((member, value)), _) => (member, false, value),
            (None, Some((member, value))) => (member, true, value),
            (None, None) => {
                return Err(self.wrong(&format!(
                    "'[' at character {} needs `key=value`, `key!=value`, 0, a quoted name or nothing",
                    open + 1
                )));
            }
        };
        if member.is_empty() {
            return Err(self.wrong(&format!("'[' at character {} names no key", open + 1)));
        }
        let test = Test { member: member.to_owned(), equal, value: value.to_owned() };
        if let Some(Step::Select(tests)) = steps.last_mut() {
            tests.push(test);
        } else {
            steps.push(Step::Select(vec![test]));
        }
        Ok(())
    }

    fn name(&mut self) -> Result<String, String> {
        let start = self.at;
        while let Some(character) = self.peek() {
            match character {
                '.' | '[' => break,
                ']' => return Err(self.wrong(&format!("']' at character {} was never opened", self.at + 1))),
                _ => self.at += 1,
            }
        }
        if start == self.at {
            return Err(self.wrong(&format!("no name at character {}", start + 1)));
        }
        Ok(self.characters[start..self.at].iter().map(|&(_, character)| character).collect())
    }

    /// The text up to the closing quote; a doubled quote stands for one.
    fn quoted(&mut self, quote: char) -> Option<String> {
        self.at += 1;
        let mut name = String::new();
        loop {
            let character = self.peek()?;
            self.at += 1;
            if character != quote {
                name.push(character);
            } else if self.peek() == Some(quote) {
                self.at += 1;
                name.push(quote);
            } else {
                return Some(name);
            }
        }
    }

    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).map(|&(_, character)| character)
    }

    fn wrong(&self, what: &str) -> String {
        format!("path \"{}\": {what}", self.text)
    }
}

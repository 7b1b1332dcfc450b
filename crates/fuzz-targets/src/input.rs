//! How an input is taken apart: lines that say what is tried, and the rest, with which it is tried.

/// The part of an input that was not taken yet.
#[derive(Clone, Copy)]
pub(crate) struct Input<'d> {
    rest: &'d [u8],
}

impl<'d> Input<'d> {
    pub(crate) fn new(data: &'d [u8]) -> Self {
        Self { rest: data }
    }

    /// The next line without its end; empty where it is not UTF-8.
    pub(crate) fn line(&mut self) -> &'d str {
        let end = self.rest.iter().position(|byte| *byte == b'\n');
        let (line, rest) = end.map_or((self.rest, &[][..]), |end| (&self.rest[..end], &self.rest[end + 1..]));
        self.rest = rest;
        std::str::from_utf8(line).unwrap_or_default()
    }

    /// All that is left.
    pub(crate) fn bytes(self) -> &'d [u8] {
        self.rest
    }

    /// All that is left, where it is UTF-8.
    pub(crate) fn text(self) -> Option<&'d str> {
        std::str::from_utf8(self.rest).ok()
    }
}

/// The choice of that name. Any other word stands for one of them too, so that the fuzzer's words lead somewhere.
pub(crate) fn chosen<'c, T>(choices: &'c [T], word: &str, name: impl Fn(&T) -> &str) -> &'c T {
    let sum = word.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
    choices.iter().find(|choice| name(choice) == word).unwrap_or(&choices[sum % choices.len()])
}

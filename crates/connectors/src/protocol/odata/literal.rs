//! Literals of the query language. Each is made from a value, never from text that is already in the language, so that
//! whatever a caller sends stays the value that it is.

use std::fmt;

use jiff::civil;

/// A text: in single quotes, a quote in it doubled. The address is percent-encoded once, later and as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Text<'t>(pub(crate) &'t str);

/// A GUID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Guid(String);

/// A time without a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DateTime(civil::DateTime);

/// A number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Number(f64);

impl Guid {
    /// `None`: the text is no GUID.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let fits = |(place, byte): (usize, &u8)| match place {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        };
        (bytes.len() == 36 && bytes.iter().enumerate().all(fits)).then(|| Self(text.to_ascii_lowercase()))
    }
}

impl DateTime {
    /// A time of the vendor's zone.
    pub(crate) fn of(clock: civil::DateTime) -> Self {
        Self(clock)
    }
}

impl Number {
    /// `None`: not a finite number.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        text.trim().parse().ok().filter(|number: &f64| number.is_finite()).map(Self)
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "'{}'", self.0.replace('\'', "''"))
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "guid'{}'", self.0)
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A tenth of a microsecond is the smallest part that there is; a bound is never later than what was asked for.
        let decimals = if self.0.subsec_nanosecond() % 1_000_000 == 0 { 3 } else { 7 };
        write!(formatter, "datetime'{:.decimals$}'", self.0)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn a_guid_is_one_or_nothing() {
        let text = "7B0F3A52-1c1e-4b6a-9c55-0a6d5f1e0101";
        assert_eq!(Guid::parse(text).expect("a value").to_string(), "guid'7b0f3a52-1c1e-4b6a-9c55-0a6d5f1e0101'");
        for text in [
            "",
            "7b0f3a52",
            "7b0f3a52-1c1e-4b6a-9c55-0a6d5f1e0101'",
            "7b0f3a52-1c1e-4b6a-9c55-0a6d5f1e010g",
            "7b0f3a5211c1e14b6a19c5510a6d5f1e0101",
            "' or '1' eq '1",
        ] {
            assert_eq!(Guid::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_time_is_never_later_than_it_was() {
        let shown = |text: &str| DateTime::of(text.parse().expect("a time")).to_string();
        assert_eq!(shown("2024-05-07T04:12:13"), "datetime'2024-05-07T04:12:13.000'");
        assert_eq!(shown("2024-05-07T04:12:13.4571"), "datetime'2024-05-07T04:12:13.4571000'");
        assert_eq!(shown("2024-05-07T04:12:13.999999999"), "datetime'2024-05-07T04:12:13.9999999'");
    }

    #[test]
    fn numbers_are_finite() {
        assert_eq!(Number::parse(" 1e3 ").expect("a value").to_string(), "1000");
        assert_eq!([Number::parse("NaN"), Number::parse("inf"), Number::parse("1 or 1 eq 1")], [None; 3]);
    }
}

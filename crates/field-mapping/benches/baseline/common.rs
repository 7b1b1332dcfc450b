//! What the hand-written baselines of flat records share. Frozen, as they are.

use std::borrow::Cow;

use serde::{Deserialize, Serialize, Serializer};

/// Text that borrows where JSON did not escape it.
#[derive(Deserialize, Default)]
pub(crate) struct Text<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

impl Text<'_> {
    /// The text, unless it is empty.
    pub(crate) fn some(&self) -> Option<&str> {
        (!self.0.is_empty()).then_some(&*self.0)
    }
}

pub(crate) fn some<'a>(text: Option<&'a Text<'_>>) -> Option<&'a str> {
    text.and_then(Text::some)
}

/// Two names with a space between them.
pub(crate) struct FullName<'a>(pub(crate) Option<&'a str>, pub(crate) Option<&'a str>);

impl Serialize for FullName<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.0, self.1) {
            (Some(first), Some(last)) => serializer.collect_str(&format_args!("{first} {last}")),
            (Some(only), None) | (None, Some(only)) => serializer.serialize_str(only),
            (None, None) => serializer.serialize_none(),
        }
    }
}

/// A moment that is said as RFC 3339 wants it, or nearly so.
pub(crate) enum Moment<'a> {
    Said(&'a str),
    /// To be said with a `Z` behind it.
    Zoned(&'a str),
    Made(String),
}

impl Serialize for Moment<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Said(text) => serializer.serialize_str(text),
            Self::Zoned(text) => serializer.collect_str(&format_args!("{text}Z")),
            Self::Made(text) => serializer.serialize_str(text),
        }
    }
}

/// `2024-05-06T10:00:00` by its shape, the rest behind it.
fn clock(text: &str) -> Option<&str> {
    let head = text.as_bytes().get(..19)?;
    let fits = head.iter().enumerate().all(|(at, byte)| match at {
        4 | 7 => *byte == b'-',
        10 => *byte == b'T',
        13 | 16 => *byte == b':',
        _ => byte.is_ascii_digit(),
    });
    let two = |at: usize| (head[at] - b'0') * 10 + (head[at + 1] - b'0');
    (fits && (1..=12).contains(&two(5)) && (1..=31).contains(&two(8)) && two(11) < 24 && two(14) < 60 && two(17) < 60)
        .then(|| &text[19..])
}

/// A moment with its zone.
pub(crate) fn moment<'a>(text: Option<&'a Text<'_>>) -> Option<Moment<'a>> {
    let text = some(text)?;
    match clock(text)?.as_bytes() {
        [b'Z'] | [b'.', b'0'..=b'9', b'0'..=b'9', b'1'..=b'9', b'Z'] => return Some(Moment::Said(text)),
        [b'.', b'0', b'0', b'0', b'Z'] => return Some(Moment::Zoned(&text[..19])),
        _ => (),
    }
    Some(Moment::Made(text.parse::<jiff::Timestamp>().ok()?.to_string()))
}

/// A moment on the clocks of a connection without a time zone of its own.
pub(crate) fn local_moment<'a>(text: Option<&'a Text<'_>>) -> Option<Moment<'a>> {
    let text = some(text)?;
    if let [] | [b'.', b'0'..=b'9', b'0'..=b'9', b'1'..=b'9'] = clock(text)?.as_bytes() {
        return Some(Moment::Zoned(text));
    }
    let local: jiff::civil::DateTime = text.parse().ok()?;
    Some(Moment::Made(jiff::tz::TimeZone::UTC.to_timestamp(local).ok()?.to_string()))
}

//! Dates and instants as text and numbers, without allocation. Never a clock.

use crate::value::context::Zone;

/// Seconds since 1970-01-01T00:00:00Z and nanoseconds of the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Instant {
    pub(crate) seconds: i64,
    pub(crate) nanos: u32,
}

/// A day of the proleptic Gregorian calendar, year 1 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Day {
    pub(crate) year: i32,
    pub(crate) month: u8,
    pub(crate) of_month: u8,
}

/// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z: what RFC 3339 can say with four digits.
const SMALLEST: i64 = -62_135_596_800;
const LARGEST: i64 = 253_402_300_799;

impl Instant {
    fn within_range(self) -> Option<Self> {
        (SMALLEST..=LARGEST).contains(&self.seconds).then_some(self)
    }

    /// Seconds, up to the last of the year 9999. Numbers beyond those of any year are milliseconds, even where seconds are expected.
    pub(crate) fn from_seconds(seconds: i64) -> Option<Self> {
        Self { seconds, nanos: 0 }.within_range().or_else(|| Self::from_millis(seconds))
    }

    /// Seconds that are never milliseconds, however large.
    pub(crate) fn from_plain_seconds(seconds: i64, nanos: u32) -> Option<Self> {
        Self { seconds, nanos }.within_range()
    }

    pub(crate) fn from_millis(millis: i64) -> Option<Self> {
        let nanos = u32::try_from(millis.rem_euclid(1000)).unwrap_or_default() * 1_000_000;
        Self { seconds: millis.div_euclid(1000), nanos }.within_range()
    }

    pub(crate) fn millis(self) -> i64 {
        self.seconds.saturating_mul(1000).saturating_add(i64::from(self.nanos / 1_000_000))
    }

    pub(crate) fn day(self) -> Day {
        Day::from_epoch_days(self.seconds.div_euclid(86_400))
    }

    /// An instant as vendors write it: RFC 3339, without zone (taken as UTC), with a space, without seconds, or a day alone.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::parse_in(text, &Zone::UTC)
    }

    /// The same, but without zone it is the time that clocks show in this one.
    pub(crate) fn parse_in(text: &str, zone: &Zone) -> Option<Self> {
        let bytes = text.trim().as_bytes();
        let day = Day::parse_prefix(bytes)?;
        let mut seconds = day.epoch_days() * 86_400;
        let mut nanos = 0;
        let mut offset = None;
        if bytes.len() > 10 {
            if !matches!(bytes[10], b'T' | b't' | b' ') {
                return None;
            }
            let clock = Clock::parse(&bytes[11..])?;
            seconds += clock.seconds;
            (nanos, offset) = (clock.nanos, clock.offset_seconds);
        }
        let seconds = offset.map_or_else(|| zone.instant_of(seconds), |offset| seconds - offset);
        Self { seconds, nanos }.within_range()
    }

    /// What clocks show there, as if it were UTC.
    pub(crate) fn local(self, zone: &Zone) -> Self {
        let local = Self { seconds: self.seconds + zone.offset_at(self.seconds), ..self };
        local.within_range().unwrap_or(self)
    }

    /// `/Date(1714989600000)/`, with or without an offset, which does not change the instant.
    pub(crate) fn parse_odata(text: &str) -> Option<Self> {
        let inner = text.trim().strip_prefix("/Date(")?.strip_suffix(")/")?;
        let end = inner.bytes().skip(1).position(|byte| byte == b'+' || byte == b'-').map_or(inner.len(), |at| at + 1);
        Self::from_millis(inner.get(..end)?.parse().ok()?)
    }

    /// Appends `2024-05-06T10:00:00Z`, with as many decimals as the instant has.
    pub(crate) fn write(self, out: &mut Vec<u8>) {
        self.write_local(out);
        out.push(b'Z');
    }

    /// The same without the zone.
    pub(crate) fn write_local(self, out: &mut Vec<u8>) {
        self.day().write(out);
        let rest = u32::try_from(self.seconds.rem_euclid(86_400)).unwrap_or_default();
        let mut clock = *b"T00:00:00";
        put_two(&mut clock[1..3], rest / 3600);
        put_two(&mut clock[4..6], rest / 60 % 60);
        put_two(&mut clock[7..9], rest % 60);
        out.extend_from_slice(&clock);
        if self.nanos != 0 {
            let (digits, width) = match self.nanos {
                nanos if nanos % 1_000_000 == 0 => (nanos / 1_000_000, 3),
                nanos if nanos % 1_000 == 0 => (nanos / 1_000, 6),
                nanos => (nanos, 9),
            };
            out.extend_from_slice(format!(".{digits:0width$}").as_bytes());
        }
    }

    pub(crate) fn to_text(self) -> String {
        let mut out = Vec::with_capacity(30);
        self.write(&mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    pub(crate) fn to_local_text(self) -> String {
        let mut out = Vec::with_capacity(30);
        self.write_local(&mut out);
        String::from_utf8(out).unwrap_or_default()
    }
}

struct Clock {
    seconds: i64,
    nanos: u32,
    /// `None`: the text names no zone.
    offset_seconds: Option<i64>,
}

impl Clock {
    /// `10:00`, `10:00:00`, `10:00:00.123`, each with `Z`, `+02:00`, `+0200`, `+02` or nothing.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let hour = two(bytes, 0)?;
        if bytes.get(2) != Some(&b':') {
            return None;
        }
        let minute = two(bytes, 3)?;
        let mut at = 5;
        let mut second = 0;
        let mut nanos = 0;
        if bytes.get(at) == Some(&b':') {
            second = two(bytes, 6)?;
            at = 8;
            if matches!(bytes.get(at), Some(b'.' | b',')) {
                at += 1;
                let start = at;
                let mut scale = 100_000_000;
                while let Some(digit) = bytes.get(at).filter(|byte| byte.is_ascii_digit()) {
                    nanos += u32::from(digit - b'0') * scale;
                    scale /= 10;
                    at += 1;
                }
                if at == start {
                    return None;
                }
            }
        }
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let rest = bytes.get(at..)?;
        let offset_seconds = if rest.is_empty() { None } else { Some(parse_offset(rest)?) };
        Some(Self { seconds: hour * 3600 + minute * 60 + second, nanos, offset_seconds })
    }
}

/// Seconds east of Greenwich.
fn parse_offset(bytes: &[u8]) -> Option<i64> {
    let bytes = bytes.strip_prefix(b" ").unwrap_or(bytes);
    let sign = match bytes {
        [] | [b'Z' | b'z'] => return Some(0),
        [b'+', ..] => 1,
        [b'-', ..] => -1,
        _ => return None,
    };
    let minutes = match bytes.len() {
        3 => 0,
        5 => two(bytes, 3)?,
        6 if bytes[3] == b':' => two(bytes, 4)?,
        _ => return None,
    };
    let hours = two(bytes, 1)?;
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}

fn two(bytes: &[u8], at: usize) -> Option<i64> {
    match bytes.get(at..at + 2)? {
        [tens, ones] if tens.is_ascii_digit() && ones.is_ascii_digit() => {
            Some(i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
        }
        _ => None,
    }
}

fn put_two(place: &mut [u8], value: u32) {
    if let [tens, ones] = place {
        *tens = b'0' + u8::try_from(value / 10 % 10).unwrap_or_default();
        *ones = b'0' + u8::try_from(value % 10).unwrap_or_default();
    }
}

impl Day {
    /// The day at the start of a date or a date-time.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = text.trim().as_bytes();
        if bytes.len() > 10 {
            return Instant::parse(text).and(Self::parse_prefix(bytes));
        }
        Self::parse_prefix(bytes)
    }

    fn parse_prefix(bytes: &[u8]) -> Option<Self> {
        let head = bytes.get(..10)?;
        if head[4] != b'-' || head[7] != b'-' {
            return None;
        }
        let year = i32::try_from(two(head, 0)? * 100 + two(head, 2)?).ok()?;
        let month = u8::try_from(two(head, 5)?).ok()?;
        let day = u8::try_from(two(head, 8)?).ok()?;
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 => 28 + u8::from(leap),
            _ => return None,
        };
        (year >= 1 && (1..=days).contains(&day)).then_some(Self { year, month, of_month: day })
    }

    /// Days since 1970-01-01 (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    fn epoch_days(self) -> i64 {
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let month = i64::from(self.month);
        let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + i64::from(self.of_month) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }

    fn from_epoch_days(days: i64) -> Self {
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_index = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_index + 2) / 5 + 1;
        let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self {
            year: i32::try_from(year).unwrap_or_default(),
            month: u8::try_from(month).unwrap_or_default(),
            of_month: u8::try_from(day).unwrap_or_default(),
        }
    }

    pub(crate) fn instant(self) -> Instant {
        Instant { seconds: self.epoch_days() * 86_400, nanos: 0 }
    }

    pub(crate) fn write(self, out: &mut Vec<u8>) {
        let year = u32::try_from(self.year).unwrap_or_default();
        let mut text = *b"0000-00-00";
        put_two(&mut text[0..2], year / 100);
        put_two(&mut text[2..4], year % 100);
        put_two(&mut text[5..7], u32::from(self.month));
        put_two(&mut text[8..10], u32::from(self.of_month));
        out.extend_from_slice(&text);
    }

    pub(crate) fn to_text(self) -> String {
        let mut out = Vec::with_capacity(10);
        self.write(&mut out);
        String::from_utf8(out).unwrap_or_default()
    }
}

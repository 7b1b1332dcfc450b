//! Dates and instants as text: RFC 3339, no more and no less.

use jiff::Timestamp;
use jiff::civil::Date;

/// Whether this is a day of the calendar, written `YYYY-MM-DD`.
pub(crate) fn is_date(text: &str) -> bool {
    follows(text.as_bytes(), b"0000-00-00") && text.parse::<Date>().is_ok()
}

/// Reads `YYYY-MM-DDTHH:MM:SS`, up to nine digits of a fraction, and `Z` or an offset.
///
/// jiff alone would also take a space for `T`, a comma for the point and names of time zones.
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let (date_time, rest) = bytes.split_at_checked(19)?;
    if !follows(date_time, b"0000-00-00T00:00:00") {
        return None;
    }
    let zone = match rest.strip_prefix(b".") {
        Some(fraction) => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if !(1..=9).contains(&digits) {
                return None;
            }
            &fraction[digits..]
        }
        None => rest,
    };
    if is_zone(zone) { text.parse().ok() } else { None }
}

/// `Z`, or an offset of less than a day; jiff would take `+25:59`.
fn is_zone(zone: &[u8]) -> bool {
    matches!(zone, b"Z" | b"z") || ((follows(zone, b"+00:00") || follows(zone, b"-00:00")) && &zone[1..3] < b"24")
}

/// Whether the text has the form: `0` stands for a digit, `T` for either case, anything else for itself.
fn follows(text: &[u8], form: &[u8]) -> bool {
    text.len() == form.len()
        && text.iter().zip(form).all(|(byte, wanted)| match wanted {
            b'0' => byte.is_ascii_digit(),
            b'T' => byte.eq_ignore_ascii_case(&b't'),
            other => byte == other,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_a_day_of_the_calendar() {
        for (text, good) in [
            ("2000-08-12", true),
            ("2024-02-29", true),
            ("2023-02-29", false),
            ("2000-8-12", false),
            ("2000-08-12T00:00:00Z", false),
            ("12.08.2000", false),
            ("20000812", false),
            ("", false),
        ] {
            assert_eq!(is_date(text), good, "{text}");
        }
    }

    #[test]
    fn an_instant_has_a_zone_and_at_most_nine_digits_of_a_fraction() {
        for (text, good) in [
            ("2020-09-30T07:43:32Z", true),
            ("2020-09-30t07:43:32z", true),
            ("2020-09-30T07:43:32.1Z", true),
            ("2020-09-30T07:43:32.123456789+05:30", true),
            ("2020-09-30T07:43:32-11:00", true),
            ("2020-09-30T07:43:32+23:59", true),
            ("2020-09-30T07:43:32+24:00", false),
            ("2020-09-30T07:43:32+02:60", false),
            ("2020-09-30T07:43:32.1234567890Z", false),
            ("2020-09-30T07:43:32.Z", false),
            ("2020-09-30T07:43:32", false),
            ("2020-09-30 07:43:32Z", false),
            ("2020-09-30", false),
            ("2020-09-30T25:43:32Z", false),
            ("2020-09-31T07:43:32Z", false),
            ("2020-09-30T07:43:32Z[Europe/Brussels]", false),
            ("2020-09-30T07:43:32ü", false),
            ("1601451812", false),
        ] {
            assert_eq!(instant(text).is_some(), good, "{text}");
        }
    }
}

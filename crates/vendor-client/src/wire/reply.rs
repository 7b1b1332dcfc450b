//! What a vendor answered, and what its headers say about waiting.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};
use jiff::Timestamp;

/// Whoever asks for a longer wait asks for this one: no quota lasts longer than a month.
const LONGEST_WAIT: Duration = Duration::from_hours(31 * 24);

/// What a vendor answered, whatever its status. `Debug` shows neither body nor headers.
#[derive(Clone)]
pub struct VendorReply {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl VendorReply {
    /// How long `Retry-After` asks to wait. A date counts from the answer's own `Date`; without one it says nothing.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        let answered = text(&self.headers, DATE.as_str()).and_then(http_date);
        wait(text(&self.headers, RETRY_AFTER.as_str())?, answered)
    }

    /// How long the header `name` asks to wait: seconds, or a date, counted from the answer's own or from `now`.
    pub(crate) fn wait_header(&self, name: &str, now: Timestamp) -> Option<Duration> {
        let answered = text(&self.headers, DATE.as_str()).and_then(http_date);
        wait(text(&self.headers, name)?, answered.or(Some(now)))
    }
}

impl fmt::Debug for VendorReply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "VendorReply({}, {} bytes)", self.status, self.body.len())
    }
}

pub(crate) fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn wait(text: &str, answered: Option<Timestamp>) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<f64>() {
        let is_number = !seconds.is_nan();
        let wait = || Duration::try_from_secs_f64(seconds.min(LONGEST_WAIT.as_secs_f64())).ok();
        return is_number.then(wait).flatten();
    }
    let wait = http_date(text)?.duration_since(answered?);
    Some(Duration::try_from(wait).unwrap_or(Duration::ZERO).min(LONGEST_WAIT))
}

pub(crate) fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(headers: &[(&'static str, &'static str)]) -> VendorReply {
        let headers = headers
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), http::HeaderValue::from_static(value)))
            .collect();
        VendorReply { status: 429, headers, body: Bytes::new() }
    }

    #[test]
    fn a_wait_in_seconds_or_as_a_date() {
        let date = ("date", "Sun, 06 Nov 1994 08:49:00 GMT");
        for (headers, expected) in [
            (vec![("retry-after", "3")], Some(Duration::from_secs(3))),
            (vec![("retry-after", " 1.5 ")], Some(Duration::from_millis(1500))),
            (vec![("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"), date], Some(Duration::from_secs(37))),
            (vec![("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT"), date], Some(Duration::ZERO)),
            (vec![("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")], None),
            (vec![("retry-after", "99999999999999999999999999")], Some(LONGEST_WAIT)),
            (vec![("retry-after", "inf")], Some(LONGEST_WAIT)),
            (vec![("retry-after", "Wed, 31 Dec 9000 23:59:59 GMT"), date], Some(LONGEST_WAIT)),
            (vec![("retry-after", "-1")], None),
            (vec![("retry-after", "NaN")], None),
            (vec![("retry-after", "soon")], None),
            (vec![], None),
        ] {
            assert_eq!(reply(&headers).retry_after(), expected, "{headers:?}");
        }
    }

    #[test]
    fn without_its_own_date_an_answer_is_from_now() {
        let now = "1994-11-06T08:49:30Z".parse().expect("timestamp");
        let reply = reply(&[("x-wait", "Sun, 06 Nov 1994 08:49:37 GMT")]);
        assert_eq!(reply.wait_header("X-Wait", now), Some(Duration::from_secs(7)));
    }

    #[test]
    fn debug_shows_no_record() {
        let reply = VendorReply { body: Bytes::from_static(b"jane"), ..reply(&[("set-cookie", "secret")]) };
        assert_eq!(format!("{reply:?}"), "VendorReply(429, 4 bytes)");
    }
}

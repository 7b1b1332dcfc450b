//! What a vendor says of its own limits.

use connector_catalog::LimitHeaders;
use jiff::Timestamp;

use crate::wire::reply::{VendorReply, http_date, text};

/// A smaller number cannot be a time since 1970: it is a time from now on.
const FIRST_UNIX_SECOND: f64 = 1e9;
/// A larger number counts milliseconds since 1970.
const LAST_UNIX_SECOND: f64 = 1e11;

/// What a vendor says about its own limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RateLimit {
    /// How many requests it allows in its window.
    pub limit: Option<u64>,
    /// How many of them are left.
    pub remaining: Option<u64>,
    /// When the window ends, in seconds since 1970.
    pub reset: Option<u64>,
}

impl RateLimit {
    /// What the headers that the definition names say, or else the usual ones (`x-ratelimit-*`, `x-rate-limit-*`, `ratelimit-*`,
    /// and the one header `ratelimit` of later drafts); `None` where they say nothing.
    pub(crate) fn of(reply: &VendorReply, headers: &LimitHeaders, now: Timestamp) -> Option<Self> {
        let found = Self {
            limit: first(reply, headers.limit.as_deref(), "limit").and_then(leading_number),
            remaining: first(reply, headers.remaining.as_deref(), "remaining").and_then(leading_number),
            reset: first(reply, headers.reset.as_deref(), "reset").and_then(|text| unix_seconds(text, now)),
        };
        let found = if found == Self::default() { Self::of_one_header(reply, now) } else { found };
        (found != Self::default()).then_some(found)
    }

    /// `limit=100, remaining=50, reset=30`, or `"default";r=50;t=30`.
    fn of_one_header(reply: &VendorReply, now: Timestamp) -> Self {
        let Some(text) = text(&reply.headers, "ratelimit") else { return Self::default() };
        let members = || text.split([',', ';']).filter_map(|member| member.trim().split_once('='));
        let member = |names: [&str; 2]| members().find(|(name, _)| names.contains(name)).map(|(_, value)| value);
        Self {
            limit: member(["limit", "q"]).and_then(leading_number),
            remaining: member(["remaining", "r"]).and_then(leading_number),
            reset: member(["reset", "t"]).and_then(|text| unix_seconds(text, now)),
        }
    }
}

fn first<'r>(reply: &'r VendorReply, own: Option<&str>, member: &str) -> Option<&'r str> {
    let usual = ["x-ratelimit", "x-rate-limit", "ratelimit"].map(|family| format!("{family}-{member}"));
    let mut names = own.into_iter().chain(usual.iter().map(String::as_str));
    names.find_map(|name| text(&reply.headers, name))
}

/// Some vendors write `100, 100;w=60`.
fn leading_number(text: &str) -> Option<u64> {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

/// Seconds from now, seconds or milliseconds since 1970, or a date: vendors write all of them.
fn unix_seconds(text: &str, now: Timestamp) -> Option<u64> {
    let end = text.find([',', ';']).unwrap_or(text.len());
    let Ok(number) = text[..end].trim().parse::<f64>() else {
        let date = http_date(text).or_else(|| text.parse().ok())?;
        return u64::try_from(date.as_second()).ok();
    };
    let seconds = if number < FIRST_UNIX_SECOND {
        u64::try_from(now.as_second()).ok()?.checked_add(whole_seconds(number)?)?
    } else if number > LAST_UNIX_SECOND {
        whole_seconds(number / 1000.0)?
    } else {
        whole_seconds(number)?
    };
    Some(seconds)
}

/// Rounded up: before that the vendor would refuse.
fn whole_seconds(number: f64) -> Option<u64> {
    std::time::Duration::try_from_secs_f64(number.ceil()).ok().map(|duration| duration.as_secs())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn read(named: &LimitHeaders, headers: &[(&'static str, &'static str)]) -> Option<RateLimit> {
        let headers = headers
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), http::HeaderValue::from_static(value)))
            .collect();
        let now = Timestamp::constant(1_700_000_000, 0);
        RateLimit::of(&VendorReply { status: 429, headers, body: Bytes::new() }, named, now)
    }

    #[test]
    fn limits_in_their_usual_spellings() {
        let all = Some(RateLimit { limit: Some(100), remaining: Some(0), reset: Some(1_700_000_030) });
        for family in [
            ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"],
            ["x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset"],
            ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"],
        ] {
            let spelled = [(family[0], "100, 100;w=60"), (family[1], "0"), (family[2], "30")];
            assert_eq!(read(&LimitHeaders::default(), &spelled), all);
        }
        assert_eq!(read(&LimitHeaders::default(), &[("ratelimit", "limit=100, remaining=0, reset=30")]), all);
        assert_eq!(read(&LimitHeaders::default(), &[("x-ratelimit-limit", "many")]), None);
        let only = RateLimit { remaining: Some(7), ..RateLimit::default() };
        assert_eq!(read(&LimitHeaders::default(), &[("x-rate-limit-remaining", "7")]), Some(only));
    }

    #[test]
    fn the_definitions_own_names_come_first() {
        let named = LimitHeaders { limit: Some("x-acme-max".to_owned()), remaining: None, reset: None };
        let found = read(&named, &[("x-acme-max", "5"), ("x-ratelimit-limit", "9"), ("x-ratelimit-remaining", "4")]);
        assert_eq!(found, Some(RateLimit { limit: Some(5), remaining: Some(4), reset: None }));
    }

    #[test]
    fn a_reset_is_a_time_however_it_is_written() {
        for (written, expected) in [
            ("2", Some(1_700_000_002)),
            ("0", Some(1_700_000_000)),
            ("1.2", Some(1_700_000_002)),
            ("30;w=60", Some(1_700_000_030)),
            ("1700000060", Some(1_700_000_060)),
            ("1700000060000", Some(1_700_000_060)),
            ("Tue, 14 Nov 2023 22:14:20 GMT", Some(1_700_000_060)),
            ("2023-11-14T22:14:20Z", Some(1_700_000_060)),
            ("-1", None),
            ("soon", None),
            ("nan", None),
        ] {
            let found = read(&LimitHeaders::default(), &[("x-ratelimit-reset", written)]);
            assert_eq!(found.and_then(|limit| limit.reset), expected, "{written}");
        }
    }
}

//! Whether a safe request is tried again, and how long to wait before.

use std::time::Duration;

use connector_catalog::RetryPolicy;
use jiff::Timestamp;

use crate::error::VendorError;
use crate::wire::reply::VendorReply;

/// How long to wait after attempt number `attempt` (the first is 1); `None`: its outcome stands.
pub(crate) fn wait_before_repeat(
    policy: &RetryPolicy,
    attempt: u32,
    outcome: &Result<VendorReply, VendorError>,
    now: Timestamp,
    chance: fn() -> f64,
) -> Option<Duration> {
    if attempt >= policy.attempts {
        return None;
    }
    match outcome {
        Ok(reply) if policy.on.contains(&reply.status) => {
            let asked = policy.wait_header.as_ref().and_then(|name| reply.wait_header(name, now));
            Some(asked.unwrap_or_else(|| backoff(policy, attempt, chance)))
        }
        Err(VendorError::Unreachable { .. } | VendorError::Broken { .. }) => Some(backoff(policy, attempt, chance)),
        Ok(_)
        | Err(
            VendorError::Forbidden { .. }
            | VendorError::Timeout { .. }
            | VendorError::TooLarge { .. }
            | VendorError::LimiterFull { .. }
            | VendorError::Settings(_)
            | VendorError::Credentials(_),
        ) => None,
    }
}

fn backoff(policy: &RetryPolicy, attempt: u32, chance: fn() -> f64) -> Duration {
    let shortened = if policy.jitter { 1.0 - chance() / 2.0 } else { 1.0 };
    let doublings = i32::try_from(attempt - 1).unwrap_or(i32::MAX);
    let seconds = policy.base.as_secs_f64() * policy.factor.powi(doublings) * shortened;
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn policy() -> RetryPolicy {
        RetryPolicy {
            on: vec![429, 503],
            attempts: 4,
            base: Duration::from_millis(300),
            factor: 2.0,
            jitter: false,
            wait_header: Some("Retry-After".to_owned()),
        }
    }

    fn status(status: u16) -> VendorReply {
        VendorReply { status, headers: http::HeaderMap::new(), body: Bytes::new() }
    }

    fn wait(policy: &RetryPolicy, attempt: u32, outcome: &Result<VendorReply, VendorError>) -> Option<Duration> {
        wait_before_repeat(policy, attempt, outcome, Timestamp::UNIX_EPOCH, || 1.0)
    }

    #[test]
    fn waits_grow_until_the_attempts_are_used_up() {
        let waits: Vec<_> = (1..=4).map(|attempt| wait(&policy(), attempt, &Ok(status(503)))).collect();
        let expected = [300, 600, 1200].map(|milliseconds| Some(Duration::from_millis(milliseconds)));
        assert_eq!(waits[..3], expected);
        assert_eq!(waits[3], None);
    }

    #[test]
    fn chance_shortens_a_wait_by_up_to_half() {
        let policy = RetryPolicy { jitter: true, ..policy() };
        assert_eq!(wait(&policy, 1, &Ok(status(503))), Some(Duration::from_millis(150)));
    }

    #[test]
    fn a_wait_that_no_clock_can_hold_is_the_longest() {
        let policy = RetryPolicy { attempts: u32::MAX, ..policy() };
        assert_eq!(wait(&policy, 100_000, &Ok(status(503))), Some(Duration::MAX));
    }

    #[test]
    fn only_what_may_pass_is_repeated() {
        let host = || "api.vendor.test".to_owned();
        for (outcome, repeated) in [
            (Ok(status(200)), false),
            (Ok(status(404)), false),
            (Ok(status(500)), false),
            (Ok(status(429)), true),
            (Err(VendorError::Broken { host: host(), reason: String::new() }), true),
            (Err(VendorError::Unreachable { host: host(), reason: String::new() }), true),
            (Err(VendorError::Forbidden { host: host(), reason: String::new() }), false),
            (Err(VendorError::TooLarge { limit_bytes: 1 }), false),
            (Err(VendorError::Timeout { sent: true }), false),
            (Err(VendorError::LimiterFull { retry_after: Duration::ZERO }), false),
        ] {
            assert_eq!(wait(&policy(), 1, &outcome).is_some(), repeated, "{outcome:?}");
        }
    }
}

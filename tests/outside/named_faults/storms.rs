//! Refusals without end: too many requests, out of order, never authorised.

use super::{CREDENTIALS, EXECUTION, Fault, RATE_LIMIT, error, unknown, whole};

/// A vendor that says so to every request: `calls` is how often a read asks.
fn limited(name: &'static str, more: &str, calls: usize) -> Fault {
    Fault::says(name, whole(429, more, "{}"), error(429, RATE_LIMIT, calls), error(429, RATE_LIMIT, 1))
}

fn down(name: &'static str, status: u16, more: &str, calls: usize) -> Fault {
    Fault::says(name, whole(status, more, "{\"message\":\"later\"}"), error(status, EXECUTION, calls), unknown(1))
}

fn refused(name: &'static str, status: u16, type_name: &'static str, body: &str) -> Fault {
    let owed = error(status, type_name, 1);
    Fault::says(name, whole(status, "", body), owed, owed)
}

pub(super) fn faults() -> Vec<Fault> {
    let mut faults = too_many();
    faults.extend(out_of_order());
    faults.extend(refusals());
    faults
}

fn too_many() -> Vec<Fault> {
    let date = "date: Sun, 06 Nov 1994 08:49:00 GMT\r\n";
    vec![
        limited("too many requests, for ever", "", 2),
        limited("too many requests, at once again", "retry-after: 0\r\n", 2),
        limited("too many requests, again tomorrow", "retry-after: 86400\r\n", 1),
        limited("too many requests, again in ten thousand years", "retry-after: 315360000000\r\n", 1),
        limited("too many requests, never again", "retry-after: 99999999999999999999999999\r\n", 1),
        limited("too many requests, again before now", "retry-after: -5\r\n", 2),
        limited("too many requests, again soon", "retry-after: soon\r\n", 2),
        limited("too many requests, again at no number", "retry-after: NaN\r\n", 2),
        limited("too many requests, infinitely", "retry-after: inf\r\n", 1),
        limited(
            "too many requests, again in the past",
            &format!("{date}retry-after: Sun, 06 Nov 1994 08:00:00 GMT\r\n"),
            2,
        ),
        limited(
            "too many requests, again in the past and no date",
            "retry-after: Sun, 06 Nov 1994 08:00:00 GMT\r\n",
            2,
        ),
        limited("too many requests, again in the year 9000", "retry-after: Wed, 31 Dec 9000 23:59:59 GMT\r\n", 1),
        limited("too many requests, again twice", "retry-after: 0\r\nretry-after: 86400\r\n", 2),
        Fault::says(
            "too many requests, for people",
            whole(429, "", "<p>slow down</p>"),
            error(429, RATE_LIMIT, 2),
            error(429, RATE_LIMIT, 1),
        ),
        Fault::says(
            "too many requests, cut off",
            "HTTP/1.1 429 X\r\ncontent-length: 99\r\nconnection: close\r\n\r\n{",
            error(429, RATE_LIMIT, 2),
            error(429, RATE_LIMIT, 1),
        ),
    ]
}

fn out_of_order() -> Vec<Fault> {
    let page = |name, status| Fault::says(name, whole(status, "", "<p>oops</p>"), error(502, EXECUTION, 2), unknown(1));
    vec![
        down("out of order, for ever", 503, "", 2),
        down("out of order, at once again", 503, "retry-after: 0\r\n", 2),
        down("out of order until tomorrow", 503, "retry-after: 86400\r\n", 1),
        down("broken for ever", 500, "", 2),
        down("a gateway that breaks", 502, "", 2),
        down("a gateway that waits", 504, "", 2),
        down("a request that took too long", 408, "", 2),
        down("no room", 507, "", 1),
        down("a network that asks who is there", 511, "", 1),
        page("a page for people with a 500", 500),
        page("a page for people with a 503", 503),
    ]
}

fn refusals() -> Vec<Fault> {
    vec![
        refused("a refusal", 403, EXECUTION, "{\"message\":\"no\"}"),
        refused("a refusal for people", 403, EXECUTION, "<p>no</p>"),
        refused("a refusal that is half a document", 400, EXECUTION, "{\"mess"),
        refused("a conflict", 409, EXECUTION, "{}"),
        refused("a proxy that asks who is there", 407, EXECUTION, ""),
        refused("a teapot", 418, EXECUTION, ""),
        refused("credentials that are never good", 401, CREDENTIALS, "{}"),
        refused("credentials that are never good, for people", 401, CREDENTIALS, "<p>no</p>"),
    ]
}

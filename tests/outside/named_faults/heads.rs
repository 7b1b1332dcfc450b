//! Status lines and headers that are none, too long, without end, or contradict themselves.

use std::fmt::Write as _;

use super::vendor::Act;
use super::{FINE, Fault, breaks, broken, head, odd, ok, stalls, unusable, whole};

pub(super) fn faults() -> Vec<Fault> {
    let mut faults = status_lines();
    faults.extend(interim_answers());
    faults.extend(headers());
    faults.extend(statuses());
    faults
}

fn endless(name: &'static str, begins: &str, again: &str) -> Fault {
    breaks(name, vec![Act::Hear, Act::Say(begins.into()), Act::SayAgain(again.into())])
}

fn status_lines() -> Vec<Fault> {
    let long_reason = format!("HTTP/1.1 200 {}\r\n", "x".repeat(1024 * 1024));
    vec![
        broken("another protocol", "SSH-2.0-OpenSSH_9.6\r\n"),
        broken("the preface of HTTP/2", b"\x00\x00\x12\x04\x00\x00\x00\x00\x00".as_slice()),
        broken("a body and nothing before it", FINE),
        broken("a version to come", "HTTP/3.0 200 OK\r\ncontent-length: 0\r\n\r\n"),
        broken("a version in small letters", "http/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
        broken("a status that is no number", "HTTP/1.1 abc OK\r\n\r\n"),
        broken("a status of two digits", "HTTP/1.1 20 OK\r\n\r\n"),
        broken("a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n"),
        broken("a status of zeroes", "HTTP/1.1 000 X\r\ncontent-length: 0\r\n\r\n"),
        broken("a reason of a megabyte", long_reason),
        broken("a reason with a zero byte", "HTTP/1.1 200 O\0K\r\ncontent-length: 0\r\n\r\n"),
        endless("a status line without end", "HTTP/1.1 200 ", &"x".repeat(4096)),
        odd("an answer of HTTP/1.0 that ends with its connection", format!("HTTP/1.0 200 OK\r\n\r\n{FINE}")),
        odd(
            "no reason at all",
            format!("HTTP/1.1 200\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{FINE}", FINE.len()),
        ),
    ]
}

fn interim_answers() -> Vec<Fault> {
    let hundred = "HTTP/1.1 100 Continue\r\n\r\n";
    let mut thousand = hundred.repeat(1000).into_bytes();
    thousand.extend(ok(FINE));
    vec![
        broken(
            "another protocol from now on",
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n",
        ),
        odd("a thousand interim answers and then one", thousand),
        broken("an interim answer and nothing more", hundred),
        stalls("interim answers without end", vec![Act::Hear, Act::Drip(hundred.repeat(100).into_bytes())]),
    ]
}

fn headers() -> Vec<Fault> {
    let numbered = |count: usize| {
        (0..count).fold(String::new(), |mut text, number| {
            let _ = write!(text, "x-{number}: y\r\n");
            text
        })
    };
    let with = |more: &str| head(more) + FINE;
    vec![
        endless("headers without end", "HTTP/1.1 200 OK\r\n", &numbered(100)),
        endless("a header without end", "HTTP/1.1 200 OK\r\nx: ", &"y".repeat(4096)),
        broken("a hundred headers and more", with(&numbered(101))),
        broken("a header of a megabyte", with(&format!("x: {}\r\n", "y".repeat(1024 * 1024)))),
        broken("a header without a colon", with("x y\r\n")),
        broken("a header with a blank in its name", with("x y: 1\r\n")),
        broken("a header with a zero byte", with("x: \0\r\n")),
        broken("a header without a name", with(": y\r\n")),
        broken("a header that goes on in the next line", with("x: y\r\n more\r\n")),
        broken("two lengths that differ", with("content-length: 2\r\ncontent-length: 3\r\n")),
        broken("a length that is no number", with("content-length: two\r\n")),
        broken("a length below nothing", with("content-length: -1\r\n")),
        broken("a length with a sign", with("content-length: +41\r\n")),
        broken("a length in hexadecimal", with("content-length: 0x29\r\n")),
        broken("a length that no number holds", with("content-length: 99999999999999999999999\r\n")),
        unusable("a length of exabytes", with("content-length: 9223372036854775807\r\n")),
        odd("the same length twice", with(&format!("content-length: {0}\r\ncontent-length: {0}\r\n", FINE.len()))),
        odd("an encoding of the transfer that is not chunked", with("transfer-encoding: gzip\r\n")),
        odd(
            "a length beside chunks",
            head("content-length: 3\r\ntransfer-encoding: chunked\r\n")
                + &format!("{:x}\r\n{FINE}\r\n0\r\n\r\n", FINE.len()),
        ),
        odd(
            "a header that is no text",
            [b"HTTP/1.1 200 OK\r\nconnection: close\r\nx: \xff\xfe\r\n\r\n".as_slice(), FINE.as_bytes()].concat(),
        ),
    ]
}

fn statuses() -> Vec<Fault> {
    vec![
        unusable("a status of nobody", whole(600, "", FINE)),
        unusable("the last status of all", whole(999, "", FINE)),
        unusable("a part of what was asked for", whole(206, "content-range: bytes 0-40/999\r\n", FINE)),
    ]
}

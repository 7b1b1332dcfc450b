//! Redirects that lead inwards, round and round, or nowhere.

use super::vendor::{Act, Ground};
use super::{EXECUTION, FINE, Fault, error, head, odd, ok, success, unknown, unusable};

/// Where a vendor may send somebody who must not go there.
const AWAY: [(&str, &str); 14] = [
    ("to the metadata of a cloud", "http://169.254.169.254/latest"),
    ("to another port", "http://127.0.0.1:1/people"),
    ("to itself over IPv6", "http://[::1]/people"),
    ("to an inner address over IPv6", "http://[fd00:ec2::254]/latest"),
    ("to an inner address within one of IPv6", "http://[::ffff:169.254.169.254]/latest"),
    ("to an inner address as one number", "http://2852039166/latest"),
    ("to an inner address in octal digits", "http://0251.0376.0251.0376/latest"),
    ("to an inner host and the same scheme", "//169.254.169.254/latest"),
    ("to a name of the machine's own", "http://localhost/people"),
    ("to a file", "file:///etc/passwd"),
    ("to a script", "javascript:alert(1)"),
    ("to another protocol", "gopher://127.0.0.1:70/_x"),
    ("to no address", "http://"),
    ("to an address with blanks", "http://a b/"),
];

fn redirect(status: u16, to: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} X\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").into()
}

pub(super) fn faults() -> Vec<Fault> {
    let mut faults: Vec<Fault> = AWAY.into_iter().map(|(name, to)| unusable(name, redirect(302, to))).collect();
    faults.extend(by_itself());
    faults.extend(without_a_way());
    faults.extend(addresses());
    faults
}

/// Redirects to the vendor itself, which a read follows three times and a write never.
fn by_itself() -> Vec<Fault> {
    let round = |name, status, to| {
        let acts = vec![Act::Hear, Act::Say(redirect(status, to))];
        Fault::new(name, acts, error(502, EXECUTION, 4), unknown(1))
    };
    let once = |name, status| {
        let sessions =
            vec![vec![Act::Hear, Act::Say(redirect(status, "/people"))], vec![Act::Hear, Act::Say(ok(FINE))]];
        Fault { sessions, ..Fault::new(name, Vec::new(), success(200, 2), unknown(1)) }
    };
    vec![
        round("round and round", 301, "/people"),
        round("round and round for a while", 302, "?x=y"),
        round("round and round, elsewhere", 303, "/people"),
        round("round and round by the same method", 307, "/people"),
        round("round and round for good", 308, "/people"),
        round("back to where it was", 302, ""),
        once("moved once", 301),
        once("moved once, by the same method", 307),
        Fault::new(
            "from TLS to none",
            vec![Act::Hear, Act::Say(redirect(302, "http://127.0.0.1/people"))],
            error(502, EXECUTION, 1),
            unknown(1),
        )
        .on(Ground::Tls("good")),
    ]
}

fn without_a_way() -> Vec<Fault> {
    let plain = |status: u16| format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let long = format!("http://127.0.0.1/{}", "x".repeat(100_000));
    let no_text = [b"HTTP/1.1 302 X\r\nconnection: close\r\nlocation: /\xff\r\n\r\n".as_slice()].concat();
    vec![
        unusable("a redirect to nowhere", plain(302)),
        unusable("several choices and none told", plain(300)),
        unusable("use a proxy", plain(305)),
        unusable("a way of a hundred thousand letters", redirect(302, &long)),
        unusable("a way that is no text", no_text),
        odd("a way beside an answer", head("location: http://169.254.169.254/\r\n") + FINE),
    ]
}

/// Addresses that a consumer gave and that nobody may be sent to.
fn addresses() -> Vec<Fault> {
    let inward = |name, home| {
        let owed = error(422, super::SETTINGS, 0);
        Fault::new(name, Vec::new(), owed, owed).on(Ground::Elsewhere(home))
    };
    vec![
        inward("an inner address", "https://10.0.0.1"),
        inward("the metadata of a cloud", "https://169.254.169.254"),
        inward("an inner address of IPv6", "https://[fd00:ec2::254]"),
        inward("an inner address within IPv6", "https://[::ffff:10.0.0.1]"),
        inward("an inner address in one number", "https://167772161"),
        inward("the machine itself over IPv6", "https://[::1]"),
        inward("a plain address that is not allowed", "http://192.0.2.1"),
    ]
}

//! A vendor that refuses its own tokens, and token end-points that are as bad as any other: one renewal, one repeat, and no more.

use super::vendor::Act;
use super::{CREDENTIALS, EXECUTION, Fault, Owed, RATE_LIMIT, SHOAL, error, success, whole};

/// Why there is no new token although there could be.
const UNAUTHORIZED: &str = "UnauthorizedError";

const RENEWED: &str = r#"{"access_token":"second","refresh_token":"next","token_type":"bearer","expires_in":3600}"#;

fn never_good() -> Vec<Act> {
    vec![Act::Hear, Act::Say(whole(401, "", "{}"))]
}

/// The vendor refuses the token, and the token end-point does this.
fn renewal(name: &'static str, acts: Vec<Act>, owed: Owed<'static>) -> Fault {
    let sessions = vec![never_good(), acts, never_good()];
    Fault { service: SHOAL, sessions, ..Fault::new(name, Vec::new(), owed, owed) }
}

fn answered(name: &'static str, says: impl Into<Vec<u8>>, owed: Owed<'static>) -> Fault {
    renewal(name, vec![Act::Hear, Act::Say(says.into())], owed)
}

pub(super) fn faults() -> Vec<Fault> {
    let failed = error(401, UNAUTHORIZED, 2);
    let ended = error(401, CREDENTIALS, 2);
    let blanks = " ".repeat(64 * 1024);
    let endless = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";
    let once = vec![
        never_good(),
        vec![Act::Hear, Act::Say(whole(200, "", RENEWED))],
        vec![Act::Hear, Act::Say(whole(200, "", super::FINE))],
    ];
    vec![
        answered("tokens that are never good", whole(200, "", RENEWED), error(401, CREDENTIALS, 3)),
        Fault {
            service: SHOAL,
            sessions: once,
            ..Fault::new("a token that is over, and a new one", Vec::new(), success(200, 3), success(201, 3))
        },
        answered("a grant that is over", whole(400, "", r#"{"error":"invalid_grant"}"#), ended),
        answered("a client that nobody knows", whole(401, "", r#"{"error":"invalid_client"}"#), failed),
        answered("a token end-point that is out of order", whole(503, "", "{}"), failed),
        answered("a token end-point with a page for people", whole(200, "", "<p>hello</p>"), failed),
        answered("a token end-point that answers nothing", whole(200, "", ""), failed),
        answered("a token that is empty", whole(200, "", r#"{"access_token":"","token_type":"bearer"}"#), failed),
        answered("an answer without a token", whole(200, "", r#"{"token_type":"bearer"}"#), failed),
        answered("a token that is cut off", whole(200, "", &RENEWED[..40]), failed),
        answered(
            "a token that no header can hold",
            whole(200, "", RENEWED.replace("second", "se\\ncond")),
            error(422, super::SETTINGS, 2),
        ),
        answered(
            "a token end-point that sends somebody elsewhere",
            "HTTP/1.1 307 X\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            failed,
        ),
        answered(
            "a token end-point with too many requests",
            whole(429, "retry-after: 7\r\n", "{}"),
            error(429, RATE_LIMIT, 2),
        ),
        answered(
            "a token end-point with too many requests, never again",
            whole(429, "retry-after: 99999999999999999999999999\r\n", "{}"),
            error(429, RATE_LIMIT, 2),
        ),
        renewal("a token end-point that hangs up", vec![Act::Hear], failed),
        renewal("a token end-point that resets", vec![Act::Hear, Act::Reset], failed),
        renewal("a token end-point that stalls", vec![Act::Hear, Act::Stall], error(504, EXECUTION, 2)),
        renewal(
            "a token end-point without end",
            vec![Act::Hear, Act::Say(endless.into()), Act::SayAgain(blanks.into())],
            failed,
        ),
    ]
}

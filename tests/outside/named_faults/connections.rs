//! Connections that are refused, closed, reset and stalled, at each stage.

use super::vendor::{Act, Ground};
use super::{EXECUTION, Fault, breaks, error, head, stalls, unknown, unreachable};

/// What a vendor has said when it goes away or falls silent.
const STAGES: [(&str, &str, &str, &str, &str); 7] = [
    ("HTTP/1.1 2", "closes in the status line", "resets in the status line", "stalls in the status line", ""),
    ("HTTP/1.1 200 OK\r\ncontent-le", "closes in the headers", "resets in the headers", "stalls in the headers", ""),
    ("content-length: 100", "closes in the body", "resets in the body", "stalls in the body", "{\"id\":7,"),
    (
        "transfer-encoding: chunked",
        "closes in a chunk's size",
        "resets in a chunk's size",
        "stalls in a chunk's size",
        "1",
    ),
    ("transfer-encoding: chunked", "closes in a chunk", "resets in a chunk", "stalls in a chunk", "100\r\n{\"id\":7,"),
    (
        "transfer-encoding: chunked",
        "closes between chunks",
        "resets between chunks",
        "stalls between chunks",
        "8\r\n{\"id\":7,\r\n",
    ),
    (
        "transfer-encoding: chunked",
        "closes in the trailers",
        "resets in the trailers",
        "stalls in the trailers",
        "8\r\n{\"id\":7}\r\n0\r\nx: ",
    ),
];

pub(super) fn faults() -> Vec<Fault> {
    let mut faults = at_every_stage();
    faults.extend(before_an_answer());
    faults.extend(slowly());
    faults
}

fn at_every_stage() -> Vec<Fault> {
    let mut faults = Vec::new();
    for (begins, closes, resets, silent, body) in STAGES {
        let said = if body.is_empty() { begins.to_owned() } else { head(&format!("{begins}\r\n")) + body };
        let then = |act: Option<Act>| [Act::Hear, Act::Say(said.clone().into())].into_iter().chain(act).collect();
        faults.push(breaks(closes, then(None)));
        faults.push(breaks(resets, then(Some(Act::Reset))));
        faults.push(stalls(silent, then(Some(Act::Stall))));
    }
    faults
}

fn before_an_answer() -> Vec<Fault> {
    let heard_nothing = |name, acts| Fault::new(name, acts, error(502, EXECUTION, 0), unknown(0));
    vec![
        unreachable("refuses connections", Ground::Nobody, Vec::new()),
        unreachable("takes no connection from its queue", Ground::Full, Vec::new()),
        heard_nothing("hangs up at once", Vec::new()),
        Fault::new("never reads", vec![Act::Stall], error(504, EXECUTION, 0), unknown(0)),
        breaks("resets within the request", vec![Act::HearSome, Act::Reset]),
        stalls("stalls within the request", vec![Act::HearSome, Act::Stall]),
        breaks("hangs up after the request", vec![Act::Hear]),
        breaks("resets after the request", vec![Act::Hear, Act::Reset]),
        stalls("stalls after the request", vec![Act::Hear, Act::Stall]),
        breaks("resets a body without a length", vec![Act::Hear, Act::Say(head("").into()), Act::Reset]),
        stalls("stalls in a body without a length", vec![Act::Hear, Act::Say(head("").into()), Act::Stall]),
    ]
}

fn slowly() -> Vec<Fault> {
    let after = |said: &str, byte| vec![Act::Hear, Act::Say(said.into()), Act::Drip(vec![byte])];
    let chunk = head("transfer-encoding: chunked\r\n") + "ffff\r\n";
    vec![
        stalls("a status line by the drop", after("HTTP/1.1 200 ", b'O')),
        stalls("a header by the drop", after("HTTP/1.1 200 OK\r\nx: ", b'y')),
        stalls("a body by the drop", after(&head("content-length: 9999\r\n"), b' ')),
        stalls("a chunk by the drop", after(&chunk, b' ')),
    ]
}

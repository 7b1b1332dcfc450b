//! Answers that nobody asked for: more than one at once, behind another, before the request ends. None may reach another call.

use std::sync::Arc;

use super::vendor::{Act, Ground, Vendor};
use super::{Bed, FINE, Fault, POISON, REEF, ok, success, unknown};

/// An answer on a connection that stays.
fn stays(status: u16, body: &str) -> String {
    format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn poison() -> String {
    stays(200, &FINE.replace("Ada", POISON))
}

/// What is said to one request, with more than that behind it.
fn says_more() -> Vec<(&'static str, String)> {
    let fine = stays(200, FINE);
    let chunked =
        format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{FINE}\r\n0\r\n\r\n", FINE.len());
    vec![
        ("two answers at once", fine.clone() + &poison()),
        ("a hundred answers at once", fine.clone() + &poison().repeat(100)),
        ("an answer behind the last chunk", chunked + &poison()),
        ("an interim answer behind an answer", fine.clone() + "HTTP/1.1 100 Continue\r\n\r\n" + &poison()),
        ("half an answer behind an answer", fine.clone() + &poison()[..30]),
        ("a farewell behind an answer", fine.clone() + &stays(408, POISON)),
        ("line breaks behind an answer", fine + "\r\n\r\n"),
    ]
}

pub(super) fn faults() -> Vec<Fault> {
    let fault = |(name, says): (&'static str, String)| {
        Fault::new(name, vec![Act::Hear, Act::Say(says.into()), Act::Stall], success(200, 1), success(201, 1))
    };
    let mut faults: Vec<Fault> = says_more().into_iter().map(fault).collect();
    faults.push(Fault::new(
        "an answer before the request ends",
        vec![Act::HearSome, Act::Say(ok(FINE))],
        success(200, 1),
        success(201, 1),
    ));
    faults.push(Fault::new(
        "nothing, and another answer in its body",
        vec![Act::Hear, Act::Say(format!("HTTP/1.1 204 X\r\n\r\n{}", poison()).into()), Act::Stall],
        success(200, 1),
        unknown(1),
    ));
    faults
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_asked_for_reaches_no_other_call() {
    let bed = Arc::new(Bed::new(super::CALL_SECONDS));
    for (number, (name, says)) in says_more().into_iter().enumerate() {
        // The same on every connection, as often as there are requests.
        let session: Vec<Act> = (0..20).flat_map(|_| [Act::Hear, Act::Say(says.clone().into())]).collect();
        let vendor = Vendor::start(Ground::Plain, vec![session]).await;
        let consumers = [format!("ada-{number}"), format!("bob-{number}")];
        for consumer in &consumers {
            bed.connect(REEF, consumer, &vendor.home()).await;
        }
        for _ in 0..5 {
            for consumer in &consumers {
                for (reply, status) in [(bed.read(REEF, consumer).await, 200), (bed.write(REEF, consumer).await, 201)] {
                    assert_eq!(reply.status, status, "{name}: {}", reply.text);
                    assert!(!reply.text.contains(POISON), "{name}: {}", reply.text);
                }
            }
        }
        assert_eq!(vendor.calls(), 20, "{name}");
    }
}

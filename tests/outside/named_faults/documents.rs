//! Documents that are no JSON, or JSON that no record comes in.

use super::vendor::Act;
use super::{FINE, Fault, error, odd, ok, success, unknown, unusable, whole};

pub(super) fn faults() -> Vec<Fault> {
    let mut faults = no_json();
    faults.extend(no_records());
    faults.extend(large());
    faults.extend(pages());
    faults
}

fn no_json() -> Vec<Fault> {
    let utf16: Vec<u8> = FINE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        unusable("a page for people", whole(200, "", "<!doctype html><p>Back soon</p>")),
        unusable("XML", whole(200, "", "<?xml version=\"1.0\"?><people/>")),
        unusable("half a document", ok("{\"id\":7,\"people\":[{\"id\":7,")),
        unusable("a document and another", ok(format!("{FINE}\n{FINE}"))),
        unusable("a document and a zero byte", ok(format!("{FINE}\0"))),
        unusable("blanks alone", ok(" \r\n\t ")),
        odd("UTF-16", ok(&utf16)),
        odd("UTF-16 with its mark", ok([b"\xff\xfe".as_slice(), &utf16].concat())),
        odd("UTF-8 with a mark", ok(format!("\u{feff}{FINE}"))),
        unusable("a text that is no UTF-8", ok(b"{\"id\":7,\"people\":[{\"id\":7,\"name\":\"\xff\xfe\"}]}")),
        unusable(
            "a text with a letter in too many bytes",
            ok(b"{\"id\":7,\"people\":[{\"id\":7,\"name\":\"\xc0\xaf\"}]}"),
        ),
        odd("half a pair of surrogates", ok(r#"{"id":7,"people":[{"id":7,"name":"\ud800"}]}"#)),
        unusable("a line break within a text", ok("{\"id\":7,\"people\":[{\"id\":7,\"name\":\"A\nda\"}]}")),
        unusable("not a number", ok(r#"{"id":7,"people":[{"id":7,"name":NaN}]}"#)),
        unusable("an infinite number", ok(r#"{"id":7,"people":[{"id":7,"name":-Infinity}]}"#)),
        unusable("a comma too many", ok(r#"{"id":7,"people":[{"id":7,"name":"Ada"},]}"#)),
        unusable("a remark", ok(format!("/* {FINE} */"))),
        unusable("texts in single quotes", ok("{'id':7,'people':[{'id':7}]}")),
        unusable("a hundred thousand brackets", ok("[".repeat(100_000))),
        unusable("a hundred thousand objects in one another", ok("{\"id\":".repeat(100_000))),
        unusable("a hundred thousand brackets beside a record", deep("[", "]")),
        unusable("a hundred thousand objects beside a record", deep("{\"x\":", "}")),
    ]
}

/// A document of a record and a member that is very deep.
fn deep(open: &str, close: &str) -> Vec<u8> {
    let (before, after) = (open.repeat(100_000), close.repeat(100_000));
    ok(format!("{{\"deep\":{before}1{after},{}", &FINE[1..]))
}

fn no_records() -> Vec<Fault> {
    let people = |people: &str| ok(format!("{{\"id\":{{}},\"people\":{people}}}"));
    vec![
        unusable("nothing at all", ok("null")),
        unusable("a yes", ok("true")),
        unusable("a number", ok("7")),
        unusable("a text", ok("\"done\"")),
        unusable("a list of lists", ok("[[]]")),
        unusable("an object of nothing", ok("{}")),
        unusable("an object in the place of a list", people("{\"id\":7}")),
        unusable("a text in the place of a list", people("\"none\"")),
        unusable("nothing in the place of a list", people("null")),
        unusable("a list of numbers", people("[1,2,3]")),
        unusable("a list of nothings", people("[null,null]")),
        unusable("a record without an id", people("[{\"name\":\"Ada\"}]")),
        unusable("a record whose id is null", people("[{\"id\":null,\"name\":\"Ada\"}]")),
        unusable("a record whose id is an object", people("[{\"id\":{},\"name\":\"Ada\"}]")),
        unusable("a record whose id is a blank", people("[{\"id\":\" \",\"name\":\"Ada\"}]")),
    ]
}

fn large() -> Vec<Fault> {
    let long = "x".repeat(1024 * 1024);
    let many = "\"name\":\"Eve\",".repeat(100_000);
    let record = |record: String| ok(format!("{{\"id\":7,\"people\":[{record}]}}"));
    let digits = "9".repeat(100_000);
    vec![
        odd("a hundred thousand names for one member", record(format!("{{{many}\"id\":7}}"))),
        odd("a name of a megabyte", record(format!("{{\"id\":7,\"name\":\"{long}\"}}"))),
        odd("a member whose name has a megabyte", record(format!("{{\"{long}\":1,\"id\":7}}"))),
        odd("a number of a hundred thousand digits", record(format!("{{\"id\":7,\"name\":{digits}}}"))),
        odd("a number beyond all numbers", record("{\"id\":7,\"name\":1e999999}".to_owned())),
        unusable(
            "millions of objects",
            ok(format!("{{\"id\":{{}},\"people\":[{}{{}}]}}", "{\"a\":{}},".repeat(3_000_000))),
        ),
        unusable("millions of empty lists", ok(format!("[{}[]]", "[],".repeat(6_000_000)))),
    ]
}

fn pages() -> Vec<Fault> {
    let page = |name, acts, calls| Fault::new(name, acts, success(200, calls), success(201, 1));
    vec![
        page("empty pages without end", vec![Act::Hear, Act::SayOf(next_empty)], 20),
        page("one cursor again and again", vec![Act::Hear, Act::Say(ok(r#"{"id":7,"people":[],"after":"same"}"#))], 2),
        Fault::new(
            "a page that breaks behind one that did not",
            vec![Act::Hear, Act::SayOf(then_none)],
            error(502, super::EXECUTION, 2),
            unknown(1),
        ),
    ]
}

fn next_empty(call: usize) -> Vec<u8> {
    ok(format!("{{\"id\":7,\"people\":[],\"after\":\"{call}\"}}"))
}

fn then_none(call: usize) -> Vec<u8> {
    if call == 1 { ok(r#"{"people":[],"after":"next"}"#) } else { ok("<p>") }
}

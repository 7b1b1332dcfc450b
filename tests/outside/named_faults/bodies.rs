//! Bodies of wrong lengths, chunks that are none, answers without end, and encodings that are bombs or lies.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};

use super::vendor::Act;
use super::{EXECUTION, FINE, Fault, breaks, broken, error, head, odd, stalls, success, unknown, unusable, whole};

/// A bomb comes to so many pieces of so many bytes, which is more than any answer may have.
const PIECE_BYTES: usize = 1024 * 1024;
const PIECES: usize = 1000;

pub(super) fn faults() -> Vec<Fault> {
    let mut faults = lengths();
    faults.extend(chunks());
    faults.extend(encodings());
    faults
}

fn lengths() -> Vec<Fault> {
    let silence = |status: &str| format!("HTTP/1.1 {status} X\r\nconnection: close\r\n\r\n{FINE}");
    let blanks = vec![b' '; 64 * 1024];
    let endless = |name, more: &str, says: Vec<u8>| {
        let acts = vec![Act::Hear, Act::Say(head(more).into()), Act::SayAgain(says)];
        Fault::new(name, acts, error(502, EXECUTION, 1), unknown(1))
    };
    let chunk = [b"10000\r\n".as_slice(), &blanks, b"\r\n"].concat();
    vec![
        broken("less than it announced", head("content-length: 100\r\n") + FINE),
        broken("a length and no body, as for HEAD", head("content-length: 41\r\n")),
        stalls(
            "a length and no body, and the connection stays",
            vec![Act::Hear, Act::Say("HTTP/1.1 200 OK\r\ncontent-length: 41\r\n\r\n".into()), Act::Stall],
        ),
        odd("more than it announced", head(&format!("content-length: {}\r\n", FINE.len())) + FINE + "poison"),
        unusable("a success without a body", whole(200, "", "")),
        unusable("a body that ends within its text", head("") + "{\"id\":7,"),
        endless("a body without end", "", blanks.clone()),
        endless("chunks without end", "transfer-encoding: chunked\r\n", chunk),
        endless("exabytes, and they come", "content-length: 9223372036854775807\r\n", blanks),
        Fault::says("nothing, and a body all the same", silence("204"), success(200, 1), unknown(1)),
        Fault::says("reset your form, and a body", silence("205"), success(200, 1), success(201, 1)),
        unusable("not modified", silence("304")),
    ]
}

fn chunks() -> Vec<Fault> {
    let chunked = |body: &str| head("transfer-encoding: chunked\r\n") + body;
    let size = format!("{:x}", FINE.len());
    let endless = |name, begins: &str, again: &str| {
        breaks(name, vec![Act::Hear, Act::Say(chunked(begins).into()), Act::SayAgain(again.into())])
    };
    vec![
        broken("a chunk whose size is no number", chunked("zz\r\n[]\r\n0\r\n\r\n")),
        broken("a chunk of a size below nothing", chunked("-1\r\n[]\r\n0\r\n\r\n")),
        broken("a chunk of a size that no number holds", chunked("fffffffffffffffff\r\n[]")),
        broken("a chunk of all memory", chunked("ffffffffffffffff\r\n[]")),
        broken("a chunk that is longer than its size", chunked("2\r\n{\"id\":7}\r\n0\r\n\r\n")),
        broken("chunks without the last", chunked(&format!("{size}\r\n{FINE}\r\n"))),
        broken("a chunk without a size", chunked(&format!("\r\n{FINE}\r\n0\r\n\r\n"))),
        endless("a chunk's extension without end", "2;", &"x".repeat(4096)),
        endless("trailers without end", &format!("{size}\r\n{FINE}\r\n0\r\n"), &"x: y\r\n".repeat(100)),
        endless("one trailer without end", &format!("{size}\r\n{FINE}\r\n0\r\nx: "), &"y".repeat(4096)),
        stalls(
            "a chunk's size of zeroes without end",
            vec![Act::Hear, Act::Say(chunked("").into()), Act::Drip(vec![b'0'; 4096])],
        ),
        odd("a chunk for every byte", chunked(&single_bytes())),
        odd("a chunk with an extension", chunked(&format!("{size};name=value\r\n{FINE}\r\n0\r\n\r\n"))),
    ]
}

fn single_bytes() -> String {
    let letters: Vec<String> = FINE.chars().map(|letter| format!("1\r\n{letter}\r\n")).collect();
    letters.concat() + "0\r\n\r\n"
}

fn encodings() -> Vec<Fault> {
    let encoded = |encoding: &str, body: &[u8]| whole(200, &format!("content-encoding: {encoding}\r\n"), body);
    let bomb = bomb();
    let fine = gzip(FINE.as_bytes());
    let mut wrong_sum = fine.clone();
    let sum = wrong_sum.len() - 8;
    wrong_sum[sum] ^= 0xff;
    let behind = [fine.as_slice(), b"poison"].concat();
    let too_large = |name, says| Fault::says(name, says, error(502, EXECUTION, 1), unknown(1));
    vec![
        too_large("a bomb of gzip", encoded("gzip", &bomb)),
        broken("a bomb of gzip that begins as an answer", encoded("gzip", &[fine.clone(), bomb.clone()].concat())),
        too_large("a bomb of deflate", encoded("deflate", &blanks())),
        too_large("a bomb of a bomb", encoded("gzip, gzip", &gzip(&bomb))),
        too_large("a hundred encodings", encoded(&vec!["gzip"; 100].join(", "), &fine)),
        odd("gzip as it should be", encoded("gzip", &fine)),
        broken("gzip that is none", encoded("gzip", FINE.as_bytes())),
        broken("gzip that is cut off", encoded("gzip", &fine[..fine.len() / 2])),
        broken("gzip of a wrong sum", encoded("gzip", &wrong_sum)),
        odd("gzip and more behind it", encoded("gzip", &behind)),
        unusable("gzip of nothing", encoded("gzip", &gzip(b""))),
        unusable("gzip that nobody told of", whole(200, "", &fine)),
        unusable("brotli, which nobody asked for", encoded("br", b"\x0b\x02\x80{}\x03")),
        unusable("an encoding of its own", encoded("x-vendor", &fine)),
        odd("no encoding by name", encoded("identity", FINE.as_bytes())),
    ]
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Deflated blanks, more than any answer may have. One piece is as good as the next, so that they need not be deflated one by one.
fn blanks() -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&vec![b' '; PIECE_BYTES]).unwrap();
    encoder.flush().unwrap();
    encoder.get_ref().repeat(PIECES)
}

/// A stream of gzip that begins so and does not come to its end.
fn bomb() -> Vec<u8> {
    [b"\x1f\x8b\x08\0\0\0\0\0\0\xff".as_slice(), &blanks()].concat()
}

//! Bodies as text in UTF-8, whatever encodings their headers name: the content encodings that the HTTP client leaves as they are
//! (`x-gzip`, `deflate`, several in a row), declared charsets, and byte order marks.

use std::io::Read;

use bytes::Bytes;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};

use crate::error::VendorError;
use crate::wire::memory::{SMALL_BYTES, kept};
use crate::wire::outgoing::AnswerLimits;

/// Nobody compresses an answer more often, but to make it large.
const MOST_CODINGS: usize = 4;

/// What compressed a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
}

/// The body as it was before its content encodings, in UTF-8. What no header speaks of stays as it is.
///
/// # Errors
/// [`VendorError::Broken`] where it cannot be decompressed, [`VendorError::TooLarge`] where it grows beyond its limits.
pub(crate) async fn plain(
    headers: &HeaderMap,
    mut body: Bytes,
    host: &str,
    limits: &AnswerLimits<'_>,
) -> Result<Bytes, VendorError> {
    let codings = codings(headers);
    if codings.len() > MOST_CODINGS {
        return Err(VendorError::TooLarge { limit_bytes: limits.answer_bytes });
    }
    for coding in codings.into_iter().rev() {
        if !body.is_empty() {
            let decompressed = decompressed(coding, &body, limits.answer_bytes);
            let decompressed = decompressed.map_err(|error| error.at(host, limits.answer_bytes))?;
            limits.received.add(decompressed.len(), limits.call_bytes)?;
            body = held(decompressed, limits, body).await;
        }
    }
    match charset(headers, &body) {
        Some(encoding) => {
            let text = encoding.decode(&body).0.into_owned().into_bytes();
            Ok(held(text, limits, body).await)
        }
        None => Ok(body),
    }
}

/// What a body became, in the room that it takes. The room of the body before is free again first: answers that each had a part
/// of their room would wait for one another.
async fn held(bytes: Vec<u8>, limits: &AnswerLimits<'_>, before: Bytes) -> Bytes {
    drop(before);
    let room = if bytes.len() > SMALL_BYTES { limits.memory.room_for(bytes.len()).await } else { None };
    kept(bytes.into(), room)
}

/// Those that are known, in the order in which they were applied. One that is not makes a body that nobody can read, which says so.
fn codings(headers: &HeaderMap) -> Vec<Coding> {
    let values = headers.get_all(CONTENT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let names = values.flat_map(|value| value.split(',')).map(|name| name.trim().to_ascii_lowercase());
    names
        .filter_map(|name| match name.as_str() {
            "gzip" | "x-gzip" => Some(Coding::Gzip),
            "deflate" | "x-deflate" => Some(Coding::Deflate),
            _ => None,
        })
        .collect()
}

/// Why a body could not be decompressed.
enum Unreadable {
    TooLarge,
    Broken(std::io::Error),
}

impl Unreadable {
    fn at(self, host: &str, limit_bytes: usize) -> VendorError {
        match self {
            Self::TooLarge => VendorError::TooLarge { limit_bytes },
            Self::Broken(error) => VendorError::Broken { host: host.to_owned(), reason: error.to_string() },
        }
    }
}

fn decompressed(coding: Coding, body: &[u8], limit_bytes: usize) -> Result<Vec<u8>, Unreadable> {
    match coding {
        Coding::Gzip => all_of(MultiGzDecoder::new(body), limit_bytes),
        // The name means zlib's format; servers that took it at its word send what is inside of that.
        Coding::Deflate if is_zlib(body) => all_of(ZlibDecoder::new(body), limit_bytes),
        Coding::Deflate => all_of(DeflateDecoder::new(body), limit_bytes),
    }
}

fn all_of(decoder: impl Read, limit_bytes: usize) -> Result<Vec<u8>, Unreadable> {
    let mut plain = Vec::new();
    let limit = u64::try_from(limit_bytes).unwrap_or(u64::MAX);
    decoder.take(limit.saturating_add(1)).read_to_end(&mut plain).map_err(Unreadable::Broken)?;
    if plain.len() > limit_bytes { Err(Unreadable::TooLarge) } else { Ok(plain) }
}

/// The method and the check of RFC 1950, 2.2.
fn is_zlib(body: &[u8]) -> bool {
    matches!(body, [method, flags, ..] if method & 0x0f == 8 && u16::from_be_bytes([*method, *flags]) % 31 == 0)
}

/// What the body is written in where that is not UTF-8: a byte order mark counts, then what the header declares, then how its first
/// bytes look, since every JSON text begins with ASCII.
fn charset(headers: &HeaderMap, body: &[u8]) -> Option<&'static Encoding> {
    let marked = Encoding::for_bom(body).map(|(encoding, _)| encoding);
    let encoding = marked.or_else(|| {
        let declared = declared(headers);
        let is_16_bit = declared.is_none_or(|encoding| encoding == UTF_16LE || encoding == UTF_16BE);
        match body {
            [0, first, 0, _, ..] if is_16_bit && begins_json(*first) => Some(UTF_16BE),
            [first, 0, _, 0, ..] if is_16_bit && begins_json(*first) => Some(UTF_16LE),
            _ => declared,
        }
    });
    encoding.filter(|encoding| *encoding != UTF_8)
}

fn begins_json(byte: u8) -> bool {
    matches!(byte, b'{' | b'[' | b'"' | b' ' | b'\t' | b'\r' | b'\n')
}

fn declared(headers: &HeaderMap) -> Option<&'static Encoding> {
    let media_type = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let parameters = media_type.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let label =
        parameters.filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset")).map(|(_, value)| value).next()?;
    let label = label.trim().trim_matches(['"', '\'']);
    // ASCII has no other letters: where they are, the body is in UTF-8.
    let is_ascii = ["ascii", "us-ascii"].iter().any(|ascii| label.eq_ignore_ascii_case(ascii));
    Encoding::for_label(label.as_bytes()).filter(|_| !is_ascii)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn found(media_type: &'static str, body: &[u8]) -> Option<&'static str> {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(media_type))]);
        charset(&headers, body).map(Encoding::name)
    }

    #[test]
    fn a_mark_counts_more_than_what_is_declared() {
        for (media_type, body, expected) in [
            ("application/json", &b"{}"[..], None),
            ("application/json; charset=utf-8", b"{}", None),
            ("application/json; charset=ISO-8859-1", b"{}", Some("windows-1252")),
            ("application/json;x=y; Charset=\"iso-8859-15\"", b"{}", Some("ISO-8859-15")),
            ("application/json; charset=ISO-8859-1", b"\xef\xbb\xbf{}", None),
            ("application/json; charset=us-ascii", b"{}", None),
            ("application/json; charset=klingon", b"{}", None),
            ("application/json; charset=utf-16", b"{\0}\0", Some("UTF-16LE")),
            ("application/json; charset=utf-16", b"\0{\0}", Some("UTF-16BE")),
            ("application/json", b"\xfe\xff\0{\0}", Some("UTF-16BE")),
            ("application/json", b"\xff\xfe{\0}\0", Some("UTF-16LE")),
            ("application/json", b"{\0}\0", Some("UTF-16LE")),
        ] {
            assert_eq!(found(media_type, body), expected, "{media_type}: {body:?}");
        }
    }

    #[test]
    fn several_encodings_are_undone_from_the_last_to_the_first() {
        let mut headers = HeaderMap::new();
        headers.append(CONTENT_ENCODING, HeaderValue::from_static("Deflate, X-GZIP"));
        headers.append(CONTENT_ENCODING, HeaderValue::from_static("identity"));
        assert_eq!(codings(&headers), [Coding::Deflate, Coding::Gzip]);
    }
}

//! Which headers go along, there and back. What speaks of one connection between two machines, of this gateway, or of the origin
//! that a page came from, never does.

use http::header::{
    ALT_SVC, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, COOKIE, EXPECT, FORWARDED, HOST, PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION, SET_COOKIE, STRICT_TRANSPORT_SECURITY, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, VIA,
};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::error::GatewayError;
use crate::translate;

/// Those of one connection between two machines (RFC 9110, 7.6.1), beside those that `Connection` names.
const OF_ONE_HOP: [HeaderName; 10] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    HeaderName::from_static("http2-settings"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Those that a call has for this gateway, and those in which proxies before it name machines that are none of the vendor's
/// business.
const FOR_THE_GATEWAY: [HeaderName; 8] =
    [AUTHORIZATION, COOKIE, HOST, CONTENT_LENGTH, EXPECT, FORWARDED, VIA, HeaderName::from_static("x-real-ip")];

/// Those in which a vendor speaks for its own origin, which the caller's is not.
const OF_THE_VENDORS_ORIGIN: [HeaderName; 4] =
    [SET_COOKIE, ALT_SVC, STRICT_TRANSPORT_SECURITY, HeaderName::from_static("clear-site-data")];

/// Our own, there and back.
const OWN: &str = "x-apideck-";

/// What a vendor gets of a call's headers; `authorization` is the caller's own for the vendor.
pub(super) fn to_vendor(mut headers: HeaderMap, authorization: Option<&str>) -> Result<HeaderMap, GatewayError> {
    remove_of_one_hop(&mut headers);
    remove(&mut headers, |name| {
        FOR_THE_GATEWAY.contains(name) || name.as_str().starts_with(OWN) || name.as_str().starts_with("x-forwarded-")
    });
    if let Some(authorization) = authorization {
        let mut value = HeaderValue::from_str(authorization).map_err(|_| {
            translate::invalid_header("x-apideck-downstream-authorization: has characters that no header can hold")
        })?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    Ok(headers)
}

/// What a caller gets of a vendor's headers. How the body is encoded and how long it is stays true: it is passed on untouched.
pub(super) fn to_caller(mut headers: HeaderMap) -> HeaderMap {
    remove_of_one_hop(&mut headers);
    remove(&mut headers, |name| OF_THE_VENDORS_ORIGIN.contains(name) || name.as_str().starts_with(OWN));
    headers
}

fn remove_of_one_hop(headers: &mut HeaderMap) {
    let lists = headers.get_all(CONNECTION).iter().filter_map(|list| list.to_str().ok());
    let named: Vec<HeaderName> =
        lists.flat_map(|list| list.split(',')).filter_map(|name| name.trim().parse().ok()).collect();
    remove(headers, |name| OF_ONE_HOP.contains(name) || named.contains(name));
}

fn remove(headers: &mut HeaderMap, is_gone: impl Fn(&HeaderName) -> bool) {
    let gone: Vec<HeaderName> = headers.keys().filter(|name| is_gone(name)).cloned().collect();
    for name in gone {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let lines = lines.iter();
        lines.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_vendor_gets_what_is_meant_for_it() {
        let kept = [("accept", "text/csv"), ("content-type", "text/plain"), ("x-vendor", "1"), ("range", "bytes=0-")];
        let mut sent = headers(&kept);
        sent.extend(headers(&[
            ("authorization", "Bearer key-of-the-gateway"),
            ("connection", "close, X-Of-This-Hop"),
            ("content-length", "3"),
            ("cookie", "a=b"),
            ("expect", "100-continue"),
            ("forwarded", "for=10.0.0.7"),
            ("host", "gateway.example"),
            ("keep-alive", "timeout=5"),
            ("proxy-authorization", "Basic eA=="),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "websocket"),
            ("via", "1.1 edge"),
            ("x-apideck-app-id", "app"),
            ("x-apideck-downstream-url", "/x"),
            ("x-forwarded-for", "10.0.0.7"),
            ("x-of-this-hop", "1"),
            ("x-real-ip", "10.0.0.7"),
        ]));
        assert_eq!(to_vendor(sent.clone(), None), Ok(headers(&kept)));
        let own = to_vendor(sent, Some("Basic b3du")).expect("headers");
        assert_eq!(own[AUTHORIZATION], "Basic b3du");
        assert!(own[AUTHORIZATION].is_sensitive());
    }

    #[test]
    fn a_caller_gets_what_speaks_of_the_answer() {
        let kept = [
            ("content-encoding", "gzip"),
            ("content-length", "3"),
            ("content-type", "text/csv"),
            ("etag", "\"x\""),
            ("location", "https://elsewhere.example/"),
            ("www-authenticate", "Bearer"),
        ];
        let mut answered = headers(&kept);
        answered.extend(headers(&[
            ("alt-svc", "h3=\":443\""),
            ("clear-site-data", "\"*\""),
            ("connection", "x-of-this-hop"),
            ("set-cookie", "session=1"),
            ("strict-transport-security", "max-age=1"),
            ("transfer-encoding", "chunked"),
            ("x-apideck-request-id", "the vendor's"),
            ("x-of-this-hop", "1"),
        ]));
        assert_eq!(to_caller(answered), headers(&kept));
    }
}

//! Which address a client has: its own, or the one that a trusted proxy names; and whether it came to that proxy by plain HTTP.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use http::header::FORWARDED;
use ipnet::IpNet;

const X_FORWARDED_FOR: &str = "x-forwarded-for";
const X_FORWARDED_PROTO: &str = "x-forwarded-proto";

/// The address of a client that is connected itself. `None`: a trusted proxy, or a private address that nobody has declared and
/// that may well be a load balancer's, behind which all clients have one address.
pub(super) fn direct_client(peer: IpAddr, trusted: &[IpNet]) -> Option<IpAddr> {
    let peer = peer.to_canonical();
    (!is_trusted(peer, trusted) && !is_private(peer)).then_some(peer)
}

/// The address of the client that a trusted proxy calls for. `None`: there is no such proxy, or it does not say.
///
/// Each proxy adds to the end of what it was sent, so the last address that is no trusted proxy's is the client's. Where the two
/// headers differ, one of them is the client's own invention, and nobody knows which.
pub(super) fn forwarded_client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    if !is_trusted(peer.to_canonical(), trusted) {
        return None;
    }
    let forwarded = listed(headers, FORWARDED.as_str()).map(|hops| last_untrusted(&hops, forwarded_for, trusted));
    let listed = listed(headers, X_FORWARDED_FOR).map(|hops| last_untrusted(&hops, address, trusted));
    match (forwarded, listed) {
        (Some(one), Some(other)) if one != other => Some(peer),
        (Some(client), _) | (None, Some(client)) => client,
        (None, None) => None,
    }
}

/// Whether a trusted proxy says that the client's own way to it was plain HTTP: the first hop of the headers.
pub(super) fn came_in_plain(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> bool {
    if !is_trusted(peer.to_canonical(), trusted) {
        return false;
    }
    let first = |name, read: fn(&str) -> Option<&str>| {
        let hops = listed(headers, name)?;
        Some(read(hops.first()?)?.eq_ignore_ascii_case("http"))
    };
    first(FORWARDED.as_str(), |hop| parameter(hop, "proto")) == Some(true)
        || first(X_FORWARDED_PROTO, |hop| Some(hop)) == Some(true)
}

fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|network| network.contains(&address))
}

/// Loopback, link-local and private networks, and those that providers use inside.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || (first == 100 && (64..128).contains(&second))
        }
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local(),
    }
}

/// The members of a header that may come in several lines; `None`: there is none.
fn listed(headers: &HeaderMap, name: &str) -> Option<Vec<String>> {
    let lines: Vec<&str> = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("unreadable")).collect();
    (!lines.is_empty()).then(|| lines.join(",").split(',').map(|hop| hop.trim().to_owned()).collect())
}

fn last_untrusted(hops: &[String], read: fn(&str) -> Option<IpAddr>, trusted: &[IpNet]) -> Option<IpAddr> {
    for hop in hops.iter().rev() {
        // What a trusted proxy does not know, nobody does.
        let address = read(hop)?;
        if !is_trusted(address, trusted) {
            return Some(address);
        }
    }
    None
}

/// `for=192.0.2.60;proto=http`, `for="[2001:db8::17]:4711"`.
fn forwarded_for(hop: &str) -> Option<IpAddr> {
    address(parameter(hop, "for")?)
}

/// The value of a parameter of one hop, without its quotes.
fn parameter<'h>(hop: &'h str, wanted: &str) -> Option<&'h str> {
    hop.split(';').find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().trim_matches('"'))
    })
}

/// An address, with or without brackets and port.
fn address(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let in_brackets = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    text.parse().ok().or_else(with_port).or_else(in_brackets).map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "10.0.0.7";

    fn client(peer: &str, headers: &[(&'static str, &str)]) -> Option<String> {
        let trusted = ["10.0.0.0/24".parse().expect("network"), "2001:db8:ffff::/48".parse().expect("network")];
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().expect("header"));
        }
        let client = forwarded_client(peer.parse().expect("peer"), &map, &trusted);
        client.map(|address| address.to_string())
    }

    #[test]
    fn a_trusted_proxy_names_the_client() {
        for (headers, owed) in [
            (vec![("x-forwarded-for", "192.0.2.1")], Some("192.0.2.1")),
            (vec![("x-forwarded-for", "192.0.2.1:4711")], Some("192.0.2.1")),
            (vec![("x-forwarded-for", "[2001:db8::1]:4711")], Some("2001:db8::1")),
            (vec![("x-forwarded-for", "203.0.113.9, 192.0.2.1, 10.0.0.9")], Some("192.0.2.1")),
            (vec![("x-forwarded-for", "203.0.113.9"), ("x-forwarded-for", "192.0.2.1")], Some("192.0.2.1")),
            (vec![("forwarded", "for=192.0.2.60;proto=http;by=203.0.113.43")], Some("192.0.2.60")),
            (vec![("forwarded", "for=203.0.113.9, For=\"[2001:db8:cafe::17]:4711\"")], Some("2001:db8:cafe::17")),
            (vec![("forwarded", "for=192.0.2.1"), ("x-forwarded-for", "192.0.2.1")], Some("192.0.2.1")),
            (vec![("forwarded", "for=unknown")], None),
            (vec![("forwarded", "for=_hidden, for=10.0.0.9")], None),
            (vec![("x-forwarded-for", "10.0.0.8")], None),
            (vec![("x-forwarded-for", "nonsense")], None),
            (vec![], None),
        ] {
            assert_eq!(client(PROXY, &headers).as_deref(), owed, "{headers:?}");
        }
    }

    #[test]
    fn a_trusted_proxy_says_how_its_client_came() {
        let trusted = ["10.0.0.0/24".parse().expect("network")];
        for (peer, header, value, is_plain) in [
            (PROXY, "x-forwarded-proto", "http", true),
            (PROXY, "x-forwarded-proto", "HTTP", true),
            (PROXY, "x-forwarded-proto", "https", false),
            (PROXY, "x-forwarded-proto", "https, http", false),
            (PROXY, "x-forwarded-proto", "http, https", true),
            (PROXY, "forwarded", "for=192.0.2.60;proto=http", true),
            (PROXY, "forwarded", "for=192.0.2.60;Proto=\"https\", for=10.0.0.9;proto=http", false),
            (PROXY, "forwarded", "for=192.0.2.60", false),
            (PROXY, "x-other", "http", false),
            ("192.0.2.9", "x-forwarded-proto", "http", false),
        ] {
            let headers = HeaderMap::from_iter([(header.parse().expect("name"), value.parse().expect("value"))]);
            let peer = peer.parse().expect("peer");
            assert_eq!(came_in_plain(peer, &headers, &trusted), is_plain, "{peer} {header}: {value}");
        }
    }

    #[test]
    fn two_headers_that_differ_are_nobodys_word() {
        let headers = [("forwarded", "for=198.51.100.1"), ("x-forwarded-for", "192.0.2.1")];
        assert_eq!(client(PROXY, &headers).as_deref(), Some(PROXY));
    }

    #[test]
    fn nobody_else_names_a_client() {
        for peer in ["192.0.2.9", "10.0.1.7", "127.0.0.1", "::1"] {
            assert_eq!(client(peer, &[("x-forwarded-for", "192.0.2.1")]), None, "{peer}");
        }
    }

    #[test]
    fn a_private_peer_that_is_not_declared_is_no_client_of_its_own() {
        let trusted = ["203.0.113.0/24".parse().expect("network")];
        for (peer, is_client) in [
            ("192.0.2.1", true),
            ("2001:db8::1", true),
            ("::ffff:192.0.2.1", true),
            ("203.0.113.7", false),
            ("10.1.2.3", false),
            ("172.16.0.1", false),
            ("192.168.1.1", false),
            ("100.64.0.1", false),
            ("127.0.0.1", false),
            ("169.254.1.1", false),
            ("::1", false),
            ("fd00::1", false),
            ("fe80::1", false),
            ("::ffff:10.0.0.1", false),
        ] {
            let client = direct_client(peer.parse().expect("peer"), &trusted);
            assert_eq!(client.is_some(), is_client, "{peer}");
        }
    }
}

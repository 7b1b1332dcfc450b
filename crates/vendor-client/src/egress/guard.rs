//! The egress guard: which addresses a host that a tenant chose may have.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::egress::names::Names;

/// Whose word a host is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// The operator's or the definition's own: any address.
    Operator,
    /// A tenant's, over https: public addresses and those that the operator allows.
    Tenant,
    /// Over plain http without an operator's word: only the networks that the operator allows.
    Plain,
}

/// An address that may not be connected to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{address} is {kind}")]
pub(crate) struct Denied {
    address: IpAddr,
    kind: &'static str,
}

impl Denied {
    /// What callers are told of it.
    pub(crate) const TOLD: &str = "its address is none that may be reached from here; use a host with a public address, or ask the operator to allow its network";
}

/// The networks that the operator allows, over the ranges that are denied.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    allowed: Arc<[IpNet]>,
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(head: [u16; 4], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(head[0], head[1], head[2], head[3], 0, 0, 0, 0), prefix)
}

/// <https://www.iana.org/assignments/iana-ipv4-special-registry>, less the documentation ranges, plus Azure's wire server.
const DENIED_V4: [(Ipv4Net, &str); 13] = [
    (v4(0, 0, 0, 0, 8), "in 0.0.0.0/8 (this host)"),
    (v4(10, 0, 0, 0, 8), "in 10.0.0.0/8 (private)"),
    (v4(100, 64, 0, 0, 10), "in 100.64.0.0/10 (carrier-grade NAT)"),
    (v4(127, 0, 0, 0, 8), "in 127.0.0.0/8 (loopback)"),
    (v4(168, 63, 129, 16, 32), "168.63.129.16 (cloud metadata)"),
    (v4(169, 254, 0, 0, 16), "in 169.254.0.0/16 (link-local, cloud metadata)"),
    (v4(172, 16, 0, 0, 12), "in 172.16.0.0/12 (private)"),
    (v4(192, 0, 0, 0, 24), "in 192.0.0.0/24 (protocol assignments)"),
    (v4(192, 88, 99, 0, 24), "in 192.88.99.0/24 (6to4 relays)"),
    (v4(192, 168, 0, 0, 16), "in 192.168.0.0/16 (private)"),
    (v4(198, 18, 0, 0, 15), "in 198.18.0.0/15 (benchmarking)"),
    (v4(224, 0, 0, 0, 4), "in 224.0.0.0/4 (multicast)"),
    (v4(240, 0, 0, 0, 4), "in 240.0.0.0/4 (reserved, broadcast)"),
];

/// <https://www.iana.org/assignments/iana-ipv6-special-registry>. Ranges that carry an IPv4 address are in [`carried`].
const DENIED_V6: [(Ipv6Net, &str); 7] = [
    (v6([0x64, 0xff9b, 1, 0], 48), "in 64:ff9b:1::/48 (local NAT64)"),
    (v6([0x100, 0, 0, 0], 64), "in 100::/64 (discarded)"),
    (v6([0x2001, 0, 0, 0], 32), "in 2001::/32 (Teredo)"),
    (v6([0xfc00, 0, 0, 0], 7), "in fc00::/7 (unique local, cloud metadata)"),
    (v6([0xfe80, 0, 0, 0], 10), "in fe80::/10 (link-local)"),
    (v6([0xfec0, 0, 0, 0], 10), "in fec0::/10 (site-local)"),
    (v6([0xff00, 0, 0, 0], 8), "in ff00::/8 (multicast)"),
];

impl Guard {
    pub(crate) fn new(allowed: &[IpNet]) -> Self {
        Self { allowed: allowed.into() }
    }

    /// Whether plain http could be allowed to any address at all.
    pub(crate) fn allows_plain(&self) -> bool {
        !self.allowed.is_empty()
    }

    /// # Errors
    /// The range that `address` is in and may not be in.
    pub(crate) fn check(&self, trust: Trust, address: IpAddr) -> Result<(), Denied> {
        let denied = |kind| Err(Denied { address, kind });
        if trust == Trust::Operator || self.is_allowed(address) {
            return Ok(());
        }
        if trust == Trust::Plain {
            return denied("outside the networks that the operator allows for plain http");
        }
        match denied_range(address) {
            Some(kind) => denied(kind),
            None => Ok(()),
        }
    }

    fn is_allowed(&self, address: IpAddr) -> bool {
        let canonical = address.to_canonical();
        self.allowed.iter().any(|network| network.contains(&address) || network.contains(&canonical))
    }
}

fn denied_range(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => denied_v4(address),
        IpAddr::V6(address) => carried(address)
            .and_then(denied_v4)
            .or_else(|| DENIED_V6.iter().find(|(network, _)| network.contains(&address)).map(|(_, kind)| *kind)),
    }
}

fn denied_v4(address: Ipv4Addr) -> Option<&'static str> {
    DENIED_V4.iter().find(|(network, _)| network.contains(&address)).map(|(_, kind)| *kind)
}

/// The IPv4 address that an IPv6 address stands for: mapped, compatible (`::` and `::1` among them), NAT64 or 6to4.
fn carried(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let from = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            Some(from(high, low))
        }
        _ => None,
    }
}

/// A resolver whose answers the guard has passed. One denied address denies the host: whoever answers both a public and a
/// private address is not to be trusted with either.
pub(crate) struct GuardedResolver {
    pub(crate) names: Arc<Names>,
    pub(crate) guard: Guard,
    pub(crate) trust: Trust,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, trust) = (self.guard.clone(), self.trust);
        let addresses = self.names.addresses(name.as_str().to_owned(), trust);
        Box::pin(async move {
            let addresses = addresses.await?;
            for address in &addresses {
                guard.check(trust, *address)?;
            }
            Ok(Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_a_tenant_may_not_choose() {
        let guard = Guard::new(&[]);
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.100.100.200",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.1",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.88.99.0",
            "192.88.99.255",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::a00:1",
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::1",
            "2002:a00:1::1",
            "2002:7f00:1::",
            "2001::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "100::1",
        ] {
            let address = text.parse().expect(text);
            assert!(guard.check(Trust::Tenant, address).is_err(), "{text} must be denied");
            assert!(guard.check(Trust::Operator, address).is_ok(), "{text} is the operator's word");
        }
    }

    #[test]
    fn addresses_that_a_tenant_may_choose() {
        let guard = Guard::new(&[]);
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.1",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.2.1",
            "192.88.98.255",
            "192.88.100.0",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.0",
            "203.0.113.5",
            "223.255.255.255",
            "2606:4700::1111",
            "2001:4860:4860::8888",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:808:808::1",
        ] {
            assert_eq!(guard.check(Trust::Tenant, text.parse().expect(text)), Ok(()), "{text}");
        }
    }

    #[test]
    fn the_operator_allows_networks() {
        let guard = Guard::new(&["10.1.0.0/16".parse().expect("network"), "fd00:1::/32".parse().expect("network")]);
        for text in ["10.1.2.3", "::ffff:10.1.2.3", "fd00:1::5"] {
            for trust in [Trust::Tenant, Trust::Plain] {
                assert_eq!(guard.check(trust, text.parse().expect(text)), Ok(()), "{text}");
            }
        }
        for text in ["10.2.0.1", "fd00:2::5"] {
            assert!(guard.check(Trust::Tenant, text.parse().expect(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn plain_http_goes_only_where_the_operator_allows() {
        let guard = Guard::new(&["10.1.0.0/16".parse().expect("network")]);
        let denied = guard.check(Trust::Plain, "8.8.8.8".parse().expect("address")).expect_err("public");
        assert_eq!(denied.to_string(), "8.8.8.8 is outside the networks that the operator allows for plain http");
    }
}

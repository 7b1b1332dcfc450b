//! How many places each client has taken, by its address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// A client as limits know it: an IPv4 address, or the 64 bits of an IPv6 address that one subscriber is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ClientKey(IpAddr);

impl ClientKey {
    pub(super) fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from(u128::from(address) >> 64 << 64)),
        })
    }
}

/// The places that clients have taken.
#[derive(Debug)]
pub(super) struct Places {
    most: usize,
    taken: Mutex<HashMap<ClientKey, usize>>,
}

/// A place that is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    key: ClientKey,
}

impl Places {
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, taken: Mutex::default() })
    }

    /// A place for a client, unless it has as many as it may have.
    pub(super) fn take(self: &Arc<Self>, key: ClientKey) -> Option<Place> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(key).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Place { places: Arc::clone(self), key })
    }
}

impl Place {
    pub(super) fn key(&self) -> ClientKey {
        self.key
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> ClientKey {
        ClientKey::of(text.parse().expect("an address"))
    }

    #[test]
    fn a_client_has_so_many_places_and_gets_them_back() {
        let places = Places::new(2);
        let first = places.take(key("192.0.2.1")).expect("first");
        let _second = places.take(key("::ffff:192.0.2.1")).expect("second, written otherwise");
        assert!(places.take(key("192.0.2.1")).is_none());
        assert!(places.take(key("192.0.2.2")).is_some(), "another client");
        drop(first);
        assert!(places.take(key("192.0.2.1")).is_some());
        assert_eq!(places.taken.lock().expect("lock").len(), 1, "nothing is remembered of clients that are gone");
    }

    #[test]
    fn the_addresses_of_one_ipv6_subscriber_are_one_client() {
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
    }
}

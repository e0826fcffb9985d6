//! The network that a session is bound to: one for each address family.

use std::net::IpAddr;

use ipnet::IpNet;

use super::digest::{keyed_digest, Digest, Domain};

/// How much of an address counts as its network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Prefixes {
    pub(crate) v4: u8,
    pub(crate) v6: u8,
}

/// Returns the network of `address`.
pub(crate) fn network_of(address: IpAddr, prefixes: Prefixes) -> IpNet {
    let address = address.to_canonical();
    let prefix = match address {
        IpAddr::V4(_) => prefixes.v4,
        IpAddr::V6(_) => prefixes.v6,
    };
    truncated(address, prefix)
}

/// Returns what logs and events may tell of `address`: its provider, not its owner.
pub(crate) fn masked(address: IpAddr) -> String {
    network_of(address, Prefixes { v4: 16, v6: 32 }).to_string()
}

/// Returns the block around `address`; a prefix beyond the address leaves it whole.
fn truncated(address: IpAddr, prefix: u8) -> IpNet {
    IpNet::new(address, prefix)
        .unwrap_or(address.into())
        .trunc()
}

/// One network that a session is bound to.
///
/// It remembers its prefix, so that a session is judged by the rule that it was bound under: a
/// changed configuration signs nobody out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NetworkSlot {
    prefix: u8,
    digest: Digest,
}

impl NetworkSlot {
    fn of(session_id: &[u8; 16], network: IpNet) -> Self {
        // Every request pays for this digest: 41 bytes at most, and 55 fit one block of SHA-256.
        let digest = |octets: &[u8]| keyed_digest(session_id, Domain::Network, &[octets]);
        Self {
            prefix: network.prefix_len(),
            digest: match network.addr() {
                IpAddr::V4(address) => digest(&address.octets()),
                IpAddr::V6(address) => digest(&address.octets()),
            },
        }
    }
}

/// The networks that a session is bound to, as they are sealed into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NetworkSlots {
    pub(crate) v4: Option<NetworkSlot>,
    pub(crate) v6: Option<NetworkSlot>,
}

/// How the network of a request compares with those that the session is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NetworkVerdict {
    Same,
    /// The session is bound to a network, but to none of this address family.
    OtherFamily,
    Changed,
    /// The session is bound to a network, and that of the request is not known.
    Unresolved,
    /// The session was sealed with its network unknown, and is not compared.
    NotBound,
}

impl NetworkSlots {
    /// The binding of a session whose network was unknown, or of no interest, at sign-in.
    ///
    /// It stays so until the owner signs in anew: an address that a thief brings along later
    /// changes nothing.
    pub(crate) const UNKNOWN: Self = Self { v4: None, v6: None };

    /// Returns the binding to the network of `address`, or to none if it is not known.
    pub(crate) fn bound_to(
        session_id: &[u8; 16],
        address: Option<IpAddr>,
        prefixes: Prefixes,
    ) -> Self {
        let mut slots = Self::UNKNOWN;
        if let Some(address) = address {
            slots.rebind(session_id, address, prefixes);
        }
        slots
    }

    /// Binds to the network of `address` and keeps that of the other family.
    pub(crate) fn rebind(&mut self, session_id: &[u8; 16], address: IpAddr, prefixes: Prefixes) {
        let network = network_of(address, prefixes);
        let slot = Some(NetworkSlot::of(session_id, network));
        match network {
            IpNet::V4(_) => self.v4 = slot,
            IpNet::V6(_) => self.v6 = slot,
        }
    }

    /// Compares the address of a request, where one is known, with the binding.
    pub(crate) fn judge(&self, session_id: &[u8; 16], address: Option<IpAddr>) -> NetworkVerdict {
        if *self == Self::UNKNOWN {
            return NetworkVerdict::NotBound;
        }
        let Some(address) = address.map(|address| address.to_canonical()) else {
            return NetworkVerdict::Unresolved;
        };
        let bound = match address {
            IpAddr::V4(_) => self.v4,
            IpAddr::V6(_) => self.v6,
        };
        match bound {
            None => NetworkVerdict::OtherFamily,
            Some(slot) if slot == NetworkSlot::of(session_id, truncated(address, slot.prefix)) => {
                NetworkVerdict::Same
            }
            Some(_) => NetworkVerdict::Changed,
        }
    }

    /// Appends the sealed form.
    pub(crate) fn encode(&self, sealed: &mut Vec<u8>) {
        for slot in [self.v4, self.v6] {
            match slot {
                None => sealed.push(NO_SLOT),
                Some(slot) => {
                    sealed.push(slot.prefix);
                    sealed.extend(slot.digest);
                }
            }
        }
    }

    /// Reads the sealed form and moves past it.
    pub(crate) fn decode(sealed: &mut &[u8]) -> Option<Self> {
        Some(Self {
            v4: decode_slot(sealed, 32)?,
            v6: decode_slot(sealed, 128)?,
        })
    }
}

/// What is sealed instead of a prefix where there is no slot.
const NO_SLOT: u8 = u8::MAX;

fn decode_slot(sealed: &mut &[u8], longest: u8) -> Option<Option<NetworkSlot>> {
    let (prefix, rest) = sealed.split_first()?;
    *sealed = rest;
    if *prefix == NO_SLOT {
        return Some(None);
    }
    let (digest, rest) = sealed.split_first_chunk()?;
    *sealed = rest;
    (*prefix <= longest).then_some(Some(NetworkSlot {
        prefix: *prefix,
        digest: *digest,
    }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::NetworkVerdict::*;
    use super::*;

    const ID: [u8; 16] = *b"0123456789abcdef";
    const WHOLE: Prefixes = Prefixes { v4: 32, v6: 128 };
    const DEFAULT: Prefixes = Prefixes { v4: 32, v6: 64 };

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn bound_to(address: &str, prefixes: Prefixes) -> NetworkSlots {
        NetworkSlots::bound_to(&ID, Some(ip(address)), prefixes)
    }

    #[test]
    fn an_address_is_compared_up_to_its_prefix() {
        for (v4, v6, bound, now, verdict) in [
            (32, 64, "127.0.0.1", "127.0.0.1", Same),
            (32, 64, "127.0.0.1", "127.0.0.2", Changed),
            (24, 64, "127.0.0.1", "127.0.0.255", Same),
            (24, 64, "127.0.0.1", "127.0.1.1", Changed),
            (0, 64, "127.0.0.1", "203.0.113.9", Same),
            (0, 64, "127.0.0.1", "2001:db8::1", OtherFamily),
            (32, 0, "2001:db8::1", "fe80::1", Same),
            (32, 0, "2001:db8::1", "127.0.0.1", OtherFamily),
            (32, 64, "2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", Same),
            (32, 64, "2001:db8::1", "2001:db8:0:1::1", Changed),
            (32, 128, "2001:db8::1", "2001:db8::1", Same),
            (32, 128, "2001:db8::1", "2001:db8::2", Changed),
            (32, 56, "2001:db8::", "2001:db8:0:ff::", Same),
            (32, 56, "2001:db8::", "2001:db8:0:100::", Changed),
            (32, 64, "::ffff:127.0.0.1", "127.0.0.1", Same),
            (32, 64, "127.0.0.1", "::ffff:127.0.0.1", Same),
            (32, 64, "::ffff:127.0.0.1", "::ffff:127.0.0.2", Changed),
            (32, 64, "192.0.2.1", "2001:db8::1", OtherFamily),
            (32, 64, "2001:db8::1", "192.0.2.1", OtherFamily),
        ] {
            let slots = bound_to(bound, Prefixes { v4, v6 });
            assert_eq!(
                slots.judge(&ID, Some(ip(now))),
                verdict,
                "/{v4} /{v6} {bound} {now}"
            );
        }
    }

    #[test]
    fn an_unknown_network_is_never_compared() {
        let unknown = NetworkSlots::bound_to(&ID, None, DEFAULT);
        assert_eq!(unknown, NetworkSlots::UNKNOWN);
        for now in [None, Some(ip("192.0.2.1")), Some(ip("2001:db8::1"))] {
            assert_eq!(unknown.judge(&ID, now), NotBound);
        }
    }

    #[test]
    fn a_bound_session_whose_client_is_unknown_is_unresolved() {
        assert_eq!(bound_to("192.0.2.1", DEFAULT).judge(&ID, None), Unresolved);
        assert_eq!(
            bound_to("2001:db8::1", DEFAULT).judge(&ID, None),
            Unresolved
        );
    }

    #[test]
    fn rebinding_keeps_the_network_of_the_other_family() {
        let mut slots = bound_to("192.0.2.1", DEFAULT);
        slots.rebind(&ID, ip("2001:db8::1"), DEFAULT);
        for now in ["192.0.2.1", "2001:db8::2"] {
            assert_eq!(slots.judge(&ID, Some(ip(now))), Same);
        }
        slots.rebind(&ID, ip("192.0.2.9"), DEFAULT);
        for (now, verdict) in [
            ("192.0.2.1", Changed),
            ("192.0.2.9", Same),
            ("2001:db8::2", Same),
        ] {
            assert_eq!(slots.judge(&ID, Some(ip(now))), verdict);
        }
    }

    #[test]
    fn a_session_is_judged_by_the_prefix_it_was_bound_under() {
        let narrow = bound_to("192.0.2.1", Prefixes { v4: 32, v6: 64 });
        let wide = bound_to("192.0.2.1", Prefixes { v4: 24, v6: 64 });
        assert_eq!(narrow.judge(&ID, Some(ip("192.0.2.2"))), Changed);
        assert_eq!(wide.judge(&ID, Some(ip("192.0.2.2"))), Same);
        let mut sealed = Vec::new();
        wide.encode(&mut sealed);
        let opened = NetworkSlots::decode(&mut &sealed[..]).unwrap();
        assert_eq!(opened.judge(&ID, Some(ip("192.0.2.2"))), Same);
    }

    #[test]
    fn the_digest_of_a_network_belongs_to_one_session() {
        let slots = bound_to("192.0.2.1", DEFAULT);
        let stranger = *b"another-session!";
        assert_eq!(slots.judge(&stranger, Some(ip("192.0.2.1"))), Changed);
        assert_ne!(
            slots,
            NetworkSlots::bound_to(&stranger, Some(ip("192.0.2.1")), DEFAULT)
        );
    }

    #[test]
    fn the_sealed_form_never_changes() {
        let sealed = |slots: NetworkSlots| {
            let mut sealed = Vec::new();
            slots.encode(&mut sealed);
            sealed
        };
        assert_eq!(sealed(NetworkSlots::UNKNOWN), [0xff, 0xff]);
        let mut slots = bound_to("192.0.2.1", DEFAULT);
        slots.rebind(&ID, ip("2001:db8::1"), DEFAULT);
        assert_eq!(
            sealed(slots),
            [
                0x20, 0xf0, 0x84, 0xee, 0x33, 0x7c, 0x9c, 0x9e, 0xb0, 0x40, 0x83, 0xd2, 0x66, 0xc4,
                0x52, 0xd8, 0xa5, 0x4d
            ]
        );
    }

    #[test]
    fn masked_addresses_tell_the_provider_and_no_more() {
        for (address, masked_address) in [
            ("203.0.113.9", "203.0.0.0/16"),
            ("::ffff:203.0.113.9", "203.0.0.0/16"),
            ("2001:db8:cafe::17", "2001:db8::/32"),
            ("::1", "::/32"),
        ] {
            assert_eq!(masked(ip(address)), masked_address);
        }
    }

    proptest! {
        #[test]
        fn every_address_stays_in_its_own_network(address: IpAddr, v4: u8, v6: u8) {
            let prefixes = Prefixes { v4, v6 };
            prop_assert!(network_of(address, prefixes).contains(&address.to_canonical()));
            let slots = NetworkSlots::bound_to(&ID, Some(address), prefixes);
            prop_assert_eq!(slots.judge(&ID, Some(address)), Same);
            prop_assert!(!masked(address).is_empty());
        }

        #[test]
        fn what_is_sealed_is_opened_and_nothing_more(first: IpAddr, second: IpAddr, after: Vec<u8>) {
            let mut slots = NetworkSlots::bound_to(&ID, Some(first), WHOLE);
            slots.rebind(&ID, second, WHOLE);
            let mut sealed = Vec::new();
            slots.encode(&mut sealed);
            for len in 0..sealed.len() {
                prop_assert_eq!(NetworkSlots::decode(&mut &sealed[..len]), None);
            }
            sealed.extend(&after);
            let mut unread = &sealed[..];
            prop_assert_eq!(NetworkSlots::decode(&mut unread), Some(slots));
            prop_assert_eq!(unread, after);
        }

        #[test]
        fn no_sealed_bytes_make_the_decoder_panic(mut sealed: Vec<u8>, prefix in 30_u8..) {
            let _ = NetworkSlots::decode(&mut sealed.as_slice());
            sealed.insert(0, prefix);
            if NetworkSlots::decode(&mut sealed.as_slice()).is_some() {
                prop_assert!(prefix <= 32 || prefix == NO_SLOT);
            }
        }
    }
}

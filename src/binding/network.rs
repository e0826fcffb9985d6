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

//! The set of proxies that are believed.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

const LOOPBACK: &[IpNet] = &[v4(127, 0, 0, 0, 8), v6(Ipv6Addr::LOCALHOST, 128)];

/// The networks that no packet from the internet can come from: private use (RFC 1918), unique
/// local (RFC 4193) and link-local (RFC 3927, RFC 4291).
///
/// 100.64.0.0/10 (RFC 6598) is left out: a carrier shares it among customers, who are strangers
/// to each other. Whoever runs proxies there lists it.
const PRIVATE: &[IpNet] = &[
    v4(10, 0, 0, 0, 8),
    v4(172, 16, 0, 0, 12),
    v4(192, 168, 0, 0, 16),
    v4(169, 254, 0, 0, 16),
    v6(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7),
    v6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10),
];

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> IpNet {
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix))
}

const fn v6(address: Ipv6Addr, prefix: u8) -> IpNet {
    IpNet::V6(Ipv6Net::new_assert(address, prefix))
}

/// The proxies that are believed; nobody by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Reads CIDR blocks, single addresses and the words `loopback` and `private`.
    pub(crate) fn parse(entries: &[String]) -> Result<Self, TrustedProxyError> {
        let mut blocks = Vec::new();
        for entry in entries {
            match entry.as_str() {
                "loopback" => blocks.extend(LOOPBACK),
                "private" => blocks.extend(PRIVATE),
                block => blocks.push(parse_block(block).map_err(|problem| TrustedProxyError {
                    entry: entry.clone(),
                    problem,
                })?),
            }
        }
        Ok(Self(blocks))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Tells whether the blocks together cover a whole address family: then any client is believed.
    pub(crate) fn covers_everything(&self) -> bool {
        IpNet::aggregate(&self.0)
            .iter()
            .any(|block| block.prefix_len() == 0)
    }

    /// Tells whether `address` is a trusted proxy.
    ///
    /// A listener on `::` reports an IPv4 peer in IPv6-mapped form, which is the same address.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|block| block.contains(&address))
    }
}

/// The address space that carriers share among customers, 100.64.0.0/10 (RFC 6598).
fn is_shared(address: Ipv4Addr) -> bool {
    matches!(address.octets(), [100, 64..=127, ..])
}

impl TrustedProxies {
    /// Tells whether only proxies on this machine are trusted.
    pub(crate) fn is_loopback(&self) -> bool {
        let on_this_machine = |block: &IpNet| LOOPBACK.iter().any(|own| own.contains(block));
        !self.is_empty() && self.0.iter().all(on_this_machine)
    }
}

impl fmt::Display for TrustedProxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("none");
        }
        let blocks: Vec<_> = self.0.iter().map(IpNet::to_string).collect();
        f.write_str(&blocks.join(", "))
    }
}

/// Tells whether `address` is on this machine or on a network that the internet does not reach.
pub(crate) fn is_internal(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            v4.is_loopback() || v4.is_private() || v4.is_link_local() || is_shared(v4)
        }
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

fn parse_block(entry: &str) -> Result<IpNet, Problem> {
    let Some((address, prefix)) = entry.split_once('/') else {
        let address: IpAddr = entry.parse().map_err(|_| Problem::NoAddress)?;
        return Ok(address.to_canonical().into());
    };
    let address: IpAddr = address.parse().map_err(|_| Problem::NoAddress)?;
    let block = IpNet::new(address, parse_prefix(prefix)?)
        .map(canonical)
        .map_err(|_| Problem::PrefixTooLong(IpNet::from(address).prefix_len()))?;
    if block != block.trunc() {
        return Err(Problem::HostBits(block));
    }
    Ok(block)
}

/// Returns the length that `digits` write; one that no integer holds is as long as can be.
fn parse_prefix(digits: &str) -> Result<u8, Problem> {
    // `u8::from_str` would accept a sign.
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Problem::NoAddress);
    }
    Ok(digits.parse().unwrap_or(u8::MAX))
}

/// Returns a block of IPv4-mapped addresses (`::ffff:10.0.0.0/104`) as the IPv4 block it is.
fn canonical(block: IpNet) -> IpNet {
    match (
        block.addr().to_canonical(),
        block.prefix_len().checked_sub(96),
    ) {
        (IpAddr::V4(address), Some(prefix)) => {
            Ipv4Net::new(address, prefix).map_or(block, IpNet::V4)
        }
        _ => block,
    }
}

/// An entry of the trusted proxies that names none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TrustedProxyError {
    entry: String,
    problem: Problem,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Problem {
    /// The block as it was written, with bits set beyond its prefix.
    HostBits(IpNet),
    /// The longest prefix of the address family.
    PrefixTooLong(u8),
    NoAddress,
}

impl fmt::Display for TrustedProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "lists {:?}, which ", self.entry)?;
        match self.problem {
            Problem::HostBits(block) => write!(
                f,
                "has bits set beyond its prefix: write {} for the whole block, or {} for one proxy",
                block.trunc(),
                block.addr(),
            ),
            Problem::PrefixTooLong(longest) => {
                write!(f, "has a prefix beyond {longest}: write /{longest} or less")
            }
            Problem::NoAddress => f.write_str(
                "is no address: write a block such as 10.0.0.0/8, the address of one proxy, \
                 \"loopback\" or \"private\"",
            ),
        }
    }
}

impl std::error::Error for TrustedProxyError {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(entry: &str) -> Result<TrustedProxies, TrustedProxyError> {
        TrustedProxies::parse(&[entry.to_owned()])
    }

    fn trusts(entry: &str, address: &str) -> bool {
        parse(entry).unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn nobody_is_trusted_by_default() {
        let nobody = TrustedProxies::default();
        assert_eq!(TrustedProxies::parse(&[]), Ok(nobody.clone()));
        assert!(nobody.is_empty() && !parse("loopback").unwrap().is_empty());
        assert!(!nobody.contains(Ipv4Addr::LOCALHOST.into()));
    }

    #[test]
    fn blocks_addresses_and_words_are_understood() {
        for (entry, inside, outside) in [
            ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("192.0.2.7/32", "192.0.2.7", "192.0.2.6"),
            ("0.0.0.0/0", "203.0.113.9", "2001:db8::1"),
            ("::/0", "2001:db8::1", "203.0.113.9"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("2001:db8::1", "2001:db8::1", "2001:db8::2"),
            ("loopback", "127.9.9.9", "128.0.0.1"),
            ("loopback", "::1", "::2"),
            ("private", "10.1.2.3", "127.0.0.1"),
            ("private", "172.31.255.255", "172.32.0.0"),
            ("private", "192.168.0.1", "192.169.0.1"),
            ("private", "169.254.1.1", "100.64.0.1"),
            ("private", "fd00::1", "::1"),
            ("private", "fe80::1", "fec0::1"),
        ] {
            assert!(trusts(entry, inside), "{entry} {inside}");
            assert!(!trusts(entry, outside), "{entry} {outside}");
        }
    }

    #[test]
    fn mapped_blocks_and_addresses_mean_ipv4() {
        for (entry, inside) in [
            ("::ffff:10.0.0.0/104", "10.200.0.1"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("::ffff:0:0/96", "203.0.113.9"),
            ("10.0.0.0/8", "::ffff:10.0.0.1"),
        ] {
            assert!(trusts(entry, inside), "{entry} {inside}");
        }
        assert_eq!(parse("::ffff:10.0.0.0/104"), parse("10.0.0.0/8"));
        assert!(!trusts("::ffff:10.0.0.0/104", "11.0.0.1"));
    }

    #[test]
    fn a_bad_entry_is_named_with_the_remedy() {
        for (entry, remedy) in [
            (
                "10.0.0.5/8",
                "write 10.0.0.0/8 for the whole block, or 10.0.0.5 for one proxy",
            ),
            ("2001:db8::1/32", "write 2001:db8::/32 for the whole block"),
            (
                "::ffff:10.0.0.5/104",
                "write 10.0.0.0/8 for the whole block",
            ),
            ("10.0.0.0/33", "has a prefix beyond 32: write /32 or less"),
            ("10.0.0.0/999", "has a prefix beyond 32"),
            (
                "2001:db8::/129",
                "has a prefix beyond 128: write /128 or less",
            ),
        ] {
            let error = parse(entry).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("lists \"{entry}\", which ")),
                "{error}"
            );
            assert!(error.contains(remedy), "{error}");
        }
        for junk in [
            "",
            " ",
            "/",
            "/8",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "10.0.0.0/-1",
            "10.0.0.0/8/8",
            "10/8",
            "010.0.0.0/8",
            " 10.0.0.0/8",
            "10.0.0.0/255.0.0.0",
            "fe80::1%eth0",
            "[::1]",
            "proxy.example",
            "Loopback",
            "*",
        ] {
            let error = parse(junk).unwrap_err().to_string();
            assert!(
                error.contains("is no address: write a block such as 10.0.0.0/8"),
                "{error}"
            );
        }
    }

    #[test]
    fn one_bad_entry_is_enough() {
        let entries = [
            "loopback".to_owned(),
            "10.0.0.5/8".to_owned(),
            "private".to_owned(),
        ];
        assert_eq!(
            TrustedProxies::parse(&entries).unwrap_err().entry,
            "10.0.0.5/8"
        );
    }

    proptest! {
        #[test]
        fn no_entry_makes_the_parser_panic(entry in "[0-9a-f.:/]{0,50}", any in ".*") {
            for entry in [entry, any] {
                if let Err(error) = parse(&entry) {
                    prop_assert!(error.to_string().starts_with("lists \""));
                }
            }
        }
    }
}

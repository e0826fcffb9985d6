//! Who the client is and whether it came over TLS, by the trusted-proxy rule.
//!
//! Only a peer that the configuration lists is believed, and only as far as its own word goes:
//! what stands left of the answer was written by the client and is never read.

use std::fmt;
use std::iter;
use std::net::IpAddr;

mod forwarded;
mod trusted;

pub(crate) use trusted::{is_internal, TrustedProxies};

/// How many trusted hops may stand between the peer and the client.
///
/// Only hops that the configuration trusts count: a client can write thousands of entries, and
/// an honest proxy that appends to them is not to blame.
const MAX_TRUSTED_HOPS: usize = 32;

/// The header that names the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ClientHeader {
    /// `X-Forwarded-For`: each proxy appends the address of its peer.
    XForwardedFor,
    /// `Forwarded`: each proxy appends an element with `for=` (RFC 7239).
    Forwarded,
    /// A header that holds one address, which the outermost proxy overwrites.
    SingleValue(String),
}

impl ClientHeader {
    /// Returns the header with this name, or `None` where it cannot be the name of a header.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            _ if !is_header_name(name) => None,
            _ if name.eq_ignore_ascii_case("X-Forwarded-For") => Some(Self::XForwardedFor),
            _ if name.eq_ignore_ascii_case("Forwarded") => Some(Self::Forwarded),
            _ => Some(Self::SingleValue(name.to_owned())),
        }
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::XForwardedFor => "X-Forwarded-For",
            Self::Forwarded => "Forwarded",
            Self::SingleValue(name) => name,
        }
    }
}

/// The header that tells how the client reached the outermost proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SchemeHeader {
    /// A list of schemes, such as `X-Forwarded-Proto`.
    Proto(String),
    /// `Forwarded`, with `proto=` (RFC 7239, section 5.4).
    Forwarded,
}

impl SchemeHeader {
    /// Returns the header with this name, or `None` where it cannot be the name of a header.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            _ if !is_header_name(name) => None,
            _ if name.eq_ignore_ascii_case("Forwarded") => Some(Self::Forwarded),
            _ => Some(Self::Proto(name.to_owned())),
        }
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Proto(name) => name,
            Self::Forwarded => "Forwarded",
        }
    }
}

/// RFC 9110, section 5.6.2: a name is a token.
fn is_header_name(name: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_token)
}

/// Why the address of the client is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unresolved {
    /// The connection has no peer address: a Unix socket or a local client.
    NoPeer,
    /// The peer is a trusted proxy and sent no client header.
    Missing,
    /// An entry that had to be read is no address.
    Malformed,
    /// Every hop is a trusted proxy, so that nobody is left to be the client.
    OnlyProxies,
    /// More trusted hops than any real chain has.
    TooManyHops,
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoPeer => "the connection has no peer address",
            Self::Missing => "a trusted proxy sent no client header",
            Self::Malformed => "a trusted proxy sent a malformed client header",
            Self::OnlyProxies => "the client header names trusted proxies only",
            Self::TooManyHops => "the client header names too many trusted proxies",
        })
    }
}

/// The address of the client in canonical form, or why it is not known.
pub(crate) type Resolved = Result<IpAddr, Unresolved>;

/// Returns the client behind `peer`.
///
/// `lines` are all lines of the one configured header, in the order in which they arrived. They
/// are not read when the peer is not a trusted proxy. With `internal_clients`, the leftmost of a
/// chain of trusted hops is a client.
pub(crate) fn resolve_client<'h>(
    peer: Option<IpAddr>,
    lines: impl Iterator<Item = &'h str>,
    trusted: &TrustedProxies,
    header: &ClientHeader,
    internal_clients: bool,
) -> Resolved {
    let peer = peer.ok_or(Unresolved::NoPeer)?.to_canonical();
    if !trusted.contains(peer) {
        return Ok(peer);
    }
    match header {
        ClientHeader::XForwardedFor => {
            let entries = newest_first(lines).flat_map(|line| line.rsplit(','));
            walk(entries.map(forwarded::address), trusted, internal_clients)
        }
        ClientHeader::Forwarded => {
            let elements = newest_first(lines).flat_map(forwarded::elements_from_the_right);
            walk(
                elements.map(forwarded::client_of),
                trusted,
                internal_clients,
            )
        }
        ClientHeader::SingleValue(_) => {
            let entry = only_line(lines)?.map(forwarded::address);
            walk(entry.into_iter(), trusted, internal_clients)
        }
    }
}

/// Walks the hops, the nearest first, to the first one that is not trusted.
///
/// A hop that is no address ends the walk: skipping it would take an address that the client
/// wrote for one that a proxy wrote.
fn walk(
    hops: impl Iterator<Item = Option<IpAddr>>,
    trusted: &TrustedProxies,
    internal_clients: bool,
) -> Resolved {
    let mut leftmost = None;
    for (passed, hop) in hops.enumerate() {
        let hop = hop.ok_or(Unresolved::Malformed)?;
        if !trusted.contains(hop) {
            return Ok(hop);
        }
        if passed == MAX_TRUSTED_HOPS {
            return Err(Unresolved::TooManyHops);
        }
        leftmost = Some(hop);
    }
    match leftmost {
        None => Err(Unresolved::Missing),
        Some(hop) if internal_clients => Ok(hop),
        Some(_) => Err(Unresolved::OnlyProxies),
    }
}

/// Returns the lines that a walk can reach, the last one first.
///
/// A line holds at least one entry, so that no walk reaches more lines than it may pass hops.
/// Rocket iterates over the lines of a header in one direction only.
fn newest_first<'h>(lines: impl Iterator<Item = &'h str>) -> impl Iterator<Item = &'h str> {
    let mut newest = [None; MAX_TRUSTED_HOPS + 1];
    for line in lines {
        newest.rotate_right(1);
        newest[0] = Some(line);
    }
    newest.into_iter().flatten()
}

/// Returns the only line of a header.
///
/// Of two lines, one was sent by the client through a proxy that adds instead of overwriting.
fn only_line<'h>(mut lines: impl Iterator<Item = &'h str>) -> Result<Option<&'h str>, Unresolved> {
    match (lines.next(), lines.next()) {
        (line, None) => Ok(line),
        (_, Some(_)) => Err(Unresolved::Malformed),
    }
}

/// What the proxies say about the way the client came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// `https`, and nobody says otherwise.
    Https,
    /// Something else than `https`, and nobody says otherwise.
    Http,
    /// Some say `https` and some do not.
    Conflicting,
    /// Nothing.
    Absent,
}

impl Scheme {
    pub(crate) fn is_secure(self) -> bool {
        self == Self::Https
    }

    /// Returns what is said when one more value is heard.
    fn and(self, https: bool) -> Self {
        match (self, https) {
            (Self::Absent | Self::Https, true) => Self::Https,
            (Self::Absent | Self::Http, false) => Self::Http,
            _ => Self::Conflicting,
        }
    }
}

/// Returns what all `lines` of the configured header say.
///
/// The caller makes sure that the peer is a trusted proxy.
pub(crate) fn forwarded_over_tls<'h>(
    lines: impl Iterator<Item = &'h str>,
    header: &SchemeHeader,
) -> Scheme {
    match header {
        SchemeHeader::Proto(_) => lines
            .flat_map(|line| line.split(','))
            .map(forwarded::is_https)
            .fold(Scheme::Absent, Scheme::and),
        SchemeHeader::Forwarded => forwarded_proto(lines),
    }
}

/// Returns what the elements of all `Forwarded` lines say.
///
/// The last element must have its say, as the nearest hop wrote it. One further left may be
/// silent, but what it says must not differ.
fn forwarded_proto<'h>(lines: impl Iterator<Item = &'h str>) -> Scheme {
    let mut scheme = Scheme::Absent;
    let mut nearest = None;
    for line in lines {
        let mut said = forwarded::elements_from_the_right(line).map(forwarded::came_over_tls);
        nearest = said.next().flatten();
        scheme = iter::once(nearest)
            .chain(said)
            .flatten()
            .fold(scheme, Scheme::and);
    }
    nearest.map_or(Scheme::Absent, |_| scheme)
}

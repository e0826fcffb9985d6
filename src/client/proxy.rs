//! Who the client is and whether it came over TLS, by the trusted-proxy rule.
//!
//! Only a peer that the configuration lists is believed, and only as far as its own word goes:
//! what stands left of the answer was written by the client and is never read.

use std::fmt;
use std::iter;
use std::net::IpAddr;

use crate::wire::is_token;

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
            _ if !is_token(name) => None,
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
            _ if !is_token(name) => None,
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
/// A line holds at least one entry, so that a walk reads no more lines than entries. (Rocket
/// iterates over the lines of a header in one direction only.)
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

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use proptest::prelude::*;

    use super::*;

    const PROXY: &str = "10.0.0.1";

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn client(text: &str) -> Resolved {
        Ok(ip(text))
    }

    fn trusted() -> TrustedProxies {
        TrustedProxies::parse(&["10.0.0.0/8".into(), "2001:db8:ffff::/48".into()]).unwrap()
    }

    fn behind(peer: &str, header: &str, lines: &[&str]) -> Resolved {
        let header = ClientHeader::named(header).unwrap();
        let lines = lines.iter().copied();
        resolve_client(Some(ip(peer)), lines, &trusted(), &header, false)
    }

    fn xff(lines: &[&str]) -> Resolved {
        behind(PROXY, "X-Forwarded-For", lines)
    }

    fn forwarded(lines: &[&str]) -> Resolved {
        behind(PROXY, "Forwarded", lines)
    }

    fn with_internal_clients(header: &str, lines: &[&str]) -> Resolved {
        let header = ClientHeader::named(header).unwrap();
        let lines = lines.iter().copied();
        resolve_client(Some(ip(PROXY)), lines, &trusted(), &header, true)
    }

    #[test]
    fn headers_are_named_without_regard_to_case() {
        let named = |name| ClientHeader::named(name).unwrap();
        assert_eq!(named("x-forwarded-FOR"), ClientHeader::XForwardedFor);
        assert_eq!(named("forwarded"), ClientHeader::Forwarded);
        assert_eq!(named("X-Real-IP").name(), "X-Real-IP");
        assert_eq!(
            SchemeHeader::named("FORWARDED"),
            Some(SchemeHeader::Forwarded)
        );
        assert_eq!(SchemeHeader::named("X-Scheme").unwrap().name(), "X-Scheme");
        for no_token in ["", "X Real IP", "X-Real-IP:", "X-Réal-IP", "X-Real-IP\n"] {
            assert_eq!(ClientHeader::named(no_token), None, "{no_token:?}");
            assert_eq!(SchemeHeader::named(no_token), None, "{no_token:?}");
        }
    }

    #[test]
    fn an_untrusted_peer_is_the_client_whatever_it_sends() {
        for header in ["X-Forwarded-For", "Forwarded", "X-Real-IP"] {
            for lines in [
                &[][..],
                &["198.51.100.7"],
                &["for=198.51.100.7"],
                &["junk", ""],
            ] {
                assert_eq!(behind("203.0.113.9", header, lines), client("203.0.113.9"));
            }
        }
    }

    #[test]
    fn the_lines_of_an_untrusted_peer_are_not_even_read() {
        let read = Cell::new(false);
        let lines = std::iter::from_fn(|| {
            read.set(true);
            None
        });
        let header = ClientHeader::XForwardedFor;
        let resolved = resolve_client(Some(ip("192.0.2.1")), lines, &trusted(), &header, true);
        assert_eq!((resolved, read.get()), (client("192.0.2.1"), false));
    }

    #[test]
    fn without_a_peer_nobody_is_the_client() {
        for (header, internal_clients) in [
            ("X-Forwarded-For", false),
            ("Forwarded", true),
            ("X-Real-IP", true),
        ] {
            let header = ClientHeader::named(header).unwrap();
            let lines = ["203.0.113.9"].into_iter();
            let resolved = resolve_client(None, lines, &trusted(), &header, internal_clients);
            assert_eq!(resolved, Err(Unresolved::NoPeer));
        }
    }

    #[test]
    fn the_first_untrusted_hop_from_the_right_is_the_client() {
        for lines in [
            &["203.0.113.9"][..],
            &["192.0.2.5, 203.0.113.9"],
            &["192.0.2.5, 203.0.113.9, 10.0.0.7, 10.0.0.8"],
            &["junk, , unknown, 203.0.113.9,10.0.0.8"],
            &["\u{1f980}, 203.0.113.9"],
        ] {
            assert_eq!(xff(lines), client("203.0.113.9"), "{lines:?}");
        }
    }

    #[test]
    fn the_lines_of_a_header_are_one_list_that_ends_with_the_last() {
        assert_eq!(xff(&["198.51.100.7", "203.0.113.9"]), client("203.0.113.9"));
        assert_eq!(
            xff(&["198.51.100.7", "192.0.2.1, 203.0.113.9"]),
            client("203.0.113.9")
        );
        assert_eq!(
            xff(&["203.0.113.9", "10.0.0.7", "10.0.0.8"]),
            client("203.0.113.9")
        );
        assert_eq!(
            xff(&["203.0.113.9", "", "10.0.0.8"]),
            Err(Unresolved::Malformed)
        );
        assert_eq!(
            forwarded(&["for=198.51.100.7", "for=203.0.113.9"]),
            client("203.0.113.9")
        );
        assert_eq!(
            forwarded(&["for=203.0.113.9", "for=10.0.0.8"]),
            client("203.0.113.9")
        );
    }

    #[test]
    fn a_hop_that_is_no_address_ends_the_walk() {
        for lines in [
            &["203.0.113.9, junk, 10.0.0.8"][..],
            &["203.0.113.9, unknown"],
            &["203.0.113.9, _hidden, 10.0.0.8"],
            &[""],
            &[","],
            &["203.0.113.9,"],
            &["203.0.113.9", ""],
            &["203.0.113.9, , 10.0.0.8"],
            &["1.2.3.4.5"],
            &["01.2.3.4"],
            &["999.1.1.1"],
            &["1.2.3"],
            &["::gg"],
        ] {
            assert_eq!(xff(lines), Err(Unresolved::Malformed), "{lines:?}");
        }
    }

    #[test]
    fn a_trusted_peer_without_the_header_resolves_to_nobody() {
        for header in ["X-Forwarded-For", "Forwarded", "X-Real-IP"] {
            assert_eq!(behind(PROXY, header, &[]), Err(Unresolved::Missing));
            // A client can make Rocket drop the line, so that this is not an internal client.
            assert_eq!(with_internal_clients(header, &[]), Err(Unresolved::Missing));
        }
    }

    #[test]
    fn trusted_hops_alone_hold_a_client_only_where_clients_are_internal() {
        for (header, line, leftmost) in [
            ("X-Forwarded-For", "10.0.0.5, 10.0.0.7", "10.0.0.5"),
            ("Forwarded", "for=10.0.0.5, for=10.0.0.7", "10.0.0.5"),
            ("X-Real-IP", "10.0.0.5", "10.0.0.5"),
        ] {
            assert_eq!(behind(PROXY, header, &[line]), Err(Unresolved::OnlyProxies));
            assert_eq!(with_internal_clients(header, &[line]), client(leftmost));
        }
        let lines = ["10.0.0.4, 10.0.0.5", "10.0.0.7"];
        assert_eq!(
            with_internal_clients("X-Forwarded-For", &lines),
            client("10.0.0.4")
        );
    }

    #[test]
    fn mapped_addresses_are_the_ipv4_addresses_they_map() {
        let mapped_peer = behind("::ffff:10.0.0.1", "X-Forwarded-For", &["203.0.113.9"]);
        assert_eq!(mapped_peer, client("203.0.113.9"));
        assert_eq!(
            behind("::ffff:192.0.2.1", "X-Real-IP", &[]),
            client("192.0.2.1")
        );
        assert_eq!(
            xff(&["::ffff:203.0.113.9, ::ffff:10.0.0.8"]),
            client("203.0.113.9")
        );
        let cloud = behind("2001:db8:ffff::1", "X-Forwarded-For", &["2001:db8::9"]);
        assert_eq!(cloud, client("2001:db8::9"));
    }

    #[test]
    fn only_trusted_hops_count_towards_the_limit() {
        let hops = |count| vec!["10.0.0.8"; count].join(",");
        let passed = format!("203.0.113.9,{}", hops(32));
        assert_eq!(xff(&[&passed]), client("203.0.113.9"));
        for one_more in [hops(33), format!("203.0.113.9,{}", hops(33)), hops(10_000)] {
            assert_eq!(xff(&[&one_more]), Err(Unresolved::TooManyHops));
            let internal = with_internal_clients("X-Forwarded-For", &[&one_more]);
            assert_eq!(internal, Err(Unresolved::TooManyHops));
        }
        let long = format!("{}203.0.113.9, 10.0.0.8", "198.51.100.7, ".repeat(10_000));
        assert_eq!(xff(&[&long]), client("203.0.113.9"));
    }

    #[test]
    fn the_limit_spans_lines() {
        let mut lines = vec!["198.51.100.7"; 100];
        lines.push("203.0.113.9");
        lines.extend(["10.0.0.8"; 32]);
        assert_eq!(xff(&lines), client("203.0.113.9"));
        lines.push("10.0.0.8");
        assert_eq!(xff(&lines), Err(Unresolved::TooManyHops));
        assert_eq!(
            with_internal_clients("X-Forwarded-For", &["10.0.0.5"; 32]),
            client("10.0.0.5")
        );
    }

    #[test]
    fn forwarded_elements_are_read_by_rfc_7239() {
        for line in [
            "for=203.0.113.9",
            "For=\"203.0.113.9:47011\"",
            "for=192.0.2.43, FOR=203.0.113.9;proto=https;by=10.0.0.1",
            "for=192.0.2.43,proto=http; for=203.0.113.9 ;host=\"a,b;for=1.2.3.4\", for=10.0.0.7",
            "for=192.0.2.43, host=\"\\\",for=1.2.3.4;\";for=203.0.113.9",
            "for=\"203.0.113\\.9\"",
            ";for=203.0.113.9;;",
            // Quotes that the client left open.
            "for=\"1.2.3.4, for=203.0.113.9",
            "for=1.2.3.4;by=\", for=203.0.113.9, for=\"10.0.0.7\"",
            "for=1.2.3.4;by=\"\\, for=\"203.0.113.9\"",
        ] {
            assert_eq!(forwarded(&[line]), client("203.0.113.9"), "{line}");
        }
        let ipv6 = "for=192.0.2.43, for=\"[2001:db8:cafe::17]:4711\";proto=https";
        assert_eq!(forwarded(&[ipv6]), client("2001:db8:cafe::17"));
    }

    #[test]
    fn forwarded_elements_without_one_address_resolve_to_nobody() {
        for line in [
            "",
            ",",
            "for=203.0.113.9,",
            "203.0.113.9",
            "proto=https",
            "for=unknown",
            "for=_hidden",
            "for=\"_hidden:80\"",
            "for=",
            "for=203.0.113.9;for=203.0.113.9",
            "for=203.0.113.9;FOR=1.2.3.4",
            "for=\"203.0.113.9",
            "for=203.0.113.9\"",
            "for=\"203.0.113.9\"junk",
            "for=203.0.113.9;junk",
            "for =203.0.113.9",
            "for=203.0.113.9;by=a\"b",
            // A proxy that quotes wrongly must not lend a client's element its own place.
            "for=1.2.3.4;y\"=1, for=203.0.113.9;z\"=2",
            "for=1.2.3.4;x=y\", for=203.0.113.9;host=a\"",
            "for=1.2.3.4;y\", for=203.0.113.9;z\"=2",
            "for=203.0.113.9, by=10.0.0.1",
        ] {
            assert_eq!(forwarded(&[line]), Err(Unresolved::Malformed), "{line}");
        }
    }

    #[test]
    fn a_single_value_header_holds_one_address_on_one_line() {
        for header in [
            "X-Real-IP",
            "CF-Connecting-IP",
            "True-Client-IP",
            "Fly-Client-IP",
        ] {
            let single = |lines: &[&str]| behind(PROXY, header, lines);
            assert_eq!(single(&[" 203.0.113.9 "]), client("203.0.113.9"));
            for lines in [
                &["203.0.113.9", "203.0.113.9"][..],
                &["198.51.100.7, 203.0.113.9"],
                &["203.0.113.9,"],
                &["fe80::1%a,b"],
                &[""],
                &["junk"],
            ] {
                assert_eq!(single(lines), Err(Unresolved::Malformed), "{lines:?}");
            }
        }
    }

    fn proto(lines: &[&str]) -> Scheme {
        let header = SchemeHeader::named("X-Forwarded-Proto").unwrap();
        forwarded_over_tls(lines.iter().copied(), &header)
    }

    fn forwarded_scheme(lines: &[&str]) -> Scheme {
        forwarded_over_tls(lines.iter().copied(), &SchemeHeader::Forwarded)
    }

    #[test]
    fn only_https_on_every_hop_is_secure() {
        for (lines, said) in [
            (&[][..], Scheme::Absent),
            (&["https"], Scheme::Https),
            (&[" HTTPS\t"], Scheme::Https),
            (&["https, https", "https"], Scheme::Https),
            (&["http"], Scheme::Http),
            (&["http", "HTTP"], Scheme::Http),
            (&[""], Scheme::Http),
            (&["on"], Scheme::Http),
            (&["wss"], Scheme::Http),
            (&["\"https\""], Scheme::Http),
            (&["http, https"], Scheme::Conflicting),
            (&["https, http"], Scheme::Conflicting),
            (&["https", "http"], Scheme::Conflicting),
            (&["http", "https"], Scheme::Conflicting),
            (&["http, https, http"], Scheme::Conflicting),
            (&["https,"], Scheme::Conflicting),
        ] {
            assert_eq!(proto(lines), said, "{lines:?}");
            assert_eq!(said.is_secure(), said == Scheme::Https);
        }
    }

    #[test]
    fn the_last_forwarded_element_must_say_https_and_no_other_may_differ() {
        for (lines, said) in [
            (&[][..], Scheme::Absent),
            (&["for=1.2.3.4;proto=\"https\""], Scheme::Https),
            (&["for=1.2.3.4;PROTO=Https"], Scheme::Https),
            (&["for=1.2.3.4, for=10.0.0.7;proto=https"], Scheme::Https),
            (&["proto=https", "for=1.2.3.4 ; proto=https"], Scheme::Https),
            (&["for=1.2.3.4;proto=https, for=10.0.0.7"], Scheme::Absent),
            (&["proto=https", "for=10.0.0.7"], Scheme::Absent),
            (&["proto=http"], Scheme::Http),
            (&["proto=https;proto=https"], Scheme::Http),
            (&["proto=\"https"], Scheme::Http),
            (&["proto=https;junk"], Scheme::Http),
            (&["proto=http, proto=https"], Scheme::Conflicting),
            (&["proto=https, proto=http"], Scheme::Conflicting),
            (&["proto=http", "proto=https"], Scheme::Conflicting),
            (&["host=\"a,proto=http\";proto=https"], Scheme::Https),
            (&["by=\", proto=https"], Scheme::Conflicting),
        ] {
            assert_eq!(forwarded_scheme(lines), said, "{lines:?}");
        }
    }

    proptest! {
        #[test]
        fn no_lines_make_the_resolver_panic(
            lines in prop::collection::vec("[0-9a-f.:,;=\"\\\\\\[\\]%_for to\u{e9}]{0,60}", 0..5),
            any in ".*",
        ) {
            let lines = || lines.iter().map(String::as_str).chain([any.as_str()]);
            for header in ["X-Forwarded-For", "Forwarded", "X-Real-IP"] {
                let header = ClientHeader::named(header).unwrap();
                let _ = resolve_client(Some(ip(PROXY)), lines(), &trusted(), &header, true);
            }
            for header in ["X-Forwarded-Proto", "Forwarded"] {
                let _ = forwarded_over_tls(lines(), &SchemeHeader::named(header).unwrap());
            }
        }

        #[test]
        fn nothing_left_of_the_answer_matters(
            forged in prop::collection::vec(".{0,80}", 0..40),
            prefix in "[0-9a-f.:,;=\"\\\\ for\u{e9}]{0,80}",
        ) {
            let lines = |answer| {
                let mut lines = forged.clone();
                lines.push(format!("{prefix},{answer}"));
                lines
            };
            for (header, answer) in [
                ("X-Forwarded-For", "203.0.113.9, 10.0.0.8"),
                ("Forwarded", "for=203.0.113.9, for=10.0.0.8"),
                ("Forwarded", "by=\"a,\\\"b\";for=\"203.0.113.9:80\";proto=https"),
            ] {
                let lines = lines(answer);
                let lines: Vec<_> = lines.iter().map(String::as_str).collect();
                prop_assert_eq!(behind(PROXY, header, &lines), client("203.0.113.9"));
            }
        }

        #[test]
        fn an_answer_is_never_a_trusted_proxy(line in "(10\\.0\\.0\\.[0-9]{1,2}|[0-9.]{5,9}|, )*") {
            if let Ok(address) = xff(&[&line]) {
                prop_assert!(!trusted().contains(address));
            }
        }
    }
}

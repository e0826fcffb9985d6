//! The grammar of forwarding headers: addresses with ports, and `Forwarded` (RFC 7239).
//!
//! `None` means malformed, wherever an address is asked for.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::wire::{is_token, OWS};

/// Returns the address that an entry names: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`,
/// `[2001:db8::1]`, `[2001:db8::1]:443` or `fe80::1%eth0`, quoted or not.
///
/// A port and a zone are checked and dropped; an IPv4-mapped address becomes the IPv4 address.
/// `unknown` and hidden names (RFC 7239, section 6.3) are no addresses.
pub(crate) fn address(entry: &str) -> Option<IpAddr> {
    let entry = unquoted(entry.trim_matches(OWS));
    node_address(&entry).map(|address| address.to_canonical())
}

fn node_address(node: &str) -> Option<IpAddr> {
    if let Some(bracketed) = node.strip_prefix('[') {
        let (address, port) = bracketed.split_once(']')?;
        let valid = port.is_empty() || is_port(port.strip_prefix(':')?);
        return valid.then(|| ipv6(address)).flatten();
    }
    match node.split_once(':') {
        None => ipv4(node),
        // A single colon sets off a port; any IPv6 address has two.
        Some((address, port)) if !port.contains(':') => {
            is_port(port).then(|| ipv4(address)).flatten()
        }
        Some(_) => ipv6(node),
    }
}

fn ipv4(text: &str) -> Option<IpAddr> {
    text.parse::<Ipv4Addr>().ok().map(IpAddr::V4)
}

/// Parses an IPv6 address without its zone (RFC 4007, section 11), which only means something
/// on the machine that wrote it.
fn ipv6(text: &str) -> Option<IpAddr> {
    let address = match text.split_once('%') {
        None => text,
        Some((address, zone)) if is_zone(zone) => address,
        Some(_) => return None,
    };
    address.parse::<Ipv6Addr>().ok().map(IpAddr::V6)
}

fn is_zone(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte);
    !text.is_empty() && text.bytes().all(is_plain)
}

/// RFC 7239, section 6: up to five digits, or a name that hides them.
fn is_port(text: &str) -> bool {
    let is_hidden = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    match text.strip_prefix('_') {
        Some(name) => !name.is_empty() && name.bytes().all(is_hidden),
        None => matches!(text.len(), 1..=5) && text.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

/// Tells whether a scheme is `https` (RFC 3986, section 3.1: case does not matter).
pub(crate) fn is_https(scheme: &str) -> bool {
    scheme.trim_matches(OWS).eq_ignore_ascii_case("https")
}

/// Returns the address in the `for=` of a `Forwarded` element.
pub(crate) fn client_of(element: &str) -> Option<IpAddr> {
    address(parameter(element, "for").ok()??)
}

/// Tells whether the `proto=` of a `Forwarded` element is `https`; `None` without one.
///
/// A malformed element counts as one that denies it.
pub(crate) fn came_over_tls(element: &str) -> Option<bool> {
    match parameter(element, "proto") {
        Ok(scheme) => scheme.map(|scheme| is_https(&unquoted(scheme))),
        Err(Malformed) => Some(false),
    }
}

/// Returns the elements of one `Forwarded` line, the last first.
///
/// The line is read from the right, so that a quote which the client left open cannot swallow
/// what a proxy appended to it.
pub(crate) fn elements_from_the_right(line: &str) -> impl Iterator<Item = &str> {
    let mut unread = Some(line);
    std::iter::from_fn(move || {
        let line = unread.take()?;
        match last_unquoted_comma(line) {
            None => Some(line),
            Some(comma) => {
                unread = line.get(..comma);
                line.get(comma.saturating_add(1)..)
            }
        }
    })
}

fn last_unquoted_comma(line: &str) -> Option<usize> {
    let mut quoted = false;
    for (at, byte) in line.bytes().enumerate().rev() {
        match byte {
            b'"' if !is_escaped(line, at) => quoted = !quoted,
            b',' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

/// Tells whether an odd number of backslashes stands before the byte.
fn is_escaped(line: &str, at: usize) -> bool {
    let before = line.as_bytes().get(..at).unwrap_or_default();
    let backslashes = before
        .iter()
        .rev()
        .take_while(|byte| **byte == b'\\')
        .count();
    backslashes % 2 == 1
}

#[derive(Debug)]
struct Malformed;

/// Returns the value of the parameter `wanted` in a `Forwarded` element, quotes and all.
///
/// RFC 7239, section 4: pairs are set off by semicolons, case of a name does not matter, and a
/// name occurs once.
fn parameter<'h>(element: &'h str, wanted: &str) -> Result<Option<&'h str>, Malformed> {
    let mut found = None;
    let mut unread = element;
    loop {
        unread = unread.trim_start_matches([' ', '\t', ';']);
        if unread.is_empty() {
            return Ok(found);
        }
        let (name, value, rest) = first_pair(unread).ok_or(Malformed)?;
        unread = rest;
        if name.eq_ignore_ascii_case(wanted) && found.replace(value).is_some() {
            return Err(Malformed);
        }
    }
}

/// Splits off the first `name=value`; what is left is empty or begins with a semicolon.
fn first_pair(pairs: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = pairs.split_once('=')?;
    let end = match rest.strip_prefix('"') {
        Some(quoted) => closing_quote(quoted)?.checked_add(2)?,
        // Not a token: many proxies write an address with a port or brackets without the quotes.
        None => rest.find([';', ',', '"']).unwrap_or(rest.len()),
    };
    let (value, rest) = rest.split_at_checked(end)?;
    let rest = rest.trim_start_matches(OWS);
    let well_formed = is_token(name) && (rest.is_empty() || rest.starts_with(';'));
    well_formed.then_some((name, value, rest))
}

fn closing_quote(quoted: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in quoted.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at),
            _ => {}
        }
    }
    None
}

/// Returns what a quoted string stands for (RFC 9110, section 5.6.4), or the text itself.
fn unquoted(text: &str) -> Cow<'_, str> {
    let Some(quoted) = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
    else {
        return Cow::Borrowed(text);
    };
    if !quoted.contains('\\') {
        return Cow::Borrowed(quoted);
    }
    let mut plain = String::with_capacity(quoted.len());
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        plain.extend(if character == '\\' {
            characters.next()
        } else {
            Some(character)
        });
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_are_read_with_ports_brackets_zones_and_quotes() {
        for (entry, expected) in [
            ("1.2.3.4", "1.2.3.4"),
            (" 1.2.3.4\t", "1.2.3.4"),
            ("1.2.3.4:5678", "1.2.3.4"),
            ("1.2.3.4:_hidden", "1.2.3.4"),
            ("\"1.2.3.4:5678\"", "1.2.3.4"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("\"[2001:db8::1]\"", "2001:db8::1"),
            ("\"[2001:DB8::1]:_p\"", "2001:db8::1"),
            ("fe80::1%eth0", "fe80::1"),
            ("[fe80::1%25eth0]:80", "fe80::1"),
            ("::ffff:1.2.3.4", "1.2.3.4"),
            ("[::ffff:1.2.3.4]:80", "1.2.3.4"),
        ] {
            assert_eq!(address(entry), Some(expected.parse().unwrap()), "{entry}");
        }
    }

    #[test]
    fn anything_else_is_no_address() {
        for entry in [
            "",
            " ",
            "\"",
            "\"\"",
            "unknown",
            "_hidden",
            "localhost",
            "1.2.3",
            "1.2.3.4.5",
            "01.2.3.4",
            "999.1.1.1",
            "1.2.3.4:",
            "1.2.3.4:123456",
            "1.2.3.4:http",
            "1.2.3.4:+80",
            "1.2.3.4:_",
            "1.2.3.4:_\u{e9}",
            ":80",
            "1.2.3.4%eth0",
            "[1.2.3.4]",
            "[1.2.3.4]:80",
            "::gg",
            ":::",
            "[::1",
            "::1]",
            "[::1]80",
            "[::1]:",
            "[::1]:x",
            "[[::1]]",
            "fe80::1%",
            "fe80::1%a b",
            "%eth0",
            "\"1.2.3.4",
            "1.2.3.4\"",
            "\u{2003}1.2.3.4",
            "1.2.3.4 5",
            "1.2.3.4\u{0}",
        ] {
            assert_eq!(address(entry), None, "{entry:?}");
        }
    }

    #[test]
    fn elements_come_from_the_right_and_quotes_hold_commas() {
        let elements = |line| elements_from_the_right(line).collect::<Vec<_>>();
        assert_eq!(elements(""), [""]);
        assert_eq!(elements("a,b,"), ["", "b", "a"]);
        assert_eq!(elements(r#"a="x,y",b"#), ["b", r#"a="x,y""#]);
        assert_eq!(elements(r#"a,b="x\",y""#), [r#"b="x\",y""#, "a"]);
        assert_eq!(elements(r#"a,b="x\\",y"#), ["y", r#"b="x\\""#, "a"]);
        assert_eq!(elements(r#"a="x,y,z"#), ["z", "y", r#"a="x"#]);
    }

    #[test]
    fn quoted_strings_lose_their_backslashes() {
        assert_eq!(unquoted(r#""a\"b\\c""#), r#"a"b\c"#);
        assert_eq!(unquoted(r#""a\""#), "a");
        for plain in [r"a\b", "\"a", "a\"", "\""] {
            assert_eq!(unquoted(plain), plain);
        }
    }

    proptest! {
        #[test]
        fn every_address_survives_every_way_to_write_it(ip: IpAddr, port: u16) {
            let bracketed = match ip {
                IpAddr::V4(ip) => ip.to_string(),
                IpAddr::V6(ip) => format!("[{ip}]"),
            };
            for entry in [
                ip.to_string(),
                bracketed.clone(),
                format!("{bracketed}:{port}"),
                format!(" \"{bracketed}:{port}\" "),
            ] {
                prop_assert_eq!(address(&entry), Some(ip.to_canonical()));
            }
        }

        #[test]
        fn well_formed_elements_part_where_they_were_joined(
            elements in prop::collection::vec(
                "([a-z]{1,3}=([a-z0-9]{1,3}|\"([a-z,;= ]|\\\\[\"\\\\,a])*\");?){0,3}",
                1..5,
            ),
        ) {
            let line = elements.join(",");
            let mut parted: Vec<_> = elements_from_the_right(&line).collect();
            parted.reverse();
            prop_assert_eq!(&parted, &elements);
        }

        #[test]
        fn elements_are_the_line_between_commas(line in "[a,\"\\\\;=]{0,30}") {
            let mut elements: Vec<_> = elements_from_the_right(&line).collect();
            elements.reverse();
            prop_assert_eq!(elements.join(","), line);
        }

        #[test]
        fn no_element_makes_the_grammar_panic(element in "[for=\"\\\\;, :.1\u{e9}]{0,40}", any in ".*") {
            for element in [&element, &any] {
                let _ = (address(element), client_of(element), came_over_tls(element));
            }
        }
    }
}

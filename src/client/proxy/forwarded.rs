//! The grammar of forwarding headers: addresses with ports, and `Forwarded` (RFC 7239).
//!
//! `None` means malformed, wherever an address is asked for.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// RFC 9110, section 5.6.3: optional whitespace.
const OWS: [char; 2] = [' ', '\t'];

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
        None => rest.find(';').unwrap_or(rest.len()),
    };
    let (value, rest) = rest.split_at_checked(end)?;
    let rest = rest.trim_start_matches(OWS);
    (rest.is_empty() || rest.starts_with(';')).then_some((name, value, rest))
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

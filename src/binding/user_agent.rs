//! The browser that a session is bound to, as its User-Agent tells.
//!
//! The header is copied as easily as the cookie: it stops a thief who did not think of it, and
//! must not stop an owner whose browser was updated. Hence classes, within which the version may
//! rise.

use std::fmt;

use serde::Deserialize;

use super::digest::{keyed_digest, Digest, Domain};

mod class;

pub(crate) use class::Class;

/// How much of the header is read. Browsers send 100 to 250 bytes.
const READ: usize = 512;

/// How closely the User-Agent must match.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Match {
    /// The same browser on the same platform, whose version may rise.
    #[default]
    Upgrade,
    /// The same bytes.
    Exact,
}

/// The User-Agent that a session is bound to, as it is sealed into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserAgent {
    /// The client sent none.
    Absent,
    Class(Class),
    Exact(Digest),
}

/// How the User-Agent of a request compares with the one that the session is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserAgentVerdict {
    Same,
    /// The same browser in a newer version. The session binds to it, or the older version could
    /// come back.
    Upgraded,
    /// The same browser asks for the other form of the site, desktop or mobile, and tells the
    /// platform that goes with it.
    PlatformChanged,
    /// The same browser in an older version, which no update brings.
    Downgraded,
    Changed,
}

/// Returns the binding to the User-Agent of a request.
///
/// A request has the first line of the header where it has several. A value that is not UTF-8
/// does not reach Rocket, and is absent.
pub(crate) fn observe(header: Option<&str>, by: Match, session_id: &[u8; 16]) -> UserAgent {
    match (header, by) {
        (None, _) => UserAgent::Absent,
        (Some(header), Match::Upgrade) => UserAgent::Class(Class::of(header)),
        (Some(header), Match::Exact) => UserAgent::Exact(exact(header, session_id)),
    }
}

fn exact(header: &str, session_id: &[u8; 16]) -> Digest {
    let bytes = header.as_bytes();
    // The length stands for what is not read.
    let len = (bytes.len() as u64).to_le_bytes();
    let read = bytes.get(..READ).unwrap_or(bytes);
    keyed_digest(session_id, Domain::UserAgent, &[read, &len])
}

/// Returns what people are told of a User-Agent, such as `Firefox on Windows`.
pub(crate) fn label(header: Option<&str>) -> String {
    match header {
        None => UserAgent::Absent.to_string(),
        Some(header) => Class::of(header).to_string(),
    }
}

impl UserAgent {
    /// Compares the User-Agent of a request with the binding.
    ///
    /// The binding decides how, not the configuration of the day: a changed configuration signs
    /// nobody out, and opens no session to a browser that was never compared.
    pub(crate) fn judge(&self, header: Option<&str>, session_id: &[u8; 16]) -> UserAgentVerdict {
        match (self, header) {
            (Self::Absent, None) => UserAgentVerdict::Same,
            (Self::Class(bound), Some(header)) => bound.judge(&Class::of(header)),
            (Self::Exact(bound), Some(header)) if *bound == exact(header, session_id) => {
                UserAgentVerdict::Same
            }
            _ => UserAgentVerdict::Changed,
        }
    }

    /// Appends the sealed form: 1 byte, 5 to 9 bytes for a class, 9 for a digest.
    pub(crate) fn encode(&self, sealed: &mut Vec<u8>) {
        match self {
            Self::Absent => sealed.push(0),
            Self::Class(class) => {
                sealed.push(1);
                class.encode(sealed);
            }
            Self::Exact(digest) => {
                sealed.push(2);
                sealed.extend(digest);
            }
        }
    }

    /// Reads the sealed form and moves past it.
    pub(crate) fn decode(sealed: &mut &[u8]) -> Option<Self> {
        let (kind, rest) = sealed.split_first()?;
        *sealed = rest;
        match kind {
            0 => Some(Self::Absent),
            1 => Class::decode(sealed).map(Self::Class),
            2 => {
                let (digest, rest) = sealed.split_first_chunk()?;
                *sealed = rest;
                Some(Self::Exact(*digest))
            }
            _ => None,
        }
    }
}

impl fmt::Display for UserAgent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("No User-Agent"),
            Self::Class(class) => class.fmt(f),
            Self::Exact(_) => f.write_str("One exact User-Agent"),
        }
    }
}

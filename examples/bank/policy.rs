//! What the configuration says, for the account page to tell.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use rocket::figment::Figment;
use serde::Deserialize;
use time::OffsetDateTime;

/// The part of `restricted_session` that customers may want to know.
///
/// The shield has read the same section and refused the launch if anything is wrong with it.
#[derive(Debug, Deserialize)]
#[serde(default)]
pub(crate) struct Policy {
    pub(crate) cookie_name: String,
    pub(crate) idle_timeout: Span,
    pub(crate) fresh_for: Span,
    pub(crate) binding: Binding,
}

#[derive(Debug, Deserialize)]
#[serde(default)]
pub(crate) struct Binding {
    pub(crate) network: String,
    pub(crate) user_agent: String,
    ipv4_prefix: u8,
    ipv6_prefix: u8,
}

/// A duration as it may be written: in seconds, or in words.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Span {
    Seconds(u64),
    Words(String),
}

impl Policy {
    pub(crate) fn of(figment: &Figment) -> Self {
        let written = figment.extract_inner("restricted_session");
        written.unwrap_or_default()
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            cookie_name: "__Host-session".into(),
            idle_timeout: Span::Words("30m".into()),
            fresh_for: Span::Words("10m".into()),
            binding: Binding::default(),
        }
    }
}

impl Default for Binding {
    fn default() -> Self {
        Self {
            network: "reject".into(),
            user_agent: "reject".into(),
            ipv4_prefix: 32,
            ipv6_prefix: 64,
        }
    }
}

impl Binding {
    /// Returns the network that counts as one place with `address`.
    pub(crate) fn network_of(&self, address: IpAddr) -> String {
        let address = address.to_canonical();
        let prefix = match address {
            IpAddr::V4(_) => self.ipv4_prefix,
            IpAddr::V6(_) => self.ipv6_prefix,
        };
        let network = IpNet::new(address, prefix).unwrap_or(address.into());
        network.trunc().to_string()
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Span::Seconds(seconds) => {
                humantime::format_duration(Duration::from_secs(*seconds)).fmt(f)
            }
            Span::Words(words) => f.write_str(words),
        }
    }
}

/// Writes a time of the present day.
pub(crate) fn time_of_day(at: OffsetDateTime) -> String {
    let (hour, minute, second) = at.to_hms();
    format!("{hour:02}:{minute:02}:{second:02} UTC")
}

/// Writes how far away a time is, in hours and minutes.
pub(crate) fn until(at: OffsetDateTime) -> String {
    let seconds = (at - OffsetDateTime::now_utc()).whole_seconds();
    let minutes = u64::try_from(seconds).unwrap_or_default().div_ceil(60);
    humantime::format_duration(Duration::from_secs(minutes * 60)).to_string()
}

//! What the configuration says, for the account page to tell.

use std::net::IpAddr;

use ipnet::IpNet;
use rocket::figment::Figment;
use serde::Deserialize;

use super::device::DeviceBinding;
use super::keeping::Keeping;
use super::times::Span;

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
    pub(crate) dbsc: DeviceBinding,
    #[serde(flatten)]
    pub(crate) keeping: Keeping,
}

#[derive(Debug, Deserialize)]
#[serde(default)]
pub(crate) struct Binding {
    pub(crate) network: String,
    pub(crate) user_agent: String,
    ipv4_prefix: u8,
    ipv6_prefix: u8,
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
            idle_timeout: Span::words("30m"),
            fresh_for: Span::words("10m"),
            binding: Binding::default(),
            dbsc: DeviceBinding::default(),
            keeping: Keeping::default(),
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

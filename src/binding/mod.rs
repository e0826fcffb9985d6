//! What a session is bound to: network, User-Agent, and the app's own signals.

mod digest;
pub(crate) mod network;
mod settings;
mod signal;
pub(crate) mod user_agent;

use std::borrow::Cow;
use std::net::IpAddr;

use rocket::request::Request;

use crate::client::{self, Resolved, Unresolved};
use crate::event::Change;
use network::{NetworkSlots, NetworkVerdict};
pub(crate) use settings::{Action, BindingSettings};
pub use signal::Signal;
use signal::SignalDigests;
pub(crate) use signal::{reserved_or_repeated, Sighted};
use user_agent::{UserAgent, UserAgentVerdict};

const NETWORK: &str = "network";
const USER_AGENT: &str = "user_agent";

/// What a request shows of its client.
#[derive(Debug)]
pub(crate) struct Sighting<'r> {
    client: Resolved,
    /// The peer may be a proxy that nobody listed: its address is not the client's.
    peer_is_doubtful: bool,
    user_agent: Option<&'r str>,
    signals: Vec<Sighted<'r>>,
}

impl<'r> Sighting<'r> {
    pub(crate) fn of(request: &'r Request<'_>, signals: &'r [Box<dyn Signal>]) -> Self {
        let settings = client::settings(request);
        Self {
            client: settings.map_or(Err(Unresolved::NoPeer), |s| client::resolve(request, s)),
            peer_is_doubtful: false,
            user_agent: request.headers().get_one("User-Agent"),
            signals: signals
                .iter()
                .map(|s| Sighted::by(s.as_ref(), request))
                .collect(),
        }
    }

    /// As [`of`](Self::of), for a session that is about to be bound: the peer may be a proxy.
    pub(crate) fn to_bind(request: &'r Request<'_>, signals: &'r [Box<dyn Signal>]) -> Self {
        let is_unlisted_proxy = |s| client::unlisted_proxy(request, s).is_some();
        Self {
            peer_is_doubtful: client::settings(request).is_some_and(is_unlisted_proxy),
            ..Self::of(request, signals)
        }
    }
}

/// What a session is bound to, as it is sealed: digests and classes, no address, no User-Agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    network: NetworkSlots,
    user_agent: UserAgent,
    signals: SignalDigests,
}

/// One thing that has changed since a session was bound, and what is to be done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) signal: Cow<'static, str>,
    pub(crate) action: Action,
    was: Option<String>,
    now: Option<String>,
}

impl Difference {
    pub(crate) fn told(&self) -> Change {
        Change {
            signal: self.signal.to_string(),
            was: self.was.clone(),
            now: self.now.clone(),
        }
    }
}

/// How a request compares with what its session is bound to.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    pub(crate) differences: Vec<Difference>,
    /// The session is bound to a network, and that of the request is not known.
    pub(crate) client_unresolved: bool,
    /// The same browser in a newer version; the next cookie binds to it.
    pub(crate) current_browser: Option<UserAgent>,
}

impl Fingerprint {
    /// Returns what a session with this id is bound to when it starts now.
    ///
    /// `None` if a trusted proxy did not name the client. Where there is no peer at all, or where
    /// the peer may be an unlisted proxy, the network is sealed as unknown and never compared.
    pub(crate) fn take(
        id: &[u8; 16],
        sighting: &Sighting<'_>,
        settings: &BindingSettings,
    ) -> Option<Self> {
        let address = sighting.address_to_bind(settings).ok()?;
        let user_agent = sighting.user_agent;
        Some(Self {
            network: NetworkSlots::bound_to(id, address, settings.prefixes),
            user_agent: user_agent::observe(user_agent, settings.user_agent_match, id),
            signals: SignalDigests::take(id, &sighting.signals),
        })
    }

    /// Binds to what `present` holds and keeps the network of the other address family.
    pub(crate) fn rebind(&mut self, present: Self) {
        let was = std::mem::replace(self, present);
        self.network.v4 = self.network.v4.or(was.network.v4);
        self.network.v6 = self.network.v6.or(was.network.v6);
    }

    /// Binds to a newer version of the same browser.
    pub(crate) fn upgrade(&mut self, current_browser: UserAgent) {
        self.user_agent = current_browser;
    }

    /// Compares a request with what the session is bound to.
    pub(crate) fn compare(
        &self,
        id: &[u8; 16],
        sighting: &Sighting<'_>,
        settings: &BindingSettings,
    ) -> Comparison {
        let mut comparison = Comparison::default();
        if settings.network > Action::Off {
            self.compare_network(id, sighting, settings, &mut comparison);
        }
        if settings.user_agent > Action::Off {
            self.compare_user_agent(id, sighting, settings, &mut comparison);
        }
        let changed = self.signals.changed(id, &sighting.signals);
        comparison.differences.extend(changed);
        comparison
    }

    fn compare_network(
        &self,
        id: &[u8; 16],
        sighting: &Sighting<'_>,
        settings: &BindingSettings,
        comparison: &mut Comparison,
    ) {
        let address = sighting.client.ok();
        let action = match self.network.judge(id, address) {
            NetworkVerdict::Same | NetworkVerdict::NotBound => return,
            NetworkVerdict::OtherFamily => settings.other_family,
            NetworkVerdict::Changed => settings.network,
            NetworkVerdict::Unresolved => {
                comparison.client_unresolved = settings.network > Action::Report;
                Action::Report
            }
        };
        comparison.differences.push(Difference {
            signal: Cow::Borrowed(NETWORK),
            action,
            was: None,
            now: address.map(network::masked),
        });
    }

    fn compare_user_agent(
        &self,
        id: &[u8; 16],
        sighting: &Sighting<'_>,
        settings: &BindingSettings,
        comparison: &mut Comparison,
    ) {
        let header = sighting.user_agent;
        match self.user_agent.judge(header, id) {
            UserAgentVerdict::Same => {}
            UserAgentVerdict::Upgraded => {
                let current = user_agent::observe(header, settings.user_agent_match, id);
                comparison.current_browser = Some(current);
            }
            UserAgentVerdict::PlatformChanged
            | UserAgentVerdict::Downgraded
            | UserAgentVerdict::Changed => comparison.differences.push(Difference {
                signal: Cow::Borrowed(USER_AGENT),
                action: settings.user_agent,
                was: Some(self.user_agent.to_string()),
                now: Some(user_agent::label(header)),
            }),
        }
    }

    /// Appends the sealed form.
    pub(crate) fn encode(&self, sealed: &mut Vec<u8>) {
        self.network.encode(sealed);
        self.user_agent.encode(sealed);
        self.signals.encode(sealed);
    }

    /// Reads the sealed form, which is the rest of `sealed`.
    pub(crate) fn decode(sealed: &mut &[u8]) -> Option<Self> {
        Some(Self {
            network: NetworkSlots::decode(sealed)?,
            user_agent: UserAgent::decode(sealed)?,
            signals: SignalDigests::decode(sealed)?,
        })
    }
}

impl Sighting<'_> {
    fn address_to_bind(&self, settings: &BindingSettings) -> Result<Option<IpAddr>, Unresolved> {
        if self.peer_is_doubtful {
            return Ok(None);
        }
        match self.client {
            Ok(address) => Ok(Some(address)),
            Err(Unresolved::NoPeer) => Ok(None),
            Err(_) if settings.network == Action::Off => Ok(None),
            Err(unresolved) => Err(unresolved),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use network::Prefixes;
    use user_agent::Match;

    impl Sighting<'static> {
        /// A client at `address`, or at none if that is empty.
        pub(crate) fn test(address: &str, user_agent: Option<&'static str>) -> Self {
            Self {
                client: address.parse().map_err(|_| Unresolved::NoPeer),
                peer_is_doubtful: false,
                user_agent,
                signals: Vec::new(),
            }
        }
    }

    impl Fingerprint {
        pub(crate) fn unbound() -> Self {
            Self {
                network: NetworkSlots::UNKNOWN,
                user_agent: UserAgent::Absent,
                signals: SignalDigests::default(),
            }
        }
    }

    impl Difference {
        pub(crate) fn test(signal: &'static str, action: Action) -> Self {
            Self {
                signal: Cow::Borrowed(signal),
                action,
                was: None,
                now: None,
            }
        }
    }

    const ID: [u8; 16] = [9; 16];

    const SETTINGS: BindingSettings = BindingSettings {
        network: Action::Reject,
        prefixes: Prefixes { v4: 24, v6: 64 },
        other_family: Action::StepUp,
        user_agent: Action::Reject,
        user_agent_match: Match::Upgrade,
    };

    fn bound(sighting: &Sighting<'_>) -> Fingerprint {
        Fingerprint::take(&ID, sighting, &SETTINGS).unwrap()
    }

    fn changes(fingerprint: &Fingerprint, now: &Sighting<'_>) -> Vec<(String, Action)> {
        let compared = fingerprint.compare(&ID, now, &SETTINGS);
        assert!(!compared.client_unresolved);
        let differences = compared.differences.into_iter();
        differences
            .map(|d| (d.signal.into_owned(), d.action))
            .collect()
    }

    #[test]
    fn the_same_client_shows_no_difference_and_another_one_shows_all() {
        let fingerprint = bound(&Sighting::test("192.0.2.7", Some("curl/8")));
        assert_eq!(
            changes(&fingerprint, &Sighting::test("192.0.2.9", Some("curl/8"))),
            []
        );
        let other = Sighting::test("198.51.100.7", None);
        assert_eq!(
            changes(&fingerprint, &other),
            [
                ("network".into(), Action::Reject),
                ("user_agent".into(), Action::Reject)
            ]
        );
    }

    #[test]
    fn what_is_off_is_not_compared() {
        let off = BindingSettings {
            network: Action::Off,
            user_agent: Action::Off,
            ..SETTINGS
        };
        let fingerprint = bound(&Sighting::test("192.0.2.7", Some("curl/8")));
        let nobody = Sighting::test("", None);
        let compared = fingerprint.compare(&ID, &nobody, &off);
        assert!(compared.differences.is_empty() && !compared.client_unresolved);
    }

    #[test]
    fn rebinding_keeps_the_other_family_and_forgets_the_rest() {
        let mut fingerprint = bound(&Sighting::test("192.0.2.7", Some("curl/8")));
        let on_v6 = Sighting::test("2001:db8::1", Some("wget/1"));
        assert_eq!(
            changes(&fingerprint, &on_v6)[0],
            ("network".into(), Action::StepUp)
        );
        fingerprint.rebind(bound(&on_v6));
        assert_eq!(changes(&fingerprint, &on_v6), []);
        assert_eq!(
            changes(&fingerprint, &Sighting::test("192.0.2.7", Some("wget/1"))),
            []
        );
        let old_browser = Sighting::test("192.0.2.7", Some("curl/8"));
        assert_eq!(changes(&fingerprint, &old_browser).len(), 1);
    }

    #[test]
    fn a_client_that_its_proxy_does_not_name_is_never_bound() {
        for unresolved in [
            Unresolved::Missing,
            Unresolved::Malformed,
            Unresolved::OnlyProxies,
            Unresolved::TooManyHops,
        ] {
            let mut sighting = Sighting::test("", Some("curl/8"));
            sighting.client = Err(unresolved);
            assert_eq!(Fingerprint::take(&ID, &sighting, &SETTINGS), None);
        }
        assert!(Fingerprint::take(&ID, &Sighting::test("", None), &SETTINGS).is_some());
    }

    #[test]
    fn behind_a_doubtful_peer_the_network_is_unknown_for_good() {
        let mut behind_proxy = Sighting::test("10.0.0.1", Some("curl/8"));
        behind_proxy.peer_is_doubtful = true;
        let fingerprint = bound(&behind_proxy);
        assert_eq!(
            changes(&fingerprint, &Sighting::test("192.0.2.7", Some("curl/8"))),
            []
        );

        let mut direct = bound(&Sighting::test("192.0.2.7", Some("curl/8")));
        direct.rebind(bound(&behind_proxy));
        assert_eq!(
            changes(&direct, &Sighting::test("198.51.100.1", Some("curl/8"))).len(),
            1
        );
    }
}

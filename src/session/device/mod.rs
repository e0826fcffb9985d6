//! Device-bound sessions, as one kind of session uses them: what is offered, asked for and removed.

mod answer;
mod refresh;
mod register;
mod routes;

use std::fmt;
use std::sync::OnceLock;

use rocket::http::Header;
use rocket::request::Request;

use super::section::Section;
use super::settings::DeviceSettings;
use super::ticket::Ticket;
use crate::cookie;
use crate::dbsc::bound::{self, Bound};
use crate::dbsc::challenge::{self, Purpose};
use crate::dbsc::{header, identifier, Algorithm, BoundCookie, Keys};
use crate::paths;
use crate::store::{DeviceCookie, Millis, SessionKey};
use crate::transport::SameSite;
use crate::wire;
pub(crate) use routes::routes;

/// What binds the sessions of one section to devices, as it runs.
pub(crate) struct Device {
    pub(crate) settings: DeviceSettings,
    algorithms: Vec<Algorithm>,
    cookie: BoundCookie,
    keys: OnceLock<Option<Keys>>,
}

impl Device {
    /// `None` only where the feature is off.
    pub(crate) fn new(
        settings: DeviceSettings,
        session_cookie: &str,
        same_site: SameSite,
    ) -> Option<Self> {
        let algorithms = settings.algorithms.iter();
        Some(Self {
            algorithms: algorithms
                .filter_map(|name| Algorithm::from_name(name))
                .collect(),
            cookie: BoundCookie {
                name: format!("{session_cookie}-bound"),
                same_site,
                max_age: settings.bound_for.unsigned_abs(),
            },
            settings,
            keys: OnceLock::new(),
        })
    }

    /// Returns the name of the bound cookie.
    pub(crate) fn cookie_name(&self) -> &str {
        &self.cookie.name
    }

    /// Tells whether a request of this session brings a bound cookie that is valid.
    pub(super) fn shown(
        &self,
        request: &Request<'_>,
        section: &Section,
        session: &SessionKey,
        now: Millis,
    ) -> DeviceCookie {
        if paths::is_at_or_below(request.uri().path().as_str(), &self.settings.exclude) {
            return DeviceCookie::NotNeeded;
        }
        let Some(keys) = self.keys(section, request) else {
            return DeviceCookie::Absent;
        };
        let found = cookie::presented(request, &self.cookie.name);
        let session = bytes_of(session);
        let is_valid = |value: &&str| {
            let bound = bound::open(keys, &session, value, stamp_of(now));
            matches!(bound, Bound::Valid(_))
        };
        match found.values.iter().any(is_valid) {
            true => DeviceCookie::Shown,
            false => DeviceCookie::Absent,
        }
    }

    /// Tells whether a request brings a bound cookie, whatever it is worth.
    pub(super) fn is_presented(&self, request: &Request<'_>) -> bool {
        let found = cookie::presented(request, &self.cookie.name);
        !found.values.is_empty()
    }

    /// Tells whether a session that just signed in has had no time yet to show its device.
    pub(super) fn is_in_grace(&self, signed_in_at: Millis, now: Millis) -> bool {
        now.saturating_sub(signed_in_at) <= self.settings.grace
    }

    /// Returns the offer to bind the session that a response signs in.
    ///
    /// It is made on that response only: on a later one it might be a thief who takes it.
    pub(super) fn offer(
        &self,
        request: &Request<'_>,
        section: &Section,
        ticket: &Ticket,
    ) -> Option<Header<'static>> {
        let keys = self.keys(section, request)?;
        let session = bytes_of(&ticket.key()?);
        let stamp = stamp_of(ticket.signed_in_at * 1000);
        let challenge = challenge::issue(keys, Purpose::Registration, &session, stamp);
        let path = format!("{}/{}", self.settings.path, routes::REGISTER);
        let whose = identifier::issue(keys, &session);
        let offer = header::registration(&self.algorithms, &path, &challenge, Some(&whose))?;
        Some(Header::new(header::REGISTRATION, offer))
    }

    /// Returns the `Set-Cookie` value that removes the bound cookie.
    pub(super) fn removal(&self) -> String {
        self.cookie.remove()
    }

    /// Returns why a browser says that it sends no bound cookie, if it does.
    pub(super) fn skipped(request: &Request<'_>) -> Option<&'static str> {
        let lines = request.headers().get(header::SKIPPED);
        header::skipped(lines)
            .next()
            .map(|item| item.reason.as_str())
    }

    /// Returns the keys of the protocol; `None` if Rocket has no secret key.
    fn keys(&self, section: &Section, request: &Request<'_>) -> Option<&Keys> {
        let build = || {
            let sealer = section.sealer(request.rocket().config())?;
            let (current, previous) = sealer.keys();
            Some(Keys::new(current, previous))
        };
        self.keys.get_or_init(build).as_ref()
    }
}

/// A session's place in a store, as the protocol names it: subject, then handle.
const SESSION_BYTES: usize = 28;

fn bytes_of(key: &SessionKey) -> [u8; SESSION_BYTES] {
    let mut bytes = [0; SESSION_BYTES];
    let (subject, id) = bytes.split_at_mut(16);
    subject.copy_from_slice(key.subject.as_bytes());
    id.copy_from_slice(key.id.as_bytes());
    bytes
}

fn key_of(bytes: &[u8]) -> Option<SessionKey> {
    let mut rest = bytes;
    let key = SessionKey {
        subject: crate::store::SubjectId::from_bytes(wire::take(&mut rest)?),
        id: crate::store::SessionId::from_bytes(wire::take(&mut rest)?),
    };
    rest.is_empty().then_some(key)
}

/// Stamps of challenges and ends of cookies count the same milliseconds, and none before 1970.
fn stamp_of(now: Millis) -> u64 {
    u64::try_from(now).unwrap_or_default()
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Device")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_store_survives_its_bytes() {
        let key = SessionKey {
            subject: crate::store::SubjectId::from_bytes([1; 16]),
            id: crate::store::SessionId::from_bytes([2; 12]),
        };
        let bytes = bytes_of(&key);
        assert_eq!(key_of(&bytes), Some(key));
        assert_eq!(key_of(&bytes[1..]), None);
        assert_eq!(key_of(&[&bytes[..], &[0]].concat()), None);
        assert_eq!(stamp_of(-1), 0);
    }
}

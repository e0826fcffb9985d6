//! The app's own signals: one more thing to bind a session to.

use std::borrow::Cow;
use std::fmt;

use rocket::request::Request;

use super::digest::{keyed_digest, Digest, Domain};
use super::{Action, Difference, NETWORK, USER_AGENT};
use crate::wire::take;

/// One more thing to bind a session to, such as the client certificate of mutual TLS.
///
/// What [`observe`](Self::observe) returns when the session starts is sealed into it as a digest
/// that is keyed with the session's secret id. A request on which it returns something else, or
/// nothing where there was something, has the action `reject`.
///
/// A session that started before the signal was added to the app is not bound to it.
///
/// # Example
///
/// ```rust
/// use std::borrow::Cow;
/// use rocket::Request;
/// use rocket_restricted_session::Signal;
///
/// /// The platform that Chromium tells by itself over HTTPS.
/// struct Platform;
///
/// impl Signal for Platform {
///     fn name(&self) -> &'static str { "platform" }
///
///     fn observe<'r>(&self, request: &'r Request<'_>) -> Option<Cow<'r, str>> {
///         request.headers().get_one("Sec-CH-UA-Platform").map(Cow::Borrowed)
///     }
/// }
/// ```
pub trait Signal: Send + Sync + 'static {
    /// Returns the signal's name, which rejections and events tell. It is sealed: keep it.
    fn name(&self) -> &'static str;

    /// Returns what the client shows on this request; `None` is a value as any other.
    fn observe<'r>(&self, request: &'r Request<'_>) -> Option<Cow<'r, str>>;
}

/// What one signal showed on a request.
pub(crate) struct Sighted<'r> {
    name: &'static str,
    value: Option<Cow<'r, str>>,
}

impl<'r> Sighted<'r> {
    pub(super) fn by(signal: &dyn Signal, request: &'r Request<'_>) -> Self {
        Self {
            name: signal.name(),
            value: signal.observe(request),
        }
    }
}

/// Hides the value, which may be anything.
impl fmt::Debug for Sighted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sighted").field(&self.name).finish()
    }
}

/// Returns a name that two signals share, or that means something else already.
pub(crate) fn reserved_or_repeated(signals: &[Box<dyn Signal>]) -> Option<&'static str> {
    let mut taken = vec![NETWORK, USER_AGENT];
    for name in signals.iter().map(|signal| signal.name()) {
        if taken.contains(&name) {
            return Some(name);
        }
        taken.push(name);
    }
    None
}

/// The digests of what the signals showed, by a short digest of their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SignalDigests(Vec<(Tag, Digest)>);

type Tag = [u8; 4];

fn tag(id: &[u8; 16], name: &str) -> Tag {
    let [a, b, c, d, ..] = keyed_digest(id, Domain::Signal, &[name.as_bytes()]);
    [a, b, c, d]
}

fn digest(id: &[u8; 16], sighted: &Sighted<'_>) -> Digest {
    let name = sighted.name.as_bytes();
    match &sighted.value {
        Some(value) => keyed_digest(id, Domain::Signal, &[name, b"some", value.as_bytes()]),
        None => keyed_digest(id, Domain::Signal, &[name, b"none"]),
    }
}

impl SignalDigests {
    pub(super) fn take(id: &[u8; 16], sighted: &[Sighted<'_>]) -> Self {
        let entry = |sighted: &Sighted<'_>| (tag(id, sighted.name), digest(id, sighted));
        Self(sighted.iter().map(entry).collect())
    }

    /// Returns the signals that show something else than what was sealed.
    pub(super) fn changed(&self, id: &[u8; 16], sighted: &[Sighted<'_>]) -> Vec<Difference> {
        let is_changed = |sighted: &&Sighted<'_>| {
            let tag = tag(id, sighted.name);
            let sealed = self.0.iter().find(|(name, _)| *name == tag);
            sealed.is_some_and(|(_, sealed)| *sealed != digest(id, sighted))
        };
        let changed = sighted.iter().filter(is_changed);
        changed
            .map(|sighted| Difference {
                signal: Cow::Borrowed(sighted.name),
                action: Action::Reject,
                was: None,
                now: None,
            })
            .collect()
    }

    pub(super) fn encode(&self, sealed: &mut Vec<u8>) {
        for (tag, digest) in &self.0 {
            sealed.extend_from_slice(tag);
            sealed.extend_from_slice(digest);
        }
    }

    pub(super) fn decode(sealed: &mut &[u8]) -> Option<Self> {
        let mut digests = Vec::new();
        while !sealed.is_empty() {
            digests.push((take(sealed)?, take(sealed)?));
        }
        Some(Self(digests))
    }
}

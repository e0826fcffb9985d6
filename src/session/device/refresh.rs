//! Refresh: the device signs a challenge, and gets the next bound cookie.

use rocket::http::Status;
use rocket::request::Request;
use rocket::response::Response;

use super::answer::{empty, terminated, Answer};
use super::{bytes_of, key_of, stamp_of, Device};
use crate::cookie;
use crate::dbsc::challenge::{self, Purpose};
use crate::dbsc::{header, identifier, BadProof, DeviceKey, Keys, Proof};
use crate::event::EventKind;
use crate::session::candidate;
use crate::session::keeper::Keeper;
use crate::session::section::Section;
use crate::store::{self, Millis, SessionKey};

const HOUR: u64 = 60 * 60 * 1000;

/// One refresh: whom it concerns, and what it is judged with.
pub(super) struct Refresh<'a, 'r> {
    pub(super) request: &'r Request<'r>,
    pub(super) section: &'a Section,
    pub(super) device: &'a Device,
    pub(super) keeper: &'a Keeper,
    pub(super) keys: &'a Keys,
}

/// A proof that answers a challenge of ours; its signature is not verified yet.
struct Answered<'r> {
    proof: Proof<'r>,
    stamp: u64,
}

impl Refresh<'_, '_> {
    /// Answers with a bound cookie, a challenge, or the end of the session.
    ///
    /// What costs least is judged first: the size of the proof, the code of its challenge, the
    /// store, the signature. The session is found by its identifier: there may be no cookies.
    pub(super) async fn answer(&self) -> Response<'static> {
        let lines = self.request.headers().get(header::SESSION_ID);
        let Some(named) = header::session_identifier(lines) else {
            return empty(Status::Forbidden);
        };
        let opened = identifier::open(self.keys, named);
        match opened.as_deref().and_then(key_of) {
            Some(session) if !self.was_left_behind(&session) => {
                self.answer_to(session, named).await
            }
            _ => terminated(named),
        }
    }

    async fn answer_to(&self, session: SessionKey, named: &str) -> Response<'static> {
        let answer = Answer {
            device: self.device,
            keys: self.keys,
            session,
            identifier: named,
        };
        let now = self.section.clock.now();
        let answered = self.answered(&session);
        let device = self.keeper.store.device(&session, now);
        let (key, spent) = match self.keeper.ask(device).await {
            Ok(store::Device::Bound { key, proved, .. }) => (key, proved),
            Ok(store::Device::None | store::Device::Over(_)) => return terminated(named),
            Err(_) => return empty(Status::ServiceUnavailable),
        };
        let in_time = |answered: &Answered<'_>| self.is_in_time(answered.stamp, spent, now);
        let Some(Answered { proof, stamp }) = answered.filter(in_time) else {
            return answer.challenge(spent, now);
        };
        if stamp <= spent {
            self.tell(EventKind::ProofReused(session.id));
            return answer.challenge(spent, now);
        }
        let Some(key) = DeviceKey::from_bytes(&key) else {
            return empty(Status::ServiceUnavailable);
        };
        match proof.verify(&key) {
            Ok(()) => self.answer_proved(&answer, &key, stamp, now).await,
            Err(bad) => {
                self.refused(bad);
                answer.challenge(spent, now)
            }
        }
    }

    /// Spends the challenge that the device has signed; of two at once, one gets the cookie.
    async fn answer_proved(
        &self,
        answer: &Answer<'_>,
        key: &DeviceKey,
        stamp: u64,
        now: Millis,
    ) -> Response<'static> {
        let session = &answer.session;
        let proof = self.keeper.store.prove(session, stamp, now);
        match self.keeper.ask(proof).await {
            Ok(store::Proof::Fresh { .. }) => {
                self.tell(EventKind::DeviceRefreshed(session.id));
                answer.bound(key.digest(), stamp, now)
            }
            Ok(store::Proof::Used) => {
                self.tell(EventKind::ProofReused(session.id));
                answer.challenge(stamp, now)
            }
            Ok(store::Proof::Over(_)) => terminated(answer.identifier),
            Err(_) => empty(Status::ServiceUnavailable),
        }
    }

    /// Tells whether the browser has the cookie of another session by now, and this one's is gone.
    ///
    /// A browser that was closed forgets its cookies, but not its keys. It would refresh a session
    /// that nobody can use any more, and put that one's bound cookie in the place of the other's.
    fn was_left_behind(&self, session: &SessionKey) -> bool {
        let presented = cookie::presented(self.request, &self.section.settings.cookie_name);
        let key = |value: &&str| candidate::key_of(self.request, self.section, value);
        let presented: Vec<_> = presented.values.iter().filter_map(key).collect();
        !presented.is_empty() && !presented.contains(session)
    }

    /// Reads the proof, if there is one, and it answers a challenge of ours. One that does not is
    /// no offence: the secret key may have changed.
    fn answered(&self, session: &SessionKey) -> Option<Answered<'_>> {
        let lines = self.request.headers().get(header::RESPONSE);
        let proof = header::proof(lines).and_then(|jwt| jwt.map(Proof::parse).transpose());
        let proof = match proof {
            Ok(proof) => proof?,
            Err(bad) => {
                self.refused(bad);
                return None;
            }
        };
        let stamp = challenge::open(self.keys, Purpose::Refresh, &bytes_of(session), proof.jti())?;
        Some(Answered { proof, stamp })
    }

    /// Tells whether a challenge may still be answered. When a clock has gone back, the next ones
    /// are stamped after the last that was answered, and so ahead of it.
    fn is_in_time(&self, stamp: u64, spent: u64, now: Millis) -> bool {
        let bound_for = self.device.settings.bound_for.unsigned_abs() * 1000;
        challenge::is_current(stamp, stamp_of(now).max(spent), bound_for + HOUR)
    }

    fn refused(&self, bad: BadProof) {
        rocket::warn!("A refresh of a device-bound session was refused: {bad}.");
        self.tell(EventKind::ProofRefused(bad.to_string()));
    }

    fn tell(&self, kind: EventKind) {
        self.section.tell(kind, None, self.request);
    }
}

//! Registration: the device brings its key, signed by itself, for a challenge of the sign-in.

use rocket::http::Status;
use rocket::request::Request;
use rocket::response::Response;

use super::answer::{empty, Answer};
use super::{key_of, stamp_of, Device};
use crate::dbsc::challenge::{self, Purpose};
use crate::dbsc::{header, identifier, BadProof, DeviceKey, Keys, Registration};
use crate::event::EventKind;
use crate::session::keeper::Keeper;
use crate::session::section::Section;
use crate::store::{Binding, Millis, SessionKey};

/// How long a browser may take to make a key and come back. It does so at once.
const LIFETIME: u64 = 5 * 60 * 1000;

/// Binds a session to the key that a device brings. The first one wins: a second may be a thief's.
///
/// Nothing but the proof is asked for. After a landing from another site the request carries no
/// cookies, so that the proof itself tells whose challenge it answers.
pub(super) async fn register(
    request: &Request<'_>,
    section: &Section,
    device: &Device,
    keeper: &Keeper,
    keys: &Keys,
) -> Response<'static> {
    let now = section.clock.now();
    let refused = || empty(Status::Forbidden);
    let offered = match Offered::read(request, device, keys, now) {
        Ok(Some(offered)) => offered,
        Ok(None) => return refused(),
        Err(bad) => {
            section.tell(EventKind::ProofRefused(bad.to_string()), None, request);
            return refused();
        }
    };
    let Offered {
        key,
        identifier,
        session,
        stamp,
    } = &offered;
    let bytes = key.to_bytes();
    let bind = keeper.store.bind(session, &bytes, *stamp, now);
    match keeper.ask(bind).await {
        Ok(Binding::Bound) => {
            section.tell(EventKind::DeviceBound(session.id), None, request);
            let answer = Answer {
                device,
                keys,
                session: *session,
                identifier,
            };
            answer.bound(key.digest(), *stamp, now)
        }
        Ok(Binding::Taken) => {
            section.tell(EventKind::SecondDevice(session.id), None, request);
            refused()
        }
        Ok(Binding::Over(_)) => refused(),
        Err(_) => empty(Status::ServiceUnavailable),
    }
}

/// A key whose proof answers a challenge of ours.
struct Offered {
    key: DeviceKey,
    identifier: String,
    session: SessionKey,
    stamp: u64,
}

impl Offered {
    /// Reads and verifies a registration; `None` if it answers no challenge that we made, for the
    /// session that it names, not long ago.
    fn read(
        request: &Request<'_>,
        device: &Device,
        keys: &Keys,
        now: Millis,
    ) -> Result<Option<Self>, BadProof> {
        let lines = request.headers().get(header::RESPONSE);
        let Ok(Some(jwt)) = header::proof(lines) else {
            return Ok(None);
        };
        // Anybody can send junk: only who answers a challenge of ours is worth telling of.
        let Ok(registration) = Registration::parse(jwt, &device.algorithms) else {
            return Ok(None);
        };
        let Some((identifier, session, stamp)) = challenged(&registration, keys, now) else {
            return Ok(None);
        };
        Ok(Some(Self {
            key: registration.verify()?,
            identifier,
            session,
            stamp,
        }))
    }
}

fn challenged(
    registration: &Registration<'_>,
    keys: &Keys,
    now: Millis,
) -> Option<(String, SessionKey, u64)> {
    let identifier = registration.authorization()?;
    let session = identifier::open(keys, identifier)?;
    let stamp = challenge::open(keys, Purpose::Registration, &session, registration.jti())?;
    let in_time = challenge::is_current(stamp, stamp_of(now), LIFETIME);
    let key = key_of(&session)?;
    in_time.then(|| (identifier.to_owned(), key, stamp))
}

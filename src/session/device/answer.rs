//! What the two routes answer.
//!
//! A browser ends a session whose refresh is answered by anything but a success, a challenge or a
//! fault of the server: no 400, 401, 404 or 429, no redirect, no page of a catcher. So these are
//! responses, never outcomes that a catcher would replace.

use std::io::Cursor;

use rocket::http::{ContentType, Header, Status};
use rocket::response::Response;

use super::{bytes_of, routes, stamp_of, Device};
use crate::dbsc::challenge::{self, Purpose};
use crate::dbsc::{bound, header, Instructions, KeyDigest, Keys};
use crate::store::{Millis, SessionKey};

/// An answer to a browser that names its session as `identifier`.
pub(super) struct Answer<'a> {
    pub(super) device: &'a Device,
    pub(super) keys: &'a Keys,
    pub(super) session: SessionKey,
    pub(super) identifier: &'a str,
}

impl Answer<'_> {
    /// The device has proved itself: the next bound cookie, and the next challenge, which saves a
    /// round trip. `spent` is the stamp of the challenge that was answered.
    pub(super) fn bound(&self, key: KeyDigest, spent: u64, now: Millis) -> Response<'static> {
        let device = self.device;
        let refresh_url = format!("{}/{}", device.settings.path, routes::REFRESH);
        let instructions = Instructions {
            session_identifier: self.identifier,
            refresh_url: &refresh_url,
            origin: None,
            exclude: &device.settings.exclude,
            cookie: &device.cookie,
            allowed_refresh_initiators: &device.settings.allowed_refresh_initiators,
        };
        let ends = now.saturating_add(device.settings.bound_for.saturating_mul(1000));
        let value = bound::issue(self.keys, &bytes_of(&self.session), key, stamp_of(ends));
        let mut response = json(instructions.to_json());
        response.adjoin_header(Header::new("Set-Cookie", device.cookie.issue(&value)));
        self.add_challenge(&mut response, spent, now);
        response
    }

    /// Prove it: the challenge to sign.
    pub(super) fn challenge(&self, spent: u64, now: Millis) -> Response<'static> {
        let mut response = empty(Status::Forbidden);
        self.add_challenge(&mut response, spent, now);
        response
    }

    /// Where clocks differ, a challenge must not be older than the last one that was answered.
    fn add_challenge(&self, response: &mut Response<'_>, spent: u64, now: Millis) {
        let stamp = stamp_of(now).max(spent.saturating_add(1));
        let session = bytes_of(&self.session);
        let challenge = challenge::issue(self.keys, Purpose::Refresh, &session, stamp);
        if let Some(value) = header::challenge(&challenge, self.identifier) {
            response.set_raw_header(header::CHALLENGE, value);
        }
    }
}

/// The session is over: the browser forgets it, and its key.
pub(super) fn terminated(identifier: &str) -> Response<'static> {
    json(crate::dbsc::termination(identifier))
}

pub(super) fn empty(status: Status) -> Response<'static> {
    let mut response = Response::new();
    response.set_status(status);
    response.set_raw_header("Cache-Control", "no-store");
    response
}

fn json(body: String) -> Response<'static> {
    let mut response = empty(Status::Ok);
    response.set_header(ContentType::JSON);
    response.set_sized_body(body.len(), Cursor::new(body));
    response
}

//! What is sealed into a session cookie.
//!
//! `1` (the version), the envelope in Base64, a dot, and the app's data in JSON:
//!
//! | bytes | what |
//! |---|---|
//! | 6 | realm: digest of section and context |
//! | 16 | session id |
//! | 4 | signed in, seconds since the epoch |
//! | 4 | authenticated, seconds after that |
//! | 4 | issued, seconds after that |
//! | 3 to 33 | fingerprint: networks and User-Agent |
//! | 12 each | digests of the app's own signals |

use std::fmt;

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine;
use rand::rngs::OsRng;
use rand::RngCore;
use sha2::{Digest, Sha256};

use crate::binding::user_agent::UserAgent;
use crate::binding::Fingerprint;
use crate::wire::{leading, take};

/// The version that this code writes. A higher one was sealed by a newer crate: kept, not opened.
const VERSION: char = '1';

/// Names the section and context that a ticket is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Realm([u8; 6]);

impl Realm {
    pub(crate) fn of(section: &str, context: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"rocket_restricted_session realm\0");
        hash.update(section.as_bytes());
        hash.update([0]);
        hash.update(context.as_bytes());
        Self(leading(&hash.finalize()))
    }
}

/// The random 128 bits that name a session. Never shown: digests are keyed with it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct SecretId(pub(crate) [u8; 16]);

impl SecretId {
    /// Draws an id from the operating system's generator.
    pub(crate) fn random() -> Self {
        let mut id = [0; 16];
        OsRng.fill_bytes(&mut id);
        Self(id)
    }
}

impl fmt::Debug for SecretId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretId(..)")
    }
}

/// What the crate keeps in a session cookie, beside the app's data. Times are Unix seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ticket {
    pub(crate) id: SecretId,
    pub(crate) signed_in_at: i64,
    pub(crate) authenticated_at: i64,
    pub(crate) issued_at: i64,
    pub(crate) fingerprint: Fingerprint,
}

/// Why a plaintext is no ticket for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotOurs {
    Malformed,
    OtherVersion,
    OtherRealm,
}

impl Ticket {
    /// Returns the ticket as it is issued again, to a browser that may have been updated.
    pub(crate) fn renewed(&self, current_browser: Option<UserAgent>, now: i64) -> Self {
        let mut renewed = self.clone();
        renewed.issued_at = now;
        if let Some(browser) = current_browser {
            renewed.fingerprint.upgrade(browser);
        }
        renewed
    }

    /// Writes the plaintext to seal; `payload` is the app's data in JSON.
    pub(crate) fn encode(&self, realm: Realm, payload: &str) -> String {
        let mut envelope = Vec::with_capacity(64);
        envelope.extend_from_slice(&realm.0);
        envelope.extend_from_slice(&self.id.0);
        for seconds in [
            self.signed_in_at,
            self.authenticated_at - self.signed_in_at,
            self.issued_at - self.signed_in_at,
        ] {
            envelope.extend_from_slice(&u32_seconds(seconds).to_be_bytes());
        }
        self.fingerprint.encode(&mut envelope);

        let mut plaintext = String::with_capacity(payload.len() + 96);
        plaintext.push(VERSION);
        URL_SAFE_NO_PAD.encode_string(&envelope, &mut plaintext);
        plaintext.push('.');
        plaintext.push_str(payload);
        plaintext
    }

    /// Reads an unsealed plaintext; returns the ticket and the app's data in JSON.
    pub(crate) fn decode(plaintext: &str, realm: Realm) -> Result<(Self, &str), NotOurs> {
        let versioned = plaintext
            .strip_prefix(VERSION)
            .ok_or(NotOurs::OtherVersion)?;
        let (envelope, payload) = versioned.split_once('.').ok_or(NotOurs::Malformed)?;
        let envelope = URL_SAFE_NO_PAD
            .decode(envelope)
            .map_err(|_| NotOurs::Malformed)?;
        let mut rest = envelope.as_slice();

        if Realm(take(&mut rest).ok_or(NotOurs::Malformed)?) != realm {
            return Err(NotOurs::OtherRealm);
        }
        let ticket = Self::decode_envelope(&mut rest).ok_or(NotOurs::Malformed)?;
        Ok((ticket, payload))
    }

    fn decode_envelope(rest: &mut &[u8]) -> Option<Self> {
        let id = SecretId(take(rest)?);
        let signed_in_at = i64::from(u32::from_be_bytes(take(rest)?));
        Some(Self {
            id,
            signed_in_at,
            authenticated_at: signed_in_at + i64::from(u32::from_be_bytes(take(rest)?)),
            issued_at: signed_in_at + i64::from(u32::from_be_bytes(take(rest)?)),
            fingerprint: Fingerprint::decode(rest)?,
        })
    }
}

/// Until the year 2106; a clock beyond it, or one that went back, is brought into range.
fn u32_seconds(seconds: i64) -> u32 {
    u32::try_from(seconds.max(0)).unwrap_or(u32::MAX)
}

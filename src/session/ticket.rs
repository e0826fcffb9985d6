//! What is sealed into a session cookie.
//!
//! `1` (the version; `2` where a store keeps the session), the envelope in Base64, a dot, and the
//! app's data in JSON:
//!
//! | bytes | what |
//! |---|---|
//! | 6 | realm: digest of section and context |
//! | 16 | session id |
//! | 4 | signed in, seconds since the epoch |
//! | 4 | authenticated, seconds after that |
//! | 4 | issued, seconds after that |
//! | 61 | with a store: flags, subject, handle, process, token, its parent, generation, revision |
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
use crate::store::{Lineage, SessionId, SessionKey, SubjectId, Token};
use crate::wire::{leading, take};

/// The versions that this code writes. A higher one was sealed by a newer crate: kept, not opened.
const STATELESS: char = '1';
const KEPT: char = '2';

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

    /// Returns how a store names the subject of a session of this realm.
    pub(crate) fn subject(self, subject: &str) -> SubjectId {
        SubjectId::of(&self.0, subject)
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
    /// What a store knows of the session.
    pub(crate) kept: Option<Kept>,
    pub(crate) fingerprint: Fingerprint,
}

/// The part of a ticket by which a store finds and judges its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Where it is kept.
    pub(crate) key: SessionKey,
    /// The process in whose memory the session is; 0 for a store that does not forget.
    pub(crate) process: u64,
    /// The session was taken over from another process: not fresh until re-authentication.
    pub(crate) adopted: bool,
    pub(crate) lineage: Lineage,
    /// How often the app's data had been replaced when the ticket was sealed.
    pub(crate) revision: u32,
}

/// Why a plaintext is no ticket for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotOurs {
    Malformed,
    OtherVersion,
    OtherRealm,
}

impl Ticket {
    /// Returns what the app's data is sealed for, where a store keeps it.
    pub(crate) fn payload_purpose(&self) -> Vec<u8> {
        [b"rocket_restricted_session payload\0", &self.id.0[..]].concat()
    }

    /// Returns where a store keeps the session, if one does.
    pub(crate) fn key(&self) -> Option<SessionKey> {
        self.kept.map(|kept| kept.key)
    }

    /// Returns the session's public handle.
    pub(crate) fn handle(&self) -> SessionId {
        match &self.kept {
            // Sealed along, because each request asks for it.
            Some(kept) => kept.key.id,
            None => SessionId::of(&self.id.0),
        }
    }

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
        let mut envelope = Vec::with_capacity(128);
        envelope.extend_from_slice(&realm.0);
        envelope.extend_from_slice(&self.id.0);
        for seconds in [
            self.signed_in_at,
            self.authenticated_at - self.signed_in_at,
            self.issued_at - self.signed_in_at,
        ] {
            envelope.extend_from_slice(&u32_seconds(seconds).to_be_bytes());
        }
        if let Some(kept) = &self.kept {
            kept.encode(&mut envelope);
        }
        self.fingerprint.encode(&mut envelope);

        let mut plaintext = String::with_capacity(payload.len() + 192);
        plaintext.push(match self.kept {
            Some(_) => KEPT,
            None => STATELESS,
        });
        URL_SAFE_NO_PAD.encode_string(&envelope, &mut plaintext);
        plaintext.push('.');
        plaintext.push_str(payload);
        plaintext
    }

    /// Reads an unsealed plaintext; returns the ticket and the app's data in JSON.
    pub(crate) fn decode(plaintext: &str, realm: Realm) -> Result<(Self, &str), NotOurs> {
        let (is_kept, versioned) = match (
            plaintext.strip_prefix(STATELESS),
            plaintext.strip_prefix(KEPT),
        ) {
            (Some(versioned), _) => (false, versioned),
            (_, Some(versioned)) => (true, versioned),
            (None, None) => return Err(NotOurs::OtherVersion),
        };
        let (envelope, payload) = versioned.split_once('.').ok_or(NotOurs::Malformed)?;
        let envelope = URL_SAFE_NO_PAD
            .decode(envelope)
            .map_err(|_| NotOurs::Malformed)?;
        let mut rest = envelope.as_slice();

        if Realm(take(&mut rest).ok_or(NotOurs::Malformed)?) != realm {
            return Err(NotOurs::OtherRealm);
        }
        let ticket = Self::decode_envelope(&mut rest, is_kept).ok_or(NotOurs::Malformed)?;
        Ok((ticket, payload))
    }

    fn decode_envelope(rest: &mut &[u8], is_kept: bool) -> Option<Self> {
        let id = SecretId(take(rest)?);
        let signed_in_at = i64::from(u32::from_be_bytes(take(rest)?));
        Some(Self {
            id,
            signed_in_at,
            authenticated_at: signed_in_at + i64::from(u32::from_be_bytes(take(rest)?)),
            issued_at: signed_in_at + i64::from(u32::from_be_bytes(take(rest)?)),
            kept: match is_kept {
                true => Some(Kept::decode(rest)?),
                false => None,
            },
            fingerprint: Fingerprint::decode(rest)?,
        })
    }
}

impl Kept {
    fn encode(&self, envelope: &mut Vec<u8>) {
        envelope.push(u8::from(self.adopted));
        envelope.extend_from_slice(self.key.subject.as_bytes());
        envelope.extend_from_slice(self.key.id.as_bytes());
        envelope.extend_from_slice(&self.process.to_be_bytes());
        envelope.extend_from_slice(&self.lineage.token.to_bytes());
        envelope.extend_from_slice(&self.lineage.parent.to_bytes());
        envelope.extend_from_slice(&self.lineage.generation.to_be_bytes());
        envelope.extend_from_slice(&self.revision.to_be_bytes());
    }

    fn decode(rest: &mut &[u8]) -> Option<Self> {
        let [flags] = take(rest)?;
        Some(Self {
            adopted: flags & 1 == 1,
            key: SessionKey {
                subject: SubjectId::from_bytes(take(rest)?),
                id: SessionId::from_bytes(take(rest)?),
            },
            process: u64::from_be_bytes(take(rest)?),
            lineage: Lineage {
                token: Token::from_bytes(take(rest)?)?,
                parent: Token::from_bytes(take(rest)?)?,
                generation: u32::from_be_bytes(take(rest)?),
            },
            revision: u32::from_be_bytes(take(rest)?),
        })
    }
}

/// Until the year 2106; a clock beyond it, or one that went back, is brought into range.
fn u32_seconds(seconds: i64) -> u32 {
    u32::try_from(seconds.max(0)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binding::network::Prefixes;
    use crate::binding::user_agent::Match;
    use crate::binding::{Action, BindingSettings, Sighting};

    const BINDING: BindingSettings = BindingSettings {
        network: Action::Reject,
        prefixes: Prefixes { v4: 32, v6: 64 },
        other_family: Action::Reject,
        user_agent: Action::Reject,
        user_agent_match: Match::Upgrade,
    };

    const ID: [u8; 16] = [0xa5; 16];

    fn bound_to(addresses: &[&str], user_agent: Option<&'static str>) -> Fingerprint {
        let mut fingerprints = addresses.iter().map(|address| {
            let sighting = Sighting::test(address, user_agent);
            Fingerprint::take(&ID, &sighting, &BINDING).unwrap()
        });
        let mut bound = fingerprints.next().unwrap();
        fingerprints.for_each(|next| bound.rebind(next));
        bound
    }

    fn ticket(fingerprint: Fingerprint) -> Ticket {
        Ticket {
            id: SecretId(ID),
            signed_in_at: 1_800_000_000,
            authenticated_at: 1_800_000_300,
            issued_at: 1_800_000_900,
            kept: None,
            fingerprint,
        }
    }

    fn kept(fingerprint: Fingerprint) -> Ticket {
        Ticket {
            kept: Some(Kept {
                key: SessionKey {
                    subject: SubjectId::from_bytes([1; 16]),
                    id: SessionId::of(&ID),
                },
                process: 2,
                adopted: true,
                lineage: Lineage {
                    token: Token::from_bytes([3; 8]).unwrap(),
                    parent: Token::from_bytes([4; 8]).unwrap(),
                    generation: 5,
                },
                revision: 6,
            }),
            ..ticket(fingerprint)
        }
    }

    const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 \
        (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

    fn realm() -> Realm {
        Realm::of("restricted_session", "")
    }

    #[test]
    fn what_was_written_is_read() {
        for (addresses, user_agent) in [
            (&["192.0.2.7"] as &[_], Some(CHROME)),
            (&["2001:db8::7", "192.0.2.7"], Some(CHROME)),
            (&["192.0.2.7"], None),
            (&[""], Some("curl/8.5.0")),
        ] {
            let fingerprint = bound_to(addresses, user_agent);
            for ticket in [ticket(fingerprint.clone()), kept(fingerprint)] {
                for payload in ["{}", "", "\"a.b\"", "{\"name\":\"ü\"}"] {
                    let plaintext = ticket.encode(realm(), payload);
                    let read = Ticket::decode(&plaintext, realm());
                    assert_eq!(read, Ok((ticket.clone(), payload)));
                }
            }
        }
    }

    #[test]
    fn the_envelope_takes_at_most_80_bytes() {
        let everything = ticket(bound_to(&["2001:db8::7", "192.0.2.7"], Some(CHROME)));
        assert!(everything.encode(realm(), "").len() <= 80);
        let usual = ticket(bound_to(&["192.0.2.7"], Some(CHROME)));
        assert!(usual.encode(realm(), "").len() <= 70);
    }

    /// The format is frozen: a change signs everybody out and needs a new version.
    #[test]
    fn a_ticket_of_the_first_release_is_read() {
        let frozen =
            "19TWXBZ17paWlpaWlpaWlpaWlpaWlpWtJ0gAAAAEsAAADhCBE4w9-3gKr90BULWG40iOZqAEGAIwA.{}";
        let ticket = ticket(bound_to(&["2001:db8::7", "192.0.2.7"], Some(CHROME)));
        assert_eq!(ticket.encode(realm(), "{}"), frozen);
    }

    /// As above, with what a store knows of the session.
    #[test]
    fn a_ticket_that_a_store_keeps_is_read() {
        let frozen =
            "29TWXBZ17paWlpaWlpaWlpaWlpaWlpWtJ0gAAAAEsAAADhAEBAQEBAQEBAQEBAQEBAQEBhggkiQeLrq7\
            4E30gAAAAAAAAAAIDAwMDAwMDAwQEBAQEBAQEAAAABQAAAAYgROMPft4Cq_dAVC1huNIjmagBBgCMAA.{}";
        let ticket = kept(bound_to(&["2001:db8::7", "192.0.2.7"], Some(CHROME)));
        assert_eq!(ticket.encode(realm(), "{}"), frozen);
    }

    #[test]
    fn other_versions_sections_and_contexts_are_told_apart() {
        let plaintext = ticket(bound_to(&["192.0.2.7"], None)).encode(realm(), "{}");
        let newer = plaintext.replacen('1', "3", 1);
        assert_eq!(Ticket::decode(&newer, realm()), Err(NotOurs::OtherVersion));
        for other in [
            Realm::of("admin_session", ""),
            Realm::of("restricted_session", "staging"),
            Realm::of("restricted_sessio", "n"),
        ] {
            assert_eq!(Ticket::decode(&plaintext, other), Err(NotOurs::OtherRealm));
        }
    }

    #[test]
    fn no_truncated_or_altered_plaintext_panics() {
        let plaintext = ticket(bound_to(&["192.0.2.7"], Some(CHROME))).encode(realm(), "{}");
        for at in 0..plaintext.len() {
            let _ = Ticket::decode(&plaintext[..at], realm());
            let mut altered = plaintext.clone().into_bytes();
            altered[at] = b'_';
            let _ = Ticket::decode(&String::from_utf8(altered).unwrap(), realm());
        }
        let envelope = plaintext.split('.').next().unwrap();
        assert_eq!(Ticket::decode(envelope, realm()), Err(NotOurs::Malformed));
    }

    #[test]
    fn nothing_that_a_ticket_is_bound_to_can_be_read_in_it() {
        let ticket = ticket(bound_to(&["192.0.2.7"], Some(CHROME)));
        let plaintext = ticket.encode(realm(), "{}");
        let sealed = URL_SAFE_NO_PAD
            .decode(plaintext[1..].split('.').next().unwrap())
            .unwrap();
        for raw in [&[192, 0, 2, 7][..], b"Windows", b"Chrome"] {
            assert!(!sealed.windows(raw.len()).any(|window| window == raw));
        }
        assert!(!format!("{ticket:?}").contains("165"));
    }

    #[test]
    fn ids_are_random() {
        let ids: Vec<_> = (0..100).map(|_| SecretId::random().0).collect();
        let distinct: std::collections::HashSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
    }
}

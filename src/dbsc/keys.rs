//! The app's secret keys: the current one makes what a browser is given, each of them checks it.
//!
//! Identifiers and bound cookies are sealed: a browser learns nothing from them, and to open one
//! costs less than to check a MAC. Challenges are made for whoever asks, as often as he asks: the
//! random nonces of AES-GCM bear 2³² of them (NIST SP 800-38D, section 8.3), a MAC any number.

use std::fmt;
use std::iter;

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine;
use ring::hmac;

use crate::seal::Key;

/// What is sealed. What was sealed as one opens as no other, and as no cookie: names of cookies
/// hold no blank.
#[derive(Clone, Copy)]
pub(super) enum Sealed<'a> {
    Identifier,
    /// For the session that a store keeps under these bytes.
    BoundCookie {
        session: &'a [u8],
    },
}

impl Sealed<'_> {
    fn associated_data(self) -> Vec<u8> {
        match self {
            Self::Identifier => b"dbsc session identifier".to_vec(),
            Self::BoundCookie { session } => [b"dbsc bound cookie\0", session].concat(),
        }
    }
}

/// The current secret key and the previous ones, as the protocol uses them.
pub(crate) struct Keys {
    current: Pair,
    previous: Vec<Pair>,
}

impl Keys {
    pub(crate) fn new(current: &Key, previous: &[Key]) -> Self {
        Self {
            current: Pair::of(current),
            previous: previous.iter().map(Pair::of).collect(),
        }
    }

    #[cfg(test)]
    pub(super) fn test(current: u8, previous: &[u8]) -> Self {
        let previous: Vec<_> = previous.iter().map(|byte| Key::test(*byte)).collect();
        Self::new(&Key::test(current), &previous)
    }

    /// Seals a few bytes to a text for headers and cookies.
    pub(super) fn seal(&self, what: Sealed<'_>, bytes: &[u8]) -> String {
        let seal = &self.current.seal;
        let sealed = seal.seal_bytes(&what.associated_data(), bytes);
        // Only many gibibytes are not sealed, and an empty text opens as nothing.
        URL_SAFE_NO_PAD.encode(sealed.unwrap_or_default())
    }

    pub(super) fn open(&self, what: Sealed<'_>, text: &str) -> Option<Vec<u8>> {
        let purpose = what.associated_data();
        self.all().find_map(|pair| {
            let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
            pair.seal.open_bytes(&purpose, sealed)
        })
    }

    /// Returns the code that shows that a challenge was made here.
    pub(super) fn code(&self, message: &[u8]) -> hmac::Tag {
        hmac::sign(&self.current.mac, message)
    }

    pub(super) fn accepts(&self, message: &[u8], code: &[u8]) -> bool {
        self.all()
            .any(|pair| hmac::verify(&pair.mac, message, code).is_ok())
    }

    fn all(&self) -> impl Iterator<Item = &Pair> {
        iter::once(&self.current).chain(&self.previous)
    }
}

/// Says nothing: every field is secret.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").finish_non_exhaustive()
    }
}

struct Pair {
    seal: Key,
    mac: hmac::Key,
}

impl Pair {
    fn of(key: &Key) -> Self {
        // HKDF-Extract (RFC 5869, section 2.2). The half itself is not used as a key: an app that
        // signs with it would make challenges.
        let salt = hmac::Key::new(hmac::HMAC_SHA256, b"rocket_restricted_session challenge");
        let derived = hmac::sign(&salt, key.signing_half());
        Self {
            seal: key.clone(),
            mac: hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: Sealed<'_> = Sealed::BoundCookie { session: b"s" };

    #[test]
    fn what_was_sealed_is_opened() {
        let keys = Keys::test(1, &[]);
        for what in [Sealed::Identifier, SESSION] {
            for bytes in [&b""[..], b"plain", &[0xff; 100]] {
                let sealed = keys.seal(what, bytes);
                assert_eq!(keys.open(what, &sealed).as_deref(), Some(bytes));
            }
        }
    }

    #[test]
    fn one_purpose_opens_nothing_of_another() {
        let keys = Keys::test(1, &[]);
        let identifier = keys.seal(Sealed::Identifier, b"plain");
        let cookie = keys.seal(SESSION, b"plain");
        assert_eq!(keys.open(SESSION, &identifier), None);
        assert_eq!(keys.open(Sealed::Identifier, &cookie), None);
        let other = Sealed::BoundCookie { session: b"t" };
        assert_eq!(keys.open(other, &cookie), None);
    }

    #[test]
    fn previous_keys_check_and_make_nothing() {
        let before = Keys::test(1, &[]);
        let (sealed, code) = (before.seal(SESSION, b"plain"), before.code(b"m"));
        for (keys, accepted) in [(Keys::test(2, &[3, 1]), true), (Keys::test(2, &[3]), false)] {
            assert_eq!(keys.open(SESSION, &sealed).is_some(), accepted);
            assert_eq!(keys.accepts(b"m", code.as_ref()), accepted);
            assert_ne!(keys.code(b"m").as_ref(), code.as_ref());
            let anew = keys.seal(SESSION, b"plain");
            assert_eq!(before.open(SESSION, &anew), None);
        }
    }

    #[test]
    fn codes_are_for_one_message_and_of_one_length() {
        let keys = Keys::test(1, &[]);
        let code = keys.code(b"m");
        assert!(keys.accepts(b"m", code.as_ref()));
        assert!(!keys.accepts(b"n", code.as_ref()));
        assert!(!keys.accepts(b"m", &code.as_ref()[..16]));
        assert!(!keys.accepts(b"m", b""));
    }

    #[test]
    fn codes_are_not_what_the_app_would_sign() {
        let signing = hmac::Key::new(hmac::HMAC_SHA256, &[1; 32]);
        let signed = hmac::sign(&signing, b"m");
        assert!(!Keys::test(1, &[]).accepts(b"m", signed.as_ref()));
    }

    #[test]
    fn debug_shows_no_key() {
        assert_eq!(format!("{:?}", Keys::test(1, &[2])), "Keys { .. }");
    }
}

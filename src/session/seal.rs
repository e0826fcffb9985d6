//! Keys, and sealing in the format of Rocket's private cookies.
//!
//! AES-256-GCM by the `cookie` crate, the cookie's name as associated data, in Base64. Rocket
//! itself can read the result with `CookieJar::get_private`.

use std::fmt;

use cookie::{Cookie, CookieJar, Key};
use rocket::figment::Figment;

/// Reads the master key that Rocket seals its own private cookies with.
///
/// `None` when the app has none. Reading serialises the whole configuration: do it once.
pub(crate) fn key_of(config: &rocket::Config) -> Option<Key> {
    let master: Vec<u8> = Figment::from(config).extract_inner("secret_key").ok()?;
    Key::try_from(master.as_slice()).ok()
}

/// Returns how long a sealed plaintext is: nonce and tag around it, in Base64.
pub(crate) fn sealed_length(plaintext: usize) -> usize {
    const NONCE_AND_TAG: usize = 12 + 16;
    (NONCE_AND_TAG + plaintext).div_ceil(3) * 4
}

/// Seals under the current key, unseals under any key it knows.
pub(crate) struct Sealer {
    name: String,
    current: Key,
    previous: Vec<Key>,
}

/// A plaintext, and whether the current key sealed it.
pub(crate) struct Unsealed {
    pub(crate) plaintext: String,
    pub(crate) by_current_key: bool,
}

impl Sealer {
    pub(crate) fn new(name: &str, current: Key, previous: &[Key]) -> Self {
        Self {
            name: name.to_owned(),
            current,
            previous: previous.to_vec(),
        }
    }

    pub(crate) fn seal(&self, plaintext: String) -> String {
        let mut jar = CookieJar::new();
        let cookie = Cookie::new(self.name.clone(), plaintext);
        jar.private_mut(&self.current).add(cookie);
        let sealed = jar.get(&self.name).map(Cookie::value).unwrap_or_default();
        sealed.to_owned()
    }

    pub(crate) fn unseal(&self, value: &str) -> Option<Unsealed> {
        let jar = CookieJar::new();
        let unseal_with = |key: &Key| {
            let cookie = Cookie::new(self.name.clone(), value.to_owned());
            let opened = jar.private(key).decrypt(cookie)?;
            Some(opened.value().to_owned())
        };
        if let Some(plaintext) = unseal_with(&self.current) {
            return Some(Unsealed {
                plaintext,
                by_current_key: true,
            });
        }
        let plaintext = self.previous.iter().find_map(unseal_with)?;
        Some(Unsealed {
            plaintext,
            by_current_key: false,
        })
    }
}

/// Says nothing: every field is secret or derived from one.
impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(current: u8, previous: &[u8]) -> Sealer {
        let key = |byte| Key::from(&[byte; 64]);
        let previous: Vec<_> = previous.iter().map(|byte| key(*byte)).collect();
        Sealer::new("s", key(current), &previous)
    }

    #[test]
    fn what_was_sealed_is_unsealed() {
        let sealed = sealer(1, &[]).seal("plain".into());
        let unsealed = sealer(1, &[]).unseal(&sealed).unwrap();
        assert_eq!(
            (unsealed.plaintext.as_str(), unsealed.by_current_key),
            ("plain", true)
        );
    }

    #[test]
    fn the_sealed_length_is_known_beforehand() {
        for length in 0..100 {
            let sealed = sealer(1, &[]).seal("x".repeat(length));
            assert_eq!(sealed.len(), sealed_length(length));
        }
    }

    #[test]
    fn a_previous_key_opens_and_is_told_apart() {
        let sealed = sealer(1, &[]).seal("plain".into());
        let unsealed = sealer(2, &[3, 1]).unseal(&sealed).unwrap();
        assert!(!unsealed.by_current_key);
        assert!(sealer(2, &[3]).unseal(&sealed).is_none());
    }

    #[test]
    fn a_name_opens_only_what_was_sealed_for_it() {
        let other = Sealer::new("t", Key::from(&[1; 64]), &[]);
        assert!(other.unseal(&sealer(1, &[]).seal("plain".into())).is_none());
    }

    #[test]
    fn no_flipped_bit_and_no_truncation_opens() {
        let sealed = sealer(1, &[]).seal("plain".into());
        for at in 0..sealed.len() {
            assert!(sealer(1, &[]).unseal(&sealed[..at]).is_none());
            let mut bytes = sealed.clone().into_bytes();
            bytes[at] ^= 1;
            let flipped = String::from_utf8_lossy(&bytes).into_owned();
            // The unused low bits of the last Base64 digit are the one thing that is not sealed.
            if at + 1 < sealed.trim_end_matches('=').len() {
                assert!(sealer(1, &[]).unseal(&flipped).is_none(), "byte {at}");
            }
        }
    }

    #[test]
    fn rocket_reads_what_we_seal() {
        let config = rocket::Config {
            secret_key: rocket::config::SecretKey::from(&[7; 64]),
            ..rocket::Config::debug_default()
        };
        let sealer = Sealer::new("s", key_of(&config).unwrap(), &[]);
        let sealed = sealer.seal("plain".into());

        let client = rocket::local::blocking::Client::untracked(rocket::custom(config)).unwrap();
        let request = client.get("/").cookie(("s", sealed));
        let read = request.inner().cookies().get_private("s").unwrap();
        assert_eq!(read.value(), "plain");
    }
}

//! Keys, and sealing in the format of Rocket's private cookies.
//!
//! AES-256-GCM under a random nonce, with the cookie's name as associated data, in Base64. Rocket
//! itself can read the result with `CookieJar::get_private`.

use std::fmt;

use aes_gcm::{AeadInPlace, Aes256Gcm, KeyInit};
use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use rand::rngs::OsRng;
use rand::RngCore;
use rocket::figment::Figment;

const NONCE: usize = 12;
const TAG: usize = 16;

/// A secret key, expanded once.
#[derive(Clone)]
pub(crate) struct Key {
    cipher: Aes256Gcm,
    #[cfg(feature = "dbsc")]
    signing: [u8; 32],
}

/// Reads the key that Rocket seals its own private cookies with.
///
/// `None` when the app has none. Reading serialises the whole configuration: do it once.
pub(crate) fn key_of(config: &rocket::Config) -> Option<Key> {
    let master: Vec<u8> = Figment::from(config).extract_inner("secret_key").ok()?;
    Key::of(&master)
}

/// Returns how long a sealed plaintext is: nonce and tag around it, in Base64.
pub(crate) fn sealed_length(plaintext: usize) -> usize {
    (NONCE + plaintext + TAG).div_ceil(3) * 4
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

    /// Seals under the current key. `None` only for a plaintext of many gibibytes.
    pub(crate) fn seal(&self, plaintext: &str) -> Option<String> {
        let name = self.name.as_bytes();
        let sealed = self.current.seal_bytes(name, plaintext.as_bytes())?;
        Some(STANDARD.encode(sealed))
    }

    /// Returns the current key, and those before it.
    #[cfg(feature = "dbsc")]
    pub(crate) fn keys(&self) -> (&Key, &[Key]) {
        (&self.current, &self.previous)
    }

    /// Seals bytes that never leave the server's side, for a purpose.
    pub(crate) fn seal_bytes(&self, purpose: &[u8], plaintext: &[u8]) -> Option<Vec<u8>> {
        self.current.seal_bytes(purpose, plaintext)
    }

    /// Opens bytes that any of the keys sealed for the same purpose.
    pub(crate) fn open_bytes(&self, purpose: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let mut keys = std::iter::once(&self.current).chain(&self.previous);
        keys.find_map(|key| key.open_bytes(purpose, sealed.to_vec()))
    }

    pub(crate) fn unseal(&self, value: &str) -> Option<Unsealed> {
        let open = |key: &Key, by_current_key| {
            let plaintext = key.open(&self.name, value)?;
            Some(Unsealed {
                plaintext,
                by_current_key,
            })
        };
        let under_previous = || self.previous.iter().find_map(|key| open(key, false));
        open(&self.current, true).or_else(under_previous)
    }
}

impl Key {
    /// The master key is two: the first 32 bytes sign, the next 32 encrypt.
    fn of(master: &[u8]) -> Option<Self> {
        let encryption = master.get(32..64)?;
        Some(Self {
            cipher: Aes256Gcm::new_from_slice(encryption).ok()?,
            #[cfg(feature = "dbsc")]
            signing: *master.first_chunk()?,
        })
    }

    #[cfg(test)]
    pub(crate) fn test(byte: u8) -> Self {
        Self::of(&[byte; 64]).unwrap()
    }

    /// Returns the half that Rocket signs with. Keys may be derived from it.
    #[cfg(feature = "dbsc")]
    pub(crate) fn signing_half(&self) -> &[u8; 32] {
        &self.signing
    }

    /// Seals `plaintext` for a purpose: nonce, ciphertext and tag.
    ///
    /// `None` only for a plaintext of many gibibytes.
    pub(crate) fn seal_bytes(&self, purpose: &[u8], plaintext: &[u8]) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE];
        OsRng.fill_bytes(&mut nonce);
        let mut ciphertext = plaintext.to_vec();
        let tag = self
            .cipher
            .encrypt_in_place_detached(&nonce.into(), purpose, &mut ciphertext)
            .ok()?;
        Some([&nonce, ciphertext.as_slice(), &tag].concat())
    }

    /// Opens what this key sealed for the same purpose.
    pub(crate) fn open_bytes(&self, purpose: &[u8], mut sealed: Vec<u8>) -> Option<Vec<u8>> {
        let (nonce, rest) = sealed.split_first_chunk_mut::<NONCE>()?;
        let (ciphertext, tag) = rest.split_last_chunk_mut::<TAG>()?;
        let (nonce, tag) = ((*nonce).into(), (*tag).into());
        self.cipher
            .decrypt_in_place_detached(&nonce, purpose, ciphertext, &tag)
            .ok()?;
        sealed.truncate(sealed.len() - TAG);
        sealed.drain(..NONCE);
        Some(sealed)
    }

    fn open(&self, name: &str, value: &str) -> Option<String> {
        let sealed = STANDARD.decode(value).ok()?;
        let plaintext = self.open_bytes(name.as_bytes(), sealed)?;
        String::from_utf8(plaintext).ok()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
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
        let previous: Vec<_> = previous.iter().map(|byte| Key::test(*byte)).collect();
        Sealer::new("s", Key::test(current), &previous)
    }

    #[test]
    fn what_was_sealed_is_unsealed() {
        let sealed = sealer(1, &[]).seal("plain").unwrap();
        let unsealed = sealer(1, &[]).unseal(&sealed).unwrap();
        assert_eq!(
            (unsealed.plaintext.as_str(), unsealed.by_current_key),
            ("plain", true)
        );
    }

    #[test]
    fn the_sealed_length_is_known_beforehand() {
        for length in 0..100 {
            let sealed = sealer(1, &[]).seal(&"x".repeat(length)).unwrap();
            assert_eq!(sealed.len(), sealed_length(length));
        }
    }

    #[test]
    fn a_previous_key_opens_and_is_told_apart() {
        let sealed = sealer(1, &[]).seal("plain").unwrap();
        let unsealed = sealer(2, &[3, 1]).unseal(&sealed).unwrap();
        assert!(!unsealed.by_current_key);
        assert!(sealer(2, &[3]).unseal(&sealed).is_none());
    }

    #[test]
    fn a_name_opens_only_what_was_sealed_for_it() {
        let other = Sealer::new("t", sealer(1, &[]).current, &[]);
        assert!(other
            .unseal(&sealer(1, &[]).seal("plain").unwrap())
            .is_none());
    }

    #[test]
    fn no_flipped_bit_and_no_truncation_opens() {
        let sealed = sealer(1, &[]).seal("plain").unwrap();
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
        let sealed = sealer.seal("plain").unwrap();

        let client = rocket::local::blocking::Client::untracked(rocket::custom(config)).unwrap();
        let request = client.get("/").cookie(("s", sealed));
        let read = request.inner().cookies().get_private("s").unwrap();
        assert_eq!(read.value(), "plain");
    }
}

//! The public key of a device: read from a proof, kept by a store, asked about signatures.

use std::fmt;
use std::ops::RangeInclusive;

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine;
use ring::digest;
use ring::signature::{
    RsaPublicKeyComponents, UnparsedPublicKey, ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256,
};
use serde::de::IgnoredAny;
use serde::Deserialize;

use crate::wire::leading;

/// How an uncompressed point begins (SEC 1, section 2.3.3). It also marks a stored P-256 key.
const POINT: u8 = 4;

/// Marks a stored RSA key.
const MODULUS: u8 = 1;

/// 65537, the one exponent that every TPM makes (TPM 2.0, `TPMS_RSA_PARMS`).
const RSA_EXPONENT: [u8; 3] = [1, 0, 1];

/// Fewer than 2048 bits are too weak, and more than 4096 take long to verify.
const RSA_BITS: RangeInclusive<usize> = 2048..=4096;

/// A signature algorithm, of the two that the specification has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// RSA (PKCS #1 v1.5) with SHA-256.
    Rs256,
}

impl Algorithm {
    const ALL: [Self; 2] = [Self::Es256, Self::Rs256];

    /// Returns the name that headers, proofs and the configuration use.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }
}

/// Names a device key in a bound cookie: the beginning of a SHA-256.
pub(crate) type KeyDigest = [u8; 8];

/// The public key that a session is bound to.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum DeviceKey {
    /// An uncompressed point on P-256.
    Es256([u8; 65]),
    /// A modulus, to which [`RSA_EXPONENT`] belongs.
    Rs256(Vec<u8>),
}

impl DeviceKey {
    pub(crate) fn algorithm(&self) -> Algorithm {
        match self {
            Self::Es256(_) => Algorithm::Es256,
            Self::Rs256(_) => Algorithm::Rs256,
        }
    }

    /// Returns the form that stores keep: the point, or a mark and the modulus.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Es256(point) => point.to_vec(),
            Self::Rs256(modulus) => [&[MODULUS], modulus.as_slice()].concat(),
        }
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes.split_first()? {
            (&POINT, _) => bytes.try_into().ok().map(Self::Es256),
            (&MODULUS, modulus) => Self::from_modulus(modulus),
            _ => None,
        }
    }

    /// Returns what tells this key from others in a bound cookie.
    pub(crate) fn digest(&self) -> KeyDigest {
        leading(digest::digest(&digest::SHA256, &self.to_bytes()).as_ref())
    }

    /// Tells whether the device signed `message`. No point beside the curve signs anything.
    pub(crate) fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Es256(point) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                .verify(message, signature)
                .is_ok(),
            Self::Rs256(modulus) => RsaPublicKeyComponents {
                n: modulus.as_slice(),
                e: &RSA_EXPONENT[..],
            }
            .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            .is_ok(),
        }
    }

    fn from_coordinates(x: &[u8], y: &[u8]) -> Option<Self> {
        let (x, y) = (<[u8; 32]>::try_from(x).ok()?, <[u8; 32]>::try_from(y).ok()?);
        let point = [&[POINT], &x[..], &y].concat();
        point.try_into().ok().map(Self::Es256)
    }

    fn from_modulus(modulus: &[u8]) -> Option<Self> {
        let (first, last) = (modulus.first()?, modulus.last()?);
        let bits = modulus.len() * 8 - usize::try_from(first.leading_zeros()).ok()?;
        let well_formed = *first != 0 && last % 2 == 1;
        (well_formed && RSA_BITS.contains(&bits)).then(|| Self::Rs256(modulus.to_vec()))
    }
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceKey({})", self.algorithm().name())
    }
}

/// A JSON Web Key (RFC 7517), as far as the two algorithms need it (RFC 7518, section 6).
#[derive(Deserialize)]
pub(crate) struct Jwk {
    kty: String,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    /// The private half: a key that brings it along binds nothing.
    d: Option<IgnoredAny>,
}

impl Jwk {
    /// Returns the key, if it is one for `algorithm`.
    pub(crate) fn device_key(&self, algorithm: Algorithm) -> Option<DeviceKey> {
        if self.d.is_some() {
            return None;
        }
        match (algorithm, self.kty.as_str(), self.crv.as_deref()) {
            (Algorithm::Es256, "EC", Some("P-256")) => {
                DeviceKey::from_coordinates(&decoded(&self.x)?, &decoded(&self.y)?)
            }
            (Algorithm::Rs256, "RSA", _) if decoded(&self.e)? == RSA_EXPONENT => {
                DeviceKey::from_modulus(&decoded(&self.n)?)
            }
            _ => None,
        }
    }
}

fn decoded(member: &Option<String>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(member.as_ref()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dbsc::captured::captured;
    use proptest::prelude::*;
    use serde_json::json;

    fn key(jwk: &serde_json::Value, algorithm: Algorithm) -> Option<DeviceKey> {
        let jwk: Jwk = serde_json::from_str(&jwk.to_string()).unwrap();
        jwk.device_key(algorithm)
    }

    fn base64(bytes: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn rsa(n: &[u8]) -> serde_json::Value {
        json!({ "kty": "RSA", "e": "AQAB", "n": base64(n) })
    }

    fn modulus(first: u8, length: usize) -> Vec<u8> {
        let mut modulus = vec![0xff; length];
        modulus[0] = first;
        modulus
    }

    #[test]
    fn algorithms_are_known_by_their_exact_names() {
        assert_eq!(Algorithm::from_name("ES256"), Some(Algorithm::Es256));
        assert_eq!(Algorithm::from_name("RS256"), Some(Algorithm::Rs256));
        for name in ["", "none", "HS256", "es256", "ES256 ", "ES384", "PS256"] {
            assert_eq!(Algorithm::from_name(name), None, "{name}");
        }
    }

    #[test]
    fn stored_keys_are_read_back() {
        for captured in captured() {
            let bytes = captured.key.to_bytes();
            assert_eq!(DeviceKey::from_bytes(&bytes), Some(captured.key));
        }
    }

    #[test]
    fn stored_form_never_changes() {
        let point = [&[4], &[1; 32][..], &[2; 32]].concat();
        let key = DeviceKey::from_coordinates(&[1; 32], &[2; 32]).unwrap();
        assert_eq!(key.to_bytes(), point);

        let key = DeviceKey::from_modulus(&[0xff; 256]).unwrap();
        assert_eq!(key.to_bytes(), [&[1], &[0xff; 256][..]].concat());
    }

    #[test]
    fn damaged_stored_keys_are_no_keys() {
        for (what, bytes) in [
            ("nothing", vec![]),
            ("a mark alone", vec![MODULUS]),
            ("an unknown mark", vec![9; 65]),
            ("a compressed point", vec![2; 33]),
            ("a point cut short", vec![POINT; 64]),
            ("a point with more behind it", vec![POINT; 66]),
            ("a weak modulus", vec![MODULUS; 100]),
        ] {
            assert_eq!(DeviceKey::from_bytes(&bytes), None, "{what}");
        }
    }

    #[test]
    fn binding_tells_keys_apart() {
        let [one, other] = [1, 2].map(|x| DeviceKey::from_coordinates(&[x; 32], &[3; 32]).unwrap());
        assert_eq!(one.digest(), one.clone().digest());
        assert_ne!(one.digest(), other.digest());
    }

    #[test]
    fn modulus_has_2048_to_4096_bits_and_no_leading_zero() {
        for (what, n, accepted) in [
            ("2048 bits", modulus(0x80, 256), true),
            ("2049 bits", modulus(1, 257), true),
            ("4096 bits", modulus(0xff, 512), true),
            ("2047 bits", modulus(0x7f, 256), false),
            ("4097 bits", modulus(1, 513), false),
            ("a leading zero", modulus(0, 257), false),
            (
                "an even number",
                [vec![0xff; 255], vec![0xfe]].concat(),
                false,
            ),
            ("nothing", vec![], false),
        ] {
            let key = key(&rsa(&n), Algorithm::Rs256);
            assert_eq!(key.is_some(), accepted, "{what}");
        }
    }

    #[test]
    fn exponent_is_65537() {
        for e in ["Aw", "AQ", "", "AAEAAQ", "AQAA", "AQAD", "AQAAAAE", "AQAB="] {
            let jwk = json!({ "kty": "RSA", "e": e, "n": base64(&modulus(0x80, 256)) });
            assert_eq!(key(&jwk, Algorithm::Rs256), None, "{e}");
        }
    }

    #[test]
    fn key_for_something_else_is_refused() {
        let (x, y) = (base64(&[1; 32]), base64(&[2; 32]));
        let point = |changed: &str, value: serde_json::Value| {
            let mut jwk = json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y });
            jwk[changed] = value;
            jwk
        };
        assert!(key(&point("kid", json!("any")), Algorithm::Es256).is_some());
        for jwk in [
            point("kty", json!("RSA")),
            point("kty", json!("oct")),
            point("kty", json!("ec")),
            point("crv", json!("P-384")),
            point("crv", json!(null)),
            point("x", json!(base64(&[1; 31]))),
            point("x", json!(base64(&[1; 33]))),
            point("y", json!(null)),
            point("y", json!(format!("{y}="))),
            point("y", json!("+/".repeat(21) + "0")),
            point("d", json!(base64(&[3; 32]))),
            rsa(&modulus(0x80, 256)),
        ] {
            assert_eq!(key(&jwk, Algorithm::Es256), None, "{jwk}");
        }
        assert_eq!(key(&point("kty", json!("EC")), Algorithm::Rs256), None);
    }

    #[test]
    fn point_beside_the_curve_signs_nothing() {
        let key = DeviceKey::from_coordinates(&[1; 32], &[2; 32]).unwrap();
        assert!(!key.signed(b"message", &[1; 64]));
    }

    #[test]
    fn debug_shows_only_the_algorithm() {
        for captured in captured() {
            let shown = format!("{:?}", captured.key);
            assert!(["DeviceKey(ES256)", "DeviceKey(RS256)"].contains(&shown.as_str()));
        }
    }

    proptest! {
        #[test]
        fn bytes_that_are_a_key_are_its_stored_form(
            bytes in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..70),
                prop::collection::vec(any::<u8>(), 257).prop_map(|mut bytes| {
                    bytes[0] = MODULUS;
                    bytes
                }),
            ],
        ) {
            if let Some(key) = DeviceKey::from_bytes(&bytes) {
                prop_assert_eq!(key.to_bytes(), bytes);
                prop_assert!(!key.signed(b"message", b"signature"));
            }
        }
    }
}

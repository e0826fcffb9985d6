//! What a Chromium signed is accepted, and nothing that differs from it.

use proptest::prelude::*;
use ring::rand::SystemRandom;
use ring::signature::{EcdsaKeyPair, KeyPair, ECDSA_P256_SHA256_FIXED_SIGNING};

use super::*;
use crate::dbsc::captured::captured;

const BOTH: [Algorithm; 2] = [Algorithm::Es256, Algorithm::Rs256];

/// A key that signs whatever a test wants it to.
struct Signer(EcdsaKeyPair);

impl Signer {
    fn new() -> Self {
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        Self(EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap())
    }

    fn jwk(&self) -> String {
        let point = self.0.public_key().as_ref();
        let [x, y] = [&point[1..33], &point[33..]].map(|half| URL_SAFE_NO_PAD.encode(half));
        format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"}}"#)
    }

    /// Signs the two parts, with `KEY` replaced by the public key.
    fn sign(&self, header: &str, claims: &str) -> String {
        let header = URL_SAFE_NO_PAD.encode(header.replace("KEY", &self.jwk()));
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
        let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.unwrap()))
    }
}

const HEADER: &str = r#"{"typ":"dbsc+jwt","alg":"ES256","jwk":KEY}"#;
const CLAIMS: &str = r#"{"jti":"c"}"#;

fn register(jwt: &str) -> Result<DeviceKey, BadProof> {
    Registration::parse(jwt, &BOTH)?.verify()
}

fn refresh(jwt: &str, key: &DeviceKey) -> Result<(), BadProof> {
    Proof::parse(jwt)?.verify(key)
}

/// Registers a proof with a valid signature over these parts.
fn register_signed(header: &str, claims: &str) -> Result<DeviceKey, BadProof> {
    register(&Signer::new().sign(header, claims))
}

#[test]
fn captured_proofs_are_accepted() {
    for captured in captured() {
        if captured.is_registration {
            let registration = Registration::parse(&captured.jwt, &BOTH).unwrap();
            assert_eq!(registration.jti(), captured.jti);
            assert_eq!(
                registration.authorization(),
                captured.authorization.as_deref()
            );
            assert_eq!(registration.verify(), Ok(captured.key));
        } else {
            let proof = Proof::parse(&captured.jwt).unwrap();
            assert_eq!(proof.jti(), captured.jti);
            assert_eq!(proof.verify(&captured.key), Ok(()));
        }
    }
}

#[test]
fn stored_key_accepts_what_the_registered_one_did() {
    for captured in captured() {
        let key = DeviceKey::from_bytes(&captured.key.to_bytes()).unwrap();
        assert_eq!(refresh(&captured.jwt, &key), Ok(()));
    }
}

#[test]
fn no_flipped_bit_is_accepted() {
    for captured in captured() {
        for bit in 0..captured.jwt.len() * 8 {
            let mut bytes = captured.jwt.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let Ok(flipped) = String::from_utf8(bytes) else {
                continue;
            };
            assert!(register(&flipped).is_err(), "bit {bit}");
            assert!(refresh(&flipped, &captured.key).is_err(), "bit {bit}");
        }
    }
}

#[test]
fn no_shortened_and_no_lengthened_proof_is_accepted() {
    for captured in captured() {
        for length in 0..captured.jwt.len() {
            let shortened = &captured.jwt[..length];
            assert!(register(shortened).is_err(), "{length} bytes");
            assert!(refresh(shortened, &captured.key).is_err(), "{length} bytes");
        }
        for added in [".", "A", "AA", "=", "==", " ", "\0", ".AAAA"] {
            let lengthened = format!("{}{added}", captured.jwt);
            assert!(register(&lengthened).is_err(), "{added:?}");
            assert!(refresh(&lengthened, &captured.key).is_err(), "{added:?}");
        }
    }
}

#[test]
fn registration_needs_an_allowed_algorithm() {
    for captured in captured()
        .iter()
        .filter(|captured| captured.is_registration)
    {
        let own = captured.key.algorithm();
        for (allowed, accepted) in [
            (&[own][..], true),
            (&BOTH, true),
            (
                BOTH.iter()
                    .find(|other| **other != own)
                    .map_or(&[], std::slice::from_ref),
                false,
            ),
            (&[], false),
        ] {
            let parsed = Registration::parse(&captured.jwt, allowed).map(|_| ());
            let expected = if accepted {
                Ok(())
            } else {
                Err(BadProof::WrongAlgorithm)
            };
            assert_eq!(parsed, expected, "{allowed:?}");
        }
    }
}

#[test]
fn refresh_needs_the_key_that_was_registered() {
    let captured = captured();
    let other = register_signed(HEADER, CLAIMS).unwrap();
    for refreshed in captured.iter().filter(|captured| !captured.is_registration) {
        for key in captured
            .iter()
            .map(|captured| &captured.key)
            .chain([&other])
        {
            let expected = if *key == refreshed.key {
                Ok(())
            } else if key.algorithm() == refreshed.key.algorithm() {
                Err(BadProof::WrongSignature)
            } else {
                Err(BadProof::WrongAlgorithm)
            };
            assert_eq!(refresh(&refreshed.jwt, key), expected);
        }
    }
}

#[test]
fn refresh_never_uses_a_key_that_the_proof_brings() {
    let (owner, thief) = (Signer::new(), Signer::new());
    let registered = register(&owner.sign(HEADER, CLAIMS)).unwrap();
    let forged = thief.sign(HEADER, CLAIMS);
    assert!(register(&forged).is_ok());
    assert_eq!(refresh(&forged, &registered), Err(BadProof::WrongSignature));

    let odd = owner.sign(r#"{"typ":"dbsc+jwt","alg":"ES256","jwk":[1]}"#, CLAIMS);
    assert_eq!(refresh(&odd, &registered), Ok(()));
}

#[test]
fn registration_is_signed_by_the_key_that_it_brings() {
    let (owner, thief) = (Signer::new(), Signer::new());
    let header = HEADER.replace("KEY", &owner.jwk());
    let forged = thief.sign(&header, CLAIMS);
    assert_eq!(register(&forged), Err(BadProof::WrongSignature));
}

#[test]
fn what_is_unknown_and_harmless_is_passed_over() {
    for (header, claims) in [
        (
            HEADER,
            r#"{"jti":"c","aud":"https://a.test/","iat":1,"sub":"s","x":{"y":[null]}}"#,
        ),
        (HEADER, r#" { "authorization" : "a" , "jti" : "c" } "#),
        (HEADER, r#"{"jti":"c","authorization":null}"#),
        (HEADER, r#"{"jti":"c","x":1,"x":2}"#),
        (
            r#"{"kid":"k","alg":"ES256","typ":"dbsc+jwt","jwk":KEY}"#,
            CLAIMS,
        ),
    ] {
        assert!(register_signed(header, claims).is_ok(), "{header} {claims}");
    }
}

#[test]
fn header_that_is_not_as_it_should_be_is_refused() {
    use BadProof::*;
    for (header, bad) in [
        (r#"{"alg":"ES256","jwk":KEY}"#, NotJson),
        (r#"{"typ":"JWT","alg":"ES256","jwk":KEY}"#, WrongType),
        (r#"{"typ":"DBSC+JWT","alg":"ES256","jwk":KEY}"#, WrongType),
        (r#"{"typ":"dbsc+aik","alg":"ES256","jwk":KEY}"#, WrongType),
        (r#"{"typ":["dbsc+jwt"],"alg":"ES256","jwk":KEY}"#, NotJson),
        (
            r#"{"typ":"JWT","typ":"dbsc+jwt","alg":"ES256","jwk":KEY}"#,
            NotJson,
        ),
        (r#"{"typ":"dbsc+jwt","jwk":KEY}"#, NotJson),
        (r#"{"typ":"dbsc+jwt","alg":null,"jwk":KEY}"#, NotJson),
        (
            r#"{"typ":"dbsc+jwt","alg":"none","jwk":KEY}"#,
            WrongAlgorithm,
        ),
        (
            r#"{"typ":"dbsc+jwt","alg":"HS256","jwk":KEY}"#,
            WrongAlgorithm,
        ),
        (
            r#"{"typ":"dbsc+jwt","alg":"ES384","jwk":KEY}"#,
            WrongAlgorithm,
        ),
        (r#"{"typ":"dbsc+jwt","alg":"RS256","jwk":KEY}"#, WrongKey),
        (
            r#"{"typ":"dbsc+jwt","alg":"ES256","alg":"none","jwk":KEY}"#,
            NotJson,
        ),
        (r#"{"typ":"dbsc+jwt","alg":"ES256"}"#, WrongKey),
        (r#"{"typ":"dbsc+jwt","alg":"ES256","jwk":null}"#, WrongKey),
        (
            r#"{"typ":"dbsc+jwt","alg":"ES256","jwk":{"kty":"oct","k":"AA"}}"#,
            WrongKey,
        ),
        (r#"{"typ":"dbsc+jwt","alg":"ES256","jwk":"KEY"}"#, NotJson),
        (r#"{"typ":"dbsc+jwt","alg":"ES256","jwk":[KEY]}"#, NotJson),
        (
            r#"{"typ":"dbsc+jwt","alg":"ES256","jwk":KEY,"jwk":KEY}"#,
            NotJson,
        ),
        (
            r#"{"typ":"dbsc+jwt","alg":"ES256","jwk":KEY,"crit":["b64"],"b64":false}"#,
            Critical,
        ),
        (r#"{"typ":"dbsc+jwt","alg":"ES256","jwk":KEY}{}"#, NotJson),
        (r#"["dbsc+jwt","ES256",KEY,null]"#, NotJson),
        ("\u{feff}{}", NotJson),
        ("null", NotJson),
        ("", NotJson),
    ] {
        assert_eq!(register_signed(header, CLAIMS), Err(bad), "{header}");
    }
}

#[test]
fn claims_that_are_not_as_they_should_be_are_refused() {
    for claims in [
        r#"{}"#,
        r#"{"jti":null}"#,
        r#"{"jti":1}"#,
        r#"{"jti":["c"]}"#,
        r#"{"JTI":"c"}"#,
        r#"{"jti":"a","jti":"c"}"#,
        r#"{"jti":"c","authorization":1}"#,
        r#"{"jti":"c","authorization":"a","authorization":"b"}"#,
        r#"{"jti":"\ud800"}"#,
        r#"{"jti":"c"} x"#,
        r#"["c",null]"#,
        r#""c""#,
        "",
    ] {
        let refused = register_signed(HEADER, claims);
        assert_eq!(refused, Err(BadProof::NotJson), "{claims}");
    }
    let nested = format!(r#"{{"jti":"c","x":{}}}"#, "[".repeat(5000));
    let refused = register_signed(HEADER, &nested);
    assert_eq!(refused, Err(BadProof::NotJson));
}

#[test]
fn form_that_is_not_compact_is_refused() {
    let signer = Signer::new();
    let jwt = signer.sign(HEADER, CLAIMS);
    let [header, claims, signature] = jwt.split('.').collect::<Vec<_>>().try_into().unwrap();
    for (what, text) in [
        ("nothing", String::new()),
        ("dots alone", "...".into()),
        ("one part", header.into()),
        ("two parts", format!("{header}.{claims}")),
        ("five parts, as if encrypted", format!("{jwt}.AAAA.AAAA")),
        (
            "an empty part between",
            format!("{header}..{claims}.{signature}"),
        ),
        ("a padded part", format!("{header}==.{claims}.{signature}")),
        (
            "the other alphabet",
            format!("{header}.{claims}.+/{}", &signature[2..]),
        ),
        ("a blank before it", format!(" {jwt}")),
        (
            "a line break within",
            format!("{header}.\n{claims}.{signature}"),
        ),
        (
            "bits that no byte needs",
            format!("{header}.{claims}.{}B", &signature[..85]),
        ),
        ("a quoted proof", format!("\"{jwt}\"")),
        ("two proofs, as a proxy joins them", format!("{jwt}, {jwt}")),
        ("letters beyond ASCII", format!("{header}.{claims}.\u{e9}")),
    ] {
        let refused = register(&text);
        assert_eq!(refused, Err(BadProof::NotCompact), "{what}");
    }
}

#[test]
fn signature_of_another_length_or_form_is_refused() {
    let signer = Signer::new();
    let jwt = signer.sign(HEADER, CLAIMS);
    let (signed, signature) = jwt.rsplit_once('.').unwrap();
    let fixed = URL_SAFE_NO_PAD.decode(signature).unwrap();
    for (what, signature) in [
        ("nothing", vec![]),
        ("zeros", vec![0; 64]),
        ("63 bytes", fixed[..63].to_vec()),
        ("65 bytes", [&fixed[..], &[0]].concat()),
        (
            "ASN.1",
            [&[0x30, 68, 2, 32], &fixed[..32], &[2, 32], &fixed[32..]].concat(),
        ),
        ("r and s swapped", [&fixed[32..], &fixed[..32]].concat()),
    ] {
        let forged = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
        assert_eq!(register(&forged), Err(BadProof::WrongSignature), "{what}");
    }
}

#[test]
fn proof_of_8_kib_is_read_and_a_longer_one_is_not() {
    let longest = "A".repeat(8192);
    assert_eq!(register(&longest), Err(BadProof::NotCompact));
    assert_eq!(register(&format!("{longest}A")), Err(BadProof::TooLong));
}

#[test]
fn reasons_are_lower_case_sentences_without_full_stop() {
    use BadProof::*;
    for reason in [
        Repeated,
        TooLong,
        NotCompact,
        NotJson,
        WrongType,
        Critical,
        WrongAlgorithm,
        WrongKey,
        WrongSignature,
    ] {
        let sentence = reason.to_string();
        assert!(sentence.starts_with(char::is_lowercase), "{sentence}");
        assert!(!sentence.ends_with('.'), "{sentence}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text: String) {
        prop_assert!(register(&text).is_err());
        prop_assert!(Proof::parse(&text).is_err());
    }

    #[test]
    fn no_parts_make_it_panic(
        header in r#"\{("(typ|alg|jwk|crit)":("dbsc\+jwt"|"ES256"|\{("[a-z]{1,3}":"E?C?"),\}|null),?){0,4}\}"#,
        claims in any::<Vec<u8>>().prop_filter("claims", |claims| !claims.contains(&b'{')),
        signature: Vec<u8>,
    ) {
        let parts = [header.as_bytes(), &claims, &signature];
        let jwt = parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
        prop_assert!(register(&jwt).is_err());
        prop_assert!(Proof::parse(&jwt).is_err());
    }

    #[test]
    fn whatever_the_claims_say_is_what_is_read(jti: String, authorization: Option<String>) {
        let claims = serde_json::json!({ "jti": jti, "authorization": authorization });
        let jwt = Signer::new().sign(HEADER, &claims.to_string());
        match Registration::parse(&jwt, &BOTH) {
            Ok(registration) => {
                prop_assert_eq!(registration.jti(), jti);
                prop_assert_eq!(registration.authorization(), authorization.as_deref());
                prop_assert!(registration.verify().is_ok());
            }
            Err(bad) => prop_assert_eq!(bad, BadProof::TooLong),
        }
    }
}

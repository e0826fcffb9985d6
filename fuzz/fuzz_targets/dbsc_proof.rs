//! Reads arbitrary headers and proofs of device-bound sessions: no panic, and nothing is forged.

#![no_main]

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine;
use libfuzzer_sys::fuzz_target;

// Private to the crate, so that the sources are taken instead.
#[path = "../../src/dbsc/header.rs"]
#[allow(dead_code)]
mod header;
#[path = "../../src/dbsc/key.rs"]
#[allow(dead_code)]
mod key;
#[path = "../../src/dbsc/proof/mod.rs"]
#[allow(dead_code)]
mod proof;
#[path = "../../src/wire.rs"]
#[allow(dead_code)]
mod wire;

use key::{Algorithm, DeviceKey};
use proof::{Proof, Registration};

const BOTH: [Algorithm; 2] = [Algorithm::Es256, Algorithm::Rs256];

/// A P-256 key of which nobody kept the private half.
const REGISTERED: &str =
    "BHdOkG4_f-7M6R9w8W2LYoVSmmla6ob3Jes3Ke-q0FH8nlFiWbWdchlm_nzNDzr81_0yGRo98jc04DEyyYsiEMk";

fuzz_target!(|input: (&str, &str, &str, &[u8], Vec<&str>)| {
    let (text, header, claims, signature, lines) = input;
    let parts = [header.as_bytes(), claims.as_bytes(), signature];
    let compact = parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
    for jwt in [text, &compact] {
        read(jwt);
    }

    let lines = || lines.iter().copied();
    let _ = header::proof(lines());
    if let Some(identifier) = header::session_identifier(lines()) {
        assert!(lines().all(|line| line.contains(identifier)));
    }
    for skipped in header::skipped(lines()) {
        let identifier = skipped.session_identifier.unwrap_or_default();
        assert!(lines().any(|line| line.contains(identifier)));
    }
    if let Some(written) = header::registration(&BOTH, header, claims, Some(text)) {
        assert!(written.bytes().all(|byte| matches!(byte, b' '..=b'~')));
    }
});

fn read(jwt: &str) {
    let key = URL_SAFE_NO_PAD.decode(REGISTERED).unwrap();
    let key = DeviceKey::from_bytes(&key).unwrap();
    if let Ok(proof) = Proof::parse(jwt) {
        assert!(proof.verify(&key).is_err());
    }
    // The fuzzer cannot sign, but what a browser signed may be in its corpus.
    if let Ok(key) = Registration::parse(jwt, &BOTH).and_then(Registration::verify) {
        assert_eq!(DeviceKey::from_bytes(&key.to_bytes()), Some(key));
    }
}

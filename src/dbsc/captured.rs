//! Proofs that a Chromium made, with what is in them.

use serde::Deserialize;

use super::{Algorithm, DeviceKey};
use crate::dbsc::key::Jwk;

pub(super) struct Captured {
    pub(super) jwt: String,
    pub(super) is_registration: bool,
    pub(super) jti: String,
    pub(super) authorization: Option<String>,
    pub(super) key: DeviceKey,
}

#[derive(Deserialize)]
struct File {
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    kind: String,
    jwt: String,
    header: Header,
    payload: Payload,
    verify_with_jwk: Jwk,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

#[derive(Deserialize)]
struct Payload {
    jti: String,
    authorization: Option<String>,
}

/// Returns a registration and a refresh for each algorithm.
pub(super) fn captured() -> Vec<Captured> {
    let file: File = serde_json::from_str(include_str!("captured.json")).unwrap();
    file.vectors.into_iter().map(read).collect()
}

fn read(vector: Vector) -> Captured {
    let algorithm = Algorithm::from_name(&vector.header.alg).unwrap();
    Captured {
        jwt: vector.jwt,
        is_registration: vector.kind.ends_with("registration"),
        jti: vector.payload.jti,
        authorization: vector.payload.authorization,
        key: vector.verify_with_jwk.device_key(algorithm).unwrap(),
    }
}

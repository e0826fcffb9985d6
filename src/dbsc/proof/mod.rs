//! The proof of possession: a JWT in compact form, read in two steps.
//!
//! The first step reads what the proof says, and believes nothing. The second checks the
//! signature. Between the two the challenge is judged, because that costs less.

use std::fmt;

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::Deserialize;

use super::key::{Algorithm, DeviceKey, Jwk};

/// A registration of an RSA key of 4096 bits takes 2 KiB.
const MAX_BYTES: usize = 8 * 1024;

const TYPE: &str = "dbsc+jwt";

/// Why a proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadProof {
    /// Several headers claim to be the proof.
    Repeated,
    /// It exceeds 8 KiB, and was not read.
    TooLong,
    /// It is not three parts of unpadded base64url with dots between them (RFC 7515, 7.1).
    NotCompact,
    /// Its header or payload is not the JSON object that it should be.
    NotJson,
    /// Its type is not `dbsc+jwt`.
    WrongType,
    /// It names extensions that must be understood (RFC 7515, 4.1.11); there are none.
    Critical,
    /// Its algorithm is unknown, not allowed, or not that of the key.
    WrongAlgorithm,
    /// It registers no key, or none that fits its algorithm.
    WrongKey,
    /// The key did not sign it.
    WrongSignature,
}

impl fmt::Display for BadProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Repeated => "several headers claim to be the proof",
            Self::TooLong => "the proof exceeds 8 KiB",
            Self::NotCompact => "the proof is no JWT in compact form",
            Self::NotJson => "the proof does not hold the JSON that it should",
            Self::WrongType => "the proof is not of type `dbsc+jwt`",
            Self::Critical => "the proof demands an unknown extension",
            Self::WrongAlgorithm => "the algorithm of the proof is not acceptable",
            Self::WrongKey => "the proof brings no acceptable key",
            Self::WrongSignature => "the proof is not signed by the key",
        })
    }
}

/// A proof as a refresh brings it: it is signed by a key that was registered before.
///
/// A key in its header is never looked at: whoever steals a cookie has one of his own.
pub(crate) struct Proof<'a> {
    signed: &'a str,
    signature: Vec<u8>,
    algorithm: Algorithm,
    claims: Claims,
}

impl<'a> Proof<'a> {
    pub(crate) fn parse(jwt: &'a str) -> Result<Self, BadProof> {
        let (proof, _) = parse::<IgnoredAny>(jwt)?;
        Ok(proof)
    }

    /// Returns the challenge that this claims to answer.
    pub(crate) fn jti(&self) -> &str {
        &self.claims.jti
    }

    pub(crate) fn verify(&self, key: &DeviceKey) -> Result<(), BadProof> {
        if self.algorithm != key.algorithm() {
            return Err(BadProof::WrongAlgorithm);
        }
        if !key.signed(self.signed.as_bytes(), &self.signature) {
            return Err(BadProof::WrongSignature);
        }
        Ok(())
    }
}

/// A proof as a registration brings it: it is signed by the key in its own header.
pub(crate) struct Registration<'a> {
    proof: Proof<'a>,
    key: DeviceKey,
}

impl<'a> Registration<'a> {
    pub(crate) fn parse(jwt: &'a str, allowed: &[Algorithm]) -> Result<Self, BadProof> {
        let (proof, jwk) = parse::<Jwk>(jwt)?;
        if !allowed.contains(&proof.algorithm) {
            return Err(BadProof::WrongAlgorithm);
        }
        let key = jwk.and_then(|jwk| jwk.device_key(proof.algorithm));
        let key = key.ok_or(BadProof::WrongKey)?;
        Ok(Self { proof, key })
    }

    /// Returns the challenge that this claims to answer.
    pub(crate) fn jti(&self) -> &str {
        self.proof.jti()
    }

    /// Returns what the registration header gave the browser to bring along.
    pub(crate) fn authorization(&self) -> Option<&str> {
        self.proof.claims.authorization.as_deref()
    }

    /// Returns the key, once it is known that the sender can use it.
    pub(crate) fn verify(self) -> Result<DeviceKey, BadProof> {
        self.proof.verify(&self.key)?;
        Ok(self.key)
    }
}

/// What the first part says, with the public key read as a `K`.
///
/// A member that is known may occur once, because two readers could differ on which counts.
#[derive(Deserialize)]
struct Header<K> {
    typ: String,
    alg: String,
    jwk: Option<K>,
    crit: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Claims {
    jti: String,
    authorization: Option<String>,
}

fn parse<K: DeserializeOwned>(jwt: &str) -> Result<(Proof<'_>, Option<K>), BadProof> {
    if jwt.len() > MAX_BYTES {
        return Err(BadProof::TooLong);
    }
    let (signed, signature) = jwt.rsplit_once('.').ok_or(BadProof::NotCompact)?;
    let (header, claims) = signed.split_once('.').ok_or(BadProof::NotCompact)?;
    let (header, claims) = (decode(header)?, decode(claims)?);
    let signature = decode(signature)?;

    let header: Header<K> = json(&header)?;
    if header.typ != TYPE {
        return Err(BadProof::WrongType);
    }
    if header.crit.is_some() {
        return Err(BadProof::Critical);
    }
    let proof = Proof {
        signed,
        signature,
        algorithm: Algorithm::from_name(&header.alg).ok_or(BadProof::WrongAlgorithm)?,
        claims: json(&claims)?,
    };
    Ok((proof, header.jwk))
}

fn decode(part: &str) -> Result<Vec<u8>, BadProof> {
    let decoded = URL_SAFE_NO_PAD.decode(part);
    decoded.map_err(|_| BadProof::NotCompact)
}

fn json<T: DeserializeOwned>(part: &[u8]) -> Result<T, BadProof> {
    // An array of the values would be read as well.
    if !part.trim_ascii_start().starts_with(b"{") {
        return Err(BadProof::NotJson);
    }
    serde_json::from_slice(part).map_err(|_| BadProof::NotJson)
}

#[cfg(test)]
mod tests;

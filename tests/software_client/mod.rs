//! A browser's half of device-bound sessions, whose key lies in memory.

use std::collections::HashMap;

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine;
use ring::rand::SystemRandom;
use ring::signature::{EcdsaKeyPair, KeyPair, ECDSA_P256_SHA256_FIXED_SIGNING};
use serde_json::{json, Value};

/// A device with one key, for ES256.
pub struct SoftwareClient {
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

impl SoftwareClient {
    pub fn new() -> Self {
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap();
        Self { pair, random }
    }

    /// Makes the proof that registers the key.
    pub fn registration(&self, challenge: &str, authorization: Option<&str>) -> String {
        let header = json!({ "alg": "ES256", "jwk": self.jwk(), "typ": "dbsc+jwt" });
        let mut claims = json!({ "jti": challenge });
        if let Some(authorization) = authorization {
            claims["authorization"] = json!(authorization);
        }
        self.sign(&header, &claims)
    }

    /// Makes the proof that a refresh asks for.
    pub fn proof(&self, challenge: &str) -> String {
        let header = json!({ "alg": "ES256", "typ": "dbsc+jwt" });
        self.sign(&header, &json!({ "jti": challenge }))
    }

    /// Signs a proof that says whatever a test wants it to.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let parts = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let signed = parts.join(".");
        let signature = self.pair.sign(&self.random, signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Returns the public key as a proof brings it.
    pub fn jwk(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        let [x, y] = [&point[1..33], &point[33..]].map(|half| URL_SAFE_NO_PAD.encode(half));
        json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y })
    }
}

/// What a `Secure-Session-Registration` header offers.
#[derive(Debug, PartialEq, Eq)]
pub struct Offer {
    pub algorithms: Vec<String>,
    pub path: String,
    pub challenge: String,
    pub authorization: Option<String>,
}

impl Offer {
    /// Reads the value of the header. Panics where a browser would ignore it.
    pub fn read(header: &str) -> Self {
        let (algorithms, rest) = header
            .strip_prefix('(')
            .and_then(|list| list.split_once(')'))
            .expect("a list of algorithms");
        let mut parameters = parameters(rest);
        Self {
            algorithms: algorithms.split(' ').map(str::to_owned).collect(),
            path: parameters.remove("path").expect("a path"),
            challenge: parameters.remove("challenge").expect("a challenge"),
            authorization: parameters.remove("authorization"),
        }
    }
}

/// What a `Secure-Session-Challenge` header asks.
#[derive(Debug, PartialEq, Eq)]
pub struct Challenge {
    pub challenge: String,
    pub session_identifier: String,
}

impl Challenge {
    /// Reads the value of the header. Panics where a browser would ignore it.
    pub fn read(header: &str) -> Self {
        let (challenge, rest) = string(header);
        let session_identifier = parameters(rest).remove("id").expect("an id");
        Self {
            challenge,
            session_identifier,
        }
    }
}

fn parameters(mut rest: &str) -> HashMap<String, String> {
    let mut read = HashMap::new();
    while let Some(parameter) = rest.strip_prefix(';') {
        let (name, value) = parameter.split_once('=').expect("a value");
        let (text, after) = string(value);
        let repeated = read.insert(name.to_owned(), text);
        assert_eq!(repeated, None, "{name} is there twice");
        rest = after;
    }
    assert_eq!(rest, "", "more than parameters");
    read
}

/// Reads a string (RFC 9651, section 4.2.5), and returns what follows it.
fn string(item: &str) -> (String, &str) {
    let mut characters = item.strip_prefix('"').expect("a string").chars();
    let mut text = String::new();
    loop {
        match characters.next().expect("a closing quote") {
            '"' => return (text, characters.as_str()),
            '\\' => text.extend(characters.next()),
            character => text.push(character),
        }
    }
}

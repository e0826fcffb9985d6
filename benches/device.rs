//! Registrations and refreshes of device-bound sessions: `cargo bench --all-features --bench device`.
//!
//! How many a second one core serves, and how much of that is the signature.

#[allow(dead_code)] // One scenario of many.
mod scenarios;

use std::hint::black_box;
use std::time::{Duration, Instant};

use ring::rand::SystemRandom;
use ring::signature::{
    EcdsaKeyPair, KeyPair, UnparsedPublicKey, ECDSA_P256_SHA256_FIXED,
    ECDSA_P256_SHA256_FIXED_SIGNING,
};
use rocket::local::asynchronous::Client;
use rocket::tokio::runtime::{Builder, Runtime};
use scenarios::device::{self, SoftwareClient};
use scenarios::{launch, Scenario};

const ROUNDS: u32 = 2_000;

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let runtime = Builder::new_current_thread().build().unwrap();
    let client = launch(&runtime, Scenario::Bound.app());
    let signature = verification();
    let rows = [
        ("registration", registrations(&runtime, client)),
        ("refresh", refreshes(&runtime, client)),
    ];
    println!("                 us  a second  signature's share");
    for (what, each) in rows {
        let share = signature.as_secs_f64() / each.as_secs_f64();
        let (micros, rate) = (each.as_secs_f64() * 1e6, 1.0 / each.as_secs_f64());
        println!("{what:<12} {micros:>6.1} {rate:>9.0} {share:>17.2}");
    }
    println!("{:<12} {:>6.1}", "signature", signature.as_secs_f64() * 1e6);
}

/// Returns what one verification of an ES256 signature takes.
fn verification() -> Duration {
    let random = SystemRandom::new();
    let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap();
    let message = [b'x'; 180];
    let signature = pair.sign(&random, &message).unwrap();
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref());
    let started = Instant::now();
    for _ in 0..ROUNDS {
        black_box(key.verify(&message, signature.as_ref())).unwrap();
    }
    started.elapsed() / ROUNDS
}

fn registrations(runtime: &Runtime, client: &'static Client) -> Duration {
    let mut spent = Duration::ZERO;
    let device = SoftwareClient::new();
    for _ in 0..ROUNDS {
        let signed_in = runtime.block_on(device::sign_in(client, 0));
        let proof = device::registration(&signed_in, &device);
        let started = Instant::now();
        runtime.block_on(device::register(client, &signed_in, proof));
        spent += started.elapsed();
    }
    spent / ROUNDS
}

fn refreshes(runtime: &Runtime, client: &'static Client) -> Duration {
    let mut spent = Duration::ZERO;
    let device = SoftwareClient::new();
    let signed_in = runtime.block_on(device::sign_in(client, 0));
    let proof = device::registration(&signed_in, &device);
    let mut registered = runtime.block_on(device::register(client, &signed_in, proof));
    for _ in 0..ROUNDS {
        let proof = device.proof(&registered.challenge.challenge);
        let identifier = registered.challenge.session_identifier.clone();
        let started = Instant::now();
        registered = runtime.block_on(device::refresh(client, identifier, proof));
        spent += started.elapsed();
    }
    spent / ROUNDS
}

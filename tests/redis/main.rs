//! Redis as it is run: alone, as a cluster, encrypted, hung, killed, and failed over.
//!
//! What every store promises is tested by the conformance suite, in `tests/stores`.

#![allow(unreachable_pub)]

#[path = "../real/certificate.rs"]
#[allow(dead_code)]
mod certificate;
mod cluster;
mod differential;
mod draws;
mod faults;
mod parallel;
mod reference;
mod replicas;
mod server;
mod steps;
mod support;
mod tls;
mod trips;
mod walk;

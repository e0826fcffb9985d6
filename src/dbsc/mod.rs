//! Device Bound Session Credentials: the protocol, as bytes in and bytes out.
//!
//! Nothing here knows of requests, clocks or stores: the time is an argument, and so is the
//! `session`, the bytes under which a store keeps one. Sections are those of the W3C editor's draft
//! of 2026-02-17; where Chromium differs from it, the code says so.
//!
//! | rule | section | where |
//! |---|---|---|
//! | a sign-in offers a list of algorithms, a path and a challenge | `Secure-Session-Registration` HTTP header field | [`header::registration`] |
//! | a challenge names the session that it is for | `Secure-Session-Challenge` HTTP header field | [`header::challenge`] |
//! | a request carries one proof | `Secure-Session-Response` HTTP header field | [`header::proof`] |
//! | a refresh names its session | `Sec-Secure-Session-Id` HTTP header field | [`header::session_identifier`] |
//! | a browser tells why it did not refresh | `Secure-Session-Skipped` HTTP header field | [`header::skipped`] |
//! | type, algorithm, claims and signature of a proof | DBSC Proof JWT Syntax | [`proof`] |
//! | a registration is signed by the key that it brings | DBSC Proof JWT Syntax | [`Registration`] |
//! | a refresh is signed by the key that was registered | Server considerations | [`Proof`] |
//!
//! Whoever serves these requests judges a proof in this order: its size, its challenge's code, the
//! session in the store, its signature. What costs most comes last, and a store is asked only about
//! challenges that were made here.

// Wired by the routes.
#![allow(dead_code, unused_imports)]

pub(crate) mod header;
mod key;
mod proof;

#[cfg(test)]
mod captured;

pub(crate) use key::{Algorithm, Binding, DeviceKey};
pub(crate) use proof::{BadProof, Proof, Registration};

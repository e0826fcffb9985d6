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
//! | a challenge is recent, for one session, and used once | Server considerations | [`challenge`] |
//! | an identifier is unique, and stays the same | JSON Session Instruction Format | [`identifier`] |
//! | scope, credentials, who may start a refresh, the end | JSON Session Instruction Format and below | [`Instructions`], [`termination`] |
//! | cookie and credential have the same attributes | Identify if missing session credential | [`BoundCookie`] |
//! | a bound cookie is short-lived, and good until its end | Server considerations | [`bound`] |
//!
//! A registration arrives without cookies if another site led to the sign-in. The identifier is
//! therefore sent along as `authorization`, which the browser copies into its proof: it says whose
//! challenge the proof answers.
//!
//! Whoever serves these requests judges a proof in this order: its size, its challenge's code, the
//! session in the store, its signature. What costs most comes last, and a store is asked only about
//! challenges that were made here.

pub(crate) mod bound;
pub(crate) mod challenge;
pub(crate) mod header;
pub(crate) mod identifier;
mod instructions;
mod key;
mod keys;
mod proof;

#[cfg(test)]
mod captured;

pub(crate) use instructions::{termination, BoundCookie, Instructions};
pub(crate) use key::{Algorithm, DeviceKey, KeyDigest};
pub(crate) use keys::Keys;
pub(crate) use proof::{BadProof, Proof, Registration};

//! Redis as it is run: alone, as a cluster, encrypted, hung, killed, and failed over.
//!
//! What every store promises is tested by the conformance suite, in `tests/stores`.

#![allow(unreachable_pub)]

mod differential;
mod reference;
mod server;
mod steps;
mod support;
mod walk;

//! The crate as an app sees it: one binary, a module for each promise.

#![allow(unreachable_pub)]

mod support;

mod attacks;
mod browser;
mod config;
mod cookies;
#[cfg(feature = "dbsc")]
mod device;
mod documents;
mod ending;
mod events;
mod faults;
mod https;
mod lifetimes;
mod outcomes;
mod promises;
mod proxies;
mod responses;
#[cfg(feature = "dbsc")]
#[path = "../software_client/mod.rs"]
mod software_client;
#[path = "../switched_store/mod.rs"]
mod switched_store;
mod theft;
mod transport;

//! The crate as an app sees it: one binary, a module for each promise.

#![allow(unreachable_pub)]

mod support;

mod attacks;
mod browser;
mod config;
mod cookies;
mod documents;
mod ending;
mod events;
mod faults;
mod https;
mod lifetimes;
mod outcomes;
mod proxies;
mod responses;
mod theft;
mod transport;

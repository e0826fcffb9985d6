//! The crate among real parts: sockets, curl, proxies, a browser, processes, a new user's app.
//!
//! What needs a program that Rust does not bring is ignored; `tests/all.sh` runs it all.

#![allow(unreachable_pub)]

mod app;
mod certificate;
mod program;
#[cfg(feature = "redis")]
#[path = "../redis/server.rs"]
#[allow(dead_code)]
mod redis_server;
mod support;
mod webdriver;

mod bank;
mod browser;
mod curl;
#[cfg(feature = "dbsc")]
mod device;
mod launch;
mod new_user;
mod proxies;
mod sockets;
mod stores;
#[cfg(feature = "dbsc")]
#[path = "../switched_store/mod.rs"]
mod switched_store;

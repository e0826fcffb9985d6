//! Each store of the crate passes the conformance suite: one binary, a module for each store.

mod memory;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "redis")]
#[path = "../redis/server.rs"]
#[allow(dead_code, unreachable_pub)]
mod redis_server;
#[cfg(feature = "sqlite")]
mod sqlite;

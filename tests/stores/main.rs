//! Each store of the crate passes the conformance suite: one binary, a module for each store.

mod memory;
#[cfg(feature = "sqlite")]
mod sqlite;

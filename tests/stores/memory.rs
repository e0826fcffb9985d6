//! The store in memory passes the suite.

use rocket_restricted_session::store::conformance::{conformance_tests, CallersTime};
use rocket_restricted_session::store::MemoryStore;

conformance_tests!(CallersTime::of(MemoryStore::new()));

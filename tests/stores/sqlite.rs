//! The store in SQLite passes the suite.

use std::sync::Arc;

use rocket_restricted_session::store::conformance::{conformance_tests, CallersTime, Testbed};
use rocket_restricted_session::store::{Millis, SqliteStore, Store};
use tempfile::TempDir;

/// A store in a directory that goes when the test is over.
#[derive(Debug)]
struct OnDisk {
    testbed: CallersTime,
    _directory: TempDir,
}

impl OnDisk {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(directory.path().join("sessions.db")).unwrap();
        Self {
            testbed: CallersTime::of(store),
            _directory: directory,
        }
    }
}

impl Testbed for OnDisk {
    fn store(&self) -> Arc<dyn Store> {
        self.testbed.store()
    }

    fn now(&self) -> Millis {
        self.testbed.now()
    }

    fn pass(&self, millis: Millis) {
        self.testbed.pass(millis);
    }
}

conformance_tests!(OnDisk::new());

//! The store in Redis passes the suite, by a clock that the tests shift.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::Arc;

use rocket_restricted_session::store::conformance::{conformance_tests, Testbed};
use rocket_restricted_session::store::{Millis, RedisStore, Store};

use crate::redis_server::Server;

conformance_tests!(
    #[ignore = "needs redis-server"]
    ServersTime::new()
);

/// A server whose time the tests hold.
struct ServersTime {
    _server: Server,
    store: Arc<RedisStore>,
    now: Arc<AtomicI64>,
}

impl ServersTime {
    fn new() -> Self {
        let server = Server::start();
        let now = Arc::new(AtomicI64::new(1_800_000_000_500));
        let clock = now.clone();
        let store = RedisStore::open(&server.url()).unwrap();
        Self {
            _server: server,
            store: Arc::new(store.clock(move || clock.load(Ordering::SeqCst))),
            now,
        }
    }
}

impl Testbed for ServersTime {
    fn store(&self) -> Arc<dyn Store> {
        self.store.clone()
    }

    fn now(&self) -> Millis {
        self.now.load(Ordering::SeqCst)
    }

    fn pass(&self, millis: Millis) {
        self.now.fetch_add(millis, Ordering::SeqCst);
    }
}

impl std::fmt::Debug for ServersTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServersTime").finish_non_exhaustive()
    }
}

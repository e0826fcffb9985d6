//! A suite by which any [`Store`] proves itself.
//!
//! [`conformance_tests!`] makes one test of each case. Put it into a module of its own, with an
//! expression for a [`Testbed`] that has a new, empty store or one that others use as well: each
//! case makes up the subjects that it needs.
//!
//! ```rust
//! # use rocket_restricted_session::store::MemoryStore;
//! #[cfg(test)]
//! mod my_store {
//!     use rocket_restricted_session::store::conformance::{conformance_tests, CallersTime};
//! #   use rocket_restricted_session::store::MemoryStore as MyStore;
//!
//!     conformance_tests!(CallersTime::of(MyStore::new()));
//! }
//! # use rocket_restricted_session::store::conformance::{self as suite, CallersTime, Scene};
//! # let scene = Scene::on(CallersTime::of(MemoryStore::new()));
//! # suite::run(suite::r02_discarding_thief(scene));
//! ```
//!
//! The expression may `.await`, and an attribute before it goes to each test:
//! `conformance_tests!(#[ignore = "needs a server"] Cluster::connect().await)`. A store that goes
//! by a clock of its own has a [`Testbed`] of its own, which moves that clock. No case sleeps.
//!
//! The traces `r01` to `r20` are the ones on which schemes of this kind fail, be it by a false
//! alarm or by a thief who is not found. Some of them go further than a store: that a request which
//! a signal refuses never reaches it (`r01`), and which cookies leave with a response (`r07`,
//! `r12`, `r19`). Here they are told as far as a store is concerned.

mod adopting;
mod clocks;
mod creating;
mod devices;
mod ending;
mod lateness;
mod list;
mod listing;
mod scene;
mod succeeding;
mod theft;
mod updating;

use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::Arc;

use super::{Millis, Store};

pub use self::adopting::*;
pub use self::clocks::*;
pub use self::creating::*;
pub use self::devices::*;
pub use self::ending::*;
pub use self::lateness::*;
pub use self::listing::*;
pub use self::scene::{Scene, Ticket};
pub use self::succeeding::*;
pub use self::theft::*;
pub use self::updating::*;

#[doc(inline)]
pub use crate::conformance_tests;

/// A store under test, and its time, which the tests hold.
///
/// [`CallersTime`] is the one for stores that go by the time of their caller.
pub trait Testbed: fmt::Debug + Send + Sync + 'static {
    /// Returns the store; the same one each time.
    fn store(&self) -> Arc<dyn Store>;

    /// Returns the time that a caller would give.
    fn now(&self) -> Millis;

    /// Moves the time on, of the callers and of the store; back, if `millis` is negative.
    fn pass(&self, millis: Millis);
}

/// The testbed of a store that goes by the time of its caller.
///
/// ```rust
/// use rocket_restricted_session::store::conformance::{CallersTime, Testbed};
/// use rocket_restricted_session::store::MemoryStore;
///
/// let testbed = CallersTime::of(MemoryStore::new());
/// let before = testbed.now();
/// testbed.pass(1000);
/// assert_eq!(testbed.now() - before, 1000);
/// ```
#[derive(Debug)]
pub struct CallersTime {
    store: Arc<dyn Store>,
    now: AtomicI64,
}

impl CallersTime {
    /// Returns the testbed of this store.
    pub fn of(store: impl Store) -> Self {
        Self {
            store: Arc::new(store),
            now: AtomicI64::new(1_800_000_000_500),
        }
    }
}

impl Testbed for CallersTime {
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

/// Runs a case to its end, with threads enough for what it does in parallel.
///
/// [`conformance_tests!`] does so; it is public for cases of your own.
///
/// # Panics
///
/// If the case does, which is how it tells that the store fails it.
pub fn run<R>(case: impl Future<Output = R>) -> R {
    rocket::tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .expect("a runtime for the test")
        .block_on(case)
}

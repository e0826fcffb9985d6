//! Things that are worth telling once.

use std::sync::atomic::{AtomicBool, Ordering};

/// Lets the first of many through.
#[derive(Debug, Default)]
pub(crate) struct Once(AtomicBool);

impl Once {
    /// Tells whether it has not been told yet.
    pub(crate) fn is_pending(&self) -> bool {
        !self.0.load(Ordering::Relaxed)
    }

    /// Returns `true` to the first caller only.
    pub(crate) fn take(&self) -> bool {
        !self.0.swap(true, Ordering::Relaxed)
    }
}

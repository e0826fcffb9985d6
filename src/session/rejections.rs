//! The refusals of one request, and which of them its catchers are told.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::OnceLock;

use crate::rejection::{Reason, Rejection};

/// The first error and the first forward of a request.
#[derive(Debug, Default)]
pub(crate) struct Rejections {
    refused_a_session: AtomicBool,
    error: OnceLock<Rejection>,
    forward: OnceLock<Rejection>,
}

impl Rejections {
    pub(crate) fn note(&self, rejection: &Rejection) {
        if rejection.reason() != Reason::Missing {
            self.refused_a_session.store(true, Ordering::Relaxed);
        }
        let slot = match rejection.is_error() {
            true => &self.error,
            false => &self.forward,
        };
        slot.get_or_init(|| rejection.clone());
    }

    pub(super) fn weightiest(&self) -> Option<&Rejection> {
        self.error.get().or_else(|| self.forward.get())
    }

    /// Tells whether a session was presented and did not open a route.
    pub(crate) fn refused_a_session(&self) -> bool {
        self.refused_a_session.load(Ordering::Relaxed)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.weightiest().is_none()
    }
}

//! The refusals of one request, and which of them its catchers are told.

use std::sync::OnceLock;

use rocket::request::Request;

use crate::rejection::{Reason, Rejection};

/// The first error and the first forward of a request.
#[derive(Debug, Default)]
pub(crate) struct Rejections {
    error: OnceLock<Rejection>,
    forward: OnceLock<Rejection>,
}

impl Rejections {
    pub(crate) fn note(&self, rejection: &Rejection) {
        let slot = match rejection.is_error() {
            true => &self.error,
            false => &self.forward,
        };
        slot.get_or_init(|| rejection.clone());
    }

    fn weightiest(&self) -> Option<&Rejection> {
        self.error.get().or_else(|| self.forward.get())
    }

    /// Tells whether a session was presented and did not open a route.
    pub(crate) fn refused_a_session(&self) -> bool {
        self.weightiest()
            .is_some_and(|rejection| rejection.reason() != Reason::Missing)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.weightiest().is_none()
    }
}

/// Returns why this request was refused; for catchers and handlers.
///
/// `None` if no guard of this crate refused it. Where several did, an error outweighs a forward,
/// and of equals the first counts.
///
/// # Example
///
/// ```rust
/// use rocket::{catch, Request};
/// use rocket_restricted_session::rejection;
///
/// #[catch(401)]
/// fn unauthorized(request: &Request<'_>) -> &'static str {
///     match rejection(request) {
///         Some(r) if r.is_hijack() => "This session was used from elsewhere.",
///         _ => "Please sign in.",
///     }
/// }
/// ```
pub fn rejection<'r>(request: &'r Request<'_>) -> Option<&'r Rejection> {
    super::trace::of(request).rejections.weightiest()
}

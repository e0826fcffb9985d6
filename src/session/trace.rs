//! What one request did to sessions, collected for its response.
//!
//! A catcher wipes the changes that a guard or a failed handler made to Rocket's cookie jar. So
//! cookies are planned here, in the request's local cache, and written by the response fairing.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rocket::request::Request;

use super::rejections::Rejections;
use super::section::Section;
use super::ticket::Ticket;
use crate::cached;
use crate::rejection::Rejection;
use crate::store::Millis;

/// What the response does to a session cookie.
#[derive(Debug, Clone)]
pub(crate) enum Write {
    Issue {
        ticket: Ticket,
        payload: String,
    },
    Clear,
    /// Only the bound cookie goes.
    ClearBound,
}

/// Why a cookie is written, the weightiest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cause {
    /// The guard would like it: an idle refresh, the end of an expired session.
    Upkeep { planned_at: Millis },
    /// The app changed the session that the browser had.
    Change { planned_at: Millis },
    /// The app signed the browser in or out: never too late.
    Sign,
}

#[derive(Debug)]
struct Planned {
    section: Arc<Section>,
    write: Write,
    cause: Cause,
}

impl Cause {
    fn is_of_app(self) -> bool {
        !matches!(self, Cause::Upkeep { .. })
    }
}

/// What the response does to the session cookie of one section.
pub(crate) struct Due {
    pub(crate) section: Arc<Section>,
    pub(crate) write: Write,
    /// The app signed the browser in or out.
    pub(crate) is_sign: bool,
}

/// What guards and the app left on one request.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    pub(crate) rejections: Rejections,
    admitted: AtomicBool,
    planned: Mutex<Vec<Planned>>,
}

/// Returns the trace of `request`.
pub(crate) fn of<'r>(request: &'r Request<'_>) -> &'r Trace {
    request.local_cache(Trace::default)
}

/// Returns the trace that guards and the app left on `request`, if they did.
pub(crate) fn left_on<'r>(request: &'r Request<'_>) -> Option<&'r Trace> {
    cached::peek(request)
}

impl Trace {
    /// Notes that a guard let the request in.
    pub(crate) fn note_admission(&self) {
        self.admitted.store(true, Ordering::Relaxed);
    }

    pub(crate) fn was_guarded(&self) -> bool {
        self.admitted.load(Ordering::Relaxed) || !self.rejections.is_empty()
    }

    /// Plans a sign-in or a sign-out; the last wish of the app counts.
    pub(crate) fn sign(&self, section: &Arc<Section>, write: Write) {
        self.plan(section, write, Cause::Sign);
    }

    /// Plans a change of the session; the last wish of the app counts.
    pub(crate) fn change(&self, section: &Arc<Section>, write: Write, now: Millis) {
        self.plan(section, write, Cause::Change { planned_at: now });
    }

    /// Plans what the guard would like; the app's wishes outrank it.
    pub(crate) fn upkeep(&self, section: &Arc<Section>, write: Write, now: Millis) {
        self.plan(section, write, Cause::Upkeep { planned_at: now });
    }

    fn plan(&self, section: &Arc<Section>, write: Write, cause: Cause) {
        let mut planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        let same_cookie = |p: &&mut Planned| Arc::ptr_eq(&p.section, section);
        match planned.iter_mut().find(same_cookie) {
            Some(earlier) if earlier.cause.is_of_app() && !cause.is_of_app() => {}
            Some(earlier) => {
                earlier.write = write;
                // What changes a sign-in of the same request leaves with it.
                earlier.cause = earlier.cause.max(cause);
            }
            None => planned.push(Planned {
                section: section.clone(),
                write,
                cause,
            }),
        }
    }

    /// Returns what the app asked for so far.
    pub(crate) fn asked(&self, section: &Arc<Section>) -> Option<Write> {
        let planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        let of_app = |p: &&Planned| Arc::ptr_eq(&p.section, section) && p.cause.is_of_app();
        planned.iter().find(of_app).map(|p| p.write.clone())
    }

    /// Takes what the response has to write, without what comes too late: a newer sign-in may have
    /// filled the browser's jar by then, or a newer generation begun.
    pub(crate) fn take_due(&self) -> Vec<Due> {
        let mut planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        let due = planned.drain(..).filter(|p| match p.cause {
            Cause::Sign => true,
            Cause::Change { planned_at } | Cause::Upkeep { planned_at } => {
                p.section.clock.now() - planned_at <= p.section.settings.rotation_grace
            }
        });
        due.map(|p| Due {
            is_sign: p.cause == Cause::Sign,
            section: p.section,
            write: p.write,
        })
        .collect()
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
    left_on(request)?.rejections.weightiest()
}

//! The guards: what a route names to be protected.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use rocket::http::Status;
use rocket::outcome::Outcome;
use rocket::request::{self, FromRequest, Request};
use rocket::{async_trait, Ignite, Rocket, Sentinel};
use time::OffsetDateTime;

use super::id::SessionId;
use super::judge::{judged, Judged};
use super::shield::{sentinel_abort, Shield};
use super::ticket::Ticket;
use super::{trace, SessionData};
use crate::rejection::{Reason, Rejection};

/// Request guard: the session of a client that is still the one who signed in.
///
/// Dereferences to the app's data. Owned, and cheap to clone.
///
/// # What it verifies
///
/// In this order, once per request however many guards ask:
///
/// 1. a cookie of the exact name is there, and it unseals to a ticket of this section, context
///    and version;
/// 2. neither the absolute nor the idle timeout has passed;
/// 3. what the session is bound to is unchanged: the client's network, its User-Agent, and the
///    app's own [`Signal`](crate::Signal)s.
///
/// # Outcomes
///
/// | case | outcome | status |
/// |---|---|---|
/// | no cookie, or one that cannot be read | forward | 401 |
/// | a timeout has passed | forward, cookie cleared | 401 |
/// | a signal with action `reject` changed | error, cookie kept | `failure_status` |
/// | two cookies hold two valid sessions | error, cookie kept | `failure_status` |
/// | the trusted proxy does not name the client | error, cookie kept | 500 |
///
/// `Option<RestrictedSession<T>>` is `None` in all of them. `Result<RestrictedSession<T>, _>`
/// holds the errors and still forwards a forward.
///
/// The guard is a [`Sentinel`]: without a [`SessionShield<T>`](crate::SessionShield) the launch
/// aborts. Behind a guard of your own, which hides it from Rocket, the answer is 500.
///
/// # Example
///
/// ```rust
/// # use std::fmt::Display;
/// # use rocket_restricted_session::SessionData;
/// # #[derive(serde::Serialize, serde::Deserialize)]
/// # struct Account { name: String }
/// # impl SessionData for Account { fn subject(&self) -> impl Display { &self.name } }
/// use rocket::get;
/// use rocket_restricted_session::RestrictedSession;
///
/// #[get("/account")]
/// fn account(session: RestrictedSession<Account>) -> String {
///     format!("Hello, {}.", session.name)
/// }
/// ```
pub struct RestrictedSession<T> {
    live: Arc<Live<T>>,
}

/// A session that was let in.
pub(super) struct Live<T> {
    pub(super) data: T,
    pub(super) ticket: Ticket,
    pub(super) fresh: bool,
    pub(super) expires_at: i64,
}

impl<T> RestrictedSession<T> {
    pub(super) fn new(live: Live<T>) -> Self {
        Self {
            live: Arc::new(live),
        }
    }

    pub(super) fn ticket(&self) -> &Ticket {
        &self.live.ticket
    }

    /// Returns the session's public handle: the same for each request of the session, and of no
    /// use to whoever reads it.
    pub fn session_id(&self) -> SessionId {
        SessionId::of(self.live.ticket.id)
    }

    /// Returns when the owner last proved who they are: at sign-in or re-authentication.
    pub fn authenticated_at(&self) -> OffsetDateTime {
        at(self.live.ticket.authenticated_at)
    }

    /// Returns when the session ends at the latest, by its absolute timeout.
    pub fn expires_at(&self) -> OffsetDateTime {
        at(self.live.expires_at)
    }

    /// Tells whether [`FreshSession`] would accept the session on this request.
    pub fn is_fresh(&self) -> bool {
        self.live.fresh
    }
}

fn at(unix_seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(unix_seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

impl<T> Clone for RestrictedSession<T> {
    fn clone(&self) -> Self {
        Self {
            live: self.live.clone(),
        }
    }
}

impl<T> Deref for RestrictedSession<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.live.data
    }
}

/// Shows when the session was authenticated and ends; neither its id nor the app's data.
impl<T> fmt::Debug for RestrictedSession<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RestrictedSession")
            .field("authenticated_at", &self.live.ticket.authenticated_at)
            .field("expires_at", &self.live.expires_at)
            .field("fresh", &self.live.fresh)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl<'r, T: SessionData> FromRequest<'r> for RestrictedSession<T> {
    type Error = Rejection;

    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, Rejection> {
        let Some(shield) = request.rocket().state::<Shield<T>>() else {
            return refuse(request, not_attached::<T>());
        };
        match judged(request, shield).await {
            Judged(Ok(session)) => {
                trace::of(request).note_admission();
                Outcome::Success(session.clone())
            }
            Judged(Err(rejection)) => refuse(request, rejection.clone()),
        }
    }
}

impl<T: SessionData> Sentinel for RestrictedSession<T> {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        sentinel_abort::<T>(rocket, "RestrictedSession")
    }
}

pub(super) fn refuse<S>(
    request: &Request<'_>,
    rejection: Rejection,
) -> request::Outcome<S, Rejection> {
    trace::of(request).rejections.note(&rejection);
    match rejection.is_error() {
        true => Outcome::Error((rejection.status(), rejection)),
        false => Outcome::Forward(rejection.status()),
    }
}

pub(super) fn not_attached<T>() -> Rejection {
    let kind = std::any::type_name::<T>();
    rocket::error!("A guard asks for sessions of {kind}, but no shield for them is attached.");
    rocket::error_!(
        "Attach `SessionShield::<{kind}>::new()`, or forward `Sentinel` in your guard."
    );
    Rejection::new(Reason::NotAttached, Status::InternalServerError)
}

/// Request guard: a [`RestrictedSession`] whose owner proved recently who they are.
///
/// It asks that the owner signed in or re-authenticated within `fresh_for`, and that no signal
/// with action `step-up` has changed on this request. For what must not happen in a session that
/// somebody found open: payments, a new password, a new address.
///
/// A session that is valid but not fresh is a forward with 403; everything else is as with
/// [`RestrictedSession`]. Let the owner confirm the password and call
/// [`SessionJar::reauthenticate`](crate::SessionJar::reauthenticate).
///
/// # Example
///
/// ```rust
/// # use std::fmt::Display;
/// # use rocket_restricted_session::SessionData;
/// # #[derive(serde::Serialize, serde::Deserialize)]
/// # struct Account { name: String }
/// # impl SessionData for Account { fn subject(&self) -> impl Display { &self.name } }
/// use rocket::{get, post};
/// use rocket_restricted_session::FreshSession;
///
/// #[post("/transfer")]
/// fn transfer(session: FreshSession<Account>) -> String {
///     format!("Money leaves the account of {}.", session.name)
/// }
///
/// #[post("/transfer", rank = 2)]
/// fn confirm_first() -> &'static str { "Please confirm your password." }
/// ```
pub struct FreshSession<T>(RestrictedSession<T>);

impl<T> FreshSession<T> {
    /// Returns the session itself.
    pub fn into_inner(self) -> RestrictedSession<T> {
        self.0
    }
}

impl<T> Clone for FreshSession<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Deref for FreshSession<T> {
    type Target = RestrictedSession<T>;

    fn deref(&self) -> &RestrictedSession<T> {
        &self.0
    }
}

impl<T> fmt::Debug for FreshSession<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FreshSession").field(&self.0).finish()
    }
}

#[async_trait]
impl<'r, T: SessionData> FromRequest<'r> for FreshSession<T> {
    type Error = Rejection;

    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, Rejection> {
        match RestrictedSession::<T>::from_request(request).await {
            Outcome::Success(session) if session.is_fresh() => Outcome::Success(Self(session)),
            Outcome::Success(_) => {
                refuse(request, Rejection::new(Reason::Stale, Status::Forbidden))
            }
            Outcome::Error(error) => Outcome::Error(error),
            Outcome::Forward(status) => Outcome::Forward(status),
        }
    }
}

impl<T: SessionData> Sentinel for FreshSession<T> {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        sentinel_abort::<T>(rocket, "FreshSession")
    }
}

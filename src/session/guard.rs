//! The guards: what a route names to be protected.

use std::fmt;
use std::ops::Deref;

use rocket::http::Status;
use rocket::outcome::Outcome;
use rocket::request::{self, FromRequest, Request};
use rocket::{async_trait, Ignite, Rocket, Sentinel};

use super::judge::{judged, Judged};
use super::restricted::RestrictedSession;
use super::shield::{sentinel_abort, Shield};
use super::{trace, SessionData};
use crate::rejection::{Reason, Rejection};

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

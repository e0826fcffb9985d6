//! What an app keeps in a session.

use std::fmt::Display;

use rocket::serde::DeserializeOwned;
use serde::Serialize;

/// What an app keeps in a session, and whose session it is.
///
/// The data travels sealed in the session cookie, so keep it small: the cookie line that carries
/// it may not exceed 4096 bytes, which leaves room for about 2.8 KiB of JSON. A larger one is
/// refused by [`SessionJar::login`](crate::SessionJar::login).
///
/// Give each kind of session a type of its own: a `User` cookie never opens a route that asks for
/// `RestrictedSession<Admin>`.
///
/// # Example
///
/// ```rust
/// use std::fmt::Display;
/// use rocket_restricted_session::SessionData;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Account { name: String }
///
/// impl SessionData for Account {
///     fn subject(&self) -> impl Display { &self.name }
/// }
/// ```
pub trait SessionData: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Returns whose session this is: a user's name or id, the same for all sessions of a user.
    fn subject(&self) -> impl Display;
}

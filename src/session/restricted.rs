//! The session that a route gets, once it was let in.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use time::OffsetDateTime;

use super::section::Section;
use super::ticket::Ticket;
use crate::store::SessionId;

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
///    app's own [`Signal`](crate::Signal)s;
/// 4. with a store, that the session has not ended;
/// 5. if it is bound to a device, that the request brings a valid bound cookie of it;
/// 6. with a store, that the session cookie was not replaced by a newer one that is in use.
///
/// # Outcomes
///
/// | case | outcome | status |
/// |---|---|---|
/// | no cookie, or one that cannot be read | forward | 401 |
/// | a timeout has passed | forward, cookie cleared | 401 |
/// | the session has ended: signed out, from the list, by the limit | forward, cookie cleared | 401 |
/// | ended by a newer sign-in of this browser, or unknown to the store | forward | 401 |
/// | a signal with action `reject` changed | error, cookie kept | `failure_status` |
/// | a signal with action `revoke` changed: every copy is dead | error, cookie cleared | `failure_status` |
/// | the cookie was replaced: stolen, and every copy is dead | error, cookie cleared | `failure_status` |
/// | revoked as compromised before | error, cookie cleared | `failure_status` |
/// | bound to a device, and no valid bound cookie is there, later than `dbsc.grace` | error, cookie kept | `failure_status` |
/// | two cookies hold two valid sessions | error, cookie kept | `failure_status` |
/// | the trusted proxy does not name the client | error, cookie kept | 500 |
/// | the store is away | error, cookie kept | 503 |
///
/// `Option<RestrictedSession<T>>` is `None` in all of them. `Result<RestrictedSession<T>, _>`
/// holds the errors and still forwards a forward.
///
/// The guard is a [`Sentinel`](rocket::Sentinel): without a
/// [`SessionShield<T>`](crate::SessionShield) the launch aborts. Behind a guard of your own, which
/// hides it from Rocket, the answer is 500.
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
    pub(super) device_bound: bool,
    pub(super) section: Arc<Section>,
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
        self.live.ticket.handle()
    }

    /// Returns when the owner last proved who they are: at sign-in or re-authentication.
    pub fn authenticated_at(&self) -> OffsetDateTime {
        at(self.live.ticket.authenticated_at)
    }

    /// Returns when the session ends at the latest, by its absolute timeout.
    pub fn expires_at(&self) -> OffsetDateTime {
        at(self.live.expires_at)
    }

    /// Tells whether [`FreshSession`](crate::FreshSession) would accept the session on this
    /// request.
    pub fn is_fresh(&self) -> bool {
        self.live.fresh
    }

    /// Tells whether the session is bound to a key that the owner's device keeps.
    ///
    /// The browser registers its key after the response to the sign-in, so that the page that
    /// follows at once may still find it unbound. [`guide::dbsc`](crate::guide::dbsc) tells how.
    pub fn is_device_bound(&self) -> bool {
        self.live.device_bound
    }

    /// Waits until the session is over, for a response that goes on: Server-Sent Events, or a
    /// WebSocket.
    ///
    /// It is over when its owner signs out, when it is ended from elsewhere, found stolen, idle or
    /// expired. What this process does is noticed at once, what another node does within about
    /// five seconds, and an outage of the store ends nothing. Waiting does not count as use.
    /// Without a store only the absolute timeout is noticed.
    ///
    /// Each call asks the store at once: wait for one, as below, instead of calling anew in a loop.
    ///
    /// **Note:** Rocket itself logs an error whenever a browser leaves such a response.
    ///
    /// ```rust
    /// # use std::fmt::Display;
    /// # use rocket_restricted_session::SessionData;
    /// # #[derive(serde::Serialize, serde::Deserialize)]
    /// # struct Account { name: String }
    /// # impl SessionData for Account { fn subject(&self) -> impl Display { &self.name } }
    /// use rocket::get;
    /// use rocket::response::stream::{Event, EventStream};
    /// use rocket::tokio::{pin, select, time};
    /// use rocket_restricted_session::RestrictedSession;
    ///
    /// #[get("/ticker")]
    /// fn ticker(session: RestrictedSession<Account>) -> EventStream![] {
    ///     EventStream! {
    ///         let ended = session.ended();
    ///         pin!(ended);
    ///         loop {
    ///             select! {
    ///                 _ = &mut ended => break,
    ///                 _ = time::sleep(time::Duration::from_secs(1)) => yield Event::data("tick"),
    ///             }
    ///         }
    ///     }
    /// }
    /// ```
    pub async fn ended(&self) {
        let Live {
            section,
            ticket,
            expires_at,
            ..
        } = &*self.live;
        section.wait_until_over(ticket, *expires_at).await;
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

//! Starting, changing and ending the session of a request.

use std::fmt;
use std::sync::Arc;

use rocket::outcome::Outcome;
use rocket::request::{self, FromRequest, Request};
use rocket::{async_trait, Ignite, Rocket, Sentinel};

use super::judge::{judged, Judged};
use super::section::Section;
use super::shield::{sentinel_abort, Shield};
use super::ticket::{SecretId, Ticket};
use super::trace::{self, Write};
use super::{guard, SessionData};
use crate::binding::{Fingerprint, Sighting};
use crate::event::EventKind;
use crate::rejection::Rejection;
use crate::{transport, Error};

/// What is to a session what Rocket's `&CookieJar` is to a cookie: starts, changes and ends it.
///
/// As a guard it always succeeds when the fairing is attached; it asks for no session. Whatever
/// it does reaches the browser even when the handler fails or panics afterwards. Of several calls
/// on one request the last one counts.
///
/// Without a store a session cannot be taken back: after [`logout`](Self::logout) the browser has
/// forgotten it, but a copy that somebody made before stays valid until a timeout.
///
/// # Example
///
/// ```rust
/// # use std::fmt::Display;
/// # use rocket_restricted_session::SessionData;
/// # #[derive(serde::Serialize, serde::Deserialize)]
/// # struct Account { name: String }
/// # impl SessionData for Account { fn subject(&self) -> impl Display { &self.name } }
/// use rocket::post;
/// use rocket::http::Status;
/// use rocket_restricted_session::{Error, SessionJar};
///
/// #[post("/login")]
/// async fn login(jar: SessionJar<'_, Account>) -> Result<&'static str, Status> {
///     jar.login(Account { name: "ada".into() }).await?;
///     Ok("Welcome.")
/// }
///
/// #[post("/logout")]
/// async fn logout(jar: SessionJar<'_, Account>) -> Result<&'static str, Error> {
///     jar.logout().await?;
///     Ok("Goodbye.")
/// }
/// ```
pub struct SessionJar<'r, T> {
    request: &'r Request<'r>,
    shield: &'r Shield<T>,
}

/// The session as the response will leave it: changed by the app, or as the guard let it in.
struct Standing {
    ticket: Ticket,
    payload: String,
    subject: String,
}

impl<T: SessionData> SessionJar<'_, T> {
    /// Signs in: starts a session for `data`, always under a new id, bound to this client.
    ///
    /// Call it only after the credential was checked. The session that the request may have
    /// carried is replaced.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] if the sealed session would exceed what browsers accept,
    /// [`Error::ClientUnresolved`] if a trusted proxy did not name the client,
    /// [`Error::Unserializable`] if `data` does not serialise to JSON, [`Error::NoSecretKey`] if
    /// Rocket has no key: each is logged, a 500, and leaves the browser as it was.
    pub async fn login(&self, data: T) -> Result<(), Error> {
        let section = self.section();
        let now = section.clock.now();
        let id = SecretId::random();
        let sighting = self.sighting();
        let fingerprint = Fingerprint::take(&id.0, &sighting, &section.settings.binding)
            .ok_or_else(|| logged(Error::ClientUnresolved))?;
        let ticket = Ticket {
            id,
            signed_in_at: now,
            authenticated_at: now,
            issued_at: now,
            fingerprint,
        };
        let write = self.sealable(ticket, serialize(&data)?)?;
        trace::of(self.request).sign(section, write);
        if let Some(transport) = transport::of(self.request) {
            transport.notice_plain_sign_in(self.request);
        }
        self.tell(EventKind::SignedIn, data.subject().to_string());
        Ok(())
    }

    /// Notes that the owner proved again who they are: the session is fresh, and bound to the
    /// network and browser of this request.
    ///
    /// Call it only after the credential was checked again. The absolute timeout still counts
    /// from the sign-in, and what the session is bound to in the other address family stays.
    ///
    /// # Errors
    ///
    /// [`Error::NoSession`] (401) if the guard would not let the request in; else as
    /// [`login`](Self::login). The session is then as it was.
    pub async fn reauthenticate(&self) -> Result<(), Error> {
        let section = self.section();
        let now = section.clock.now();
        let mut standing = self.demand().await?;
        let ticket = &mut standing.ticket;
        let sighting = self.sighting();
        let present = Fingerprint::take(&ticket.id.0, &sighting, &section.settings.binding)
            .ok_or_else(|| logged(Error::ClientUnresolved))?;
        ticket.fingerprint.rebind(present);
        ticket.authenticated_at = now;
        ticket.issued_at = now;

        let write = self.sealable(standing.ticket, standing.payload)?;
        trace::of(self.request).change(section, write, now);
        self.tell(EventKind::Reauthenticated, standing.subject);
        Ok(())
    }

    /// Replaces the session's data; its subject stays.
    ///
    /// # Errors
    ///
    /// [`Error::NoSession`] (401) if the guard would not let the request in,
    /// [`Error::OtherSubject`] (500) if `data` is somebody else's; else as
    /// [`login`](Self::login). The session is then as it was.
    pub async fn update(&self, data: T) -> Result<(), Error> {
        let mut standing = self.demand().await?;
        if data.subject().to_string() != standing.subject {
            return Err(logged(Error::OtherSubject));
        }
        let now = self.section().clock.now();
        standing.ticket.issued_at = now;
        let write = self.sealable(standing.ticket, serialize(&data)?)?;
        trace::of(self.request).change(self.section(), write, now);
        self.tell(EventKind::Updated, standing.subject);
        Ok(())
    }

    /// Signs out: removes the session cookie from the browser.
    ///
    /// It succeeds for a request without a session as well.
    ///
    /// # Errors
    ///
    /// None in this version.
    pub async fn logout(&self) -> Result<(), Error> {
        let subject = self.standing().await.ok().map(|standing| standing.subject);
        trace::of(self.request).sign(self.section(), Write::Clear);
        if let Some(subject) = subject {
            self.tell(EventKind::SignedOut, subject);
        }
        Ok(())
    }

    fn section(&self) -> &Arc<Section> {
        &self.shield.section
    }

    fn sighting(&self) -> Sighting<'_> {
        Sighting::to_bind(self.request, &self.section().signals)
    }

    /// Returns the session, or leaves the reason why there is none to the app's catchers.
    async fn demand(&self) -> Result<Standing, Error> {
        let standing = self.standing().await;
        if let (Err(Error::NoSession), Judged(Err(rejection))) =
            (&standing, judged(self.request, self.shield).await)
        {
            trace::of(self.request).rejections.note(rejection);
        }
        standing
    }

    async fn standing(&self) -> Result<Standing, Error> {
        match trace::of(self.request).asked(self.section()) {
            Some(Write::Clear) => return Err(Error::NoSession),
            Some(Write::Issue { ticket, payload }) => {
                let data: T = serde_json::from_str(&payload).map_err(|_| Error::NoSession)?;
                let subject = data.subject().to_string();
                return Ok(Standing {
                    ticket,
                    payload,
                    subject,
                });
            }
            None => {}
        }
        match judged(self.request, self.shield).await {
            Judged(Ok(session)) => Ok(Standing {
                ticket: session.ticket().clone(),
                payload: serialize(&**session)?,
                subject: session.subject().to_string(),
            }),
            Judged(Err(_)) => Err(Error::NoSession),
        }
    }

    /// Returns the cookie to write, if it can be sealed and browsers will take it.
    fn sealable(&self, ticket: Ticket, payload: String) -> Result<Write, Error> {
        let section = self.section();
        let config = self.request.rocket().config();
        if section.sealer(config).is_none() {
            return Err(logged(Error::NoSecretKey));
        }
        let plaintext = ticket.encode(section.realm, &payload).len();
        let bytes = section.settings.cookie_name.len() + super::seal::sealed_length(plaintext);
        if bytes > transport::MAX_PAIR_BYTES {
            return Err(logged(Error::TooLarge { bytes }));
        }
        Ok(Write::Issue { ticket, payload })
    }

    fn tell(&self, kind: EventKind, subject: String) {
        self.section().tell(kind, Some(subject), self.request);
    }
}

fn serialize<T: SessionData>(data: &T) -> Result<String, Error> {
    serde_json::to_string(data).map_err(|_| logged(Error::Unserializable))
}

/// Logs an error that the client will see as a bare status.
fn logged(error: Error) -> Error {
    rocket::error!("A session was not issued: {error}.");
    error
}

impl<T> fmt::Debug for SessionJar<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionJar")
            .field("section", &self.shield.section.name)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl<'r, T: SessionData> FromRequest<'r> for SessionJar<'r, T> {
    type Error = Rejection;

    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, Rejection> {
        match request.rocket().state::<Shield<T>>() {
            Some(shield) => Outcome::Success(SessionJar { request, shield }),
            None => guard::refuse(request, guard::not_attached::<T>()),
        }
    }
}

impl<T: SessionData> Sentinel for SessionJar<'_, T> {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        sentinel_abort::<T>(rocket, "SessionJar")
    }
}

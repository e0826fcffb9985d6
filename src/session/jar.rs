//! Starting, changing and ending the session of a request.

use std::fmt;
use std::sync::Arc;

use rocket::outcome::Outcome;
use rocket::request::{self, FromRequest, Request};
use rocket::{async_trait, Ignite, Rocket, Sentinel};

use super::entry::{self, logged};
use super::judge::{judged, Judged};
use super::keeper::Keeper;
use super::section::Section;
use super::shield::{sentinel_abort, Shield};
use super::ticket::{Kept, SecretId, Ticket};
use super::trace::{self, Write};
use super::{guard, SessionData};
use crate::binding::{Fingerprint, Sighting};
use crate::event::EventKind;
use crate::rejection::{Reason, Rejection};
use crate::store::{Lineage, Millis, Over, SessionId, SessionKey};
use crate::{transport, Error};

/// What is to a session what Rocket's `&CookieJar` is to a cookie: starts, changes and ends it.
///
/// As a guard it always succeeds when the fairing is attached; it asks for no session. Whatever
/// it does reaches the browser even when the handler fails or panics afterwards. Of several calls
/// on one request the last one counts.
///
/// With a store, which is the default, [`logout`](Self::logout) kills every copy of the session,
/// and a user's sessions can be listed and ended. Without one a session cannot be taken back: the
/// browser forgets it, but a copy that somebody made before stays valid until a timeout.
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
    pub(super) request: &'r Request<'r>,
    pub(super) shield: &'r Shield<T>,
}

/// The session as the response will leave it: changed by the app, or as the guard let it in.
pub(super) struct Standing {
    pub(super) ticket: Ticket,
    payload: String,
    pub(super) subject: String,
}

impl Standing {
    /// Returns where a store keeps the session.
    pub(super) fn key(&self) -> Result<SessionKey, Error> {
        self.ticket.key().ok_or(Error::NoSession)
    }
}

impl<T: SessionData> SessionJar<'_, T> {
    /// Signs in: starts a session for `data`, always under a new id, bound to this client.
    ///
    /// Call it only after the credential was checked. The session that the request may have
    /// carried ends, if the guard would have let it in: one browser, one session. Where
    /// `max_sessions` is set, the user's oldest sessions end too. With `dbsc.enabled` the response
    /// offers the browser to bind the session to its device, and no later one does.
    ///
    /// # Errors
    ///
    /// [`Error::StoreUnavailable`] (503) while the store is away. [`Error::TooLarge`] if the
    /// sealed session would exceed what browsers accept, [`Error::ClientUnresolved`] if a trusted
    /// proxy did not name the client, [`Error::Unserializable`] if `data` does not serialise to
    /// JSON, [`Error::NoSecretKey`] if Rocket has no key: each is logged, and a 500. All leave the
    /// browser as it was.
    pub async fn login(&self, data: T) -> Result<(), Error> {
        let section = self.section();
        let now = section.clock.now();
        let subject = data.subject().to_string();
        let mut ticket = self.first_ticket(&subject, now)?;
        let payload = serialize(&data)?;
        self.refuse_what_cannot_be_sealed(&ticket, &payload)?;

        let before = self.standing().await.ok().and_then(|s| s.ticket.key());
        let evicted = entry::start(self.request, section, &mut ticket, before, now).await?;
        trace::of(self.request).sign(section, Write::Issue { ticket, payload });
        if let Some(transport) = transport::of(self.request) {
            transport.notice_plain_sign_in(self.request);
        }
        if evicted > 0 {
            self.tell(EventKind::Evicted(evicted), subject.clone());
        }
        self.tell(EventKind::SignedIn, subject);
        Ok(())
    }

    /// Returns the ticket of a session that starts now, under a new id.
    fn first_ticket(&self, subject: &str, now: Millis) -> Result<Ticket, Error> {
        let section = self.section();
        let id = SecretId::random();
        let kept = |keeper: &Keeper| Kept {
            key: SessionKey {
                subject: section.realm.subject(subject),
                id: SessionId::of(&id.0),
            },
            process: keeper.store.process(),
            adopted: false,
            lineage: Lineage::root(),
            revision: 0,
        };
        Ok(Ticket {
            fingerprint: self.fingerprint(&id)?,
            id,
            signed_in_at: now / 1000,
            authenticated_at: now / 1000,
            issued_at: now / 1000,
            kept: section.keeper.as_ref().map(kept),
        })
    }

    /// Notes that the owner proved again who they are: the session is fresh, and bound to the
    /// network and browser of this request.
    ///
    /// Call it only after the credential was checked again. The absolute timeout still counts
    /// from the sign-in, and what the session is bound to in the other address family stays.
    ///
    /// # Errors
    ///
    /// [`Error::NoSession`] (401) if the guard would not let the request in, or the session has
    /// ended meanwhile; else as [`login`](Self::login). The session is then as it was.
    pub async fn reauthenticate(&self) -> Result<(), Error> {
        let section = self.section();
        let now = section.clock.now();
        let mut standing = self.demand().await?;
        let ticket = &mut standing.ticket;
        ticket.fingerprint.rebind(self.fingerprint(&ticket.id)?);
        ticket.authenticated_at = now / 1000;
        ticket.issued_at = now / 1000;
        self.refuse_what_cannot_be_sealed(ticket, &standing.payload)?;

        entry::succeed(section, ticket, now).await?;
        let (ticket, payload) = (standing.ticket, standing.payload);
        trace::of(self.request).change(section, Write::Issue { ticket, payload }, now);
        self.tell(EventKind::Reauthenticated, standing.subject);
        Ok(())
    }

    /// Replaces the session's data; its subject stays.
    ///
    /// With a store the data is written there, for all copies of the cookie at once.
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
        let section = self.section();
        let now = section.clock.now();
        let payload = serialize(&data)?;
        self.refuse_what_cannot_be_sealed(&standing.ticket, &payload)?;
        let ticket = &mut standing.ticket;
        if !entry::update(self.request, section, ticket, &payload, now).await? {
            ticket.issued_at = now / 1000;
            let ticket = standing.ticket;
            trace::of(self.request).change(section, Write::Issue { ticket, payload }, now);
        }
        self.tell(EventKind::Updated, standing.subject);
        Ok(())
    }

    /// Signs out: ends the session, every copy of it, and removes its cookie from the browser; with
    /// `dbsc.enabled` the bound cookie too.
    ///
    /// It succeeds for a request without a session as well. A session that the guard would refuse
    /// is not ended: its cookie may have been stolen from somebody.
    ///
    /// # Errors
    ///
    /// [`Error::StoreUnavailable`] (503) while the store is away: the browser has forgotten the
    /// session, but copies of it stay valid until a timeout.
    pub async fn logout(&self) -> Result<(), Error> {
        let standing = self.standing().await;
        trace::of(self.request).sign(self.section(), Write::Clear);
        let standing = match standing {
            Ok(standing) => standing,
            Err(Error::StoreUnavailable) => return Err(Error::StoreUnavailable),
            Err(_) => return Ok(()),
        };
        if let (Some(keeper), Some(key)) = (&self.section().keeper, standing.ticket.key()) {
            let now = self.section().clock.now();
            keeper
                .ask(keeper.store.end(&key, Over::SignedOut, now))
                .await?;
            keeper.announce_an_ending(key.subject);
        }
        self.tell(EventKind::SignedOut, standing.subject);
        Ok(())
    }

    pub(super) fn section(&self) -> &Arc<Section> {
        &self.shield.section
    }

    /// Returns what a session of this id is bound to, if it is bound on this request.
    fn fingerprint(&self, id: &SecretId) -> Result<Fingerprint, Error> {
        let section = self.section();
        let sighting = Sighting::to_bind(self.request, &section.signals);
        Fingerprint::take(&id.0, &sighting, &section.settings.binding)
            .ok_or_else(|| logged(Error::ClientUnresolved))
    }

    /// Returns the session, or leaves the reason why there is none to the app's catchers.
    pub(super) async fn demand(&self) -> Result<Standing, Error> {
        let standing = self.standing().await;
        let trace = trace::of(self.request);
        match (&standing, judged(self.request, self.shield).await) {
            (Ok(_), _) => trace.note_admission(),
            (Err(_), Judged(Err(rejection))) => trace.rejections.note(rejection),
            (Err(_), Judged(Ok(_))) => {}
        }
        standing
    }

    pub(super) async fn standing(&self) -> Result<Standing, Error> {
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
            Some(Write::ClearBound) | None => {}
        }
        match judged(self.request, self.shield).await {
            Judged(Ok(session)) => Ok(Standing {
                ticket: session.ticket().clone(),
                payload: serialize(&**session)?,
                subject: session.subject().to_string(),
            }),
            Judged(Err(rejection)) if rejection.reason() == Reason::StoreUnavailable => {
                Err(Error::StoreUnavailable)
            }
            Judged(Err(_)) => Err(Error::NoSession),
        }
    }

    /// Refuses a cookie that cannot be sealed, or that browsers would not take.
    fn refuse_what_cannot_be_sealed(&self, ticket: &Ticket, payload: &str) -> Result<(), Error> {
        let section = self.section();
        let config = self.request.rocket().config();
        if section.sealer(config).is_none() {
            return Err(logged(Error::NoSecretKey));
        }
        let plaintext = ticket.encode(section.realm, payload).len();
        let bytes = section.settings.cookie_name.len() + crate::seal::sealed_length(plaintext);
        if bytes > transport::MAX_PAIR_BYTES {
            return Err(logged(Error::TooLarge { bytes }));
        }
        Ok(())
    }

    pub(super) fn tell(&self, kind: EventKind, subject: String) {
        self.section().tell(kind, Some(subject), self.request);
    }
}

fn serialize<T: SessionData>(data: &T) -> Result<String, Error> {
    serde_json::to_string(data).map_err(|_| logged(Error::Unserializable))
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

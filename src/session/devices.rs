//! The sessions of one user: listed, and ended from elsewhere.

use std::fmt::Display;

use super::jar::SessionJar;
use super::keeper::Keeper;
use super::trace::{self, Write};
use super::SessionData;
use crate::event::EventKind;
use crate::store::{Over, SessionId, SessionInfo, SessionKey, SubjectId};
use crate::Error;

/// What needs a store.
impl<T: SessionData> SessionJar<'_, T> {
    /// Returns the live sessions of the request's user, the one of this request first and then the
    /// most recently used.
    ///
    /// # Errors
    ///
    /// [`Error::NoSession`] (401) if the guard would not let the request in,
    /// [`Error::StoreUnavailable`] (503) while the store is away, [`Error::NoStore`] (501) with
    /// `store = "none"`.
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
    /// use rocket_restricted_session::{Error, FreshSession, SessionId, SessionJar};
    ///
    /// #[get("/devices")]
    /// async fn devices(jar: SessionJar<'_, Account>) -> Result<String, Error> {
    ///     let sessions = jar.sessions().await?;
    ///     let lines = sessions.iter().map(|session| match session.current {
    ///         true => format!("{} (this one)\n", session.label),
    ///         false => format!("{}: /devices/{}/end\n", session.label, session.id),
    ///     });
    ///     Ok(lines.collect())
    /// }
    ///
    /// #[post("/devices/<id>/end")]
    /// async fn end(
    ///     id: SessionId,
    ///     _fresh: FreshSession<Account>,
    ///     jar: SessionJar<'_, Account>,
    /// ) -> Result<(), Error> {
    ///     jar.end(id).await
    /// }
    /// ```
    pub async fn sessions(&self) -> Result<Vec<SessionInfo>, Error> {
        let keeper = self.keeper()?;
        let own = self.demand().await?.key()?;
        let (idle, now) = (keeper.policy.idle_timeout, self.section().clock.now());
        let mut sessions = keeper
            .ask(keeper.store.sessions(&own.subject, idle, now))
            .await?;
        for session in &mut sessions {
            session.current = session.id == own.id;
        }
        sessions.sort_by_key(|session| {
            let latest_first = std::cmp::Reverse((session.last_seen, session.created_at));
            (!session.current, latest_first, session.id)
        });
        Ok(sessions)
    }

    /// Ends one of the user's sessions; that of this request is signed out.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchSession`] (404) if the user has no session with this handle, whoever else may
    /// have, or it is over; otherwise as [`sessions`](Self::sessions).
    pub async fn end(&self, id: SessionId) -> Result<(), Error> {
        let keeper = self.keeper()?;
        let standing = self.demand().await?;
        let own = standing.key()?;
        if own.id == id {
            return self.logout().await;
        }
        let key = SessionKey { id, ..own };
        let now = self.section().clock.now();
        let ended = keeper.store.end(&key, Over::EndedElsewhere, now);
        match keeper.ask(ended).await? {
            true => {
                keeper.announce_an_ending(key.subject);
                self.tell(EventKind::Ended(id), standing.subject);
                Ok(())
            }
            false => Err(Error::NoSuchSession),
        }
    }

    /// Ends all sessions of the user but that of this request: after a new password, or a theft.
    ///
    /// # Errors
    ///
    /// As [`sessions`](Self::sessions).
    pub async fn logout_others(&self) -> Result<(), Error> {
        self.keeper()?;
        let standing = self.demand().await?;
        let own = standing.key()?;
        self.end_all(&own.subject, Some(&own.id)).await?;
        self.tell(EventKind::EndedAll, standing.subject);
        Ok(())
    }

    /// Ends all sessions of a subject, and needs no session to do so: for an administrator, a
    /// disabled account, a password that was reset.
    ///
    /// If the request's own session is among them, its cookie is removed too.
    ///
    /// # Errors
    ///
    /// [`Error::StoreUnavailable`] (503) while the store is away, [`Error::NoStore`] (501) with
    /// `store = "none"`.
    pub async fn logout_everywhere(&self, subject: impl Display) -> Result<(), Error> {
        self.keeper()?;
        let subject = subject.to_string();
        let named = self.section().realm.subject(&subject);
        let standing = self.standing().await.ok();
        self.end_all(&named, None).await?;
        let own = standing.and_then(|standing| standing.ticket.key());
        if own.is_some_and(|own| own.subject == named) {
            trace::of(self.request).sign(self.section(), Write::Clear);
        }
        self.tell(EventKind::EndedAll, subject);
        Ok(())
    }

    async fn end_all(&self, subject: &SubjectId, except: Option<&SessionId>) -> Result<(), Error> {
        let keeper = self.keeper()?;
        let keep = self.section().settings.absolute_timeout * 1000;
        let now = self.section().clock.now();
        keeper
            .ask(keeper.store.end_all(subject, except, keep, now))
            .await?;
        keeper.announce_an_ending(*subject);
        Ok(())
    }

    fn keeper(&self) -> Result<&Keeper, Error> {
        let keeper = self.section().keeper.as_ref();
        keeper.ok_or_else(|| {
            rocket::error!("Sessions cannot be listed or ended: {}.", Error::NoStore);
            Error::NoStore
        })
    }
}

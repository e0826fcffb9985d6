//! What the jar's calls do in the store: a session enters it, succeeds itself, changes.

use rocket::request::Request;

use super::keeper::Keeper;
use super::section::{masked_client, software, Section};
use super::ticket::{Kept, Ticket};
use crate::store::{Millis, NewSession, Over, SessionKey, Token, Update};
use crate::Error;

/// What a store notes of the client whose session it takes in.
pub(super) struct Client {
    label: String,
    network: String,
}

impl Client {
    pub(super) fn of(request: &Request<'_>) -> Self {
        Self {
            label: software(request),
            network: masked_client(request).unwrap_or_default(),
        }
    }

    /// Returns the session of a ticket, as one that starts now and takes nobody's place.
    pub(super) fn session(&self, section: &Section, keeper: &Keeper, kept: Kept) -> NewSession<'_> {
        NewSession {
            key: kept.key,
            first: kept.lineage,
            lifetime: section.settings.absolute_timeout * 1000,
            label: &self.label,
            network: &self.network,
            created_at: None,
            replaces: None,
            max_sessions: keeper.max_sessions,
            idle_timeout: keeper.policy.idle_timeout,
        }
    }
}

/// Lets the store start the session of `ticket`, which takes the store's time, and end the one that
/// the browser had before; returns how many others of the user had to go.
pub(super) async fn start(
    request: &Request<'_>,
    section: &Section,
    ticket: &mut Ticket,
    before: Option<SessionKey>,
    now: Millis,
) -> Result<u32, Error> {
    let (Some(keeper), Some(kept)) = (&section.keeper, ticket.kept) else {
        return Ok(0);
    };
    let is_of_this_subject = |before: &SessionKey| before.subject == kept.key.subject;
    let client = Client::of(request);
    let new = NewSession {
        replaces: before.filter(is_of_this_subject).map(|before| before.id),
        ..client.session(section, keeper, kept)
    };
    let created = keeper.ask(keeper.store.create(&new, now)).await?;
    if created.evicted > 0 || new.replaces.is_some() {
        keeper.announce_an_ending(kept.key.subject);
    }
    ticket.signed_in_at = created.now / 1000;
    ticket.authenticated_at = created.now / 1000;
    ticket.issued_at = created.now / 1000;

    if let Some(before) = before.filter(|before| !is_of_this_subject(before)) {
        end_of_another_subject(keeper, &before, now).await;
    }
    Ok(created.evicted)
}

/// Ends the session that the browser had of somebody else. If the store fails now, it lives on
/// until a timeout, but the browser has forgotten it.
async fn end_of_another_subject(keeper: &Keeper, before: &SessionKey, now: Millis) {
    let _ = keeper
        .ask(keeper.store.end(before, Over::Replaced, now))
        .await;
    keeper.announce_an_ending(before.subject);
}

/// Lets the store tell where the ticket of a re-authentication stands, which takes the store's
/// time.
pub(super) async fn succeed(
    section: &Section,
    ticket: &mut Ticket,
    now: Millis,
) -> Result<(), Error> {
    let (Some(keeper), Some(kept)) = (&section.keeper, ticket.kept) else {
        return Ok(());
    };
    let grace = keeper.policy.grace;
    let succession = keeper.store.succeed(&kept.key, Token::random(), grace, now);
    let (lineage, now) = keeper.ask(succession).await?.ok_or(Error::NoSession)?;
    ticket.kept = Some(Kept {
        lineage,
        adopted: false,
        ..kept
    });
    ticket.authenticated_at = now / 1000;
    ticket.issued_at = now / 1000;
    Ok(())
}

/// Replaces the app's data in the store; tells whether it is kept there.
pub(super) async fn update(
    request: &Request<'_>,
    section: &Section,
    ticket: &Ticket,
    payload: &str,
    now: Millis,
) -> Result<bool, Error> {
    let (Some(keeper), Some(kept)) = (&section.keeper, ticket.kept) else {
        return Ok(false);
    };
    let update = Update {
        revision: kept.revision.saturating_add(1),
        payload: sealed(request, section, ticket, payload)
            .ok_or_else(|| logged(Error::NoSecretKey))?,
    };
    let updated = keeper.store.update(&kept.key, &update, now);
    match keeper.ask(updated).await? {
        true => Ok(true),
        false => Err(Error::NoSession),
    }
}

/// Returns the app's data for the store, which cannot read it.
fn sealed(
    request: &Request<'_>,
    section: &Section,
    ticket: &Ticket,
    payload: &str,
) -> Option<Vec<u8>> {
    let sealer = section.sealer(request.rocket().config())?;
    sealer.seal_bytes(&ticket.payload_purpose(), payload.as_bytes())
}

/// Logs an error that the client will see as a bare status.
pub(super) fn logged(error: Error) -> Error {
    rocket::error!("A session was not issued: {error}.");
    error
}

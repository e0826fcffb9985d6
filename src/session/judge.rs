//! Reads the session of a request and has it judged, once per request.

use std::sync::Arc;

use rocket::http::Status;
use rocket::request::Request;

use super::candidate::{read, Candidate, Refused};
use super::choice::choose;
use super::presence::{self, Opened};
use super::restricted::{Live, RestrictedSession};
use super::section::Section;
use super::shield::Shield;
use super::trace::{self, Write};
use super::SessionData;
use crate::binding::{Action, Difference, Sighting};
use crate::cookie;
use crate::event::EventKind;
use crate::rejection::{Reason, Rejection};
use crate::store::Millis;

/// The verdict on a request's session of type `T`, cached with the request.
pub(super) struct Judged<T>(pub(super) Result<RestrictedSession<T>, Rejection>);

/// Returns the verdict on this request. Events are told and cookies planned when it is reached,
/// not when it is asked for again.
pub(super) async fn judged<'r, T: SessionData>(
    request: &'r Request<'_>,
    shield: &Shield<T>,
) -> &'r Judged<T> {
    request
        .local_cache_async(async { Judged(examine(request, shield).await) })
        .await
}

/// The store comes last: a request that will be refused anyway never touches it, or a thief who
/// is rejected could keep the owner's session from being rotated.
async fn examine<T: SessionData>(
    request: &Request<'_>,
    shield: &Shield<T>,
) -> Result<RestrictedSession<T>, Rejection> {
    let section = &shield.section;
    let now = section.clock.now();
    let candidates = on_their_own(request, section, now);
    let chosen = choose(candidates, section, now).await;
    let opened = match chosen.ok_or_else(missing)? {
        // Boxed: each guarded request makes this future, and a small one is made sooner.
        Ok(admitted) => Box::pin(presence::confirm(request, section, admitted, now)).await,
        Err(refused) => {
            let revoked = presence::revoke_if_called_for(section, refused, now);
            Err(Box::pin(revoked).await)
        }
    };
    match opened {
        Ok(opened) => Ok(admit(request, section, opened, now)),
        Err(refused) => Err(refuse(request, section, refused, now)),
    }
}

/// Returns the session cookies of a request, judged as far as they speak for themselves.
fn on_their_own<T: SessionData>(
    request: &Request<'_>,
    section: &Section,
    now: Millis,
) -> Vec<Candidate<T>> {
    let found = cookie::presented(request, &section.settings.cookie_name);
    if found.alias {
        section.tell(EventKind::AliasIgnored, None, request);
    }
    if found.values.is_empty() {
        return Vec::new();
    }
    let sighting = Sighting::of(request, &section.signals);
    let read = |value: &&str| read(request, section, value, &sighting, now);
    found.values.iter().map(read).collect()
}

fn missing() -> Rejection {
    Rejection::new(Reason::Missing, Status::Unauthorized)
}

fn admit<T: SessionData>(
    request: &Request<'_>,
    section: &Arc<Section>,
    opened: Opened<T>,
    now: Millis,
) -> RestrictedSession<T> {
    let Opened {
        admitted,
        renewal,
        device_bound,
        occurrence,
    } = opened;
    let subject = || Some(admitted.data.subject().to_string());
    let changes = || admitted.differences.iter().map(Difference::told).collect();
    let kind = match admitted.severity {
        Action::StepUp => Some(EventKind::SteppedUp(changes())),
        Action::Report => Some(EventKind::Reported(changes())),
        _ => None,
    };
    for difference in &admitted.differences {
        let (section, change) = (&section.name, difference.told());
        rocket::warn!("A session of section `{section}` goes on, though its {change}.");
    }
    for kind in kind.into_iter().chain(occurrence) {
        section.tell(kind, subject(), request);
    }
    if let Some(renewal) = renewal {
        trace::of(request).upkeep(section, renewal, now);
    }
    RestrictedSession::new(Live {
        expires_at: admitted.ticket.signed_in_at + section.settings.absolute_timeout,
        data: admitted.data,
        ticket: admitted.ticket,
        fresh: admitted.fresh,
        device_bound,
        section: section.clone(),
    })
}

fn refuse(
    request: &Request<'_>,
    section: &Arc<Section>,
    refused: Refused,
    now: Millis,
) -> Rejection {
    let Refused {
        rejection,
        subject,
        differences,
        clears,
        clears_bound,
        ..
    } = refused;
    if clears {
        trace::of(request).upkeep(section, Write::Clear, now);
    } else if clears_bound {
        trace::of(request).upkeep(section, Write::ClearBound, now);
    }
    if rejection.is_error() && rejection.reason() != Reason::StoreUnavailable {
        rocket::warn!(
            "A session of section `{}` was refused: {rejection}.",
            section.name
        );
    }
    if rejection.reason() == Reason::ClientUnresolved {
        rocket::warn_!("The trusted proxy does not name the client.");
        rocket::warn_!("Let it send `proxy.client_header`, or name there the one it sends.");
    }
    let changes = differences.iter().map(Difference::told).collect();
    let kind = EventKind::Refused(rejection.clone(), changes);
    section.tell(kind, subject, request);
    rejection
}

//! Reads the session of a request and has it judged, once per request.

use std::sync::Arc;

use rocket::http::Status;
use rocket::request::Request;

use super::restricted::{Live, RestrictedSession};
use super::section::Section;
use super::shield::Shield;
use super::ticket::Ticket;
use super::trace::{self, Write};
use super::verdict::{self, Age, Verdict};
use super::{cookie, SessionData};
use crate::binding::{Action, Difference, Sighting};
use crate::event::EventKind;
use crate::rejection::{Reason, Rejection};

/// The verdict on a request's session of type `T`, cached with the request.
pub(super) struct Judged<T>(pub(super) Result<RestrictedSession<T>, Rejection>);

/// Returns the verdict on this request. Events are told and cookies planned when it is reached,
/// not when it is asked for again.
pub(super) async fn judged<'r, T: SessionData>(
    request: &'r Request<'_>,
    shield: &Shield<T>,
) -> &'r Judged<T> {
    request
        .local_cache_async(async { Judged(examine(request, shield)) })
        .await
}

fn examine<T: SessionData>(
    request: &Request<'_>,
    shield: &Shield<T>,
) -> Result<RestrictedSession<T>, Rejection> {
    let section = &shield.section;
    let now = section.clock.now();
    let found = presented(request, &section.settings.cookie_name);
    if found.alias {
        section.tell(EventKind::AliasIgnored, None, request);
    }

    if found.values.is_empty() {
        return Err(missing());
    }

    let sighting = Sighting::of(request, &section.signals);
    let read = |value: &&str| read(request, section, value, &sighting, now);
    let candidates = found.values.iter().map(read);
    let chosen = candidates.reduce(|first, second| choose(first, second, section));
    match chosen.ok_or_else(missing)? {
        Ok(admitted) => Ok(admit(request, section, admitted, now)),
        Err(refused) => Err(refuse(request, section, refused, now)),
    }
}

fn missing() -> Rejection {
    Rejection::new(Reason::Missing, Status::Unauthorized)
}

/// Returns the session cookies of a request, as the client wrote them.
///
/// Rocket's local client puts its cookies into the jar and writes no `Cookie` line.
fn presented<'r>(request: &'r Request<'_>, name: &str) -> cookie::Found<'r> {
    let mut lines = request.headers().get("Cookie").peekable();
    if lines.peek().is_some() {
        return cookie::find(lines, name);
    }
    let from_jar = request.cookies().get(name);
    cookie::Found {
        values: from_jar.map(|cookie| cookie.value()).into_iter().collect(),
        alias: false,
    }
}

/// One cookie of the right name, read and judged.
type Candidate<T> = Result<Admitted<T>, Refused>;

struct Admitted<T> {
    data: T,
    ticket: Ticket,
    fresh: bool,
    severity: Action,
    differences: Vec<Difference>,
    renewal: Option<Write>,
}

struct Refused {
    rejection: Rejection,
    subject: Option<String>,
    differences: Vec<Difference>,
}

impl Refused {
    fn because(reason: Reason, status: Status) -> Self {
        Self {
            rejection: Rejection::new(reason, status),
            subject: None,
            differences: Vec::new(),
        }
    }

    fn unreadable() -> Self {
        Self::because(Reason::Unreadable, Status::Unauthorized)
    }

    /// Two sessions that both open the route stay ambiguous, whatever a third cookie holds.
    fn is_final(&self) -> bool {
        self.rejection.reason() == Reason::Ambiguous
    }

    /// Returns the graver of two refusals: junk beside a stolen cookie must not hide the theft,
    /// and a cookie is cleared only if none of its name can be of use.
    fn or_graver(self, other: Self) -> Self {
        let gravity = |refused: &Self| match refused.rejection.reason() {
            Reason::Ambiguous => 4,
            Reason::Mismatch => 3,
            Reason::ClientUnresolved => 2,
            Reason::Expired => 0,
            _ => 1,
        };
        match gravity(&other) > gravity(&self) {
            true => other,
            false => self,
        }
    }
}

/// Chooses between two cookies of one name: a sibling domain may have planted one of them. One
/// that would open the route is taken, but never one of two.
fn choose<T>(first: Candidate<T>, second: Candidate<T>, section: &Section) -> Candidate<T> {
    match (first, second) {
        (Ok(first), Ok(second)) if first.ticket.id == second.ticket.id => {
            let second_is_newer = first.ticket.issued_at < second.ticket.issued_at;
            Ok(if second_is_newer { second } else { first })
        }
        (Ok(_), Ok(_)) => Err(Refused::because(
            Reason::Ambiguous,
            section.settings.failure_status,
        )),
        (Err(refused), Ok(_)) if refused.is_final() => Err(refused),
        (Err(_), Ok(admitted)) => Ok(admitted),
        (Ok(admitted), Err(_)) => Ok(admitted),
        (Err(first), Err(second)) => Err(first.or_graver(second)),
    }
}

fn read<T: SessionData>(
    request: &Request<'_>,
    section: &Section,
    value: &str,
    sighting: &Sighting<'_>,
    now: i64,
) -> Candidate<T> {
    let sealer = section.sealer(request.rocket().config());
    let unsealed = sealer.and_then(|sealer| sealer.unseal(value));
    let unsealed = unsealed.ok_or_else(Refused::unreadable)?;
    let decoded = Ticket::decode(&unsealed.plaintext, section.realm);
    let (ticket, payload) = decoded.map_err(|_| Refused::unreadable())?;
    let data = serde_json::from_str::<T>(payload);
    let subject = || data.as_ref().ok().map(|data| data.subject().to_string());

    let settings = &section.settings;
    match verdict::age(&ticket, settings, now) {
        Age::Alive => {}
        Age::FromTheFuture => return Err(Refused::unreadable()),
        Age::Expired => {
            return Err(Refused {
                subject: subject(),
                ..Refused::because(Reason::Expired, Status::Unauthorized)
            })
        }
    }
    let data = data.map_err(|_| Refused::unreadable())?;
    let subject = || Some(data.subject().to_string());
    let compared = ticket
        .fingerprint
        .compare(&ticket.id.0, sighting, &settings.binding);
    let current_browser = compared.current_browser;
    match verdict::judge(&ticket, compared, settings, now) {
        Verdict::Refused(rejection, differences) => Err(Refused {
            rejection,
            subject: subject(),
            differences,
        }),
        Verdict::Admitted {
            fresh,
            severity,
            differences,
        } => {
            let due = !unsealed.by_current_key || verdict::is_due(&ticket, settings, now);
            let renewal = due.then(|| Write::Issue {
                ticket: ticket.renewed(current_browser, now),
                payload: payload.to_owned(),
            });
            Ok(Admitted {
                data,
                ticket,
                fresh,
                severity,
                differences,
                renewal,
            })
        }
    }
}

fn admit<T: SessionData>(
    request: &Request<'_>,
    section: &Arc<Section>,
    admitted: Admitted<T>,
    now: i64,
) -> RestrictedSession<T> {
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
    if let Some(kind) = kind {
        let subject = admitted.data.subject().to_string();
        section.tell(kind, Some(subject), request);
    }
    if let Some(renewal) = admitted.renewal {
        trace::of(request).upkeep(section, renewal, now);
    }
    RestrictedSession::new(Live {
        expires_at: admitted.ticket.signed_in_at + section.settings.absolute_timeout,
        data: admitted.data,
        ticket: admitted.ticket,
        fresh: admitted.fresh,
    })
}

fn refuse(request: &Request<'_>, section: &Arc<Section>, refused: Refused, now: i64) -> Rejection {
    let Refused {
        rejection,
        subject,
        differences,
    } = refused;
    if rejection.reason() == Reason::Expired {
        trace::of(request).upkeep(section, Write::Clear, now);
    }
    if rejection.is_error() {
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

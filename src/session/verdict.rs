//! The verdict on a ticket: pure, with the time passed in.

use rocket::http::Status;

use super::rejection::{Reason, Rejection};
use super::ticket::Ticket;
use crate::binding::{Comparison, Difference};
use crate::config::{Action, Mode, SessionSettings};

/// A ticket from further ahead was sealed by a clock that cannot be ours (a rolling deploy's
/// nodes differ by seconds).
const CLOCK_SKEW: i64 = 60;

/// How old a ticket grows before it is issued anew: often enough that a session in use never
/// idles out, seldom enough that a click does not cost a cookie.
pub(crate) fn refresh_after(idle_timeout: i64) -> i64 {
    (idle_timeout / 10).max(60).min(idle_timeout / 3)
}

/// The verdict on the times of a ticket alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Age {
    Alive,
    Expired,
    FromTheFuture,
}

/// Judges the times of `ticket`: at a timeout it is over, one second before it is not.
pub(crate) fn age(ticket: &Ticket, settings: &SessionSettings, now: i64) -> Age {
    let latest = ticket.issued_at.max(ticket.authenticated_at);
    if latest.max(ticket.signed_in_at) > now.saturating_add(CLOCK_SKEW) {
        return Age::FromTheFuture;
    }
    let since = |time: i64| now.saturating_sub(time);
    match since(ticket.signed_in_at) >= settings.absolute_timeout
        || since(ticket.issued_at) >= settings.idle_timeout
    {
        true => Age::Expired,
        false => Age::Alive,
    }
}

/// What the guard does with a living session on this request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Admitted {
        fresh: bool,
        /// The severest action that a difference called for, of those that let the request in.
        severity: Action,
        differences: Vec<Difference>,
    },
    Refused(Rejection, Vec<Difference>),
}

/// Judges what has changed since the session was bound.
pub(crate) fn judge(
    ticket: &Ticket,
    compared: Comparison,
    settings: &SessionSettings,
    now: i64,
) -> Verdict {
    let mut differences = compared.differences;
    if settings.mode == Mode::Report {
        differences
            .iter_mut()
            .for_each(|d| d.action = d.action.min(Action::Report));
    }
    differences.retain(|difference| difference.action > Action::Off);

    let severest = differences.iter().max_by_key(|d| d.action);
    let severity = severest.map_or(Action::Off, |d| d.action);
    if let Some(severest) = severest.filter(|d| d.action >= Action::Reject) {
        let status = settings.failure_status;
        let rejection = Rejection::mismatch(severest.signal.clone(), status);
        return Verdict::Refused(rejection, differences);
    }
    if compared.client_unresolved && settings.mode == Mode::Enforce {
        let status = Status::InternalServerError;
        return Verdict::Refused(
            Rejection::new(Reason::ClientUnresolved, status),
            differences,
        );
    }
    let recent = now.saturating_sub(ticket.authenticated_at) < settings.fresh_for;
    Verdict::Admitted {
        fresh: recent && severity < Action::StepUp,
        severity,
        differences,
    }
}

/// Tells whether an admitted ticket is due to be issued anew.
pub(crate) fn is_due(ticket: &Ticket, settings: &SessionSettings, now: i64) -> bool {
    now.saturating_sub(ticket.issued_at) >= refresh_after(settings.idle_timeout)
}

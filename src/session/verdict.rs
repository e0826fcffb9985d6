//! The verdict on a ticket: pure, with the time passed in.

use rocket::http::Status;

use super::settings::{Mode, SessionSettings};
use super::ticket::Ticket;
use crate::binding::{Action, Comparison, Difference};
use crate::rejection::{Reason, Rejection};
use crate::store::Policy;

/// A ticket from further ahead was sealed by a clock that cannot be ours (a rolling deploy's
/// nodes differ by seconds).
const CLOCK_SKEW: i64 = 60;

/// How old a ticket grows before it is issued anew: as old as what a store notes of a session in
/// use.
fn refresh_after(idle_timeout: i64) -> i64 {
    Policy::new(idle_timeout * 1000).touch_after() / 1000
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
    // With a store its record tells when the session was last in use.
    let is_idle = ticket.kept.is_none() && since(ticket.issued_at) >= settings.idle_timeout;
    match since(ticket.signed_in_at) >= settings.absolute_timeout || is_idle {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binding::Fingerprint;
    use crate::session::ticket::SecretId;

    const NOW: i64 = 1_800_000_000;

    fn settings() -> SessionSettings {
        let settings = crate::config::read_session(
            &rocket::figment::Figment::from(rocket::Config::debug_default()),
            "restricted_session",
        );
        SessionSettings {
            absolute_timeout: 1000,
            idle_timeout: 100,
            fresh_for: 50,
            ..settings.unwrap()
        }
    }

    fn ticket(signed_in: i64, authenticated: i64, issued: i64) -> Ticket {
        Ticket {
            id: SecretId([0; 16]),
            signed_in_at: NOW - signed_in,
            authenticated_at: NOW - authenticated,
            issued_at: NOW - issued,
            kept: None,
            fingerprint: Fingerprint::unbound(),
        }
    }

    fn changed(actions: &[(&'static str, Action)]) -> Comparison {
        Comparison {
            differences: actions
                .iter()
                .map(|(signal, action)| Difference::test(signal, *action))
                .collect(),
            ..Comparison::default()
        }
    }

    #[test]
    fn each_timeout_ends_a_session_to_the_second() {
        for (signed_in, issued, expected) in [
            (0, 0, Age::Alive),
            (99, 99, Age::Alive),
            (100, 100, Age::Expired),
            (999, 0, Age::Alive),
            (1000, 0, Age::Expired),
            (i64::MAX / 4, 0, Age::Expired),
            (-60, -60, Age::Alive),
            (-61, -61, Age::FromTheFuture),
            (0, -61, Age::FromTheFuture),
        ] {
            let ticket = ticket(signed_in, signed_in, issued);
            assert_eq!(
                age(&ticket, &settings(), NOW),
                expected,
                "{signed_in} {issued}"
            );
        }
        assert_eq!(age(&ticket(0, 0, 0), &settings(), i64::MAX), Age::Expired);
        assert_eq!(
            age(&ticket(0, 0, 0), &settings(), i64::MIN),
            Age::FromTheFuture
        );
    }

    #[test]
    fn freshness_counts_from_the_authentication_and_ends_to_the_second() {
        for (authenticated, is_fresh) in [(0, true), (49, true), (50, false), (-10, true)] {
            let ticket = ticket(500, authenticated, 0);
            let verdict = judge(&ticket, Comparison::default(), &settings(), NOW);
            let Verdict::Admitted { fresh, .. } = verdict else {
                panic!("{verdict:?}");
            };
            assert_eq!(fresh, is_fresh, "{authenticated}");
        }
    }

    #[test]
    fn the_severest_action_decides() {
        use Action::{Off, Reject, Report, StepUp};
        for (actions, expected) in [
            (&[][..], Some((true, Off))),
            (&[("a", Off)], Some((true, Off))),
            (&[("a", Report)], Some((true, Report))),
            (&[("a", Report), ("b", StepUp)], Some((false, StepUp))),
            (&[("a", StepUp), ("b", Reject), ("c", Report)], None),
        ] {
            let verdict = judge(&ticket(0, 0, 0), changed(actions), &settings(), NOW);
            match (verdict, expected) {
                (
                    Verdict::Admitted {
                        fresh, severity, ..
                    },
                    expected,
                ) => {
                    assert_eq!(Some((fresh, severity)), expected, "{actions:?}");
                }
                (Verdict::Refused(why, _), None) => {
                    assert_eq!(why.signal(), Some("b"));
                    assert_eq!(why.status(), Status::Unauthorized);
                }
                (refused, expected) => panic!("{refused:?} instead of {expected:?}"),
            }
        }
    }

    #[test]
    fn report_mode_refuses_nothing_and_steps_nothing_up() {
        let report = SessionSettings {
            mode: Mode::Report,
            ..settings()
        };
        let compared = Comparison {
            client_unresolved: true,
            ..changed(&[
                ("a", Action::Reject),
                ("b", Action::StepUp),
                ("c", Action::Off),
            ])
        };
        let verdict = judge(&ticket(0, 0, 0), compared, &report, NOW);
        let Verdict::Admitted {
            fresh,
            severity,
            differences,
        } = verdict
        else {
            panic!("{verdict:?}");
        };
        assert_eq!(
            (fresh, severity, differences.len()),
            (true, Action::Report, 2)
        );
    }

    #[test]
    fn a_mismatch_outweighs_an_unresolved_client() {
        let compared = Comparison {
            client_unresolved: true,
            ..changed(&[("a", Action::Reject)])
        };
        let verdict = judge(&ticket(0, 0, 0), compared, &settings(), NOW);
        assert!(matches!(verdict, Verdict::Refused(why, _) if why.reason() == Reason::Mismatch));
    }

    #[test]
    fn a_session_in_use_is_refreshed_before_it_can_idle_out() {
        for (idle_timeout, after) in [
            (1, 0),
            (3, 1),
            (90, 30),
            (180, 60),
            (600, 60),
            (1800, 180),
            (43_200, 4320),
        ] {
            assert_eq!(refresh_after(idle_timeout), after, "{idle_timeout}");
        }
        let settings = settings();
        assert!(!is_due(&ticket(32, 32, 32), &settings, NOW));
        assert!(is_due(&ticket(33, 33, 33), &settings, NOW));
    }
}

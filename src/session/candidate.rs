//! One cookie of the right name, read and judged as far as it speaks for itself.

use rocket::http::Status;
use rocket::request::Request;

use super::section::Section;
use super::ticket::Ticket;
use super::verdict::{self, Age, Verdict};
use super::SessionData;
use crate::binding::user_agent::UserAgent;
use crate::binding::{Action, BindingSettings, Difference, Sighting};
use crate::rejection::{Reason, Rejection};
use crate::seal::Unsealed;
use crate::store::{DeviceCookie, Millis, SessionKey};

/// Boxed, because a verdict is handed on often.
pub(super) type Candidate<T> = Result<Box<Admitted<T>>, Refused>;

/// A cookie that would be let in, by all that can be told without a store.
pub(super) struct Admitted<T> {
    pub(super) data: T,
    pub(super) ticket: Ticket,
    /// Whether the request shows the device that the session may be bound to.
    pub(super) device_cookie: DeviceCookie,
    /// The app's data in JSON.
    pub(super) payload: String,
    pub(super) by_current_key: bool,
    /// The same browser in a newer version; the next cookie binds to it.
    pub(super) current_browser: Option<UserAgent>,
    pub(super) fresh: bool,
    pub(super) severity: Action,
    pub(super) differences: Vec<Difference>,
}

/// A cookie that is not let in.
pub(super) struct Refused {
    pub(super) rejection: Rejection,
    pub(super) subject: Option<String>,
    pub(super) differences: Vec<Difference>,
    /// Where the session is kept, if a signal calls for its end.
    pub(super) to_revoke: Option<SessionKey>,
    /// The cookie is ours and dead: it goes.
    pub(super) clears: bool,
    /// The bound cookie is of no use to the session: it goes, and the browser gets the next one.
    pub(super) clears_bound: bool,
}

impl Refused {
    pub(super) fn because(reason: Reason, status: Status) -> Self {
        Self {
            rejection: Rejection::new(reason, status),
            subject: None,
            differences: Vec::new(),
            to_revoke: None,
            clears: false,
            clears_bound: false,
        }
    }

    pub(super) fn unreadable() -> Self {
        Self::because(Reason::Unreadable, Status::Unauthorized)
    }

    /// A timeout has passed: a session that is over, for whoever could be read from it.
    fn expired(subject: Option<String>) -> Self {
        Self {
            subject,
            clears: true,
            ..Self::because(Reason::Expired, Status::Unauthorized)
        }
    }

    pub(super) fn store_away() -> Self {
        Self::because(Reason::StoreUnavailable, Status::ServiceUnavailable)
    }

    /// Returns the graver of two refusals: junk beside a stolen cookie must not hide the theft,
    /// and a cookie is cleared only if none of its name can be of use.
    pub(super) fn or_graver(self, other: Self) -> Self {
        let gravity = |refused: &Self| match refused.rejection.reason() {
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

/// Reads and judges one cookie.
pub(super) fn read<T: SessionData>(
    request: &Request<'_>,
    section: &Section,
    value: &str,
    sighting: &Sighting<'_>,
    now: Millis,
) -> Candidate<T> {
    let sealed = Sealed::<T>::open(request, section, value).ok_or_else(Refused::unreadable)?;
    match verdict::age(&sealed.ticket, &section.settings, now / 1000) {
        Age::Alive => sealed.judge(request, section, sighting, now),
        Age::FromTheFuture => Err(Refused::unreadable()),
        Age::Expired => Err(Refused::expired(sealed.subject())),
    }
}

/// What a cookie of this section was found to hold.
struct Sealed<T> {
    ticket: Ticket,
    /// `None` if it has another shape by now.
    data: Option<T>,
    payload: String,
    by_current_key: bool,
}

impl<T: SessionData> Sealed<T> {
    /// Opens a cookie; `None` if it is not of this section, as the section is configured.
    fn open(request: &Request<'_>, section: &Section, value: &str) -> Option<Self> {
        let sealer = section.sealer(request.rocket().config())?;
        let Unsealed {
            plaintext,
            by_current_key,
        } = sealer.unseal(value)?;
        let (ticket, payload) = Ticket::decode(&plaintext, section.realm).ok()?;
        if ticket.kept.is_some() != section.keeper.is_some() {
            return None;
        }
        let envelope = plaintext.len() - payload.len();
        Some(Self {
            ticket,
            data: serde_json::from_str(payload).ok(),
            payload: without(plaintext, envelope),
            by_current_key,
        })
    }

    fn subject(&self) -> Option<String> {
        self.data.as_ref().map(|data| data.subject().to_string())
    }

    /// Judges what has changed since the session was bound.
    fn judge(
        self,
        request: &Request<'_>,
        section: &Section,
        sighting: &Sighting<'_>,
        now: Millis,
    ) -> Candidate<T> {
        let ticket = self.ticket;
        let data = self.data.ok_or_else(Refused::unreadable)?;
        let device_cookie = device_cookie(request, section, &ticket, now);
        let binding = binding(section, device_cookie);
        let compared = ticket.fingerprint.compare(&ticket.id.0, sighting, &binding);
        let current_browser = compared.current_browser;
        match verdict::judge(&ticket, compared, &section.settings, now / 1000) {
            Verdict::Refused(rejection, differences) => Err(Refused {
                rejection,
                subject: Some(data.subject().to_string()),
                to_revoke: ticket.key().filter(|_| must_be_revoked(&differences)),
                differences,
                clears: false,
                clears_bound: false,
            }),
            Verdict::Admitted {
                fresh,
                severity,
                differences,
            } => Ok(Box::new(Admitted {
                data,
                ticket,
                device_cookie,
                payload: self.payload,
                by_current_key: self.by_current_key,
                current_browser,
                fresh,
                severity,
                differences,
            })),
        }
    }
}

/// Cuts the envelope off in place: most requests never look at the data's JSON again.
fn without(mut plaintext: String, envelope: usize) -> String {
    plaintext.drain(..envelope);
    plaintext
}

/// Returns where a store keeps the session of a cookie, whatever has become of it.
#[cfg(feature = "dbsc")]
pub(super) fn key_of(request: &Request<'_>, section: &Section, value: &str) -> Option<SessionKey> {
    let sealer = section.sealer(request.rocket().config())?;
    let unsealed = sealer.unseal(value)?;
    let (ticket, _) = Ticket::decode(&unsealed.plaintext, section.realm).ok()?;
    ticket.key()
}

fn device_cookie(
    request: &Request<'_>,
    section: &Section,
    ticket: &Ticket,
    now: Millis,
) -> DeviceCookie {
    match (&section.device, ticket.key()) {
        (Some(device), Some(key)) => device.shown(request, section, &key, now),
        _ => DeviceCookie::NotNeeded,
    }
}

/// Whoever proves by key that he is the owner may change network and browser, where that is wanted.
fn binding(section: &Section, device_cookie: DeviceCookie) -> BindingSettings {
    let binding = section.settings.binding;
    let device = section.settings.device.as_ref();
    let relaxes = device.is_some_and(|device| device.relax_binding);
    match relaxes && device_cookie == DeviceCookie::Shown {
        true => binding.relaxed(),
        false => binding,
    }
}

fn must_be_revoked(differences: &[Difference]) -> bool {
    differences.iter().any(|d| d.action == Action::Revoke)
}

//! Asks the store about the session that a request shows, and turns its answer into an outcome.

use rocket::http::Status;
use rocket::request::Request;

use super::candidate::{Admitted, Refused};
use super::device::Device;
use super::entry::Client;
use super::keeper::Keeper;
use super::section::Section;
use super::settings::Mode;
use super::ticket::{Kept, Ticket};
use super::trace::Write;
use super::{verdict, SessionData};
use crate::event::EventKind;
use crate::rejection::Reason;
use crate::store::{
    Admission, DeviceCookie, Millis, NewSession, Occurrence, Over, Policy, Presence, Presented,
    Token, Update,
};
use crate::{transport, Error};

/// A session that opens the route.
pub(super) struct Opened<T> {
    pub(super) admitted: Box<Admitted<T>>,
    /// The cookie that the response shall carry.
    pub(super) renewal: Option<Write>,
    pub(super) device_bound: bool,
    pub(super) occurrence: Option<EventKind>,
}

impl<T> Opened<T> {
    /// Tells what happened, unless there is something to tell already.
    fn telling_if(mut self, happened: bool, kind: EventKind) -> Self {
        self.occurrence = self.occurrence.or(happened.then_some(kind));
        self
    }

    fn quietly(admitted: Box<Admitted<T>>) -> Self {
        Self {
            admitted,
            renewal: None,
            device_bound: false,
            occurrence: None,
        }
    }
}

/// Asks the store, where there is one, about a session that may open the route by itself.
pub(super) async fn confirm<T: SessionData>(
    request: &Request<'_>,
    section: &Section,
    admitted: Box<Admitted<T>>,
    now: Millis,
) -> Result<Opened<T>, Refused> {
    let (Some(keeper), Some(kept)) = (&section.keeper, admitted.ticket.kept) else {
        return Ok(without_store(section, admitted, now));
    };
    let inquiry = Inquiry {
        request,
        section,
        keeper,
        kept,
        now,
    };
    let lacks_required = lacks_a_required_device(section, &admitted, now);
    if lacks_required && section.settings.mode == Mode::Enforce {
        return Err(inquiry.unbound(&admitted));
    }
    let opened = match Box::pin(inquiry.present(&admitted)).await {
        Ok(Presence::Admitted(admission)) => inquiry.open(admitted, admission),
        Ok(Presence::Over(over)) => Err(over_because(over, section, &admitted)),
        Ok(Presence::Replayed) => Box::pin(inquiry.replayed(admitted)).await,
        Ok(Presence::Unbound) => Err(inquiry.unbound(&admitted)),
        Err(_) => Err(Refused::store_away()),
    };
    opened.map(|opened| opened.telling_if(lacks_required, EventKind::DeviceMissing))
}

/// Revokes the session of a request that is refused, if a signal calls for it. Unless that is
/// done the cookie stays: an outage of the store destroys nothing.
pub(super) async fn revoke_if_called_for(
    section: &Section,
    mut refused: Refused,
    now: Millis,
) -> Refused {
    if let (Some(key), Some(keeper)) = (refused.to_revoke.take(), &section.keeper) {
        let revoked = keeper.ask(keeper.store.end(&key, Over::Revoked, now)).await;
        refused.clears = revoked.is_ok();
        keeper.announce_an_ending(key.subject);
    }
    refused
}

/// Without a store the cookie itself tells when the session was last in use.
fn without_store<T>(section: &Section, admitted: Box<Admitted<T>>, now: Millis) -> Opened<T> {
    let now = now / 1000;
    let ticket = &admitted.ticket;
    let due = !admitted.by_current_key || verdict::is_due(ticket, &section.settings, now);
    let renewal = due.then(|| Write::Issue {
        ticket: ticket.renewed(admitted.current_browser, now),
        payload: admitted.payload.clone(),
    });
    Opened {
        renewal,
        ..Opened::quietly(admitted)
    }
}

/// One request that shows a session, and the store that knows what has become of it.
struct Inquiry<'a, 'r> {
    request: &'a Request<'r>,
    section: &'a Section,
    keeper: &'a Keeper,
    kept: Kept,
    now: Millis,
}

impl Inquiry<'_, '_> {
    /// Shows the ticket to the store: once more if the session is unknown there, and may be taken
    /// over from another process.
    async fn present<T>(&self, admitted: &Admitted<T>) -> Result<Presence, Error> {
        let policy = self.policy();
        let mut shown = Presented {
            key: self.kept.key,
            lineage: self.kept.lineage,
            revision: self.kept.revision,
            fresh: Token::random(),
            // In report mode a missing device is told of, and lets in.
            device_cookie: match self.section.settings.mode {
                Mode::Enforce => admitted.device_cookie,
                Mode::Report => DeviceCookie::NotNeeded,
            },
            policy: &policy,
            adoptable: None,
        };
        let (keeper, now) = (self.keeper, self.now);
        let presence = keeper.ask(keeper.store.present(&shown, now)).await;
        let is_unknown = presence == Ok(Presence::Over(Over::Unknown));
        if !is_unknown || !keeper.may_take_over(&admitted.ticket, admitted.by_current_key, now) {
            return presence;
        }
        let client = Client::of(self.request);
        shown.adoptable = Some(NewSession {
            created_at: Some(admitted.ticket.signed_in_at * 1000),
            ..client.session(self.section, keeper, self.kept)
        });
        keeper.ask(keeper.store.present(&shown, now)).await
    }

    /// In report mode a theft is told, and ends nothing.
    fn policy(&self) -> Policy {
        let policy = self.keeper.policy;
        let enforces = self.section.settings.mode == Mode::Enforce;
        Policy {
            revoke_on_replay: policy.revoke_on_replay && enforces,
            ..policy
        }
    }

    /// Opens the route, with what the store knows better than the ticket.
    fn open<T: SessionData>(
        &self,
        mut admitted: Box<Admitted<T>>,
        admission: Admission,
    ) -> Result<Opened<T>, Refused> {
        let process = self.keeper.store.process();
        let mut kept = Kept {
            adopted: self.kept.adopted || self.kept.process != process,
            process,
            ..self.kept
        };
        if let Some(update) = admission.update {
            let newer = self.newer(&admitted.ticket, &update);
            (admitted.data, admitted.payload) = newer.ok_or_else(Refused::unreadable)?;
            kept.revision = update.revision;
        }
        if admission.occurrence == Some(Occurrence::Adopted) {
            self.notice_other_process(&admitted.ticket);
        }
        let contested = admission.occurrence == Some(Occurrence::RotationContested);
        admitted.fresh &= !kept.adopted && !contested;
        admitted.ticket.kept = Some(kept);

        let renewal = admission.successor.map(|lineage| {
            let now = admission.now / 1000;
            let mut ticket = admitted.ticket.renewed(admitted.current_browser, now);
            ticket.kept = Some(Kept { lineage, ..kept });
            let payload = admitted.payload.clone();
            Write::Issue { ticket, payload }
        });
        let lacks_device = admission.device_bound && admitted.device_cookie == DeviceCookie::Absent;
        let opened = Opened {
            admitted,
            renewal,
            device_bound: admission.device_bound,
            occurrence: admission.occurrence.map(event_of),
        };
        Ok(opened.telling_if(lacks_device, EventKind::DeviceMissing))
    }

    /// Reads the app's data as the store has it, newer than the ticket.
    fn newer<T: SessionData>(&self, ticket: &Ticket, update: &Update) -> Option<(T, String)> {
        let sealer = self.section.sealer(self.request.rocket().config())?;
        let opened = sealer.open_bytes(&ticket.payload_purpose(), &update.payload)?;
        let payload = String::from_utf8(opened).ok()?;
        let data = serde_json::from_str(&payload).ok()?;
        Some((data, payload))
    }

    fn notice_other_process(&self, ticket: &Ticket) {
        let transport = transport::of(self.request);
        let silenced = transport.map_or(&[][..], |transport| &transport.settings.silenced);
        let sealed_at = ticket.issued_at * 1000;
        self.keeper.notice_other_process(sealed_at, silenced);
    }

    /// Two parties hold the session.
    async fn replayed<T: SessionData>(
        &self,
        admitted: Box<Admitted<T>>,
    ) -> Result<Opened<T>, Refused> {
        if self.section.settings.mode == Mode::Report {
            return self.replay_told(admitted).await;
        }
        self.keeper.announce_an_ending(self.kept.key.subject);
        let clears = self.keeper.policy.revoke_on_replay;
        let reason = Reason::Replayed;
        Err(refused(reason, self.section, &admitted, clears))
    }

    /// The mode lets both parties in, but nobody into a session that has idled out.
    async fn replay_told<T: SessionData>(
        &self,
        mut admitted: Box<Admitted<T>>,
    ) -> Result<Opened<T>, Refused> {
        let (section, keeper) = (self.section, self.keeper);
        let idle_timeout = keeper.policy.idle_timeout;
        let is_live = keeper.store.is_live(&self.kept.key, idle_timeout, self.now);
        let is_live = keeper.ask(is_live).await;
        if !is_live.map_err(|_| Refused::store_away())? {
            let refused = over_because(Over::Idle, section, &admitted);
            section.tell(EventKind::Replayed, refused.subject.clone(), self.request);
            return Err(refused);
        }
        admitted.fresh = false;
        Ok(Opened::quietly(admitted).telling_if(true, EventKind::Replayed))
    }

    /// The session is bound to a device that the request does not show.
    ///
    /// A bound cookie that came along has run out, or is another session's that the browser once
    /// had. A browser takes it for the one that it needs, and refreshes once it is gone.
    fn unbound<T: SessionData>(&self, admitted: &Admitted<T>) -> Refused {
        let (section, request) = (self.section, self.request);
        let mut refused = refused(Reason::Unbound, section, admitted, false);
        let device = section.device.as_ref();
        refused.clears_bound = device.is_some_and(|device| device.is_presented(request));
        if let Some(reason) = Device::skipped(request) {
            let kind = EventKind::RefreshSkipped(reason.to_owned());
            section.tell(kind, refused.subject.clone(), request);
        }
        refused
    }
}

fn event_of(occurrence: Occurrence) -> EventKind {
    match occurrence {
        Occurrence::Rotated => EventKind::Rotated,
        Occurrence::RotationContested => EventKind::RotationContested,
        Occurrence::StoreBehind => EventKind::StoreBehind,
        Occurrence::Adopted => EventKind::Adopted,
    }
}

fn refused<T: SessionData>(
    reason: Reason,
    section: &Section,
    admitted: &Admitted<T>,
    clears: bool,
) -> Refused {
    let status = match reason {
        Reason::Ended | Reason::Expired => Status::Unauthorized,
        _ => section.settings.failure_status,
    };
    Refused {
        subject: Some(admitted.data.subject().to_string()),
        clears,
        ..Refused::because(reason, status)
    }
}

/// The cookie of a session that is over goes, unless the browser may have another one by now.
fn over_because<T: SessionData>(over: Over, section: &Section, admitted: &Admitted<T>) -> Refused {
    let (reason, clears) = match over {
        Over::SignedOut | Over::Evicted | Over::EndedElsewhere => (Reason::Ended, true),
        Over::Replaced | Over::Unknown => (Reason::Ended, false),
        Over::Idle | Over::Expired => (Reason::Expired, true),
        Over::Revoked => (Reason::Revoked, true),
    };
    refused(reason, section, admitted, clears)
}

/// Where every browser has to bind its sessions, one that has not is refused before the store is
/// asked.
fn lacks_a_required_device<T>(section: &Section, admitted: &Admitted<T>, now: Millis) -> bool {
    let signed_in_at = admitted.ticket.signed_in_at * 1000;
    section.device.as_ref().is_some_and(|device| {
        device.settings.required
            && admitted.device_cookie == DeviceCookie::Absent
            && !device.is_in_grace(signed_in_at, now)
    })
}

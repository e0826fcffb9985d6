//! Asks the store about the session that a request shows, and turns its answer into an outcome.

use rocket::http::Status;
use rocket::request::Request;

use super::candidate::{Admitted, Refused};
use super::device::Device;
use super::keeper::Keeper;
use super::section::{masked_client, software, Section};
use super::settings::Mode;
use super::ticket::{Kept, Ticket};
use super::trace::Write;
use super::{verdict, SessionData};
use crate::event::EventKind;
use crate::rejection::Reason;
use crate::store::{
    Admission, DeviceCookie, Millis, NewSession, Occurrence, Over, Policy, Presence, Presented,
    SessionKey, Token, Update,
};
use crate::transport;

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
    let (Some(keeper), Some(kept), Some(key)) =
        (&section.keeper, admitted.ticket.kept, admitted.key)
    else {
        return Ok(without_store(section, admitted, now));
    };
    let lacks_required = lacks_a_required_device(section, &admitted, now);
    if lacks_required && section.settings.mode == Mode::Enforce {
        return Err(unbound(request, section, &admitted));
    }
    let policy = policy(section, keeper);
    let mut shown = Presented {
        key,
        lineage: kept.lineage,
        revision: kept.revision,
        fresh: Token::random(),
        // In report mode a missing device is told of, and lets in.
        device_cookie: match section.settings.mode {
            Mode::Enforce => admitted.device_cookie,
            Mode::Report => DeviceCookie::NotNeeded,
        },
        policy: &policy,
        adoptable: None,
    };
    let mut presence = keeper.ask(keeper.store.present(&shown, now)).await;
    if presence == Ok(Presence::Over(Over::Unknown)) {
        if let Some(client) = Client::of(request, section, keeper, &admitted, now) {
            shown.adoptable = Some(client.adoptable(key, kept));
            presence = keeper.ask(keeper.store.present(&shown, now)).await;
        }
    }
    match presence {
        Ok(Presence::Admitted(admission)) => {
            let opened = open(request, section, keeper, admitted, kept, admission)?;
            Ok(opened.telling_if(lacks_required, EventKind::DeviceMissing))
        }
        Ok(Presence::Over(over)) => Err(over_because(over, section, &admitted)),
        Ok(Presence::Replayed) => match section.settings.mode {
            Mode::Enforce => Err(replayed(section, keeper, &admitted, key)),
            Mode::Report => replay_told(request, section, keeper, admitted, key, now).await,
        },
        Ok(Presence::Unbound) => Err(unbound(request, section, &admitted)),
        Err(_) => Err(Refused::store_away()),
    }
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

/// In report mode a theft is told, and ends nothing.
fn policy(section: &Section, keeper: &Keeper) -> Policy {
    Policy {
        revoke_on_replay: keeper.policy.revoke_on_replay && section.settings.mode == Mode::Enforce,
        ..keeper.policy
    }
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

/// What is noted of the client whose session is taken over from another process.
struct Client {
    label: String,
    network: String,
    created_at: Millis,
    lifetime: Millis,
    max_sessions: Option<u32>,
    idle_timeout: Millis,
}

impl Client {
    /// Returns it if the ticket may be taken over.
    fn of<T>(
        request: &Request<'_>,
        section: &Section,
        keeper: &Keeper,
        admitted: &Admitted<T>,
        now: Millis,
    ) -> Option<Self> {
        let ticket = &admitted.ticket;
        let may_be_taken = keeper.may_take_over(ticket, admitted.by_current_key, now);
        may_be_taken.then(|| Self {
            label: software(request),
            network: masked_client(request).unwrap_or_default(),
            created_at: ticket.signed_in_at * 1000,
            lifetime: section.settings.absolute_timeout * 1000,
            max_sessions: keeper.max_sessions,
            idle_timeout: keeper.policy.idle_timeout,
        })
    }

    fn adoptable(&self, key: SessionKey, kept: Kept) -> NewSession<'_> {
        NewSession {
            key,
            first: kept.lineage,
            lifetime: self.lifetime,
            label: &self.label,
            network: &self.network,
            created_at: Some(self.created_at),
            replaces: None,
            max_sessions: self.max_sessions,
            idle_timeout: self.idle_timeout,
        }
    }
}

fn open<T: SessionData>(
    request: &Request<'_>,
    section: &Section,
    keeper: &Keeper,
    mut admitted: Box<Admitted<T>>,
    kept: Kept,
    admission: Admission,
) -> Result<Opened<T>, Refused> {
    let process = keeper.store.process();
    let mut kept = Kept {
        adopted: kept.adopted || kept.process != process,
        process,
        ..kept
    };
    if let Some(update) = admission.update {
        let newer = newer(request, section, &admitted.ticket, &update);
        (admitted.data, admitted.payload) = newer.ok_or_else(Refused::unreadable)?;
        kept.revision = update.revision;
    }
    if admission.occurrence == Some(Occurrence::Adopted) {
        let silenced = transport::of(request).map(|transport| &transport.settings.silenced);
        let silenced = silenced.map_or(&[][..], Vec::as_slice);
        keeper.notice_other_process(admitted.ticket.issued_at * 1000, silenced);
    }
    let contested = admission.occurrence == Some(Occurrence::RotationContested);
    admitted.fresh &= !kept.adopted && !contested;
    admitted.ticket.kept = Some(kept);

    let successor = admission.successor.map(|lineage| {
        let now = admission.now / 1000;
        let mut ticket = admitted.ticket.renewed(admitted.current_browser, now);
        ticket.kept = Some(Kept { lineage, ..kept });
        ticket
    });
    let lacks_device = admission.device_bound && admitted.device_cookie == DeviceCookie::Absent;
    let occurrence = admission.occurrence.map(told);
    Ok(Opened {
        renewal: successor.map(|ticket| Write::Issue {
            ticket,
            payload: admitted.payload.clone(),
        }),
        device_bound: admission.device_bound,
        occurrence: occurrence.or(lacks_device.then_some(EventKind::DeviceMissing)),
        admitted,
    })
}

fn told(occurrence: Occurrence) -> EventKind {
    match occurrence {
        Occurrence::Rotated => EventKind::Rotated,
        Occurrence::RotationContested => EventKind::RotationContested,
        Occurrence::StoreBehind => EventKind::StoreBehind,
        Occurrence::Adopted => EventKind::Adopted,
    }
}

/// Reads the app's data as the store has it, newer than the ticket.
fn newer<T: SessionData>(
    request: &Request<'_>,
    section: &Section,
    ticket: &Ticket,
    update: &Update,
) -> Option<(T, String)> {
    let sealer = section.sealer(request.rocket().config())?;
    let opened = sealer.open_bytes(&ticket.payload_purpose(), &update.payload)?;
    let payload = String::from_utf8(opened).ok()?;
    let data = serde_json::from_str(&payload).ok()?;
    Some((data, payload))
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

/// The session is bound to a device that the request does not show.
///
/// A bound cookie that came along has run out, or is another session's that the browser once had.
/// A browser takes it for the one that it needs, and refreshes once it is gone.
fn unbound<T: SessionData>(
    request: &Request<'_>,
    section: &Section,
    admitted: &Admitted<T>,
) -> Refused {
    let mut refused = refused(Reason::Unbound, section, admitted, false);
    let device = section.device.as_ref();
    refused.clears_bound = device.is_some_and(|device| device.is_presented(request));
    if let Some(reason) = Device::skipped(request) {
        let kind = EventKind::RefreshSkipped(reason.to_owned());
        section.tell(kind, refused.subject.clone(), request);
    }
    refused
}

/// Two parties hold the session.
fn replayed<T: SessionData>(
    section: &Section,
    keeper: &Keeper,
    admitted: &Admitted<T>,
    key: SessionKey,
) -> Refused {
    keeper.announce_an_ending(key.subject);
    let clears = keeper.policy.revoke_on_replay;
    refused(Reason::Replayed, section, admitted, clears)
}

/// Two parties hold the session, and the mode lets both in, but nobody into one that has idled out.
async fn replay_told<T: SessionData>(
    request: &Request<'_>,
    section: &Section,
    keeper: &Keeper,
    mut admitted: Box<Admitted<T>>,
    key: SessionKey,
    now: Millis,
) -> Result<Opened<T>, Refused> {
    let is_live = keeper.store.is_live(&key, keeper.policy.idle_timeout, now);
    let is_live = keeper.ask(is_live).await;
    if !is_live.map_err(|_| Refused::store_away())? {
        let refused = over_because(Over::Idle, section, &admitted);
        section.tell(EventKind::Replayed, refused.subject.clone(), request);
        return Err(refused);
    }
    admitted.fresh = false;
    Ok(Opened {
        occurrence: Some(EventKind::Replayed),
        ..Opened::quietly(admitted)
    })
}

//! What a store keeps of one session, and every step that may be taken with it.
//!
//! Pure: the time is passed in. A store that can read, change and write a [`Record`] in one atomic
//! step needs nothing else.

use std::sync::Arc;

use super::call::{
    Admission, Binding, Device, DeviceCookie, NewSession, Occurrence, Over, Policy, Presence,
    Presented, Proof, SessionInfo, Update,
};
use super::key::SessionId;
use super::rotation::{Note, Pace, Rotation, Step};
use super::token::{Lineage, Token};
use super::{seconds, Millis};

/// What a store keeps of one session.
///
/// Its [bytes](Record::to_bytes) are small and have a version.
///
/// ```rust
/// use rocket_restricted_session::store::{Lineage, NewSession, Over, Record};
/// # use rocket_restricted_session::store::{SessionId, SessionKey, SubjectId};
/// # let subject = SubjectId::from_bytes([1; 16]);
/// # let key = SessionKey { subject, id: SessionId::from_bytes([2; 12]) };
///
/// let new = NewSession {
///     key,
///     first: Lineage::root(),
///     lifetime: 12 * 60 * 60 * 1000,
///     label: "Firefox on Windows",
///     network: "192.0.2.0/24",
///     created_at: None,
///     replaces: None,
///     max_sessions: None,
///     idle_timeout: 30 * 60 * 1000,
/// };
/// let (epoch, now) = (0, 1_800_000_000_000);
/// let kept = Record::start(&new, epoch, now).to_bytes();
///
/// let mut record = Record::from_bytes(&kept)?;
/// assert!(record.is_live(new.idle_timeout, epoch, now));
/// assert!(record.end(Over::SignedOut, epoch, now));
/// assert_eq!(record.over(epoch, now), Some(Over::SignedOut));
/// # Ok::<(), rocket_restricted_session::store::Unreadable>(())
/// ```
// In this order: what each request reads comes first, so that it lies in few lines of the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
#[repr(C)]
pub struct Record {
    /// Unix seconds, as all times here that need not be exact: there may be a million records.
    pub(super) expires: u32,
    pub(super) last_seen: u32,
    /// The subject's epoch when the session started.
    pub(super) epoch: u32,
    pub(super) over: Option<Over>,
    /// What few sessions have.
    pub(super) extra: Option<Box<Extra>>,
    pub(super) rotation: Rotation,
    pub(super) created: u32,
    pub(super) label: Arc<String>,
    pub(super) network: Arc<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Extra {
    /// Of the app's data: how often it was replaced, and its present value, sealed.
    pub(super) revision: u32,
    pub(super) payload: Vec<u8>,
    /// The key that the session is bound to.
    pub(super) device: Vec<u8>,
    pub(super) bound_at: Millis,
    /// The stamp of the last challenge that the device has answered.
    pub(super) proved: u64,
}

impl Extra {
    fn is_bound(&self) -> bool {
        !self.device.is_empty()
    }
}

impl Record {
    /// Starts a session in the subject's present epoch.
    pub fn start(new: &NewSession<'_>, epoch: u32, now: Millis) -> Self {
        let started = Rotation::start(new.first, now);
        Self::with(started, new, epoch, now, now)
    }

    /// Takes over a session that another process started and nobody has written down.
    ///
    /// The first ticket that arrives is believed: only its seal speaks for it.
    pub fn adopt(shown: &Presented<'_>, from: &NewSession<'_>, epoch: u32, now: Millis) -> Self {
        let adopted = Rotation::adopt(shown.lineage, now);
        Self::with(adopted, from, epoch, from.created_at.unwrap_or(now), now)
    }

    fn with(
        rotation: Rotation,
        new: &NewSession<'_>,
        epoch: u32,
        created: Millis,
        now: Millis,
    ) -> Self {
        Self {
            rotation,
            over: None,
            created: seconds(created),
            expires: seconds(created.saturating_add(new.lifetime)),
            last_seen: seconds(now),
            epoch,
            label: Arc::new(new.label.to_owned()),
            network: Arc::new(new.network.to_owned()),
            extra: None,
        }
    }

    /// Judges a ticket that a request shows, and takes the step that follows.
    ///
    /// `epoch` is the subject's present one. What is refused changes nothing, but for a session
    /// that is found idle, which ends, and one whose theft is found, which is revoked.
    pub fn present(&mut self, shown: &Presented<'_>, epoch: u32, now: Millis) -> Presence {
        let policy = shown.policy;
        if let Some(over) = self.over(epoch, now) {
            return Presence::Over(over);
        }
        if self.is_idle(policy.idle_timeout, now) {
            return self.present_idle(shown, now);
        }
        if self.lacks_device(shown, now) {
            return Presence::Unbound;
        }
        let pace = pace(policy);
        match self.rotation.present(shown.lineage, shown.fresh, now, pace) {
            Step::Accepted { successor, note } => {
                self.touch(policy, now);
                Presence::Admitted(self.admission(shown, successor, note, now))
            }
            Step::Replay => self.replayed(policy),
        }
    }

    /// An idle session is over, unless its token shows that it was stolen.
    fn present_idle(&mut self, shown: &Presented<'_>, now: Millis) -> Presence {
        let grace = shown.policy.grace;
        if self.rotation.is_replay(shown.lineage, now, grace) {
            return self.replayed(shown.policy);
        }
        self.stop(Over::Idle);
        Presence::Over(Over::Idle)
    }

    fn replayed(&mut self, policy: &Policy) -> Presence {
        if policy.revoke_on_replay {
            self.stop(Over::Revoked);
        }
        Presence::Replayed
    }

    /// A ticket that was sealed before the binding, or copied without the bound cookie.
    fn lacks_device(&self, shown: &Presented<'_>, now: Millis) -> bool {
        let bound = self.extra().filter(|extra| extra.is_bound());
        let is_late =
            |extra: &Extra| now.saturating_sub(extra.bound_at) > shown.policy.device_grace;
        shown.device_cookie == DeviceCookie::Absent && bound.is_some_and(is_late)
    }

    fn admission(
        &self,
        shown: &Presented<'_>,
        successor: Option<Lineage>,
        note: Option<Note>,
        now: Millis,
    ) -> Admission {
        let newer = self.extra().filter(|extra| extra.revision > shown.revision);
        Admission {
            now,
            successor,
            occurrence: note.map(|note| match note {
                Note::Rotated => Occurrence::Rotated,
                Note::Contested => Occurrence::RotationContested,
                Note::StoreBehind => Occurrence::StoreBehind,
            }),
            update: newer.map(|extra| Update {
                revision: extra.revision,
                payload: extra.payload.clone(),
            }),
            device_bound: self.is_device_bound(),
        }
    }

    /// Returns where the ticket of a re-authentication stands; `None` if the session is over.
    pub fn succeed(
        &mut self,
        fresh: Token,
        grace: Millis,
        epoch: u32,
        now: Millis,
    ) -> Option<Lineage> {
        match self.over(epoch, now) {
            Some(_) => None,
            None => {
                self.last_seen = self.last_seen.max(seconds(now));
                self.rotation.succeed(fresh, now, grace)
            }
        }
    }

    /// Replaces the app's data; tells whether the session is there to be changed.
    ///
    /// It is no succession: a thief, who can cause it as often as he likes, must not be handed the
    /// owner's token. A call that is repeated, because its reply was lost, changes nothing.
    pub fn update(&mut self, update: &Update, epoch: u32, now: Millis) -> bool {
        if self.over(epoch, now).is_some() {
            return false;
        }
        let extra = self.extra.get_or_insert_default();
        let is_repeated = extra.revision >= update.revision && extra.payload == update.payload;
        if !is_repeated {
            extra.revision = extra.revision.saturating_add(1).max(update.revision);
            extra.payload.clone_from(&update.payload);
        }
        true
    }

    /// Ends the session; tells whether it was there to be ended.
    ///
    /// The first reason stands, but that [`Over::Revoked`] overrides any other.
    pub fn end(&mut self, why: Over, epoch: u32, now: Millis) -> bool {
        let was_there = self.over(epoch, now).is_none();
        self.stop(why);
        was_there
    }

    fn stop(&mut self, why: Over) {
        if self.over.is_none() || why == Over::Revoked {
            self.over = Some(why);
            self.rotation.stop();
        }
    }

    /// Binds the session to the key of a device. The first one wins.
    pub fn bind(&mut self, device: &[u8], stamp: u64, epoch: u32, now: Millis) -> Binding {
        if let Some(over) = self.over(epoch, now) {
            return Binding::Over(over);
        }
        if self.is_device_bound() {
            return Binding::Taken;
        }
        let extra = self.extra.get_or_insert_default();
        extra.device = device.to_vec();
        extra.bound_at = now;
        extra.proved = stamp;
        Binding::Bound
    }

    /// Returns the key that the session is bound to.
    pub fn device(&self, epoch: u32, now: Millis) -> Device {
        if let Some(over) = self.over(epoch, now) {
            return Device::Over(over);
        }
        match self.extra().filter(|extra| extra.is_bound()) {
            None => Device::None,
            Some(extra) => Device::Bound {
                key: extra.device.clone(),
                proved: extra.proved,
                now,
            },
        }
    }

    /// Notes that the device has answered the challenge with this stamp. Each is good for once,
    /// and none that was issued before it is good after it.
    pub fn prove(&mut self, stamp: u64, epoch: u32, now: Millis) -> Proof {
        if let Some(over) = self.over(epoch, now) {
            return Proof::Over(over);
        }
        let device = self.extra.as_mut().filter(|extra| extra.is_bound());
        match device.filter(|extra| stamp > extra.proved) {
            None => Proof::Used,
            Some(extra) => {
                extra.proved = stamp;
                Proof::Fresh { now }
            }
        }
    }

    /// Spares the session while all others of its subject end with the epoch `before`. One that is
    /// over stays so.
    pub fn spare(&mut self, before: u32, epoch: u32, now: Millis) {
        if self.over(before, now).is_none() {
            self.carry_into(epoch);
        }
    }

    /// Keeps the session in an epoch that ends all others of its subject.
    pub fn carry_into(&mut self, epoch: u32) {
        self.epoch = epoch;
    }

    /// Tells whether the session opens routes.
    pub fn is_live(&self, idle_timeout: Millis, epoch: u32, now: Millis) -> bool {
        self.over(epoch, now).is_none() && !self.is_idle(idle_timeout, now)
    }

    /// Tells whether nothing of the session is needed any more: its tickets have expired by
    /// themselves.
    pub fn is_expired(&self, now: Millis) -> bool {
        seconds(now) >= self.expires
    }

    /// Returns when the session started, in Unix seconds.
    pub fn created(&self) -> u32 {
        self.created
    }

    /// Returns when the session ends by its absolute timeout, in Unix seconds.
    pub fn expires(&self) -> u32 {
        self.expires
    }

    /// Tells whether the session is bound to the key of a device.
    pub fn is_device_bound(&self) -> bool {
        self.extra().is_some_and(Extra::is_bound)
    }

    /// Returns what the owner may see of the session in a list.
    pub fn info(&self, id: SessionId) -> SessionInfo {
        SessionInfo::new(self, id)
    }

    /// Returns why the session is over, if it is; an idle one is not yet.
    pub fn over(&self, epoch: u32, now: Millis) -> Option<Over> {
        if self.over.is_some() {
            return self.over;
        }
        if self.is_expired(now) {
            return Some(Over::Expired);
        }
        (self.epoch < epoch).then_some(Over::EndedElsewhere)
    }

    fn is_idle(&self, idle_timeout: Millis, now: Millis) -> bool {
        let last_seen = i64::from(self.last_seen) * 1000;
        now.saturating_sub(last_seen) >= idle_timeout
    }

    /// Notes that the session is in use, seldom enough that most requests write nothing.
    fn touch(&mut self, policy: &Policy, now: Millis) {
        let now = seconds(now);
        if i64::from(now.saturating_sub(self.last_seen)) * 1000 >= policy.touch_after() {
            self.last_seen = now;
        }
    }

    fn extra(&self) -> Option<&Extra> {
        self.extra.as_deref()
    }
}

fn pace(policy: &Policy) -> Pace {
    Pace {
        rotate_every: policy.rotate_every,
        grace: policy.grace,
    }
}

/// Returns the sessions that have to go, the oldest first, for one more to fit.
///
/// `live` are the live sessions of a subject, with the time when they started.
pub fn beyond_limit(mut live: Vec<(u32, SessionId)>, max_sessions: Option<u32>) -> Vec<SessionId> {
    let Some(most) = max_sessions.and_then(|most| usize::try_from(most).ok()) else {
        return Vec::new();
    };
    let excess = (live.len() + 1).saturating_sub(most);
    live.sort_unstable();
    live.into_iter().take(excess).map(|(_, id)| id).collect()
}

#[cfg(test)]
mod tests;

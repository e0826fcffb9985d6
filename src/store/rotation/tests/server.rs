//! What a store has of the session, on a clock of which one unit is the grace.

use std::sync::Arc;

use super::names::{token, Names, FRESH};
use crate::store::call::{Admission, DeviceCookie, NewSession, Over, Policy, Presence, Presented};
use crate::store::key::{SessionId, SessionKey, SubjectId};
use crate::store::record::Record;
use crate::store::rotation::{Pace, Rotation, Standing};
use crate::store::token::Lineage;
use crate::store::Millis;

pub(super) const GRACE: Millis = 1;
const DUE: Millis = 8;

/// Time does not pass: what is noted becomes older.
const NOW: Millis = 1_000_000;

const POLICY: Policy = Policy {
    rotate_every: Some(DUE),
    grace: GRACE,
    idle_timeout: Millis::MAX,
    revoke_on_replay: true,
    device_grace: 0,
};

const KEY: SessionKey = SessionKey {
    subject: SubjectId::from_bytes([1; 16]),
    id: SessionId::from_bytes([1; 12]),
};

/// A rule that is left out, to see what it is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LeftOut {
    Nothing,
    /// Every request gets a successor while one is due.
    Claim,
    /// However often successors were claimed in vain, there is one in a claim window.
    Contest,
    /// A superseded token that was in flight.
    P3,
    /// A sibling.
    P5,
    /// A sibling joins the others: it supersedes them instead.
    P5Joins,
    /// A sibling that was in flight.
    P6,
    /// A store that is behind.
    P7,
    /// A store that is behind by one generation only.
    P7ByOne,
    /// A re-authentication joins the successor under way.
    S2,
    /// A re-authentication joins the token that has just taken over.
    S3,
    /// A rotation cookie that is late is dropped.
    LateDrop,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Server {
    pub(super) rotation: Rotation,
    over: Option<Over>,
    /// The epochs of the session and of its subject.
    epochs: (u32, u32),
}

impl Server {
    pub(super) fn start(first: Lineage) -> Self {
        Self {
            rotation: Rotation::start(first, NOW),
            over: None,
            epochs: (0, 0),
        }
    }

    /// A store that has forgotten everything meets a ticket.
    pub(super) fn adopt(shown: Lineage) -> Self {
        let from = NewSession {
            key: KEY,
            first: shown,
            lifetime: Millis::MAX,
            label: "",
            network: "",
            created_at: None,
            replaces: None,
            max_sessions: None,
            idle_timeout: Millis::MAX,
        };
        let adopted = Record::adopt(&presented(shown), &from, 0, NOW);
        Self {
            rotation: adopted.rotation,
            over: adopted.over,
            epochs: (0, 0),
        }
    }

    pub(super) fn present(&mut self, shown: Lineage, left_out: LeftOut) -> Presence {
        let is_spent = self.rotation.spent.contains(shown.token);
        let is_next = shown.generation == self.rotation.generation + 1;
        match (left_out, self.rotation.standing(shown, NOW, GRACE)) {
            (LeftOut::Claim, _) => (self.rotation.claimed, self.rotation.claims) = (None, 0),
            (LeftOut::Contest, _) => self.rotation.claims = 0,
            (LeftOut::P3, Standing::InFlight) if is_spent => return Presence::Replayed,
            (LeftOut::P6, Standing::InFlight) if !is_spent => return Presence::Replayed,
            (LeftOut::P7ByOne, Standing::Ahead) if is_next => return Presence::Replayed,
            (LeftOut::P5, Standing::Sibling) | (LeftOut::P7, Standing::Ahead) => {
                return Presence::Replayed;
            }
            (LeftOut::P5Joins, Standing::Sibling) => {
                self.rotation.supersede_by(shown, NOW);
                return Presence::Admitted(Admission::plain(NOW));
            }
            _ => {}
        }
        let epoch = self.epochs.1;
        self.step(|record| record.present(&presented(shown), epoch, NOW))
    }

    pub(super) fn succeed(&mut self, left_out: LeftOut) -> Option<Lineage> {
        let mut grace = GRACE;
        match left_out {
            LeftOut::S2 => self.rotation.next = None,
            LeftOut::S3 => grace = -1,
            _ => {}
        }
        let epoch = self.epochs.1;
        self.step(|record| record.succeed(token(FRESH), grace, epoch, NOW))
    }

    pub(super) fn end(&mut self) {
        let epoch = self.epochs.1;
        self.step(|record| record.end(Over::SignedOut, epoch, NOW));
    }

    pub(super) fn end_all(&mut self, spared: bool) {
        let (_, before) = self.epochs;
        let epoch = before + 1;
        self.epochs.1 = epoch;
        if spared {
            self.step(|record| record.carry_into(epoch));
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.record().over(self.epochs.1, NOW).is_some()
    }

    fn step<R>(&mut self, step: impl FnOnce(&mut Record) -> R) -> R {
        let mut record = self.record();
        let answer = step(&mut record);
        self.rotation = record.rotation;
        self.over = record.over;
        self.epochs.0 = record.epoch;
        answer
    }

    fn record(&self) -> Record {
        Record {
            rotation: self.rotation.clone(),
            over: self.over,
            created: 0,
            expires: u32::MAX,
            last_seen: 1000,
            epoch: self.epochs.0,
            label: Arc::default(),
            network: Arc::default(),
            extra: None,
        }
    }

    pub(super) fn grow_older(&mut self) {
        let claim_window = Pace {
            rotate_every: Some(DUE),
            grace: GRACE,
        }
        .claim_window();
        let rotation = &mut self.rotation;
        rotation.since = (rotation.since - 1).max(NOW - DUE);
        let claimed = rotation.claimed;
        rotation.claimed = claimed.map(|at| (at - 1).max(NOW - claim_window));
    }

    /// Drops what no rule looks at any more, so that states differ only where it matters.
    pub(super) fn rename(&mut self, names: &mut Names) {
        if self.rotation.age(NOW) > GRACE {
            self.rotation.spent = [].into_iter().collect();
            self.rotation.before = None;
        }
        names.rotation(&mut self.rotation);
        self.epochs = (0, self.epochs.1 - self.epochs.0);
    }
}

fn presented(shown: Lineage) -> Presented<'static> {
    Presented {
        key: KEY,
        lineage: shown,
        revision: 0,
        fresh: token(FRESH),
        device_cookie: DeviceCookie::NotNeeded,
        policy: &POLICY,
        adoptable: None,
    }
}

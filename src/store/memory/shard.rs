//! One part of the sessions in memory, behind a lock of its own.

use std::collections::HashMap;

use crate::store::call::{NewSession, Over, Presence, Presented};
use crate::store::key::{SessionId, SubjectId};
use crate::store::record::{beyond_limit, Record};
use crate::store::{seconds, Admission, Millis, Occurrence};

#[derive(Default)]
pub(super) struct Shard {
    pub(super) subjects: HashMap<SubjectId, Sessions>,
    pub(super) swept: u32,
}

/// The sessions of one subject, in the order of their handles.
#[derive(Default)]
pub(super) struct Sessions {
    pub(super) epoch: u32,
    /// Until when the epoch must be remembered, in Unix seconds.
    pub(super) keep_until: u32,
    /// Exactly as long as it is: a subject rarely has more than a few.
    pub(super) records: Box<[(SessionId, Record)]>,
}

impl Shard {
    /// Drops what has expired. No other reason counts: whatever is dropped earlier looks unknown.
    pub(super) fn sweep(&mut self, now: Millis) {
        self.swept = seconds(now);
        self.subjects.retain(|_, sessions| {
            sessions.sweep(now);
            !sessions.records.is_empty() || sessions.keep_until > seconds(now)
        });
        if self.subjects.len() < self.subjects.capacity() / 4 {
            self.subjects.shrink_to_fit();
        }
    }
}

impl Sessions {
    pub(super) fn get_mut(&mut self, id: &SessionId) -> Option<&mut Record> {
        let at = self
            .records
            .binary_search_by(|(known, _)| known.cmp(id))
            .ok()?;
        self.records.get_mut(at).map(|(_, record)| record)
    }

    pub(super) fn insert(&mut self, id: SessionId, record: Record) {
        let mut records = std::mem::take(&mut self.records).into_vec();
        match records.binary_search_by(|(known, _)| known.cmp(&id)) {
            Ok(at) => records[at] = (id, record),
            Err(at) => {
                records.reserve_exact(1);
                records.insert(at, (id, record));
            }
        }
        self.records = records.into_boxed_slice();
    }

    pub(super) fn sweep(&mut self, now: Millis) {
        if self
            .records
            .iter()
            .any(|(_, record)| record.is_expired(now))
        {
            let mut records = std::mem::take(&mut self.records).into_vec();
            records.retain(|(_, record)| !record.is_expired(now));
            self.records = records.into_boxed_slice();
        }
    }

    pub(super) fn live(
        &self,
        idle_timeout: Millis,
        now: Millis,
    ) -> impl Iterator<Item = &(SessionId, Record)> {
        let is_live =
            move |(_, record): &&(SessionId, Record)| record.is_live(idle_timeout, self.epoch, now);
        self.records.iter().filter(is_live)
    }

    /// Returns the sessions that have to go for `new` to fit.
    pub(super) fn beyond_limit(&self, new: &NewSession<'_>, now: Millis) -> Vec<SessionId> {
        let live = self.live(new.idle_timeout, now);
        let live = live.map(|(id, record)| (record.created(), *id)).collect();
        beyond_limit(live, new.max_sessions)
    }

    /// Takes over the session of a ticket that another process sealed.
    ///
    /// Not where the subject was signed out everywhere in this process: the ticket may be one that
    /// was to end. Nor where it is one too many: it is older than all that were started here.
    pub(super) fn adopt(&mut self, shown: &Presented<'_>, record: Record, now: Millis) -> Presence {
        let Some(new) = &shown.adoptable else {
            return Presence::Over(Over::Unknown);
        };
        if self.epoch > 0 {
            return Presence::Over(Over::EndedElsewhere);
        }
        if !self.beyond_limit(new, now).is_empty() {
            return Presence::Over(Over::Evicted);
        }
        self.insert(shown.key.id, record);
        Presence::Admitted(Admission {
            occurrence: Some(Occurrence::Adopted),
            ..Admission::plain(now)
        })
    }
}

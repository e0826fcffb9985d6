//! Rotation and theft detection: a pure state machine, with the time passed in.
//!
//! The session cookie changes every `rotate_every` while it is used. Whoever shows a cookie later
//! that has been replaced shows that two parties hold the session. The difficulty is never to say
//! so of an honest browser, whose requests run in parallel, and whose responses get lost, arrive
//! late and arrive out of order. The first rule that fits counts:
//!
//! | rule | when the token shown | then |
//! |---|---|---|
//! | P2 | is alive | it is let in; if due, it is handed a successor, one at a time |
//! | P3 | was superseded within the grace | it was in flight: let in, nothing handed out |
//! | P4 | succeeds an alive one | its first use is the succession: all alive ones are superseded |
//! | P5 | has the parent of the alive ones | a sibling, whose response was late: alive as well |
//! | P6 | has the parent before that, within the grace | a sibling in flight: let in |
//! | P7 | is of a later generation | the store lost writes: as P4 |
//! | P8 | is anything else | it was replaced long ago: theft |
//!
//! A generation's successor is handed out once in a claim window, so that thief and owner cannot
//! hold one each; after [`CONTESTED`] claims that nobody confirmed, all who ask get one, so that a
//! thief who claims and discards cannot starve the owner. Only the *use* of a successor supersedes
//! its parent, so that a lost response harms nobody.

use super::token::{Lineage, Token, Tokens};
use super::Millis;

/// Unconfirmed claims of one generation, after which each due request gets a successor of its own.
pub(super) const CONTESTED: u8 = 3;

/// Siblings that are alive at once. No honest browser was seen to reach it.
const MOST_SIBLINGS: usize = 8;

/// How long a successor that was handed out keeps others from being handed out, in graces.
const CLAIM_WINDOW: Millis = 6;

/// What rotation is configured to be. Times are milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pace {
    /// The age of a generation at which a successor is due; none: never.
    pub(super) rotate_every: Option<Millis>,
    /// How long superseded tokens are still let in.
    pub(super) grace: Millis,
}

impl Pace {
    fn claim_window(self) -> Millis {
        self.grace.saturating_mul(CLAIM_WINDOW)
    }
}

/// Which tokens of a session are alive, and which were superseded last.
// In this order: what each request reads comes first, as in the record around it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[repr(C)]
pub(super) struct Rotation {
    /// Seen and not superseded; that of the last succession first.
    pub(super) alive: Tokens,
    /// When the last succession happened.
    pub(super) since: Millis,
    /// The successor handed out last, with its parent.
    pub(super) next: Option<(Token, Token)>,
    /// When a successor was handed out last in this generation.
    pub(super) claimed: Option<Millis>,
    pub(super) generation: u32,
    /// Unconfirmed claims of this generation; stops at [`CONTESTED`].
    pub(super) claims: u8,
    /// What the last succession superseded.
    pub(super) spent: Tokens,
    /// The parent of the alive ones.
    pub(super) parent: Token,
    /// Their grandparent.
    pub(super) before: Option<Token>,
}

/// What the machine says to a token that was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Accepted {
        successor: Option<Lineage>,
        note: Option<Note>,
    },
    Replay,
}

/// What an accepted token showed beside itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Note {
    /// A successor was used for the first time.
    Rotated,
    /// Successors keep being handed out and are not used: somebody may discard them.
    Contested,
    /// The store has forgotten a succession.
    StoreBehind,
}

/// How a token stands to those that are alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Alive,
    InFlight,
    Successor,
    Sibling,
    Ahead,
    Superseded,
}

impl Rotation {
    /// Starts with the first ticket of a session.
    pub(super) fn start(first: Lineage, now: Millis) -> Self {
        Self {
            generation: first.generation,
            claims: 0,
            alive: Tokens::one(first.token),
            spent: Tokens::default(),
            parent: first.parent,
            before: None,
            next: None,
            since: now,
            claimed: None,
        }
    }

    /// Takes over a ticket whose record was lost. A request that was in flight with its parent is
    /// let in for the grace.
    pub(super) fn adopt(shown: Lineage, now: Millis) -> Self {
        Self {
            spent: Tokens::one(shown.parent),
            ..Self::start(shown, now)
        }
    }

    /// Judges a token that a request shows, and takes the step that follows.
    pub(super) fn present(
        &mut self,
        shown: Lineage,
        fresh: Token,
        now: Millis,
        pace: Pace,
    ) -> Step {
        let accepted = |successor, note| Step::Accepted { successor, note };
        match self.standing(shown, now, pace.grace) {
            Standing::Alive => {
                let (successor, note) = self.claim(shown.token, fresh, now, pace);
                accepted(successor, note)
            }
            Standing::InFlight => accepted(None, None),
            Standing::Successor => {
                self.supersede_by(shown, now);
                accepted(None, Some(Note::Rotated))
            }
            Standing::Sibling => {
                self.alive.push(shown.token);
                accepted(None, None)
            }
            Standing::Ahead => {
                self.supersede_by(shown, now);
                self.spent.push(shown.parent);
                accepted(None, Some(Note::StoreBehind))
            }
            Standing::Superseded => Step::Replay,
        }
    }

    /// Tells whether `shown` would be found out as replaced long ago.
    pub(super) fn is_replay(&self, shown: Lineage, now: Millis, grace: Millis) -> bool {
        self.standing(shown, now, grace) == Standing::Superseded
    }

    /// Returns the place of the ticket that a re-authentication seals.
    ///
    /// Two different tokens under way at once are two orders in which a browser may end up with
    /// them. So it joins the successor that was handed out (S2), or the one that has just taken
    /// over (S3); only when nothing is under way it is a successor of its own (S4).
    pub(super) fn succeed(&mut self, fresh: Token, now: Millis, grace: Millis) -> Option<Lineage> {
        let eldest = self.alive.first()?;
        if let Some((token, parent)) = self.next {
            self.claimed = Some(now);
            return Some(Lineage::child(token, parent, self.generation));
        }
        if self.age(now) <= grace.saturating_mul(2) {
            return Some(Lineage {
                token: eldest,
                parent: self.parent,
                generation: self.generation,
            });
        }
        self.next = Some((fresh, eldest));
        self.claimed = Some(now);
        Some(Lineage::child(fresh, eldest, self.generation))
    }

    /// Empties the lists: nothing of an ended session is needed again.
    pub(super) fn stop(&mut self) {
        self.alive = Tokens::default();
        self.spent = Tokens::default();
        self.before = None;
        self.next = None;
        self.claimed = None;
        self.claims = 0;
    }

    fn standing(&self, shown: Lineage, now: Millis, grace: Millis) -> Standing {
        let in_grace = self.age(now) <= grace;
        if self.alive.contains(shown.token) {
            Standing::Alive
        } else if in_grace && self.spent.contains(shown.token) {
            Standing::InFlight
        } else if self.alive.contains(shown.parent) {
            Standing::Successor
        } else if shown.parent == self.parent && self.alive.len() < MOST_SIBLINGS {
            Standing::Sibling
        } else if in_grace && self.before == Some(shown.parent) {
            Standing::InFlight
        } else if shown.generation > self.generation {
            Standing::Ahead
        } else {
            Standing::Superseded
        }
    }

    /// How long ago the last succession was. A clock that went back makes nothing due.
    fn age(&self, now: Millis) -> Millis {
        now.saturating_sub(self.since).max(0)
    }

    /// Hands out a successor of `parent`, if one is due and none is under way.
    fn claim(
        &mut self,
        parent: Token,
        fresh: Token,
        now: Millis,
        pace: Pace,
    ) -> (Option<Lineage>, Option<Note>) {
        let is_due = pace.rotate_every.is_some_and(|due| self.age(now) >= due);
        if !is_due {
            return (None, None);
        }
        if let Some((token, its_parent)) = self.next.filter(|(token, _)| *token == fresh) {
            // The same call once more, because its reply was lost: it gets its own claim back.
            let again = Lineage::child(token, its_parent, self.generation);
            return (Some(again), None);
        }
        let contested = self.claims >= CONTESTED;
        let is_claimed = self
            .claimed
            .is_some_and(|at| now.saturating_sub(at) < pace.claim_window());
        if is_claimed && !contested {
            return (None, None);
        }
        self.next = Some((fresh, parent));
        self.claimed = Some(now);
        self.claims = self.claims.saturating_add(1).min(CONTESTED);
        (
            Some(Lineage::child(fresh, parent, self.generation)),
            contested.then_some(Note::Contested),
        )
    }

    fn supersede_by(&mut self, shown: Lineage, now: Millis) {
        self.spent = std::mem::replace(&mut self.alive, Tokens::one(shown.token));
        self.before = Some(self.parent);
        self.parent = shown.parent;
        self.generation = shown.generation;
        self.since = now;
        self.next = None;
        self.claimed = None;
        self.claims = 0;
    }
}

#[cfg(test)]
mod tests;

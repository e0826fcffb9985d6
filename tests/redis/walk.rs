//! A random walk through all that may happen to the sessions of two subjects.

use std::collections::VecDeque;

use rocket_restricted_session::store::{
    DeviceCookie, Lineage, Millis, Policy, Presence, SessionId, SessionKey, SubjectId,
};

use crate::draws::Draws;
use crate::steps::{Answer, Show, Start, Step};
use crate::support::{HOUR, MINUTE, SECOND};

/// Around these, something changes.
const SPANS: [Millis; 14] = [
    1,
    300,
    SECOND,
    5 * SECOND,
    10 * SECOND,
    20 * SECOND,
    60 * SECOND,
    61 * SECOND,
    3 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    -SECOND,
    -30 * SECOND,
];

pub struct Walk {
    draws: Draws,
    now: Millis,
    subjects: [SubjectId; 2],
    policies: [Policy; 3],
    max_sessions: Option<u32>,
    /// The kind of ticket that is shown most: else nothing rare would happen eight times.
    favourite: usize,
    sessions: Vec<Known>,
    first: VecDeque<Step>,
}

/// A session, and each place in it that a ticket was seen to have.
struct Known {
    key: SessionKey,
    expires: Millis,
    lineages: Vec<Lineage>,
}

impl Walk {
    pub fn new(seed: u64) -> Self {
        let mut draws = Draws::new(seed);
        let quick = Policy {
            rotate_every: Some(20 * SECOND),
            device_grace: 5 * SECOND,
            ..Policy::new(30 * MINUTE)
        };
        let lenient = Policy {
            revoke_on_replay: false,
            ..quick
        };
        let mut walk = Self {
            now: 1_800_000_000_000 + draws.one_of(&[0, 1, 500, 999]),
            subjects: [draws.bytes(), draws.bytes()].map(SubjectId::from_bytes),
            policies: [quick, lenient, Policy::new(2 * HOUR)],
            max_sessions: draws.one_of(&[None, None, Some(1), Some(2), Some(4)]),
            favourite: draws.below(100),
            sessions: Vec::new(),
            first: VecDeque::new(),
            draws,
        };
        walk.first = walk.crowd();
        walk
    }

    /// What hardly happens by chance: as many siblings as there may be, all superseded at once by
    /// a token that the store could not expect.
    fn crowd(&mut self) -> VecDeque<Step> {
        let start = self.start();
        let eldest = start.first;
        let siblings = (0..7).map(|_| Lineage {
            token: self.draws.token(),
            ..eldest
        });
        let mut shown: Vec<_> = siblings.collect();
        let ahead = Lineage {
            generation: 5,
            ..self.draws.root()
        };
        let in_flight = Lineage {
            token: ahead.parent,
            ..eldest
        };
        shown.extend([ahead, eldest, in_flight]);
        let key = start.key;
        let shows = shown.into_iter().map(|lineage| {
            Step::Present(Show {
                key,
                lineage,
                revision: 0,
                fresh: ahead.token,
                device_cookie: DeviceCookie::NotNeeded,
                policy: self.policies[0],
            })
        });
        [Step::Create(start)].into_iter().chain(shows).collect()
    }

    /// Returns what is done next, and when.
    pub fn next(&mut self) -> (Step, Millis) {
        if let Some(step) = self.first.pop_front() {
            return (step, self.now);
        }
        if self.draws.happens(60) {
            let most = self.draws.below(SPANS.len()) + 1;
            let span = self.draws.one_of(&SPANS[..most]);
            let now = match self.draws.happens(20) {
                true => (self.now + span) / SECOND * SECOND,
                false => self.now + span + self.draws.one_of(&[-1, 0, 1]),
            };
            if span > 0 || !self.has_one_just_expired() {
                self.now = now;
            }
        }
        (self.step(), self.now)
    }

    /// Back before then, a store may or may not have dropped it.
    fn has_one_just_expired(&self) -> bool {
        let mut expiries = self.sessions.iter().map(|known| known.expires);
        expiries.any(|at| (at - MINUTE..at + MINUTE).contains(&self.now))
    }

    fn step(&mut self) -> Step {
        let kind = self.draws.below(100);
        if self.sessions.is_empty() || kind < 8 {
            return Step::Create(self.start());
        }
        let key = self.session().key;
        let idle = self.policy().idle_timeout;
        match kind {
            8..=69 => self.present(),
            70..=75 => Step::Succeed(key, self.draws.fresh(), 10 * SECOND),
            76..=79 => Step::Update(key, self.draws.update()),
            80..=82 => Step::End(key, self.draws.reason()),
            83 => Step::EndAll(key.subject, self.draws.happens(70).then_some(key.id)),
            84..=86 => Step::Sessions(key.subject, idle),
            87..=88 => Step::IsLive(key, idle),
            89..=93 => Step::Bind(key, self.draws.bytes::<3>().to_vec(), self.draws.stamp()),
            94 => Step::Device(key),
            _ => Step::Prove(key, self.draws.stamp()),
        }
    }

    fn start(&mut self) -> Start {
        let is_usual = self.draws.happens(90);
        let key = self.unknown();
        let others = self.sessions.iter().rev().take(6);
        let mut others = others.filter(|known| known.key.subject == key.subject);
        let replaces = others.next().map(|known| known.key.id);
        Start {
            key,
            replaces: replaces.filter(|_| !is_usual),
            first: self.draws.root(),
            lifetime: self.draws.one_of(&[HOUR, 3 * HOUR, 12 * HOUR]),
            max_sessions: self.max_sessions.filter(|_| is_usual),
            idle_timeout: self.policy().idle_timeout,
        }
    }

    fn present(&mut self) -> Step {
        let (key, lineage) = self.ticket();
        Step::Present(Show {
            key,
            lineage,
            revision: self.draws.one_of(&[0, 1, 2]),
            fresh: self.draws.fresh(),
            device_cookie: self.draws.cookie(),
            policy: self.policy(),
        })
    }

    /// A ticket that was handed out, or could have been.
    fn ticket(&mut self) -> (SessionKey, Lineage) {
        if self.draws.happens(2) {
            self.favourite = self.draws.below(100);
        }
        let kind = match self.draws.happens(40) {
            true => self.favourite,
            false => self.draws.below(100),
        };
        let stranger = self.draws.root();
        let (ahead, place) = (self.draws.one_of(&[1, 2, 3]), self.draws.below(1000));
        let known = self.session();
        let key = known.key;
        let newest = *known.lineages.last().unwrap();
        let any = known.lineages[place % known.lineages.len()];
        let lineage = match kind {
            0..=49 => newest,
            50..=63 => any,
            64..=77 => Lineage {
                token: stranger.token,
                ..newest
            },
            78..=88 => Lineage {
                token: stranger.token,
                parent: newest.token,
                generation: newest.generation + 1,
            },
            89..=92 => Lineage {
                token: stranger.token,
                parent: any.token,
                generation: newest.generation + ahead,
            },
            93..=97 => Lineage {
                generation: newest.generation + ahead,
                ..stranger
            },
            98 => stranger,
            _ => return (self.unknown(), stranger),
        };
        (key, lineage)
    }

    /// Mostly one of the last few: of those, something can still become.
    fn session(&mut self) -> &Known {
        let few = self.sessions.len().min(self.draws.below(6) + 1);
        let at = self.sessions.len() - 1 - self.draws.below(few);
        &self.sessions[at]
    }

    fn unknown(&mut self) -> SessionKey {
        SessionKey {
            subject: self.draws.one_of(&self.subjects),
            id: SessionId::from_bytes(self.draws.bytes()),
        }
    }

    fn policy(&mut self) -> Policy {
        self.draws.one_of(&self.policies)
    }

    /// Notes what the answer to a step hands out.
    pub fn learn(&mut self, step: &Step, answer: &Answer) {
        match (step, answer) {
            (Step::Create(start), _) => self.sessions.push(Known {
                key: start.key,
                expires: self.now + start.lifetime,
                lineages: vec![start.first],
            }),
            (Step::Present(show), Answer::Presence(Presence::Admitted(admission))) => {
                self.learn_of(show.key, Some(show.lineage));
                let arrives = self.draws.happens(50);
                self.learn_of(show.key, admission.successor.filter(|_| arrives));
            }
            (Step::Succeed(key, ..), Answer::Succession(Some((lineage, _)))) => {
                self.learn_of(*key, Some(*lineage));
            }
            _ => {}
        }
    }

    fn learn_of(&mut self, key: SessionKey, lineage: Option<Lineage>) {
        let known = self.sessions.iter_mut().find(|known| known.key == key);
        if let Some((known, lineage)) = known.zip(lineage) {
            if !known.lineages.contains(&lineage) {
                known.lineages.push(lineage);
            }
        }
    }
}

//! A random walk through all that may happen to the sessions of two subjects.

use std::collections::VecDeque;

use rand::rngs::StdRng;
use rand::seq::{IteratorRandom, SliceRandom};
use rand::{Rng, SeedableRng};
use rocket_restricted_session::store::{
    DeviceCookie, Lineage, Millis, Over, Policy, Presence, SessionId, SessionKey, SubjectId, Token,
    Update,
};

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
    random: StdRng,
    now: Millis,
    subjects: [SubjectId; 2],
    policies: [Policy; 3],
    max_sessions: Option<u32>,
    /// The kind of ticket that is shown most: else nothing rare would happen eight times.
    favourite: u8,
    sessions: Vec<Known>,
    fresh: Token,
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
        let mut random = StdRng::seed_from_u64(seed);
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
            now: 1_800_000_000_000 + random.gen_range(0..1000),
            subjects: [random.gen(), random.gen()].map(SubjectId::from_bytes),
            policies: [quick, lenient, Policy::new(2 * HOUR)],
            max_sessions: random.gen_bool(0.5).then(|| random.gen_range(1..5)),
            favourite: random.gen_range(0..100),
            sessions: Vec::new(),
            fresh: drawn(&mut random),
            first: VecDeque::new(),
            random,
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
            token: drawn(&mut self.random),
            ..eldest
        });
        let mut shown: Vec<_> = siblings.collect();
        let ahead = Lineage {
            generation: 5,
            ..self.root()
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
        if self.random.gen_bool(0.6) {
            let longest = self.random.gen_range(1..=SPANS.len());
            let span = SPANS[..longest].choose(&mut self.random).unwrap();
            let now = self.now + span + self.random.gen_range(-1..=1);
            if *span > 0 || !self.has_one_just_expired() {
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
        let kind = self.random.gen_range(0..100);
        if self.sessions.is_empty() || kind < 8 {
            return Step::Create(self.start());
        }
        let key = self.session().key;
        let idle = self.policy().idle_timeout;
        match kind {
            8..=69 => self.present(),
            70..=75 => Step::Succeed(key, self.token(), 10 * SECOND),
            76..=79 => Step::Update(key, self.update()),
            80..=82 => Step::End(key, self.reason()),
            83 => Step::EndAll(key.subject, self.random.gen_bool(0.7).then_some(key.id)),
            84..=87 => Step::Sessions(key.subject, idle),
            88..=90 => Step::IsLive(key, idle),
            91..=93 => Step::Bind(key, vec![self.random.gen(); 3], self.stamp()),
            94 => Step::Device(key),
            _ => Step::Prove(key, self.stamp()),
        }
    }

    fn start(&mut self) -> Start {
        let is_usual = self.random.gen_bool(0.9);
        let key = self.unknown();
        let others = self.sessions.iter().rev().take(6);
        let others = others.filter(|known| known.key.subject == key.subject);
        let replaces = others.map(|known| known.key.id).choose(&mut self.random);
        Start {
            key,
            replaces: replaces.filter(|_| !is_usual),
            first: self.root(),
            lifetime: *[HOUR, 3 * HOUR, 12 * HOUR]
                .choose(&mut self.random)
                .unwrap(),
            max_sessions: self.max_sessions.filter(|_| is_usual),
            idle_timeout: self.policy().idle_timeout,
        }
    }

    fn present(&mut self) -> Step {
        let (key, lineage) = self.ticket();
        let cookies = [
            DeviceCookie::Shown,
            DeviceCookie::Absent,
            DeviceCookie::NotNeeded,
        ];
        Step::Present(Show {
            key,
            lineage,
            revision: self.random.gen_range(0..3),
            fresh: self.token(),
            device_cookie: *cookies.choose(&mut self.random).unwrap(),
            policy: self.policy(),
        })
    }

    /// A ticket that was handed out, or could have been.
    fn ticket(&mut self) -> (SessionKey, Lineage) {
        if self.random.gen_bool(0.02) {
            self.favourite = self.random.gen_range(0..100);
        }
        let kind = match self.random.gen_bool(0.4) {
            true => self.favourite,
            false => self.random.gen_range(0..100),
        };
        let stranger = self.root();
        let (ahead, place) = (self.random.gen_range(1..4), self.random.gen::<f64>());
        let known = self.session();
        let key = known.key;
        let newest = *known.lineages.last().unwrap();
        let place = (known.lineages.len() as f64 * place) as usize;
        let any = known.lineages[place];
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
        let few = self.random.gen_range(1..=6);
        let last = self.sessions.len().saturating_sub(few);
        let at = self.random.gen_range(last..self.sessions.len());
        &self.sessions[at]
    }

    fn unknown(&mut self) -> SessionKey {
        SessionKey {
            subject: self.subjects[self.random.gen_range(0..2)],
            id: SessionId::from_bytes(self.random.gen()),
        }
    }

    fn policy(&mut self) -> Policy {
        *self.policies.choose(&mut self.random).unwrap()
    }

    fn root(&mut self) -> Lineage {
        Lineage {
            token: drawn(&mut self.random),
            parent: drawn(&mut self.random),
            generation: 0,
        }
    }

    /// A new token, or that of the call before: a call that is repeated.
    fn token(&mut self) -> Token {
        if self.random.gen_bool(0.9) {
            self.fresh = drawn(&mut self.random);
        }
        self.fresh
    }

    fn update(&mut self) -> Update {
        let length = *[0, 1, 300].choose(&mut self.random).unwrap();
        Update {
            revision: self.random.gen_range(0..3),
            payload: vec![self.random.gen(); length],
        }
    }

    fn reason(&mut self) -> Over {
        let reasons = [
            Over::SignedOut,
            Over::EndedElsewhere,
            Over::Replaced,
            Over::Revoked,
        ];
        *reasons.choose(&mut self.random).unwrap()
    }

    /// Stamps that a number in a script could not tell apart.
    fn stamp(&mut self) -> u64 {
        let base = *[0, 1 << 32, 1 << 60].choose(&mut self.random).unwrap();
        base + self.random.gen_range(0..3)
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
                let arrives = self.random.gen_bool(0.5);
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

fn drawn(random: &mut StdRng) -> Token {
    loop {
        if let Some(token) = Token::from_bytes(random.gen()) {
            return token;
        }
    }
}

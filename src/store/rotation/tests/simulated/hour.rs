//! An hour of a browser with two tabs, and perhaps of a thief.

use std::collections::BTreeMap;

use super::dice::Dice;
use crate::store::call::{DeviceCookie, NewSession, Policy, Presence, Presented};
use crate::store::key::{SessionId, SessionKey, SubjectId};
use crate::store::record::Record;
use crate::store::token::Lineage;
use crate::store::Millis;

const START: Millis = 1_800_000_000_000;
const HOUR: Millis = 60 * 60 * 1000;
const TABS: usize = 2;

const KEY: SessionKey = SessionKey {
    subject: SubjectId::from_bytes([1; 16]),
    id: SessionId::from_bytes([1; 12]),
};

/// What the hour is like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hour {
    pub(super) rotate_every: Millis,
    /// The share of responses that are lost.
    pub(super) loss: f64,
    pub(super) reauthenticates: bool,
    /// Whether the browser crashes once, and comes up with a jar of up to 30 s ago.
    pub(super) crashes: bool,
    pub(super) thief: Option<Thief>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Thief {
    pub(super) kind: ThiefKind,
    pub(super) polls: Millis,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ThiefKind {
    /// Uses what he is given.
    Naive,
    /// Keeps his copy, discards successors, and is back when the next one may be handed out.
    Adaptive,
}

impl Hour {
    pub(super) fn of(rotate_every: Millis, loss: f64) -> Self {
        Self {
            rotate_every,
            loss,
            reauthenticates: false,
            crashes: false,
            thief: None,
        }
    }

    /// When theft was found, if it was: in milliseconds since it happened, or since the start
    /// where none did.
    pub(super) fn run(self, seed: u64) -> Option<Millis> {
        Run::of(self, seed).until_found()
    }
}

enum Event {
    Page,
    Reauthentication,
    Crash,
    Theft,
    Poll,
    Sent(Request),
    Arrived(Request, Lineage),
    Checked(Request),
    Answered(Request, Lineage),
}

#[derive(Clone, Copy)]
struct Request {
    reauthenticates: bool,
    /// How often the browser had crashed: what it sent before finds nobody any more.
    life: u32,
}

struct Run {
    hour: Hour,
    policy: Policy,
    dice: Dice,
    now: Millis,
    events: BTreeMap<(Millis, u64), Event>,
    scheduled: u64,
    record: Record,
    jar: Lineage,
    /// What the jar was, and from when on.
    jars: Vec<(Millis, Lineage)>,
    life: u32,
    copy: Option<Lineage>,
    stolen: Millis,
    /// When the thief expects that a successor may be handed out again.
    back: Millis,
    found: Option<Millis>,
}

impl Run {
    fn of(hour: Hour, seed: u64) -> Self {
        let mut dice = Dice::of(seed);
        let first = Lineage {
            token: dice.token(),
            parent: dice.token(),
            generation: 0,
        };
        let new = NewSession {
            key: KEY,
            first,
            lifetime: 24 * HOUR,
            label: "",
            network: "",
            created_at: None,
            replaces: None,
            max_sessions: None,
            idle_timeout: 2 * HOUR,
        };
        let mut run = Self {
            hour,
            policy: Policy {
                rotate_every: Some(hour.rotate_every),
                ..Policy::new(2 * HOUR)
            },
            dice,
            now: START,
            events: BTreeMap::new(),
            scheduled: 0,
            record: Record::start(&new, 0, START),
            jar: first,
            jars: vec![(START, first)],
            life: 0,
            copy: None,
            stolen: START,
            back: 0,
            found: None,
        };
        run.plan();
        run
    }

    fn plan(&mut self) {
        for _ in 0..TABS {
            let until = self.dice.about(10_000);
            self.after(until, Event::Page);
        }
        if self.hour.reauthenticates {
            let until = self.dice.about(HOUR / 6);
            self.after(until, Event::Reauthentication);
        }
        if self.hour.crashes {
            let until = self.dice.between(HOUR / 12, HOUR * 11 / 12);
            self.after(until, Event::Crash);
        }
        if self.hour.thief.is_some() {
            let until = self.dice.between(HOUR / 10, HOUR / 2);
            self.after(until, Event::Theft);
        }
    }

    fn after(&mut self, millis: Millis, event: Event) {
        self.scheduled += 1;
        self.events
            .insert((self.now + millis, self.scheduled), event);
    }

    fn until_found(mut self) -> Option<Millis> {
        while let Some(((at, _), event)) = self.events.pop_first() {
            if at > START + HOUR || self.found.is_some() {
                break;
            }
            self.now = at;
            self.happens(event);
        }
        self.found.map(|at| at - self.stolen)
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Page => self.page(),
            Event::Reauthentication => {
                self.send(0, true);
                let until = 60_000 + self.dice.about(HOUR / 6);
                self.after(until, Event::Reauthentication);
            }
            Event::Crash => self.crash(),
            Event::Theft => {
                self.copy = Some(self.jar);
                self.stolen = self.now;
                self.poll();
            }
            Event::Poll => self.poll(),
            Event::Sent(request) if request.life == self.life => {
                let latency = self.dice.latency();
                self.after(latency, Event::Arrived(request, self.jar));
            }
            Event::Arrived(request, shown) => self.arrive(request, shown),
            Event::Checked(request) => self.check(request),
            Event::Answered(request, ticket) if request.life == self.life => self.keep(ticket),
            Event::Sent(_) | Event::Answered(..) => {}
        }
    }

    fn page(&mut self) {
        for _ in 0..self.dice.between(1, 9) {
            let until = self.dice.between(0, 400);
            self.send(until, false);
        }
        let until = self.dice.reading();
        self.after(until, Event::Page);
    }

    fn send(&mut self, until: Millis, reauthenticates: bool) {
        let life = self.life;
        let request = Request {
            reauthenticates,
            life,
        };
        self.after(until, Event::Sent(request));
    }

    fn keep(&mut self, ticket: Lineage) {
        self.jar = ticket;
        self.jars.push((self.now, ticket));
    }

    fn crash(&mut self) {
        let restored = self.now - self.dice.between(0, 30_000);
        let kept = self.jars.iter().rev().find(|(at, _)| *at <= restored);
        let ticket = kept.map_or(self.jar, |(_, ticket)| *ticket);
        self.life += 1;
        self.keep(ticket);
    }

    fn arrive(&mut self, request: Request, shown: Lineage) {
        let successor = self.present(shown);
        let handler = self.dice.handler();
        if request.reauthenticates {
            self.after(handler, Event::Checked(request));
        } else if let Some(successor) = successor.filter(|_| handler <= self.policy.grace) {
            self.answer(handler, request, successor);
        }
    }

    fn check(&mut self, request: Request) {
        let fresh = self.dice.token();
        let ticket = self.record.succeed(fresh, self.policy.grace, 0, self.now);
        if let Some(ticket) = ticket {
            self.answer(0, request, ticket);
        }
    }

    fn answer(&mut self, until: Millis, request: Request, ticket: Lineage) {
        let latency = self.dice.latency();
        if !self.dice.happens(self.hour.loss) {
            self.after(until + latency, Event::Answered(request, ticket));
        }
    }

    fn poll(&mut self) {
        let (Some(thief), Some(copy)) = (self.hour.thief, self.copy) else {
            return;
        };
        if let Some(successor) = self.present(copy) {
            match thief.kind {
                ThiefKind::Naive => self.copy = Some(successor),
                ThiefKind::Adaptive => self.back = self.now + 6 * self.policy.grace,
            }
        }
        let until_back = Some(self.back - self.now).filter(|until| *until > 0);
        self.after(
            until_back.unwrap_or(Millis::MAX).min(thief.polls),
            Event::Poll,
        );
    }

    fn present(&mut self, shown: Lineage) -> Option<Lineage> {
        let fresh = self.dice.token();
        let shown = Presented {
            key: KEY,
            lineage: shown,
            revision: 0,
            fresh,
            device_cookie: DeviceCookie::NotNeeded,
            policy: &self.policy,
            adoptable: None,
        };
        match self.record.present(&shown, 0, self.now) {
            Presence::Admitted(admission) => admission.successor,
            Presence::Replayed => {
                self.found = Some(self.now);
                None
            }
            refused => panic!("nothing but theft ends this session, but it is {refused:?}"),
        }
    }
}

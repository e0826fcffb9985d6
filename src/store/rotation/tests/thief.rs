//! A thief with a copy is found, whatever he does with it, as long as both he and the owner act.

use super::names::{token, Names};
use super::search::{explore, Explored, Next, Until};
use super::server::{LeftOut, Server};
use crate::store::call::Presence;
use crate::store::token::Lineage;

/// How long each of the two may rest.
const REST: u8 = 3;

#[derive(Debug, Clone, Copy)]
struct Theft {
    /// How many tickets the thief keeps.
    kept: usize,
    /// How many responses in a row the owner loses at most.
    lost: u8,
    /// Whether the thief may have the store seal a ticket anew whenever he likes.
    may_succeed: bool,
    left_out: LeftOut,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    server: Server,
    owners: Lineage,
    /// Empty: he has not come by one yet.
    thiefs: Vec<Lineage>,
    owner_rests: u8,
    thief_rests: u8,
    lost: u8,
}

type Steps = Vec<(&'static str, Next<State>)>;

impl Theft {
    fn of(kept: usize) -> Self {
        Self {
            kept,
            lost: 0,
            may_succeed: false,
            left_out: LeftOut::Nothing,
        }
    }

    fn explore(self) -> Explored<State> {
        let first = Lineage {
            token: token(1),
            parent: token(2),
            generation: 0,
        };
        let start = State {
            server: Server::start(first),
            owners: first,
            thiefs: Vec::new(),
            owner_rests: 0,
            thief_rests: 0,
            lost: 0,
        };
        explore(start.renamed(), Until::Exhausted, |state| self.steps(state))
    }

    /// For how long the thief is not found, at most; `None`: for ever.
    fn longest(self) -> (usize, Option<usize>) {
        let explored = self.explore();
        let longest = explored.longest(|state| !state.thiefs.is_empty());
        (explored.states.len(), longest)
    }

    fn steps(self, state: &State) -> Steps {
        let mut steps = Vec::new();
        self.owner_acts(state, &mut steps);
        if state.thiefs.is_empty() {
            let mut stolen = state.clone();
            stolen.thiefs.push(state.owners);
            steps.push(("stolen", Next::At(stolen.renamed())));
        }
        for at in 0..state.thiefs.len() {
            self.thief_acts(state, state.thiefs[at], &mut steps);
        }
        steps.extend(state.later().map(|later| ("a unit later", later)));
        steps
    }

    fn owner_acts(self, state: &State, steps: &mut Steps) {
        let mut after = state.clone();
        after.owner_rests = 0;
        let successor = match after.server.present(state.owners, self.left_out) {
            Presence::Admitted(admission) => admission.successor,
            _ => return steps.push(("the owner acts", Next::Caught("found"))),
        };
        if successor.is_some() && state.lost < self.lost {
            let mut lost = after.clone();
            lost.lost += 1;
            steps.push(("the owner's successor is lost", Next::At(lost.renamed())));
        }
        after.lost = 0;
        after.owners = successor.unwrap_or(state.owners);
        steps.push(("the owner acts", Next::At(after.renamed())));
    }

    fn thief_acts(self, state: &State, shown: Lineage, steps: &mut Steps) {
        let mut after = state.clone();
        after.thief_rests = 0;
        let gained = match after.server.present(shown, self.left_out) {
            Presence::Admitted(admission) => admission.successor,
            _ => return steps.push(("the thief acts", Next::Caught("found"))),
        };
        self.keeps(&after, gained, steps);
        if self.may_succeed {
            let sealed = after.server.succeed(self.left_out);
            self.keeps(&after, sealed, steps);
        }
    }

    /// The thief discards what he is given, or keeps it, beside or instead of another ticket.
    fn keeps(self, after: &State, gained: Option<Lineage>, steps: &mut Steps) {
        steps.push(("the thief acts", Next::At(after.clone().renamed())));
        let Some(gained) = gained else {
            return;
        };
        for at in 0..=after.thiefs.len() {
            let mut kept = after.clone();
            match kept.thiefs.get_mut(at) {
                Some(replaced) => *replaced = gained,
                None if at < self.kept => kept.thiefs.push(gained),
                None => continue,
            }
            steps.push(("the thief keeps a ticket", Next::At(kept.renamed())));
        }
    }
}

impl State {
    fn later(&self) -> Option<Next<Self>> {
        let mut later = self.clone();
        later.server.grow_older();
        if !self.thiefs.is_empty() {
            later.owner_rests += 1;
            later.thief_rests += 1;
        }
        let both_act = later.owner_rests <= REST && later.thief_rests <= REST;
        both_act.then(|| Next::Later(later.renamed()))
    }

    fn renamed(mut self) -> Self {
        if self.thiefs.is_empty() {
            (self.owner_rests, self.thief_rests) = (0, 0);
        }
        let tickets = self.thiefs.iter().chain([&self.owners]);
        let mut generations: Vec<_> = tickets.map(|ticket| ticket.generation).collect();
        generations.push(self.server.rotation.generation);
        let mut names = Names::of(generations);
        self.server.rename(&mut names);
        self.owners = names.lineage(self.owners);
        self.thiefs
            .sort_by_cached_key(|ticket| (names.met(ticket.token), names.met(ticket.parent)));
        self.thiefs.dedup();
        for ticket in &mut self.thiefs {
            *ticket = names.lineage(*ticket);
        }
        self
    }
}

fn is_found(theft: Theft) {
    let (states, longest) = theft.longest();
    println!("{theft:?}: {states} states, found after {longest:?} at the latest");
    assert!(longest.is_some_and(|longest| longest < 80), "{longest:?}");
}

fn evades(theft: Theft) {
    let (states, longest) = theft.longest();
    println!("{theft:?}: {states} states, never found");
    assert_eq!(longest, None);
}

#[test]
fn a_thief_is_found_though_the_owner_loses_responses() {
    is_found(Theft::of(2));
    let losing = Theft {
        lost: 2,
        ..Theft::of(2)
    };
    is_found(losing);
}

#[test]
#[ignore = "takes minutes"]
fn a_thief_who_keeps_three_tickets_is_found() {
    is_found(Theft::of(3));
}

#[test]
fn without_the_contest_a_thief_is_never_found() {
    let discarding = Theft {
        left_out: LeftOut::Contest,
        ..Theft::of(2)
    };
    evades(discarding);
}

/// Why an update is none, and a re-authentication asks for the credential.
#[test]
fn a_thief_who_has_tickets_sealed_at_will_is_never_found() {
    let sealing = Theft {
        may_succeed: true,
        ..Theft::of(1)
    };
    evades(sealing);
}

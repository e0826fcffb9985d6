//! An honest browser, alone with its server and a network that delays, loses and reorders.

use super::search::{explore, Explored, Next, Until};
use super::server::{LeftOut, Server, GRACE};
use super::state::{Message, Stage, State};
use crate::store::call::Presence;
use crate::store::token::Lineage;
use crate::store::Millis;

/// What an exploration covers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Visit {
    pub(super) under_way: usize,
    pub(super) reauthentications: Reauthentications,
    pub(super) calamity: Calamity,
    pub(super) longest_handler: Millis,
    pub(super) left_out: LeftOut,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reauthentications {
    None,
    /// One, at any time.
    One,
    /// Any number, each after the one before was answered or its answer was lost.
    InTurn,
    /// Any number, as with a double click.
    InParallel,
}

/// What happens at any time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Calamity {
    Nothing,
    /// The session ends.
    End,
    /// All sessions of the subject end.
    EndAll,
    /// All sessions of the subject end but this one, again and again.
    EndAllOthers,
    /// The store is taken back to what it was at some time before.
    Failover,
    /// The store forgets everything, again and again.
    Restart,
}

type Steps = Vec<(&'static str, Next<State>)>;

impl Visit {
    /// So many messages under way, and nothing but rotation.
    pub(super) fn with(under_way: usize) -> Self {
        Self {
            under_way,
            reauthentications: Reauthentications::None,
            calamity: Calamity::Nothing,
            longest_handler: 2,
            left_out: LeftOut::Nothing,
        }
    }

    pub(super) fn explore(self) -> Explored<State> {
        explore(State::start(), Until::Caught, |state| self.steps(state))
    }

    fn steps(&self, state: &State) -> Steps {
        let mut steps = Vec::new();
        if state.under_way.len() < self.under_way {
            self.send(state, &mut steps);
        }
        for at in 0..state.under_way.len() {
            let mut rest = state.clone();
            let message = rest.under_way.remove(at);
            match message.stage {
                Stage::Request => steps.push(self.arrive(rest, message)),
                Stage::Handler if message.is_unchecked => {
                    let checked = self.check(rest, message);
                    steps.push(("re-authenticated", Next::At(checked.renamed())));
                }
                Stage::Handler => {
                    let left = self.leave(rest, message);
                    steps.push(("handled", Next::At(left.renamed())));
                }
                Stage::Response => {
                    let mut kept = rest.clone();
                    kept.jar = message.ticket.unwrap_or(kept.jar);
                    steps.push(("answered", Next::At(kept.renamed())));
                    steps.push(("lost", Next::At(rest.renamed())));
                }
            }
        }
        self.strike(state, &mut steps);
        steps.extend(self.later(state).map(|later| ("a unit later", later)));
        steps
    }

    fn send(&self, state: &State, steps: &mut Steps) {
        let request = Message {
            stage: Stage::Request,
            ticket: Some(state.jar),
            reauthenticates: false,
            is_unchecked: false,
            age: 0,
        };
        steps.push(("sent", Next::At(state.with(request).renamed())));
        let may_reauthenticate = match self.reauthentications {
            Reauthentications::None => false,
            Reauthentications::One => !state.has_reauthenticated,
            Reauthentications::InParallel => true,
            Reauthentications::InTurn => !state.under_way.iter().any(|other| other.reauthenticates),
        };
        if may_reauthenticate {
            let mut sent = state.with(Message {
                reauthenticates: true,
                is_unchecked: true,
                ..request
            });
            sent.has_reauthenticated = self.reauthentications == Reauthentications::One;
            steps.push(("re-authentication sent", Next::At(sent.renamed())));
        }
    }

    /// A request comes to the guard.
    fn arrive(&self, mut rest: State, request: Message) -> (&'static str, Next<State>) {
        let shown = request.ticket.expect("requests show a ticket");
        let Some(server) = &mut rest.server else {
            rest.server = Some(Server::adopt(shown));
            return ("adopted", Next::At(accept(rest, request, None)));
        };
        let is_over = server.is_over();
        let next = match server.present(shown, self.left_out) {
            Presence::Admitted(_) if is_over => Next::Caught("opened after the end"),
            Presence::Admitted(admission) => Next::At(accept(rest, request, admission.successor)),
            Presence::Over(_) if is_over => Next::At(rest.renamed()),
            Presence::Replayed => Next::Caught("false alarm"),
            Presence::Over(_) | Presence::Unbound => Next::Caught("refused"),
        };
        ("arrived", next)
    }

    /// The credential of a re-authentication is checked.
    fn check(&self, mut rest: State, request: Message) -> State {
        let server = rest.server.as_mut();
        let sealed = server.and_then(|server| server.succeed(self.left_out));
        let checked = Message {
            ticket: sealed.or(request.ticket),
            is_unchecked: false,
            age: if sealed.is_some() { 0 } else { request.age },
            ..request
        };
        match checked.ticket {
            Some(_) => rest.with(checked),
            None => rest,
        }
    }

    /// The response leaves, with its cookie unless it is late.
    fn leave(&self, rest: State, handled: Message) -> State {
        if handled.age > GRACE && self.left_out != LeftOut::LateDrop {
            return rest;
        }
        rest.with(Message {
            stage: Stage::Response,
            age: 0,
            ..handled
        })
    }

    fn strike(&self, state: &State, steps: &mut Steps) {
        let mut struck = state.clone();
        let Some(server) = &mut struck.server else {
            return;
        };
        let what = match self.calamity {
            Calamity::Nothing => return,
            Calamity::End | Calamity::EndAll if server.is_over() => return,
            Calamity::End => {
                server.end();
                "ended"
            }
            Calamity::EndAll => {
                server.end_all(false);
                "all ended"
            }
            Calamity::EndAllOthers => {
                server.end_all(true);
                "all others ended"
            }
            Calamity::Failover if struck.has_failed_over => return,
            Calamity::Failover => match struck.replica.take() {
                None => {
                    struck.replica = Some(server.clone());
                    "replicated"
                }
                Some(behind) => {
                    *server = behind;
                    struck.has_failed_over = true;
                    "failed over"
                }
            },
            Calamity::Restart => {
                struck.server = None;
                struck
                    .under_way
                    .retain(|message| message.stage != Stage::Handler);
                "restarted"
            }
        };
        steps.push((what, Next::At(struck.renamed())));
    }

    /// No message stays under way for longer than it may.
    fn later(&self, state: &State) -> Option<Next<State>> {
        let mut later = state.clone();
        for message in &mut later.under_way {
            message.age += 1;
            let longest = match message.stage {
                Stage::Request | Stage::Response => 1,
                Stage::Handler => self.longest_handler,
            };
            if message.age > longest {
                return None;
            }
        }
        let servers = later.server.iter_mut().chain(&mut later.replica);
        servers.for_each(Server::grow_older);
        Some(Next::Later(later.renamed()))
    }
}

/// A response that sets no cookie changes nothing: it need not be followed.
fn accept(rest: State, request: Message, successor: Option<Lineage>) -> State {
    if successor.is_none() && !request.is_unchecked {
        return rest.renamed();
    }
    let handled = Message {
        stage: Stage::Handler,
        ticket: successor,
        age: 0,
        ..request
    };
    rest.with(handled).renamed()
}

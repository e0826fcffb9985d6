//! All that is there while an honest browser is alone with its server.

use super::names::{token, Names};
use super::server::Server;
use crate::store::token::Lineage;
use crate::store::Millis;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct State {
    /// None: it has forgotten everything.
    pub(super) server: Option<Server>,
    /// What it will be taken back to.
    pub(super) replica: Option<Server>,
    pub(super) jar: Lineage,
    pub(super) under_way: Vec<Message>,
    pub(super) has_reauthenticated: bool,
    pub(super) has_failed_over: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Message {
    pub(super) stage: Stage,
    /// The ticket that a request shows, and what a response hands out.
    pub(super) ticket: Option<Lineage>,
    /// Whether it is of a re-authentication, and whether the credential is yet to be checked.
    pub(super) reauthenticates: bool,
    pub(super) is_unchecked: bool,
    pub(super) age: Millis,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Stage {
    Request,
    Handler,
    Response,
}

impl State {
    pub(super) fn with(&self, message: Message) -> Self {
        let mut state = self.clone();
        state.under_way.push(message);
        state
    }

    pub(super) fn start() -> Self {
        let first = Lineage {
            token: token(1),
            parent: token(2),
            generation: 0,
        };
        let start = Self {
            server: Some(Server::start(first)),
            replica: None,
            jar: first,
            under_way: Vec::new(),
            has_reauthenticated: false,
            has_failed_over: false,
        };
        start.renamed()
    }

    pub(super) fn renamed(mut self) -> Self {
        let tickets = self.under_way.iter().filter_map(|message| message.ticket);
        let mut generations: Vec<_> = tickets.map(|ticket| ticket.generation).collect();
        let servers: Vec<_> = self.server.iter_mut().chain(&mut self.replica).collect();
        generations.extend(servers.iter().map(|server| server.rotation.generation));
        generations.push(self.jar.generation);
        let mut names = Names::of(generations);
        for server in servers {
            server.rename(&mut names);
        }
        self.jar = names.lineage(self.jar);
        self.under_way.sort_by_cached_key(|message| {
            let Message {
                stage,
                ticket,
                reauthenticates,
                is_unchecked,
                age,
            } = *message;
            let met = ticket.map(|ticket| (names.met(ticket.token), names.met(ticket.parent)));
            (stage, age, reauthenticates, is_unchecked, met)
        });
        for message in &mut self.under_way {
            message.ticket = message.ticket.map(|ticket| names.lineage(ticket));
        }
        self
    }
}

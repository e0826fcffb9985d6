//! What the cases are told with: sign in, let time pass, show a ticket.

use std::future::Future;
use std::sync::Arc;

use rand::rngs::OsRng;
use rand::RngCore;
use rocket::tokio::sync::Barrier;
use rocket::tokio::task::JoinSet;

use super::Testbed;
use crate::store::{
    Admission, Created, DeviceCookie, Lineage, Millis, NewSession, Occurrence, Over, Policy,
    Presence, Presented, SessionId, SessionInfo, SessionKey, Store, SubjectId, Token, Update,
};

pub(super) const SECOND: Millis = 1000;
pub(super) const MINUTE: Millis = 60 * SECOND;
pub(super) const HOUR: Millis = 60 * MINUTE;

/// After it, a successor is due.
pub(super) const DUE: Millis = 15 * MINUTE;

/// Within the grace, though a store's own clock moves on while a test runs.
pub(super) const IN_GRACE: Millis = 5 * SECOND;

/// After the grace.
pub(super) const OLD: Millis = 12 * SECOND;

/// After it, the next successor may be handed out: six graces.
pub(super) const CLAIM_WINDOW: Millis = 60 * SECOND;

pub(super) const IDLE: Millis = 2 * HOUR;

pub(super) const LIFETIME: Millis = 24 * HOUR;

/// A store on its testbed, and a subject that nobody else has.
#[derive(Debug, Clone)]
pub struct Scene {
    testbed: Arc<dyn Testbed>,
    pub(super) store: Arc<dyn Store>,
    pub(super) subject: SubjectId,
    pub(super) policy: Policy,
    /// How far the clock of the machine that asks is ahead of the others.
    ahead: Millis,
}

/// What a browser holds of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    pub(super) key: SessionKey,
    pub(super) lineage: Lineage,
    pub(super) revision: u32,
}

impl Ticket {
    fn of(new: &NewSession<'_>) -> Self {
        Self {
            key: new.key,
            lineage: new.first,
            revision: 0,
        }
    }

    pub(super) fn replaced_by(self, lineage: Lineage) -> Self {
        Self { lineage, ..self }
    }

    /// A successor of this ticket, as only this crate could have sealed it.
    pub(super) fn child(self) -> Self {
        self.replaced_by(Lineage {
            token: Token::random(),
            parent: self.lineage.token,
            generation: self.lineage.generation + 1,
        })
    }
}

impl Scene {
    /// Sets the scene for a case on this testbed.
    pub fn on(testbed: impl Testbed) -> Self {
        let store = testbed.store();
        Self {
            testbed: Arc::new(testbed),
            store,
            subject: new_subject(),
            policy: Policy::new(IDLE),
            ahead: 0,
        }
    }

    pub(super) fn with(&self, policy: Policy) -> Self {
        Self {
            policy,
            ..self.clone()
        }
    }

    pub(super) fn of_another_subject(&self) -> Self {
        Self {
            subject: new_subject(),
            ..self.clone()
        }
    }

    /// The same, on a machine whose clock is ahead.
    pub(super) fn on_a_clock_ahead(&self, ahead: Millis) -> Self {
        Self {
            ahead,
            ..self.clone()
        }
    }

    pub(super) fn now(&self) -> Millis {
        self.testbed.now() + self.ahead
    }

    pub(super) fn pass(&self, millis: Millis) {
        self.testbed.pass(millis);
    }

    pub(super) fn new_session(&self) -> NewSession<'static> {
        NewSession {
            key: SessionKey {
                subject: self.subject,
                id: new_id(),
            },
            first: Lineage::root(),
            lifetime: LIFETIME,
            label: "Firefox on Windows",
            network: "192.0.2.0/24",
            created_at: None,
            replaces: None,
            max_sessions: None,
            idle_timeout: self.policy.idle_timeout,
        }
    }

    pub(super) async fn start(&self, new: &NewSession<'_>) -> (Ticket, Created) {
        let created = self.store.create(new, self.now()).await.expect("create");
        (Ticket::of(new), created)
    }

    pub(super) async fn sign_in(&self) -> Ticket {
        self.start(&self.new_session()).await.0
    }

    /// A ticket that the store has never heard of.
    pub(super) fn unknown(&self) -> Ticket {
        Ticket::of(&self.new_session())
    }

    pub(super) fn presented(&self, ticket: Ticket) -> Presented<'_> {
        Presented {
            key: ticket.key,
            lineage: ticket.lineage,
            revision: ticket.revision,
            fresh: Token::random(),
            device_cookie: DeviceCookie::Absent,
            policy: &self.policy,
            adoptable: None,
        }
    }

    pub(super) async fn present(&self, shown: &Presented<'_>) -> Presence {
        self.store
            .present(shown, self.now())
            .await
            .expect("present")
    }

    pub(super) async fn show(&self, ticket: Ticket) -> Presence {
        self.present(&self.presented(ticket)).await
    }

    pub(super) async fn admitted(&self, ticket: Ticket) -> Admission {
        match self.show(ticket).await {
            Presence::Admitted(admission) => admission,
            refused => panic!("let in was to be {ticket:?}, but it is {refused:?}"),
        }
    }

    /// Shows a ticket that is let in and handed nothing.
    pub(super) async fn used(&self, ticket: Ticket) {
        let admission = self.admitted(ticket).await;
        assert_eq!(admission.successor, None);
        assert_eq!(admission.occurrence, None);
    }

    /// Shows a ticket that is let in and handed a successor.
    pub(super) async fn claim(&self, ticket: Ticket) -> Ticket {
        let admission = self.admitted(ticket).await;
        assert_eq!(admission.occurrence, None);
        let lineage = admission.successor.expect("a successor is due");
        assert_eq!(lineage.parent, ticket.lineage.token);
        assert_eq!(lineage.generation, ticket.lineage.generation + 1);
        ticket.replaced_by(lineage)
    }

    /// Shows a successor for the first time.
    pub(super) async fn confirm(&self, ticket: Ticket) {
        let admission = self.admitted(ticket).await;
        assert_eq!(admission.successor, None);
        assert_eq!(admission.occurrence, Some(Occurrence::Rotated));
    }

    pub(super) async fn is_replay(&self, ticket: Ticket) {
        assert_eq!(self.show(ticket).await, Presence::Replayed);
    }

    pub(super) async fn is_over(&self, ticket: Ticket, why: Over) {
        assert_eq!(self.show(ticket).await, Presence::Over(why));
        assert!(!self.is_live(ticket).await);
    }

    pub(super) async fn is_live(&self, ticket: Ticket) -> bool {
        let idle = self.policy.idle_timeout;
        let live = self.store.is_live(&ticket.key, idle, self.now()).await;
        live.expect("is_live")
    }

    pub(super) async fn succeed(&self, ticket: Ticket) -> Option<Ticket> {
        self.succeed_with(ticket, Token::random()).await
    }

    pub(super) async fn succeed_with(&self, ticket: Ticket, fresh: Token) -> Option<Ticket> {
        let (grace, now) = (self.policy.grace, self.now());
        let succeeded = self.store.succeed(&ticket.key, fresh, grace, now).await;
        let (lineage, _) = succeeded.expect("succeed")?;
        Some(ticket.replaced_by(lineage))
    }

    pub(super) async fn update(&self, ticket: Ticket, revision: u32, payload: &[u8]) -> bool {
        let payload = payload.to_vec();
        let update = Update { revision, payload };
        let updated = self.store.update(&ticket.key, &update, self.now()).await;
        updated.expect("update")
    }

    pub(super) async fn end(&self, ticket: Ticket, why: Over) -> bool {
        let ended = self.store.end(&ticket.key, why, self.now()).await;
        ended.expect("end")
    }

    pub(super) async fn end_all_but(&self, except: Option<Ticket>) {
        let except = except.map(|ticket| ticket.key.id);
        let ended = self
            .store
            .end_all(&self.subject, except.as_ref(), LIFETIME, self.now())
            .await;
        ended.expect("end_all");
    }

    pub(super) async fn sessions(&self) -> Vec<SessionInfo> {
        let idle = self.policy.idle_timeout;
        let listed = self.store.sessions(&self.subject, idle, self.now()).await;
        listed.expect("sessions")
    }

    /// Does something so many times in parallel.
    pub(super) async fn at_once<F>(
        &self,
        times: usize,
        act: impl Fn(Scene, usize) -> F,
    ) -> Vec<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let ready = Arc::new(Barrier::new(times));
        let mut tasks = JoinSet::new();
        for index in 0..times {
            let (act, ready) = (act(self.clone(), index), ready.clone());
            tasks.spawn(async move {
                ready.wait().await;
                act.await
            });
        }
        let mut done = Vec::with_capacity(times);
        while let Some(result) = tasks.join_next().await {
            done.push(result.expect("a task of the case"));
        }
        done
    }
}

fn new_subject() -> SubjectId {
    let mut drawn = [0; 16];
    OsRng.fill_bytes(&mut drawn);
    SubjectId::from_bytes(drawn)
}

fn new_id() -> SessionId {
    let mut drawn = [0; 12];
    OsRng.fill_bytes(&mut drawn);
    SessionId::from_bytes(drawn)
}

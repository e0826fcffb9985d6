//! Sessions and tickets, and what Redis has of them.

use std::collections::HashMap;
use std::future::Future;

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine;
use rand::rngs::OsRng;
use rand::RngCore;
use rocket::tokio::runtime;
use rocket_restricted_session::store::{
    DeviceCookie, Lineage, Millis, NewSession, Policy, Presence, Presented, SessionId, SessionKey,
    Store, StoreError, SubjectId, Token,
};

pub const SECOND: Millis = 1000;
pub const MINUTE: Millis = 60 * SECOND;
pub const HOUR: Millis = 60 * MINUTE;

/// Runs a test with two threads, as the machine may have.
pub fn run<R>(test: impl Future<Output = R>) -> R {
    let mut runtime = runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(test)
}

/// A ticket that a browser holds.
#[derive(Clone, Copy)]
pub struct Ticket {
    pub key: SessionKey,
    pub lineage: Lineage,
}

impl Ticket {
    pub fn of_somebody() -> Self {
        let mut subject = [0; 16];
        OsRng.fill_bytes(&mut subject);
        Self::of(SubjectId::from_bytes(subject))
    }

    pub fn of(subject: SubjectId) -> Self {
        let mut id = [0; 12];
        OsRng.fill_bytes(&mut id);
        let id = SessionId::from_bytes(id);
        Self {
            key: SessionKey { subject, id },
            lineage: Lineage::root(),
        }
    }

    pub fn replaced_by(self, lineage: Lineage) -> Self {
        Self { lineage, ..self }
    }
}

/// Rules by which a successor is due at once, and handed out once.
pub fn always_due() -> Policy {
    Policy {
        rotate_every: Some(0),
        ..Policy::new(HOUR)
    }
}

pub async fn sign_in(store: &dyn Store) -> Result<Ticket, StoreError> {
    let ticket = Ticket::of_somebody();
    start(store, ticket, None).await.map(|_| ticket)
}

/// Returns how many had to go.
pub async fn start(
    store: &dyn Store,
    ticket: Ticket,
    max_sessions: Option<u32>,
) -> Result<u32, StoreError> {
    let new = NewSession {
        key: ticket.key,
        first: ticket.lineage,
        lifetime: 12 * HOUR,
        label: "Firefox on Windows",
        network: "192.0.2.0/24",
        created_at: None,
        replaces: None,
        max_sessions,
        idle_timeout: HOUR,
    };
    store.create(&new, 0).await.map(|created| created.evicted)
}

pub async fn show(
    store: &dyn Store,
    ticket: Ticket,
    policy: &Policy,
) -> Result<Presence, StoreError> {
    show_at(store, ticket, policy, 0).await
}

pub async fn show_at(
    store: &dyn Store,
    ticket: Ticket,
    policy: &Policy,
    now: Millis,
) -> Result<Presence, StoreError> {
    let shown = Presented {
        key: ticket.key,
        lineage: ticket.lineage,
        revision: 0,
        fresh: Token::random(),
        device_cookie: DeviceCookie::Absent,
        policy,
        adoptable: None,
    };
    store.present(&shown, now).await
}

pub fn key_of(subject: &SubjectId) -> String {
    format!("rrs:{{{}}}", URL_SAFE_NO_PAD.encode(subject.as_bytes()))
}

/// All that Redis has of a subject.
pub fn fields(
    connection: &mut redis::Connection,
    subject: &SubjectId,
) -> HashMap<Vec<u8>, Vec<u8>> {
    let all = redis::cmd("HGETALL").arg(key_of(subject)).query(connection);
    all.unwrap()
}

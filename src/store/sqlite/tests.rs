//! Tests of the SQLite store, with a file of its own for each.

mod differential;
mod faults;

mod opening;
mod parallel;
mod processes;
mod reaping;

use std::path::PathBuf;
use std::sync::Arc;

use rocket::futures::future::join_all;
use rocket::futures::Future;
use rocket::tokio;
use tempfile::TempDir;

use super::*;
use crate::store::{Admission, DeviceCookie, Occurrence, Policy};

const NOW: Millis = 1_800_000_000_000;
const SECOND: Millis = 1000;
const MINUTE: Millis = 60 * SECOND;
const HOUR: Millis = 60 * MINUTE;

/// A directory with the path of a database in it.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("sessions.db")
    }

    fn open(&self) -> SqliteStore {
        SqliteStore::open(self.path()).unwrap()
    }

    /// Returns a connection for what the store itself does not do.
    fn connect(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }
}

fn key(subject: u8, id: u8) -> SessionKey {
    SessionKey {
        subject: SubjectId::from_bytes([subject; 16]),
        id: SessionId::from_bytes([id; 12]),
    }
}

fn new_session(key: SessionKey) -> NewSession<'static> {
    NewSession {
        key,
        first: Lineage::root(),
        lifetime: 12 * HOUR,
        label: "Firefox on Windows",
        network: "192.0.2.0/24",
        created_at: None,
        replaces: None,
        max_sessions: None,
        idle_timeout: 30 * MINUTE,
    }
}

fn policy() -> Policy {
    Policy::new(30 * MINUTE)
}

fn presented(key: SessionKey, lineage: Lineage, policy: &Policy) -> Presented<'_> {
    Presented {
        key,
        lineage,
        revision: 0,
        fresh: Token::random(),
        device_cookie: DeviceCookie::Absent,
        policy,
        adoptable: None,
    }
}

/// Starts a session; returns its first ticket.
async fn sign_in(store: &SqliteStore, key: SessionKey) -> Lineage {
    let new = new_session(key);
    store.create(&new, NOW).await.unwrap();
    new.first
}

async fn show(store: &SqliteStore, key: SessionKey, ticket: Lineage, now: Millis) -> Presence {
    let policy = policy();
    let shown = presented(key, ticket, &policy);
    store.present(&shown, now).await.unwrap()
}

async fn is_live(store: &SqliteStore, key: SessionKey, now: Millis) -> bool {
    store.is_live(&key, 30 * MINUTE, now).await.unwrap()
}

/// Runs so many tasks at once; returns what they return.
async fn at_once<T, F>(count: usize, task: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let tasks = (0..count).map(|number| tokio::spawn(task(number)));
    let ended = join_all(tasks).await.into_iter();
    ended.map(|ended| ended.unwrap()).collect()
}

fn run<T>(future: impl Future<Output = T> + Send) -> T {
    rocket::execute(future)
}

#[test]
fn sessions_survive_reopening() {
    run(async {
        let place = Place::new();
        let store = place.open();
        let (kept, ended, elsewhere) = (key(1, 1), key(1, 2), key(2, 3));
        let ticket = sign_in(&store, kept).await;
        sign_in(&store, ended).await;
        sign_in(&store, elsewhere).await;
        assert_eq!(store.end(&ended, Over::SignedOut, NOW).await, Ok(true));
        let subject = elsewhere.subject;
        store.end_all(&subject, None, HOUR, NOW).await.unwrap();
        drop(store);

        let store = place.open();
        let admitted = Presence::Admitted(Admission::plain(NOW));
        assert_eq!(show(&store, kept, ticket, NOW).await, admitted);
        let sessions = store.sessions(&kept.subject, HOUR, NOW).await.unwrap();
        assert_eq!(sessions.len(), 1);
        assert_eq!(sessions[0].id, kept.id);
        assert_eq!(sessions[0].label, "Firefox on Windows");
        for (key, why) in [(ended, Over::SignedOut), (elsewhere, Over::EndedElsewhere)] {
            let presence = show(&store, key, ticket, NOW).await;
            assert_eq!(presence, Presence::Over(why));
        }
    });
}

#[test]
fn an_unknown_ticket_is_never_taken_over() {
    run(async {
        let store = Place::new();
        let store = store.open();
        let (policy, new) = (policy(), new_session(key(1, 1)));
        let shown = Presented {
            adoptable: Some(new.clone()),
            ..presented(new.key, new.first, &policy)
        };
        let unknown = Ok(Presence::Over(Over::Unknown));
        assert_eq!(store.process(), 0);
        assert_eq!(store.present(&shown, NOW).await, unknown);
        assert!(!is_live(&store, new.key, NOW).await);
    });
}

#[test]
fn most_requests_write_nothing() {
    run(async {
        let place = Place::new();
        let store = place.open();
        let ticket = sign_in(&store, key(1, 1)).await;
        let other = place.connect();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        for second in 0..60 {
            let now = NOW + second * SECOND;
            let admitted = Presence::Admitted(Admission::plain(now));
            assert_eq!(show(&store, key(1, 1), ticket, now).await, admitted);
        }
        assert!(is_live(&store, key(1, 1), NOW).await);
    });
}

#[test]
fn debug_shows_the_path_and_no_session() {
    let place = Place::new();
    let shown = format!("{:?}", place.open());
    assert_eq!(
        shown,
        format!("SqliteStore {{ path: {:?}, .. }}", place.path())
    );
}

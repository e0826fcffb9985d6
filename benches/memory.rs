//! The store in memory, from a thousand sessions to a million: `cargo bench --bench memory`.
//!
//! How much memory a session takes, how long a check of one takes as their number grows, and how
//! long a request waits that finds a shard due to be swept.

use std::collections::HashMap;
use std::fs;
use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use rocket_restricted_session::store::{
    DeviceCookie, Lineage, MemoryStore, NewSession, Policy, Presence, Presented, SessionKey, Store,
    SubjectId, Token,
};
use rocket_restricted_session::SessionId;

const NOW: i64 = 1_800_000_000_000;
const HOUR: i64 = 3_600_000;
const CHECKS: usize = 200_000;

/// What a session is noted as: one of few programs, one of many networks.
const LABELS: [&str; 4] = [
    "Firefox on Windows",
    "Chrome on Android",
    "Safari on iOS",
    "Chrome on macOS",
];

struct Session {
    key: SessionKey,
    lineage: Lineage,
}

impl Session {
    fn new() -> Self {
        let [a, b, c, d] = [(); 4].map(|()| Token::random().to_bytes());
        let mut subject = [0; 16];
        subject[..8].copy_from_slice(&a);
        subject[8..].copy_from_slice(&b);
        let mut id = [0; 12];
        id[..8].copy_from_slice(&c);
        id[8..].copy_from_slice(&d[..4]);
        Self {
            key: SessionKey {
                subject: SubjectId::from_bytes(subject),
                id: SessionId::from_bytes(id),
            },
            lineage: Lineage::root(),
        }
    }

    fn create(&self, store: &MemoryStore, number: usize) {
        let [high, low, ..] = *self.key.id.as_bytes();
        let new = NewSession {
            key: self.key,
            first: self.lineage,
            lifetime: 12 * HOUR,
            label: LABELS[number % LABELS.len()],
            network: &format!("{high}.{low}.0.0/16"),
            created_at: None,
            replaces: None,
            max_sessions: None,
            idle_timeout: HOUR,
        };
        ready(store.create(&new, NOW)).expect("a new session");
    }

    fn check(&self, store: &MemoryStore, policy: &Policy) {
        let shown = Presented {
            key: self.key,
            lineage: self.lineage,
            revision: 0,
            fresh: self.lineage.token,
            device_cookie: DeviceCookie::NotNeeded,
            policy,
            adoptable: None,
        };
        let presence = ready(store.present(&shown, NOW)).expect("a session");
        assert!(matches!(black_box(presence), Presence::Admitted(_)));
    }
}

/// The store in memory never waits.
fn ready<T>(answer: impl Future<Output = T>) -> T {
    match pin!(answer).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => unreachable!("the store in memory waited"),
    }
}

/// Returns how much memory this process holds.
fn resident_bytes() -> Option<usize> {
    let pages = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: usize = pages.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4096)
}

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    println!(" sessions  bytes each  ns a check  ns a plain map");
    for number in [1_000, 10_000, 100_000, 1_000_000] {
        measure(number);
    }
}

fn measure(number: usize) {
    let sessions: Vec<_> = (0..number).map(|_| Session::new()).collect();
    let before = resident_bytes();
    let store = MemoryStore::new();
    for (number, session) in sessions.iter().enumerate() {
        session.create(&store, number);
    }
    let held = resident_bytes().zip(before).map(|(now, before)| {
        let each = now.saturating_sub(before) / number;
        each.to_string()
    });
    let held = held.filter(|_| number >= 100_000);

    let policy = Policy::new(HOUR);
    // What it takes to get at a key that is far from the last one is no part of a check.
    let reading = median_nanoseconds(number, |at| {
        black_box((sessions[at].key, sessions[at].lineage));
    });
    let checks = median_nanoseconds(number, |at| sessions[at].check(&store, &policy));
    let checks = checks.saturating_sub(reading);
    let map: HashMap<SubjectId, [u64; 6]> = sessions
        .iter()
        .map(|session| (session.key.subject, [0; 6]))
        .collect();
    let lookups = median_nanoseconds(number, |at| {
        black_box(map.get(&sessions[at].key.subject));
    });
    let lookups = lookups.saturating_sub(reading);
    let held = held.unwrap_or_else(|| "-".into());
    println!("{number:>9} {held:>11} {checks:>11} {lookups:>14}");
    if number == 1_000_000 {
        let sweep = longest_sweep(&store, &sessions);
        println!("longest sweep of a shard: {sweep} us");
    }
}

/// Returns what one of many steps takes, each with another session, far from the one before.
fn median_nanoseconds(number: usize, step: impl Fn(usize)) -> u128 {
    let mut times = [(); 7].map(|()| {
        let started = Instant::now();
        let mut at = 0;
        for _ in 0..CHECKS {
            at = (at + 7919 * 127) % number;
            step(at);
        }
        started.elapsed().as_nanos() / CHECKS as u128
    });
    times.sort_unstable();
    times[times.len() / 2]
}

/// A minute later the next request in each shard sweeps it; the slowest of them counts.
fn longest_sweep(store: &MemoryStore, sessions: &[Session]) -> u128 {
    let later = NOW + 61_000;
    let waits = sessions.iter().take(20_000).map(|session| {
        let started = Instant::now();
        let live = ready(store.is_live(&session.key, HOUR, later));
        assert!(live.expect("an answer"));
        started.elapsed().as_micros()
    });
    waits.max().unwrap_or_default()
}

//! Redis and memory, told the same at the same times, answer the same and keep the same bytes.

use std::collections::HashSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::Arc;

use rocket_restricted_session::store::{MemoryStore, Millis, Presence, RedisStore, Store};

use crate::reference::Reference;
use crate::server::Server;
use crate::steps::{Answer, Step};
use crate::support::{fields, run};
use crate::walk::Walk;

const SEEDS: u64 = 60;
const STEPS: usize = 500;

/// Where a record has the number of its alive tokens.
const ALIVE: usize = 91;

/// What has to be met: a comparison of what never happens proves nothing.
const SIGHTS: [&str; 20] = [
    "Rotated",
    "RotationContested",
    "StoreBehind",
    "successor",
    "update",
    "Replayed",
    "Unbound",
    "Idle",
    "Expired",
    "EndedElsewhere",
    "Evicted",
    "Replaced",
    "Revoked",
    "Unknown",
    "8 alive",
    "9 spent",
    "Bound",
    "Taken",
    "Fresh",
    "Used",
];

#[test]
#[ignore = "needs redis-server"]
fn redis_answers_and_keeps_what_memory_does() {
    let server = Server::start();
    let store = RedisStore::open(&server.url()).unwrap();
    let mut raw = server.connection();
    let mut seen = HashSet::new();
    let first = u64::from(rand::random::<u32>());
    run(async {
        for seed in first..first + SEEDS {
            println!("seed {seed}");
            let mut stores = SideBySide::new(&store, seed);
            for _ in 0..STEPS {
                let taken = stores.take_a_step().await;
                stores.compare_bytes(&mut raw, &taken, &mut seen);
                note(&taken.answer, &mut seen);
            }
        }
    });
    for sight in SIGHTS {
        assert!(seen.contains(sight), "never seen: {sight}");
    }
}

/// Redis, the memory store, and the plainest store there can be.
pub struct SideBySide {
    walk: Walk,
    clock: Arc<AtomicI64>,
    redis: RedisStore,
    memory: MemoryStore,
    reference: Reference,
}

pub struct Taken {
    step: Step,
    answer: Answer,
    now: Millis,
}

impl SideBySide {
    pub fn new(redis: &RedisStore, seed: u64) -> Self {
        let clock = Arc::new(AtomicI64::new(0));
        let now = clock.clone();
        Self {
            walk: Walk::new(seed),
            clock,
            redis: redis.clone().clock(move || now.load(Ordering::SeqCst)),
            memory: MemoryStore::new(),
            reference: Reference::default(),
        }
    }

    /// Takes a random step with all of them, which must answer the same.
    pub async fn take_a_step(&mut self) -> Taken {
        let (step, now) = self.walk.next();
        self.clock.store(now, Ordering::SeqCst);
        let expected = step.take(&self.reference, now).await.unwrap();
        for store in [&self.redis as &dyn Store, &self.memory] {
            let answer = step.take(store, now).await.unwrap();
            let is_same = answer == expected
                || self.may_be_forgotten(&step, now)
                    && answer.clone().without_reason() == expected.clone().without_reason();
            assert!(is_same, "{step:?}\n{store:?}: {answer:?}\nnot {expected:?}");
        }
        self.walk.learn(&step, &expected);
        let answer = expected;
        Taken { step, answer, now }
    }

    /// Tells whether a store may have dropped the session: it has expired.
    fn may_be_forgotten(&self, step: &Step, now: Millis) -> bool {
        let record = step.key().and_then(|key| {
            let mut subject = self.reference.subject(&key.subject);
            subject.records.remove(&key.id)
        });
        record.is_some_and(|record| record.is_expired(now))
    }

    /// What has not expired is in Redis, to the byte, and nothing that never was.
    fn compare_bytes(
        &self,
        raw: &mut redis::Connection,
        taken: &Taken,
        seen: &mut HashSet<String>,
    ) {
        let Taken { step, now, .. } = taken;
        let subject = self.reference.subject(&step.subject());
        let kept = fields(raw, &step.subject());
        for (id, record) in &subject.records {
            let bytes = record.to_bytes();
            match kept.get(&id.as_bytes()[..]) {
                Some(kept) => assert_eq!(*kept, bytes, "{step:?}"),
                None => assert!(record.is_expired(*now), "{step:?}"),
            }
            let alive = usize::from(bytes[ALIVE]);
            let spent = bytes[ALIVE + 1 + 8 * alive];
            seen.insert(format!("{alive} alive"));
            seen.insert(format!("{spent} spent"));
        }
        let epoch = kept.get(&b"e"[..]).map_or(&b"0"[..], |epoch| epoch);
        assert_eq!(epoch, subject.epoch.to_string().as_bytes());
        let sessions = kept.keys().filter(|field| field.len() == 12).count();
        assert!(sessions <= subject.records.len());
    }
}

/// Notes what was met.
fn note(answer: &Answer, seen: &mut HashSet<String>) {
    if let Answer::Presence(Presence::Admitted(admission)) = answer {
        seen.extend(
            admission
                .occurrence
                .map(|occurrence| format!("{occurrence:?}")),
        );
        seen.extend(admission.successor.map(|_| "successor".to_owned()));
        seen.extend(admission.update.as_ref().map(|_| "update".to_owned()));
    } else {
        let words = format!("{answer:?}");
        seen.extend(
            words
                .split(|c: char| !c.is_alphanumeric())
                .map(str::to_owned),
        );
    }
}

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

#[test]
#[ignore = "needs redis-server"]
fn redis_answers_and_keeps_what_memory_does() {
    let server = Server::start();
    let mut seen = HashSet::new();
    let first = u64::from(rand::random::<u32>());
    for seed in first..first + SEEDS {
        println!("seed {seed}");
        run(compare(&server, seed, &mut seen));
    }
    for sight in [
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
        "Revoked",
        "Unknown",
        "8 alive",
        "9 spent",
        "Bound",
        "Taken",
        "Fresh",
        "Used",
    ] {
        assert!(seen.contains(sight), "never seen: {sight}");
    }
}

async fn compare(server: &Server, seed: u64, seen: &mut HashSet<String>) {
    let mut walk = Walk::new(seed);
    let clock = Arc::new(AtomicI64::new(0));
    let now = clock.clone();
    let redis = RedisStore::open(&server.url()).unwrap();
    let redis = redis.clock(move || now.load(Ordering::SeqCst));
    let (memory, reference) = (MemoryStore::new(), Reference::default());
    let mut raw = server.connection();

    for number in 0..STEPS {
        let (step, now) = walk.next();
        clock.store(now, Ordering::SeqCst);
        let expected = step.take(&reference, now).await.unwrap();
        for store in [&redis as &dyn Store, &memory] {
            let answer = step.take(store, now).await.unwrap();
            let is_same = answer == expected
                || is_forgotten(&reference, &step, now)
                    && answer.clone().without_reason() == expected.clone().without_reason();
            assert!(
                is_same,
                "step {number}: {step:?}\n{store:?}: {answer:?}\nnot {expected:?}"
            );
        }
        compare_bytes(&mut raw, &reference, &step, now, seen);
        note(&expected, seen);
        walk.learn(&step, &expected);
    }
}

/// Tells whether a store may have dropped the session: it has expired.
fn is_forgotten(reference: &Reference, step: &Step, now: Millis) -> bool {
    let record = step.key().and_then(|key| {
        let subject = reference.subject(&key.subject);
        subject.records.get(&key.id).cloned()
    });
    record.is_some_and(|record| record.is_expired(now))
}

/// What has not expired is in Redis, to the byte, and nothing that never was.
fn compare_bytes(
    raw: &mut redis::Connection,
    reference: &Reference,
    step: &Step,
    now: Millis,
    seen: &mut HashSet<String>,
) {
    let subject = reference.subject(&step.subject());
    let kept = fields(raw, &step.subject());
    for (id, record) in &subject.records {
        let bytes = record.to_bytes();
        match kept.get(&id.as_bytes()[..]) {
            Some(kept) => assert_eq!(*kept, bytes, "{step:?}"),
            None => assert!(record.is_expired(now), "{step:?}"),
        }
        let alive = usize::from(bytes[ALIVE]);
        let spent = bytes[ALIVE + 1 + 8 * alive];
        seen.insert(format!("{alive} alive"));
        seen.insert(format!("{spent} spent"));
    }
    let epoch = kept
        .get(&b"e"[..])
        .map_or("0", |epoch| std::str::from_utf8(epoch).unwrap());
    assert_eq!(epoch, subject.epoch.to_string());
    let sessions = kept.keys().filter(|field| field.len() == 12).count();
    assert!(sessions <= subject.records.len());
}

/// Notes what was met: a comparison of what never happens proves nothing.
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

//! What only a record by itself shows; the rest is in the conformance suite.

use super::*;
use crate::store::key::{SessionKey, SubjectId};

const NOW: Millis = 1_800_000_000_000;

fn record() -> Record {
    let new = NewSession {
        key: SessionKey {
            subject: SubjectId::from_bytes([1; 16]),
            id: SessionId::from_bytes([2; 12]),
        },
        first: Lineage::root(),
        lifetime: 3_600_000,
        label: "Firefox on Windows",
        network: "192.0.2.0/24",
        created_at: None,
        replaces: None,
        max_sessions: None,
        idle_timeout: 60_000,
    };
    Record::start(&new, 0, NOW)
}

#[test]
fn a_session_without_a_device_proves_nothing_even_after_an_update() {
    let mut record = record();
    assert_eq!(record.prove(1, 0, NOW), Proof::Used);
    let update = Update {
        revision: 1,
        payload: b"tea".to_vec(),
    };
    assert!(record.update(&update, 0, NOW));
    assert_eq!(record.prove(1, 0, NOW), Proof::Used);
    assert_eq!(record.bind(b"key", 0, 0, NOW), Binding::Bound);
    assert_eq!(record.prove(1, 0, NOW), Proof::Fresh { now: NOW });
}

#[test]
fn no_damage_to_a_record_makes_a_step_panic() {
    let whole = record();
    let ticket = Lineage {
        token: whole.rotation.alive.first().unwrap(),
        parent: whole.rotation.parent,
        generation: 0,
    };
    let policy = Policy::new(30 * 60_000);
    let shown = Presented {
        key: SessionKey {
            subject: SubjectId::from_bytes([1; 16]),
            id: SessionId::from_bytes([2; 12]),
        },
        lineage: ticket,
        revision: 0,
        fresh: Token::random(),
        device_cookie: DeviceCookie::Absent,
        policy: &policy,
        adoptable: None,
    };
    let update = Update {
        revision: 1,
        payload: b"tea".to_vec(),
    };
    let bytes = whole.to_bytes();
    for (at, byte) in (0..bytes.len()).flat_map(|at| [0, 1, 0x80, 0xff].map(|byte| (at, byte))) {
        let mut damaged = bytes.clone();
        damaged[at] = byte;
        for now in [0, NOW, NOW + 16 * 60_000, Millis::MAX] {
            let Ok(mut record) = Record::from_bytes(&damaged) else {
                continue;
            };
            record.present(&shown, 0, now);
            record.succeed(Token::random(), policy.grace, 0, now);
            record.update(&update, 0, now);
            record.bind(b"key", 0, 0, now);
            record.prove(1, 0, now);
            record.info(shown.key.id);
            record.to_bytes();
        }
    }
}

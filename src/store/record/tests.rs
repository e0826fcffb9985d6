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

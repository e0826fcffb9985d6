//! What is forgotten, and when.

use super::*;

/// Returns how many sessions and epochs the file holds.
fn rows(place: &Place) -> (u32, u32) {
    let count = "SELECT (SELECT count(*) FROM sessions), (SELECT count(*) FROM epochs)";
    place
        .connect()
        .query_row(count, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
}

async fn sign_in_for(store: &SqliteStore, key: SessionKey, lifetime: Millis, now: Millis) {
    let new = NewSession {
        lifetime,
        ..new_session(key)
    };
    store.create(&new, now).await.unwrap();
}

#[test]
fn nothing_is_forgotten_before_it_expires() {
    run(async {
        let place = Place::new();
        let store = place.open();
        sign_in_for(&store, key(1, 1), HOUR, NOW).await;
        sign_in_for(&store, key(1, 2), HOUR, NOW).await;
        store.end(&key(1, 2), Over::Revoked, NOW).await.unwrap();
        let last = NOW + HOUR - SECOND;
        sign_in_for(&store, key(2, 3), HOUR, last).await;
        assert_eq!(rows(&place).0, 3);
        let presence = show(&store, key(1, 2), Lineage::root(), last).await;
        assert_eq!(presence, Presence::Over(Over::Revoked));

        sign_in_for(&store, key(2, 4), HOUR, last + SECOND).await;
        assert_eq!(rows(&place).0, 2);
        let presence = show(&store, key(1, 2), Lineage::root(), last + SECOND).await;
        assert_eq!(presence, Presence::Over(Over::Unknown));
    });
}

#[test]
fn what_has_expired_goes_a_few_at_a_time_the_oldest_first() {
    run(async {
        let place = Place::new();
        let store = place.open();
        for id in 0..50 {
            let lifetime = HOUR + i64::from(id) * SECOND;
            sign_in_for(&store, key(id, id), lifetime, NOW).await;
            let subject = key(id, id).subject;
            store.end_all(&subject, None, lifetime, NOW).await.unwrap();
        }
        let later = NOW + 2 * HOUR;
        for (round, left) in [31, 12, 3, 4].into_iter().enumerate() {
            sign_in_for(&store, key(100, 100 + round as u8), HOUR, later).await;
            assert_eq!(rows(&place).0, left, "{round}");
        }
        assert_eq!(rows(&place).1, 0);
    });
}

#[test]
fn reaping_needs_no_search() {
    let place = Place::new();
    drop(place.open());
    let db = place.connect();
    for sql in [tables::REAP_SESSIONS, tables::REAP_EPOCHS] {
        let mut explain = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let plan: Vec<String> = explain
            .query_map([NOW / 1000, 20], |row| row.get("detail"))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert!(!plan.iter().any(|step| step.contains("SCAN")), "{plan:?}");
        assert!(!plan.iter().any(|step| step.contains("TEMP")), "{plan:?}");
    }
}

#[test]
fn an_epoch_is_remembered_as_long_as_a_session_goes_by_it() {
    run(async {
        let place = Place::new();
        let store = place.open();
        let (before, after) = (key(1, 1), key(1, 2));
        sign_in_for(&store, before, 3 * HOUR, NOW).await;
        // Less than the session may live: the store knows better.
        store.end_all(&before.subject, None, 0, NOW).await.unwrap();
        sign_in_for(&store, after, 5 * HOUR, NOW).await;

        sign_in_for(&store, key(2, 3), HOUR, NOW + 2 * HOUR).await;
        let presence = show(&store, before, Lineage::root(), NOW + 2 * HOUR).await;
        assert_eq!(presence, Presence::Over(Over::EndedElsewhere));

        for (hours, epochs) in [(4, 1), (5, 0)] {
            let now = NOW + hours * HOUR;
            sign_in_for(&store, key(2, 4), HOUR, now).await;
            assert_eq!(rows(&place).1, epochs, "{hours}");
        }
    });
}

#[test]
fn an_epoch_without_sessions_is_remembered_for_as_long_as_was_asked() {
    run(async {
        let place = Place::new();
        let store = place.open();
        let subject = key(1, 1).subject;
        store.end_all(&subject, None, HOUR, NOW).await.unwrap();
        for (now, epochs) in [(NOW + HOUR - SECOND, 1), (NOW + HOUR, 0)] {
            sign_in_for(&store, key(2, 2), HOUR, now).await;
            assert_eq!(rows(&place).1, epochs);
        }
    });
}

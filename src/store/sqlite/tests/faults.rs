//! What a step answers when the file, or the step itself, is broken.

use std::fs;

use rocket::futures::FutureExt;

use super::*;

/// Returns why a step failed, without the path.
fn fault<T: fmt::Debug>(place: &Place, answer: Result<T, StoreError>) -> String {
    let error = answer.unwrap_err().to_string();
    let start = format!("session database {} ", place.path().display());
    error.strip_prefix(&start).expect(&error).to_owned()
}

async fn create(store: &SqliteStore, id: u8) -> Result<Created, StoreError> {
    store.create(&new_session(key(1, id)), NOW).await
}

fn replace_record(place: &Place, key: SessionKey, record: &[u8]) {
    let (id, db) = (key.id.as_bytes(), place.connect());
    let replaced = db.execute(
        "UPDATE sessions SET record = ?1 WHERE id = ?2",
        (record, id),
    );
    assert_eq!(replaced, Ok(1));
}

#[test]
fn an_unreadable_session_is_an_error_and_not_unknown() {
    run(async {
        let place = Place::new();
        let store = place.open();
        sign_in(&store, key(1, 1)).await;
        let ticket = sign_in(&store, key(1, 2)).await;
        replace_record(&place, key(1, 1), &[9; 40]);

        let (policy, subject) = (policy(), key(1, 1).subject);
        let shown = presented(key(1, 1), Lineage::root(), &policy);
        let unreadable = "holds a session that this version of the app cannot read; ";
        let faults = [
            fault(&place, store.present(&shown, NOW).await),
            fault(&place, store.end(&key(1, 1), Over::SignedOut, NOW).await),
            fault(&place, store.is_live(&key(1, 1), HOUR, NOW).await),
            fault(&place, store.sessions(&subject, HOUR, NOW).await),
        ];
        for fault in faults {
            assert!(fault.starts_with(unreadable), "{fault}");
        }
        let admitted = Presence::Admitted(Admission::plain(NOW));
        assert_eq!(show(&store, key(1, 2), ticket, NOW).await, admitted);
    });
}

#[test]
fn a_panic_undoes_its_step_and_wedges_nothing() {
    run(async {
        let place = Place::new();
        let store = place.open();
        let ended = store.database.write(|db| -> Result<(), Fault> {
            tables::insert(
                db,
                &key(1, 1),
                &Record::start(&new_session(key(1, 1)), 0, NOW),
            )?;
            panic!("in the middle of a transaction");
        });
        let interrupted = "was not changed: the step was interrupted";
        assert_eq!(fault(&place, ended.await), interrupted);
        let read = store
            .database
            .read(|_| -> Result<(), Fault> { panic!("while reading") });
        assert_eq!(fault(&place, read.await), interrupted);
        assert!(!is_live(&store, key(1, 1), NOW).await);
        create(&store, 2).await.unwrap();
        assert!(is_live(&store, key(1, 2), NOW).await);
    });
}

/// A request that is given up leaves its step to end by itself, and its turn to the next.
#[test]
fn a_step_that_nobody_waits_for_wedges_nothing() {
    run(async {
        let place = Place::new();
        let store = place.open();
        for id in 0..50 {
            let _ = create(&store, id).now_or_never();
        }
        create(&store, 50).await.unwrap();
        assert!(is_live(&store, key(1, 50), NOW).await);
    });
}

#[test]
fn a_full_disk_is_told_and_got_over() {
    async fn limit_pages(store: &SqliteStore, most: u32) {
        let limited = store.database.write(move |db| {
            Ok(db.pragma_update_and_check(None, "max_page_count", most, |_| Ok(()))?)
        });
        limited.await.unwrap();
    }

    run(async {
        let place = Place::new();
        let store = place.open();
        limit_pages(&store, 1).await;
        let mut answered = 0;
        let full = loop {
            match create(&store, answered).await {
                Ok(_) => answered += 1,
                full => break fault(&place, full),
            }
        };
        assert!(full.starts_with("does not fit on the disk; make space: "));
        assert!(!is_live(&store, key(1, answered), NOW).await);
        limit_pages(&store, 1000).await;
        create(&store, answered).await.unwrap();
        for id in 0..=answered {
            assert!(is_live(&store, key(1, id), NOW).await, "{id}");
        }
    });
}

#[test]
fn a_disk_that_became_read_only_is_told_and_got_over() {
    async fn read_only(store: &SqliteStore, on: bool) {
        let set = store.database.run(&store.database.writer, move |db| {
            Ok(db.pragma_update(None, "query_only", on)?)
        });
        set.await.unwrap();
    }

    run(async {
        let place = Place::new();
        let store = place.open();
        let ticket = sign_in(&store, key(1, 1)).await;
        read_only(&store, true).await;
        let error = fault(&place, create(&store, 2).await);
        assert!(error.starts_with("cannot be written; "), "{error}");
        let admitted = Presence::Admitted(Admission::plain(NOW));
        assert_eq!(show(&store, key(1, 1), ticket, NOW).await, admitted);
        read_only(&store, false).await;
        create(&store, 2).await.unwrap();
    });
}

#[test]
fn a_lock_that_is_held_for_long_is_told_and_got_over() {
    run(async {
        let place = Place::new();
        let store = place.open();
        let other = place.connect();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let error = fault(&place, create(&store, 1).await);
        assert!(
            error.starts_with("is locked by another process; "),
            "{error}"
        );
        other.execute_batch("ROLLBACK").unwrap();
        create(&store, 1).await.unwrap();
    });
}

#[test]
#[cfg(unix)]
fn a_file_that_is_removed_or_replaced_is_told_until_it_is_back() {
    run(async {
        let place = Place::new();
        let store = place.open();
        let ticket = sign_in(&store, key(1, 1)).await;
        let aside = place.0.path().join("aside.db");
        fs::rename(place.path(), &aside).unwrap();

        let policy = policy();
        for replaced in [false, true] {
            if replaced {
                fs::copy(&aside, place.path()).unwrap();
            }
            let shown = presented(key(1, 1), ticket, &policy);
            let faults = [
                fault(&place, store.present(&shown, NOW).await),
                fault(&place, create(&store, 2).await),
            ];
            for fault in faults {
                assert!(fault.starts_with("was removed or replaced while in use; "));
            }
        }

        fs::rename(&aside, place.path()).unwrap();
        let admitted = Presence::Admitted(Admission::plain(NOW));
        assert_eq!(show(&store, key(1, 1), ticket, NOW).await, admitted);
        create(&store, 2).await.unwrap();
    });
}

#[test]
fn a_damaged_file_is_told() {
    run(async {
        let place = Place::new();
        let store = place.open();
        for id in 0..100 {
            create(&store, id).await.unwrap();
        }
        drop(store);
        let mut bytes = fs::read(place.path()).unwrap();
        bytes[4096..].fill(0x55);
        fs::write(place.path(), bytes).unwrap();
        let store = place.open();
        let damaged = fault(&place, store.is_live(&key(1, 1), HOUR, NOW).await);
        assert!(damaged.starts_with("is damaged; "), "{damaged}");
    });
}

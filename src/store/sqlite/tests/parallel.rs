//! Several stores with one file at once.

use super::*;

/// Two stores on one file, as two processes have them.
fn two_stores() -> (Place, [Arc<SqliteStore>; 2]) {
    let place = Place::new();
    let stores = [place.open(), place.open()].map(Arc::new);
    (place, stores)
}

#[test]
fn a_burst_of_requests_gets_one_successor() {
    let (_place, stores) = two_stores();
    run(async {
        let ticket = sign_in(&stores[0], key(1, 1)).await;
        let presences = at_once(20, |task| {
            let store = stores[task % 2].clone();
            async move { show(&store, key(1, 1), ticket, NOW + 15 * MINUTE).await }
        });
        let successors = presences.await.into_iter().filter_map(|presence| {
            let Presence::Admitted(admission) = presence else {
                panic!("{presence:?}");
            };
            admission.successor
        });
        assert_eq!(successors.count(), 1);
    });
}

#[test]
fn the_first_use_of_a_successor_is_one_succession() {
    let (_place, stores) = two_stores();
    run(async {
        let ticket = sign_in(&stores[0], key(1, 1)).await;
        let due = NOW + 15 * MINUTE;
        let Presence::Admitted(handed) = show(&stores[0], key(1, 1), ticket, due).await else {
            panic!("the ticket is alive");
        };
        let successor = handed.successor.unwrap();
        let presences = at_once(10, |task| {
            let store = stores[task % 2].clone();
            async move { show(&store, key(1, 1), successor, due).await }
        });
        let rotated = presences.await.into_iter().filter(|presence| {
            matches!(presence, Presence::Admitted(admission)
                if admission.occurrence == Some(Occurrence::Rotated))
        });
        assert_eq!(rotated.count(), 1);
    });
}

#[test]
fn sessions_that_start_at_once_keep_to_their_limit() {
    let (_place, stores) = two_stores();
    run(async {
        let created = at_once(10, |task| {
            let store = stores[task % 2].clone();
            let new = NewSession {
                max_sessions: Some(3),
                ..new_session(key(1, task as u8))
            };
            async move { store.create(&new, NOW).await.unwrap().evicted }
        });
        assert_eq!(created.await.into_iter().sum::<u32>(), 7);
        let subject = key(1, 0).subject;
        let live = stores[0].sessions(&subject, HOUR, NOW).await.unwrap();
        assert_eq!(live.len(), 3);
        assert_eq!(stores[1].sessions(&subject, HOUR, NOW).await, Ok(live));
    });
}

#[test]
fn a_proof_is_good_for_once() {
    let (_place, stores) = two_stores();
    run(async {
        sign_in(&stores[0], key(1, 1)).await;
        let bound = stores[0].bind(&key(1, 1), b"public key", 1, NOW).await;
        assert_eq!(bound, Ok(Binding::Bound));
        let proofs = at_once(10, |task| {
            let store = stores[task % 2].clone();
            async move { store.prove(&key(1, 1), 2, NOW).await.unwrap() }
        });
        let fresh = Proof::Fresh { now: NOW };
        let fresh = proofs.await.into_iter().filter(|proof| *proof == fresh);
        assert_eq!(fresh.count(), 1);
    });
}

#[test]
fn one_of_many_devices_is_bound() {
    let (_place, stores) = two_stores();
    run(async {
        sign_in(&stores[0], key(1, 1)).await;
        let bindings = at_once(10, |task| {
            let store = stores[task % 2].clone();
            async move { store.bind(&key(1, 1), &[task as u8], 1, NOW).await }
        });
        let bindings = bindings.await;
        let bound = bindings
            .iter()
            .filter(|bound| **bound == Ok(Binding::Bound));
        assert_eq!(bound.count(), 1);
    });
}

#[test]
fn each_end_of_all_sessions_counts() {
    let (_place, stores) = two_stores();
    run(async {
        let subject = key(1, 0).subject;
        let ended = at_once(10, |task| {
            let store = stores[task % 2].clone();
            async move { store.end_all(&subject, None, HOUR, NOW).await }
        });
        assert_eq!(ended.await, vec![Ok(()); 10]);
        let epoch = stores[0]
            .database
            .read(move |db| tables::epoch(db, &subject));
        assert_eq!(epoch.await, Ok(10));
    });
}

#[test]
fn what_one_store_ends_is_over_in_the_other() {
    let (_place, [one, other]) = two_stores();
    run(async {
        let ticket = sign_in(&one, key(1, 1)).await;
        assert!(is_live(&other, key(1, 1), NOW).await);
        assert_eq!(other.end(&key(1, 1), Over::Revoked, NOW).await, Ok(true));
        let revoked = Presence::Over(Over::Revoked);
        assert_eq!(show(&one, key(1, 1), ticket, NOW).await, revoked);
        assert_eq!(one.end(&key(1, 1), Over::SignedOut, NOW).await, Ok(false));
        assert_eq!(show(&other, key(1, 1), ticket, NOW).await, revoked);
    });
}

/// A write waits for its disk; a read that waited for the write would wait for the disk as well.
#[test]
fn a_read_does_not_wait_for_a_write() {
    let (_place, [store, _]) = two_stores();
    run(async {
        let ticket = sign_in(&store, key(1, 1)).await;
        let (started, has_started) = std::sync::mpsc::channel();
        let (go_on, may_go_on) = std::sync::mpsc::channel();
        let slow = store.clone();
        let write = tokio::spawn(async move {
            let step = move |_: &Connection| {
                started.send(()).unwrap();
                may_go_on.recv().unwrap();
                Ok(())
            };
            slow.database.write(step).await
        });
        tokio::task::spawn_blocking(move || has_started.recv().unwrap())
            .await
            .unwrap();
        let admitted = Presence::Admitted(Admission::plain(NOW));
        assert_eq!(show(&store, key(1, 1), ticket, NOW).await, admitted);
        go_on.send(()).unwrap();
        assert_eq!(write.await.unwrap(), Ok(()));
    });
}

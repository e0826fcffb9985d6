//! A subject has as many sessions as it may have, exactly.

use super::scene::{Scene, Ticket, HOUR, IDLE, LIFETIME, MINUTE};
use crate::store::{Created, NewSession, Over, Presence};

/// Signs in with room for three sessions.
async fn one_of_three(scene: &Scene) -> (Ticket, Created) {
    let new = NewSession {
        max_sessions: Some(3),
        ..scene.new_session()
    };
    scene.start(&new).await
}

/// Of ten sign-ins at once, exactly as many sessions are left as there may be.
pub async fn the_session_limit_is_exact(scene: Scene) {
    let started = scene
        .at_once(10, |scene, _| async move { one_of_three(&scene).await })
        .await;
    let evicted: u32 = started.iter().map(|(_, created)| created.evicted).sum();
    assert_eq!(evicted, 7);
    assert_eq!(scene.sessions().await.len(), 3);
    let mut live = 0;
    for (ticket, _) in started {
        match scene.is_live(ticket).await {
            true => live += 1,
            false => scene.is_over(ticket, Over::Evicted).await,
        }
    }
    assert_eq!(live, 3);
}

/// The session that started first has to go, even if it is the one in use.
pub async fn the_oldest_session_goes(scene: Scene) {
    let mut tickets = Vec::new();
    for _ in 0..3 {
        tickets.push(one_of_three(&scene).await.0);
        scene.pass(MINUTE);
    }
    scene.used(tickets[0]).await;
    let (newest, created) = one_of_three(&scene).await;
    assert_eq!(created.evicted, 1);
    scene.is_over(tickets[0], Over::Evicted).await;
    for ticket in [tickets[1], tickets[2], newest] {
        scene.used(ticket).await;
    }
}

/// A browser that signs in anew takes its own place, and nobody else's.
pub async fn a_session_takes_the_place_of_the_one_that_it_replaces(scene: Scene) {
    let (first, _) = one_of_three(&scene).await;
    scene.pass(MINUTE);
    let (second, _) = one_of_three(&scene).await;
    scene.pass(MINUTE);
    let (third, _) = one_of_three(&scene).await;
    let new = NewSession {
        max_sessions: Some(3),
        replaces: Some(third.key.id),
        ..scene.new_session()
    };
    let (again, created) = scene.start(&new).await;
    assert_eq!(created.evicted, 0);
    scene.is_over(third, Over::Replaced).await;
    for ticket in [first, second, again] {
        scene.used(ticket).await;
    }
    // One that is over keeps its reason, and one that is not there is none of the store's business.
    assert!(scene.end(first, Over::SignedOut).await);
    for replaces in [first.key.id, scene.new_session().key.id] {
        let new = NewSession {
            replaces: Some(replaces),
            ..scene.new_session()
        };
        scene.start(&new).await;
        scene.is_over(first, Over::SignedOut).await;
    }
}

/// A session that has ended takes no place.
pub async fn ended_sessions_do_not_count(scene: Scene) {
    let (kept, _) = one_of_three(&scene).await;
    for _ in 0..5 {
        scene.pass(MINUTE);
        let (ticket, created) = one_of_three(&scene).await;
        assert_eq!(created.evicted, 0);
        assert!(scene.end(ticket, Over::SignedOut).await);
    }
    scene.used(kept).await;
}

/// A session that nobody has used for too long takes no place.
pub async fn idle_sessions_do_not_count(scene: Scene) {
    for _ in 0..3 {
        one_of_three(&scene).await;
    }
    scene.pass(IDLE + MINUTE);
    for _ in 0..3 {
        let (_, created) = one_of_three(&scene).await;
        assert_eq!(created.evicted, 0);
    }
    let (_, created) = one_of_three(&scene).await;
    assert_eq!(created.evicted, 1);
}

/// A session that has expired takes no place.
pub async fn expired_sessions_do_not_count(scene: Scene) {
    for _ in 0..3 {
        let short = NewSession {
            lifetime: HOUR,
            ..scene.new_session()
        };
        scene.start(&short).await;
    }
    scene.pass(HOUR + MINUTE);
    let (_, created) = one_of_three(&scene).await;
    assert_eq!(created.evicted, 0);
    assert_eq!(scene.sessions().await.len(), 1);
}

/// Sessions that an epoch has ended take no place.
pub async fn sessions_of_an_older_epoch_do_not_count(scene: Scene) {
    for _ in 0..3 {
        one_of_three(&scene).await;
    }
    scene.end_all_but(None).await;
    for _ in 0..3 {
        let (_, created) = one_of_three(&scene).await;
        assert_eq!(created.evicted, 0);
    }
}

/// Without a limit none has to go.
pub async fn without_a_limit_no_session_goes(scene: Scene) {
    let first = scene.sign_in().await;
    for _ in 0..20 {
        let (_, created) = scene.start(&scene.new_session()).await;
        assert_eq!(created.evicted, 0);
    }
    assert_eq!(scene.sessions().await.len(), 21);
    scene.used(first).await;
}

/// What one subject does is nothing to another, though their sessions had the same handle.
pub async fn subjects_do_not_disturb_each_other(scene: Scene) {
    let other = scene.of_another_subject();
    let (ada, _) = one_of_three(&scene).await;
    let mut same_handle = other.new_session();
    same_handle.key.id = ada.key.id;
    let (grace, _) = other.start(&same_handle).await;
    for _ in 0..3 {
        scene.pass(MINUTE);
        one_of_three(&scene).await;
    }
    scene.is_over(ada, Over::Evicted).await;
    scene.end_all_but(None).await;
    assert_eq!(scene.sessions().await, []);
    other.used(grace).await;
    assert_eq!(other.sessions().await.len(), 1);
}

/// A session lives as long as it may, and no longer, however much it is used.
pub async fn a_session_expires(scene: Scene) {
    let ticket = scene.sign_in().await;
    for _ in 0..23 {
        scene.pass(HOUR);
        scene.admitted(ticket).await;
    }
    scene.pass(LIFETIME - 23 * HOUR - MINUTE);
    assert!(scene.is_live(ticket).await);
    scene.pass(2 * MINUTE);
    assert!(!scene.is_live(ticket).await);
    assert_eq!(scene.sessions().await, []);
    let refused = scene.show(ticket).await;
    let is_gone = matches!(refused, Presence::Over(Over::Expired | Over::Unknown));
    assert!(is_gone, "{refused:?}");
}

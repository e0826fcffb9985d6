//! Sessions that are bound to the key of a device.

use super::scene::{Scene, Ticket, DUE, IDLE, MINUTE, OLD, SECOND};
use crate::store::{Binding, Device, DeviceCookie, Millis, Over, Presence, Presented, Proof};

/// After it, a bound session needs its bound cookie.
const BOUND_FOR_GOOD: Millis = 62 * SECOND;

async fn bind(scene: &Scene, ticket: Ticket, device: &[u8], stamp: u64) -> Binding {
    let bound = scene.store.bind(&ticket.key, device, stamp, scene.now());
    bound.await.expect("bind")
}

async fn prove(scene: &Scene, ticket: Ticket, stamp: u64) -> Proof {
    let proved = scene.store.prove(&ticket.key, stamp, scene.now());
    proved.await.expect("prove")
}

async fn is_fresh(scene: &Scene, ticket: Ticket, stamp: u64) -> bool {
    matches!(prove(scene, ticket, stamp).await, Proof::Fresh { .. })
}

async fn device(scene: &Scene, ticket: Ticket) -> Device {
    let device = scene.store.device(&ticket.key, scene.now());
    device.await.expect("device")
}

async fn show_with(scene: &Scene, ticket: Ticket, device_cookie: DeviceCookie) -> Presence {
    let shown = Presented {
        device_cookie,
        ..scene.presented(ticket)
    };
    scene.present(&shown).await
}

/// The first device wins, and its key is kept as it is.
pub async fn the_first_device_wins(scene: Scene) {
    let ticket = scene.sign_in().await;
    assert_eq!(device(&scene, ticket).await, Device::None);
    let first: Vec<u8> = (0..=255).chain(0..45).collect();
    assert_eq!(bind(&scene, ticket, &first, 7).await, Binding::Bound);
    for other in [&b"another"[..], &first] {
        assert_eq!(bind(&scene, ticket, other, 8).await, Binding::Taken);
    }
    let Device::Bound { key, proved, .. } = device(&scene, ticket).await else {
        panic!("bound is the session");
    };
    assert_eq!((key, proved), (first, 7));
    assert!(scene.sessions().await[0].device_bound);
    assert!(scene.admitted(ticket).await.device_bound);
}

/// Of ten devices at once, one wins.
pub async fn one_of_many_devices_wins(scene: Scene) {
    let ticket = scene.sign_in().await;
    let race = scene.at_once(10, |scene, index| async move {
        let name = format!("device {index}");
        let bound = bind(&scene, ticket, name.as_bytes(), 0).await;
        (bound == Binding::Bound).then_some(name.into_bytes())
    });
    let winners: Vec<_> = race.await.into_iter().flatten().collect();
    assert_eq!(winners.len(), 1);
    let Device::Bound { key, .. } = device(&scene, ticket).await else {
        panic!("bound is the session");
    };
    assert_eq!(key, winners[0]);
}

/// Soon after the binding, the bound cookie may still be under way.
pub async fn a_binding_has_its_grace(scene: Scene) {
    let ticket = scene.sign_in().await;
    assert_eq!(bind(&scene, ticket, b"key", 0).await, Binding::Bound);
    scene.pass(50 * SECOND);
    scene.used(ticket).await;
    scene.pass(OLD);
    assert_eq!(scene.show(ticket).await, Presence::Unbound);
}

/// A superseded token tells of theft, though the session is idle and no bound cookie came along.
pub async fn a_replay_of_an_idle_session_needs_no_bound_cookie(scene: Scene) {
    let a = scene.sign_in().await;
    scene.pass(DUE);
    let b = scene.claim(a).await;
    scene.confirm(b).await;
    assert_eq!(bind(&scene, b, b"key", 0).await, Binding::Bound);
    scene.pass(IDLE + SECOND);
    scene.is_replay(a).await;
    scene.is_over(b, Over::Revoked).await;
}

/// A request without the bound cookie is refused, and touches nothing: no successor is used up, no
/// use is noted, no succession happens, nothing is revoked.
pub async fn a_request_without_the_device_touches_nothing(scene: Scene) {
    let a = scene.sign_in().await;
    scene.pass(DUE);
    let b = scene.claim(a).await;
    assert_eq!(bind(&scene, a, b"key", 0).await, Binding::Bound);
    scene.pass(BOUND_FOR_GOOD);
    for ticket in [a, b, b.child().child()] {
        assert_eq!(scene.show(ticket).await, Presence::Unbound);
    }
    let shown = show_with(&scene, a, DeviceCookie::Shown).await;
    let Presence::Admitted(admission) = shown else {
        panic!("let in was to be the owner, but it is {shown:?}");
    };
    assert!(admission.successor.is_some() && admission.device_bound);
    scene.pass(IDLE - 3 * MINUTE);
    assert_eq!(scene.show(a).await, Presence::Unbound);
    scene.pass(4 * MINUTE);
    assert!(!scene.is_live(a).await);
}

/// Paths that need no bound cookie let the session in without one.
pub async fn where_no_device_is_needed_none_is(scene: Scene) {
    let ticket = scene.sign_in().await;
    assert_eq!(bind(&scene, ticket, b"key", 0).await, Binding::Bound);
    scene.pass(BOUND_FOR_GOOD);
    let not_needed = show_with(&scene, ticket, DeviceCookie::NotNeeded).await;
    assert!(matches!(not_needed, Presence::Admitted(_)));
    assert_eq!(scene.show(ticket).await, Presence::Unbound);
}

/// A challenge is good for once, and none that was issued before it is good after it.
pub async fn a_challenge_is_good_for_once(scene: Scene) {
    let ticket = scene.sign_in().await;
    assert_eq!(bind(&scene, ticket, b"key", 100).await, Binding::Bound);
    for (stamp, fresh) in [
        (100, false),
        (101, true),
        (101, false),
        (100, false),
        (u64::MAX - 1, true),
        (102, false),
        (u64::MAX, true),
    ] {
        assert_eq!(is_fresh(&scene, ticket, stamp).await, fresh, "{stamp}");
    }
    let Device::Bound { proved, .. } = device(&scene, ticket).await else {
        panic!("bound is the session");
    };
    assert_eq!(proved, u64::MAX);
}

/// Of ten answers to one challenge at once, one counts.
pub async fn one_of_many_proofs_counts(scene: Scene) {
    let ticket = scene.sign_in().await;
    assert_eq!(bind(&scene, ticket, b"key", 0).await, Binding::Bound);
    let race = scene.at_once(
        10,
        |scene, _| async move { is_fresh(&scene, ticket, 1).await },
    );
    let fresh = race.await.into_iter().filter(|fresh| *fresh);
    assert_eq!(fresh.count(), 1);
}

/// A binding outlives rotation and updates.
pub async fn a_binding_outlives_successions(scene: Scene) {
    let a = scene.sign_in().await;
    assert_eq!(bind(&scene, a, b"key", 3).await, Binding::Bound);
    assert!(scene.update(a, 1, b"data").await);
    let b = scene.succeed(a).await.expect("the session is there");
    scene.pass(BOUND_FOR_GOOD);
    let shown = show_with(&scene, b, DeviceCookie::Shown).await;
    assert!(matches!(shown, Presence::Admitted(_)), "{shown:?}");
    let Device::Bound { key, proved, .. } = device(&scene, b).await else {
        panic!("bound is the session");
    };
    assert_eq!((&*key, proved), (&b"key"[..], 3));
    assert!(scene.end(b, Over::SignedOut).await);
    assert_eq!(device(&scene, b).await, Device::Over(Over::SignedOut));
}

/// Where no device is bound, nothing can be proved.
pub async fn without_a_device_nothing_is_proved(scene: Scene) {
    let ticket = scene.sign_in().await;
    assert!(!is_fresh(&scene, ticket, 1).await);
    assert!(scene.update(ticket, 1, b"data").await);
    assert!(!is_fresh(&scene, ticket, 1).await);
    assert_eq!(device(&scene, ticket).await, Device::None);
}

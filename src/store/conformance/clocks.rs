//! Clocks that move on, and back.

use super::scene::{Scene, DUE, HOUR, MINUTE, OLD, SECOND};

/// The store goes by the time that the testbed moves, and tells it.
pub async fn the_testbed_moves_the_stores_time(scene: Scene) {
    let (ticket, created) = scene.start(&scene.new_session()).await;
    for hours in 1..=5 {
        scene.pass(HOUR);
        let since = scene.admitted(ticket).await.now - created.now;
        assert!((0..MINUTE).contains(&(since - hours * HOUR)), "{since} ms");
    }
}

/// A clock that goes back by half a minute makes nothing due, idle, expired or stolen.
pub async fn a_clock_that_goes_back_harms_nobody(scene: Scene) {
    let a = scene.sign_in().await;
    scene.pass(-30 * SECOND);
    scene.used(a).await;
    assert!(scene.is_live(a).await);
    scene.pass(30 * SECOND + DUE);
    let b = scene.claim(a).await;
    scene.pass(-30 * SECOND);
    scene.used(a).await;
    scene.confirm(b).await;
    scene.pass(-30 * SECOND);
    scene.used(a).await;
    scene.used(b).await;
    assert_eq!(scene.sessions().await.len(), 1);
    scene.pass(30 * SECOND + OLD);
    scene.used(b).await;
    scene.is_replay(a).await;
}

/// A sign-in on a machine whose clock is behind is not idle, expired or evicted on another.
pub async fn clocks_may_differ(scene: Scene) {
    let fast = scene.on_a_clock_ahead(30 * SECOND);
    let a = fast.sign_in().await;
    scene.used(a).await;
    scene.pass(DUE + 30 * SECOND);
    let b = scene.claim(a).await;
    fast.confirm(b).await;
    scene.used(a).await;
    fast.used(b).await;
    assert_eq!(scene.sessions().await.len(), 1);
}

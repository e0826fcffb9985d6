//! Nodes that share one Redis, which comes late, goes away, and comes back.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::{follow, left_of_sign_ins_at_once, why};
use crate::program::{eventually, example, App};
use crate::redis_server::Server as Redis;
use crate::support::{Server, Visitor, COOKIE, OWNER};

fn on(redis: &Redis, keys: &str) -> String {
    format!("store = \"{}\"\n{keys}", redis.url())
}

#[test]
#[ignore = "needs redis-server"]
fn two_nodes_share_sessions_sign_outs_and_the_end_of_streams() {
    let redis = Redis::start();
    let (one, two) = (
        Server::start(&on(&redis, "")),
        Server::start(&on(&redis, "")),
    );
    let session = one.visitor(OWNER).sign_in();
    let (at_one, at_two) = (
        one.visitor(OWNER).holding(&session),
        two.visitor(OWNER).holding(&session),
    );
    assert!(at_one.is_welcome() && at_two.is_welcome());
    let stream = follow(&at_two);
    assert_eq!(at_one.post("/logout", "").status, 303);
    assert_eq!(why(&at_two.get("/account")), (401, "sign in: ended"));
    assert!(stream.join().unwrap().contains("ended"));
}

#[test]
#[ignore = "needs redis-server"]
fn ten_sign_ins_at_once_at_one_redis_leave_as_many_as_are_allowed() {
    let redis = Redis::start();
    let server = Server::start(&on(&redis, "max_sessions = 3"));
    assert_eq!(left_of_sign_ins_at_once(&server, 10), 3);
}

#[test]
#[ignore = "needs redis-server"]
fn an_app_starts_without_its_redis_and_serves_once_that_is_there() {
    let mut redis = Redis::start();
    redis.kill();
    let server = Server::start(&on(&redis, ""));
    let owner = server.visitor(OWNER);
    assert_eq!(owner.post("/login", "name=ada").status, 503);
    assert_eq!(owner.get("/whoami").status, 200);
    redis.run();
    assert!(eventually(|| owner.post("/login", "name=ada").status == 303));
    let session = owner.sign_in();
    assert!(owner.holding(&session).is_welcome());
}

#[test]
#[ignore = "needs redis-server"]
fn a_redis_that_is_lost_under_load_and_comes_back_costs_nobody_the_session() {
    let mut redis = Redis::start_with(&["--appendonly", "yes", "--appendfsync", "always"]);
    let server = Server::start(&on(&redis, "store_timeout = 1"));
    let session = server.visitor(OWNER).sign_in();
    let is_over = AtomicBool::new(false);
    let seen = thread::scope(|scope| {
        let load = |_| {
            scope.spawn(|| {
                let holder = server.visitor(OWNER).holding(&session);
                let mut seen = Vec::new();
                while !is_over.load(Ordering::Relaxed) {
                    let answer = holder.get("/account");
                    assert!(answer.session().is_none(), "a cookie was changed");
                    assert_eq!(answer.set_cookie(COOKIE), None);
                    seen.push(answer.status);
                }
                seen
            })
        };
        let visitors: Vec<_> = (0..4).map(load).collect();
        let holder = server.visitor(OWNER).holding(&session);
        redis.kill();
        assert!(eventually(|| holder.get("/account").status == 503));
        redis.run();
        let is_back = eventually(|| holder.is_welcome());
        is_over.store(true, Ordering::Relaxed);
        assert!(is_back);
        let seen = visitors.into_iter().flat_map(|load| load.join().unwrap());
        seen.collect::<Vec<_>>()
    });
    assert!(seen.contains(&200) && seen.contains(&503), "{seen:?}");
    let other = seen.iter().find(|status| !matches!(status, 200 | 503));
    assert_eq!(other, None);
}

#[test]
#[ignore = "needs redis-server and curl"]
fn two_banks_on_two_ports_share_one_redis() {
    let redis = Redis::start();
    let keys = format!("{{store=\"{}\"}}", redis.url());
    let key = "5a".repeat(32);
    let settings = [
        ("ROCKET_RESTRICTED_SESSION", keys.as_str()),
        ("ROCKET_SECRET_KEY", &key),
    ];
    let (one, two) = (
        App::start(example("bank"), &settings),
        App::start(example("bank"), &settings),
    );
    let at = |port| Visitor::at(OWNER, port).with("Accept: application/json");
    let (at_one, at_two) = (at(one.port), at(two.port));
    let form = "username=ada&password=lovelace";
    let laptop = at_one.post("/login", form).session().unwrap();
    let phone = at_two.post("/login", form).session().unwrap();
    let listed = at_two.holding(&phone).get("/devices").body;
    assert_eq!(listed.matches("\"id\"").count(), 2, "{listed}");
    let ended = at_one.holding(&laptop).post("/devices/end-others", "");
    assert_eq!(ended.status, 303, "{ended:?}");
    assert_eq!(at_two.holding(&laptop).get("/account").status, 200);
    let refused = at_two.holding(&phone).get("/account");
    assert_eq!(refused.status, 401);
    assert!(refused.body.contains("\"ended\""), "{refused:?}");
}

//! Replicas that know of a revocation, and those that do not.

use std::time::{Duration, Instant};

use rocket::tokio::time::sleep;
use rocket_restricted_session::store::{Over, Policy, Presence, RedisStore, Store};

use crate::server::Server;
use crate::support::{run, show, sign_in, HOUR};
use crate::walk::Walk;

const WAIT: Duration = Duration::from_millis(300);

fn replica_of(server: &Server) -> Server {
    let options = ["--replicaof", "127.0.0.1", &server.port.to_string()];
    let replica = Server::start_with(&options);
    let is_linked = || {
        let mut connection = replica.connection();
        let info: String = redis::cmd("INFO")
            .arg("replication")
            .query(&mut connection)
            .unwrap();
        info.contains("master_link_status:up")
    };
    while !is_linked() {
        std::thread::sleep(Duration::from_millis(20));
    }
    replica
}

#[test]
#[ignore = "needs redis-server"]
fn an_end_may_wait_until_replicas_know_of_it() {
    let server = Server::start();
    let replica = replica_of(&server);
    let store = RedisStore::open(&server.url()).unwrap();
    let store = store.wait_for_replicas(1, WAIT);
    run(async {
        let tickets = [
            sign_in(&store).await.unwrap(),
            sign_in(&store).await.unwrap(),
        ];
        assert_eq!(store.end(&tickets[0].key, Over::Revoked, 0).await, Ok(true));
        store
            .end_all(&tickets[0].key.subject, None, HOUR, 0)
            .await
            .unwrap();

        replica.hang();
        let start = Instant::now();
        let end = async {
            let ended = store.end(&tickets[1].key, Over::Revoked, 0).await;
            (ended.unwrap_err().to_string(), start.elapsed())
        };
        let meanwhile = async {
            sleep(WAIT / 10).await;
            let policy = Policy::new(HOUR);
            let presence = show(&store, tickets[1], &policy).await.unwrap();
            (presence, start.elapsed())
        };
        let ((error, waited), (presence, asked)) = rocket::tokio::join!(end, meanwhile);
        assert!(error.contains("only 0 of 1 replicas"), "{error}");
        assert!(waited >= WAIT, "{waited:?}");
        assert_eq!(
            presence,
            Presence::Over(Over::Revoked),
            "ended all the same"
        );
        assert!(asked < WAIT, "requests wait for no replica: {asked:?}");
    });
}

/// A server that was made a replica is left for the one that its name leads to now.
#[test]
#[ignore = "needs redis-server"]
fn a_server_that_was_made_a_replica_is_left() {
    let (server, other) = (Server::start(), Server::start());
    let store = RedisStore::open(&server.url()).unwrap();
    let connections = || -> u32 {
        let stats: redis::InfoDict = redis::cmd("INFO")
            .arg("stats")
            .query(&mut server.connection())
            .unwrap();
        stats.get("total_connections_received").unwrap()
    };
    run(async {
        sign_in(&store).await.unwrap();
        let mut raw = server.connection();
        let port = other.port.to_string();
        let () = redis::cmd("REPLICAOF")
            .arg("127.0.0.1")
            .arg(port)
            .query(&mut raw)
            .unwrap();
        let error = sign_in(&store).await.err().expect("it is a replica");
        assert!(error.to_string().contains("read only"), "{error}");
        let before = connections();
        sign_in(&store).await.err().expect("it still is");
        assert_eq!(
            connections() - before,
            2,
            "one of them ours: connected anew"
        );
        let () = redis::cmd("REPLICAOF")
            .arg("NO")
            .arg("ONE")
            .query(&mut raw)
            .unwrap();
        sign_in(&store).await.unwrap();
    });
}

#[test]
#[ignore = "needs redis-server"]
fn a_wrong_password_is_told_and_not_shown() {
    let server = Server::start_with(&["--requirepass", "secret"]);
    run(async {
        let right = format!("redis://:secret@{}", server.address());
        sign_in(&RedisStore::open(&right).unwrap()).await.unwrap();
        for wrong in [
            format!("redis://:swordfish@{}", server.address()),
            server.url(),
        ] {
            let store = RedisStore::open(&wrong).unwrap();
            let error = sign_in(&store)
                .await
                .err()
                .expect("it is wrong")
                .to_string();
            assert!(!error.contains("swordfish"), "{error}");
            println!("{error}");
        }
    });
}

/// The permissions that the documentation names are enough.
#[test]
#[ignore = "needs redis-server"]
fn a_user_of_redis_needs_few_permissions() {
    let server = Server::start();
    let mut setuser = redis::cmd("ACL");
    setuser.arg("SETUSER").arg("app").arg("on").arg(">secret");
    let permissions = "~rrs:* +@hash +@scripting +@connection +time +pttl +pexpire +wait";
    setuser.arg(permissions.split(' ').collect::<Vec<_>>());
    let () = setuser.query(&mut server.connection()).unwrap();
    let store = RedisStore::open(&format!("redis://app:secret@{}", server.address())).unwrap();
    let store = store.wait_for_replicas(0, WAIT);
    run(async {
        let mut walk = Walk::new(0);
        for _ in 0..500 {
            let (step, now) = walk.next();
            let answer = step.take(&store, now).await.unwrap();
            walk.learn(&step, &answer);
        }
    });
}

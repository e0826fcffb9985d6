//! Servers that are away, hang, restart, forget scripts and lose writes.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rocket::tokio::task::JoinSet;
use rocket::tokio::time::{sleep, timeout};
use rocket_restricted_session::store::{
    Admission, Binding, Millis, Occurrence, Over, Policy, Presence, RedisStore, Store,
};

use crate::server::Server;
use crate::support::{
    always_due, key_of, run, show, show_at, sign_in, Ticket, HOUR, MINUTE, SECOND,
};

/// What a request waits for its store at most.
const REQUESTS_PATIENCE: Duration = Duration::from_secs(2);

async fn admitted(store: &RedisStore, ticket: Ticket, policy: &Policy) -> Admission {
    match show(store, ticket, policy).await.unwrap() {
        Presence::Admitted(admission) => admission,
        refused => panic!("{refused:?}"),
    }
}

/// The same on a node whose clock goes wrong by so much.
async fn admitted_at(
    (store, wrong): (&RedisStore, Millis),
    ticket: Ticket,
    policy: &Policy,
) -> Admission {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = Millis::try_from(since_1970.as_millis()).unwrap() + wrong;
    match show_at(store, ticket, policy, now).await.unwrap() {
        Presence::Admitted(admission) => admission,
        refused => panic!("{refused:?}"),
    }
}

/// Waits until it answers again, and returns how long that took.
async fn recovery(store: &RedisStore) -> Duration {
    let start = Instant::now();
    while sign_in(store).await.is_err() {
        assert!(start.elapsed() < Duration::from_secs(10));
        sleep(Duration::from_millis(5)).await;
    }
    start.elapsed()
}

#[test]
#[ignore = "needs redis-server"]
fn a_server_that_is_down_at_first_is_used_as_soon_as_it_is_there() {
    let mut server = Server::start();
    server.kill();
    let store = RedisStore::open(&server.url()).unwrap();
    run(async {
        for _ in 0..3 {
            let error = sign_in(&store).await.err().expect("it is down");
            assert!(error.to_string().contains("refused"), "{error}");
        }
        server.run();
        sign_in(&store).await.expect("no error is left over");
    });
}

#[test]
#[ignore = "needs redis-server"]
fn a_server_that_restarts_under_load_is_used_again() {
    let mut server = Server::start();
    let store = RedisStore::open(&server.url()).unwrap();
    run(async {
        let failed = Arc::new(AtomicI64::new(0));
        let mut load = JoinSet::new();
        for _ in 0..16 {
            let (store, failed) = (store.clone(), failed.clone());
            load.spawn(async move {
                loop {
                    let asked = Instant::now();
                    if sign_in(&store).await.is_err() {
                        failed.fetch_add(1, Ordering::SeqCst);
                        sleep(Duration::from_millis(10)).await;
                    }
                    assert!(asked.elapsed() < REQUESTS_PATIENCE);
                }
            });
        }
        for _ in 0..3 {
            sleep(Duration::from_millis(200)).await;
            server.kill();
            sleep(Duration::from_millis(200)).await;
            assert!(failed.load(Ordering::SeqCst) > 16);
            server.run();
            println!("used again after {:?}", recovery(&store).await);
            failed.store(0, Ordering::SeqCst);
        }
        sleep(Duration::from_millis(100)).await;
        assert_eq!(failed.load(Ordering::SeqCst), 0);
        load.abort_all();
        while let Some(ended) = load.join_next().await {
            assert!(ended.unwrap_err().is_cancelled());
        }
    });
}

#[test]
#[ignore = "needs redis-server"]
fn a_server_that_hangs_holds_nobody_up_for_long() {
    let server = Server::start();
    let store = RedisStore::open(&server.url()).unwrap();
    run(async {
        sign_in(&store).await.unwrap();
        server.hang();
        for _ in 0..3 {
            let start = Instant::now();
            let mut requests = JoinSet::new();
            for _ in 0..200 {
                let store = store.clone();
                requests.spawn(async move { sign_in(&store).await.err().expect("it hangs") });
            }
            while let Some(error) = requests.join_next().await {
                assert!(error.unwrap().to_string().contains("Redis"));
            }
            println!("200 requests gave up after {:?}", start.elapsed());
            assert!(start.elapsed() < REQUESTS_PATIENCE);
        }
        server.go_on();
        println!("used again after {:?}", recovery(&store).await);
    });
}

#[test]
#[ignore = "needs redis-server"]
fn a_connection_that_was_closed_meanwhile_costs_no_request() {
    let server = Server::start();
    let store = RedisStore::open(&server.url()).unwrap();
    run(async {
        for _ in 0..20 {
            let ticket = sign_in(&store).await.unwrap();
            close_all(&server);
            let bound = store.bind(&ticket.key, b"key", 1, 0).await;
            assert_eq!(bound, Ok(Binding::Bound));
            close_all(&server);
        }
    });
}

fn close_all(server: &Server) {
    let mut other = server.connection();
    let kill = ["KILL", "TYPE", "normal", "SKIPME", "yes"];
    let killed: u32 = redis::cmd("CLIENT").arg(&kill).query(&mut other).unwrap();
    assert_eq!(killed, 1);
}

#[test]
#[ignore = "needs redis-server"]
fn scripts_that_were_flushed_are_loaded_again() {
    let server = Server::start();
    let store = RedisStore::open(&server.url()).unwrap();
    run(async {
        let ticket = sign_in(&store).await.unwrap();
        for _ in 0..3 {
            let mut raw = server.connection();
            let () = redis::cmd("SCRIPT").arg("FLUSH").query(&mut raw).unwrap();
            admitted(&store, ticket, &Policy::new(HOUR)).await;
        }
    });
}

/// A request that is given up leaves no answer for the next one.
#[test]
#[ignore = "needs redis-server"]
fn requests_that_are_given_up_confuse_no_others() {
    let server = Server::start();
    let store = RedisStore::open(&server.url()).unwrap();
    run(async {
        let [one, other] = [
            sign_in(&store).await.unwrap(),
            sign_in(&store).await.unwrap(),
        ];
        store.end(&other.key, Over::SignedOut, 0).await.unwrap();
        for micros in 0..500 {
            let policy = Policy::new(HOUR);
            let given_up = show(&store, one, &policy);
            let _ = timeout(Duration::from_micros(micros), given_up).await;
            let over = show(&store, other, &policy).await.unwrap();
            assert_eq!(over, Presence::Over(Over::SignedOut));
        }
    });
}

/// A node that dies with a successor that it was to hand out costs a claim window, no more.
#[test]
#[ignore = "needs redis-server"]
fn a_claim_whose_node_died_is_made_again() {
    let server = Server::start();
    let clock = Arc::new(AtomicI64::new(1_800_000_000_000));
    let now = clock.clone();
    let store = RedisStore::open(&server.url()).unwrap();
    let store = store.clock(move || now.load(Ordering::SeqCst));
    run(async {
        let a = sign_in(&store).await.unwrap();
        let lost = admitted(&store, a, &always_due()).await;
        assert!(lost.successor.is_some());
        assert_eq!(admitted(&store, a, &always_due()).await.successor, None);
        clock.fetch_add(MINUTE, Ordering::SeqCst);
        let b = admitted(&store, a, &always_due()).await.successor.unwrap();
        let rotated = admitted(&store, a.replaced_by(b), &always_due()).await;
        assert_eq!(rotated.occurrence, Some(Occurrence::Rotated));
    });
}

/// Only the server's clock counts: with the nodes' own, a successor would be due too soon on one
/// and the grace be over too soon on the other.
#[test]
#[ignore = "needs redis-server"]
fn nodes_whose_clocks_differ_rotate_one_session() {
    let server = Server::start();
    let [behind, ahead] = [(); 2].map(|()| RedisStore::open(&server.url()).unwrap());
    run(async {
        let policy = always_due();
        let mut ticket = sign_in(&behind).await.unwrap();
        for round in 0..20 {
            let nodes = [(&behind, -30 * SECOND), (&ahead, 30 * SECOND)];
            let (one, other) = (nodes[round % 2], nodes[(round + 1) % 2]);
            let claimed = admitted_at(one, ticket, &policy).await;
            let successor = ticket.replaced_by(claimed.successor.expect("it is due"));
            let rotated = admitted_at(other, successor, &policy).await;
            assert_eq!(rotated.occurrence, Some(Occurrence::Rotated));
            let in_flight = admitted_at(one, ticket, &policy).await;
            assert_eq!(in_flight.successor, None);
            ticket = successor;
        }
    });
}

#[test]
#[ignore = "needs redis-server"]
fn a_failover_that_loses_a_succession_alarms_nobody() {
    let server = Server::start();
    let store = RedisStore::open(&server.url()).unwrap();
    let mut raw = server.connection();
    run(async {
        let policy = always_due();
        let a = sign_in(&store).await.unwrap();
        let key = key_of(&a.key.subject);
        let b = a.replaced_by(admitted(&store, a, &policy).await.successor.unwrap());
        let before: Vec<u8> = redis::cmd("DUMP").arg(&key).query(&mut raw).unwrap();
        admitted(&store, b, &policy).await;
        let c = b.replaced_by(admitted(&store, b, &policy).await.successor.unwrap());

        let mut restore = redis::cmd("RESTORE");
        restore.arg(&key).arg(HOUR).arg(before).arg("REPLACE");
        let () = restore.query(&mut raw).unwrap();
        let behind = admitted(&store, c, &policy).await;
        assert_eq!(behind.occurrence, Some(Occurrence::StoreBehind));
        for in_flight in [b, a, c] {
            assert_eq!(admitted(&store, in_flight, &policy).await.occurrence, None);
        }
    });
}

/// Half a minute behind, nothing is due, idle or stolen, and the grace lasts longer.
#[test]
#[ignore = "needs redis-server"]
fn a_promoted_replica_whose_clock_is_behind_alarms_nobody() {
    let server = Server::start();
    let clock = Arc::new(AtomicI64::new(1_800_000_000_000));
    let now = clock.clone();
    let store = RedisStore::open(&server.url()).unwrap();
    let store = store.clock(move || now.load(Ordering::SeqCst));
    run(async {
        let policy = Policy::new(HOUR);
        let a = sign_in(&store).await.unwrap();
        clock.fetch_add(15 * MINUTE, Ordering::SeqCst);
        let b = a.replaced_by(admitted(&store, a, &policy).await.successor.unwrap());
        admitted(&store, b, &policy).await;
        clock.fetch_sub(30 * SECOND, Ordering::SeqCst);
        for ticket in [a, b, a, b] {
            assert_eq!(admitted(&store, ticket, &policy).await.successor, None);
        }
        clock.fetch_add(41 * SECOND, Ordering::SeqCst);
        admitted(&store, b, &policy).await;
        assert_eq!(show(&store, a, &policy).await, Ok(Presence::Replayed));
    });
}

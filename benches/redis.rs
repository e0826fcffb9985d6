//! What a request pays for sessions in Redis, beside a bare `GET` and a script that does nothing,
//! and what a session takes there: `cargo bench --features redis --bench redis`. It starts servers
//! of its own.

#[path = "../tests/redis/server.rs"]
#[allow(dead_code, unreachable_pub)]
mod server;

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::io::tcp::TcpSettings;
use redis::{AsyncConnectionConfig, Client, IntoConnectionInfo, Script};
use rocket::tokio::runtime::Runtime;
use rocket::tokio::task::JoinSet;
use rocket_restricted_session::store::{
    DeviceCookie, Lineage, NewSession, Policy, Presence, Presented, RedisStore, SessionId,
    SessionKey, Store, SubjectId, Token,
};
use server::Server;

const ROUNDS: usize = 100;
const CALLS: usize = 1024;
const SESSIONS: usize = 100_000;
const KEY: &str = "bare";

fn main() {
    let runtime = Runtime::new().expect("a runtime");
    runtime.block_on(async {
        compare_latencies().await;
        measure_memory(&[], "default").await;
        measure_memory(&["--hash-max-listpack-value", "256"], "listpack-value 256").await;
    });
}

/// Takes turns, so that whatever else the machine does meets all of them.
async fn compare_latencies() {
    let server = Server::start();
    let store = RedisStore::open(&server.url()).expect("a store");
    let session = Session::number(0);
    session.start(&store).await;
    let connection = connect(&server).await;
    let mut raw = server.connection();
    let value = "x".repeat(150);
    let mut set = redis::cmd("SET");
    let () = set.arg(KEY).arg(value).query(&mut raw).expect("SET");
    let script = Script::new("return 1");
    script.load(&mut raw).expect("SCRIPT LOAD");

    println!("microseconds, medians of {ROUNDS} rounds");
    println!("in flight   GET   empty script   present   x GET   x empty script");
    for in_flight in [1, 64] {
        let [mut gets, mut scripts, mut presents] = [const { Vec::new() }; 3];
        for _ in 0..ROUNDS {
            gets.push(round(in_flight, || get(connection.clone())).await);
            scripts.push(round(in_flight, || evaluate(connection.clone(), script.clone())).await);
            presents.push(round(in_flight, || present(store.clone(), session)).await);
        }
        let ratio = |others: &[f64]| {
            let pairs = presents.iter().zip(others);
            median(pairs.map(|(present, other)| present / other).collect())
        };
        let (to_get, to_script) = (ratio(&gets), ratio(&scripts));
        let [get, script, present] = [gets, scripts, presents].map(median);
        println!(
            "{in_flight:>9} {get:>5.0} {script:>14.0} {present:>9.0} {to_get:>7.2} {to_script:>16.2}"
        );
    }
}

/// Returns how many microseconds one call takes, with so many under way at once.
async fn round<F>(in_flight: usize, call: impl Fn() -> F) -> f64
where
    F: Future<Output = ()> + Send + 'static,
{
    let start = Instant::now();
    let mut calls = JoinSet::new();
    for _ in 0..CALLS {
        if calls.len() == in_flight {
            calls.join_next().await;
        }
        calls.spawn(call());
    }
    while calls.join_next().await.is_some() {}
    start.elapsed().as_secs_f64() * 1e6 / CALLS as f64 * in_flight as f64
}

async fn get(mut connection: MultiplexedConnection) {
    let mut get = redis::cmd("GET");
    let value = get.arg(KEY).query_async(&mut connection).await;
    let value: Vec<u8> = value.expect("GET");
    assert_eq!(value.len(), 150);
}

async fn evaluate(mut connection: MultiplexedConnection, script: Script) {
    let one = script.key(KEY).invoke_async(&mut connection).await;
    let one: u8 = one.expect("EVALSHA");
    assert_eq!(one, 1);
}

async fn present(store: RedisStore, session: Session) {
    let policy = Policy::new(2 * 3600 * 1000);
    let shown = Presented {
        key: session.key,
        lineage: session.first,
        revision: 0,
        fresh: Token::random(),
        device_cookie: DeviceCookie::Absent,
        policy: &policy,
        adoptable: None,
    };
    let presence = store.present(&shown, 0).await.expect("an answer");
    assert!(matches!(presence, Presence::Admitted(_)), "{presence:?}");
}

async fn measure_memory(options: &[&str], name: &str) {
    let server = Server::start_with(options);
    let store = Arc::new(RedisStore::open(&server.url()).expect("a store"));
    let before = used_memory(&server);
    round_of_sign_ins(&store).await;
    let each = (used_memory(&server) - before) / SESSIONS;
    println!("{name}: {each} bytes for a session, one for each subject");
}

async fn round_of_sign_ins(store: &Arc<RedisStore>) {
    let mut sign_ins = JoinSet::new();
    for number in 0..SESSIONS {
        if sign_ins.len() == 256 {
            sign_ins.join_next().await;
        }
        let store = store.clone();
        sign_ins.spawn(async move { Session::number(number).start(&store).await });
    }
    while sign_ins.join_next().await.is_some() {}
}

fn used_memory(server: &Server) -> usize {
    let info: redis::InfoDict = redis::cmd("INFO")
        .arg("memory")
        .query(&mut server.connection())
        .unwrap();
    info.get("used_memory").unwrap()
}

#[derive(Clone, Copy)]
struct Session {
    key: SessionKey,
    first: Lineage,
}

impl Session {
    fn number(number: usize) -> Self {
        let mut bytes = [7; 16];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        let subject = SubjectId::from_bytes(bytes);
        let mut id = [9; 12];
        id[..8].copy_from_slice(&number.to_be_bytes());
        let id = SessionId::from_bytes(id);
        Self {
            key: SessionKey { subject, id },
            first: Lineage::root(),
        }
    }

    async fn start(&self, store: &RedisStore) {
        let new = NewSession {
            key: self.key,
            first: self.first,
            lifetime: 12 * 3600 * 1000,
            label: "Firefox on Windows",
            network: "192.0.2.0/24",
            created_at: None,
            replaces: None,
            max_sessions: None,
            idle_timeout: 2 * 3600 * 1000,
        };
        store.create(&new, 0).await.expect("a sign-in");
    }
}

async fn connect(server: &Server) -> MultiplexedConnection {
    let info = server.url().into_connection_info().unwrap();
    let info = info.set_tcp_settings(TcpSettings::default().set_nodelay(true));
    let config = AsyncConnectionConfig::new().set_response_timeout(Some(Duration::from_secs(1)));
    Client::open(info)
        .unwrap()
        .get_multiplexed_async_connection_with_config(&config)
        .await
        .unwrap()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

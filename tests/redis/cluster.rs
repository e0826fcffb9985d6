//! A real cluster: three servers that share the subjects between them.

use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rocket::tokio::task::JoinSet;
use rocket_restricted_session::store::RedisStore;

use crate::differential::SideBySide;
use crate::server::Server;
use crate::support::{run, sign_in};

struct Cluster(Vec<Server>);

impl Cluster {
    fn start() -> Self {
        let options = ["--cluster-enabled", "yes", "--cluster-node-timeout", "1000"];
        let servers: Vec<_> = (0..3).map(|_| Server::start_with(&options)).collect();
        let addresses = servers.iter().map(Server::address);
        let mut create = Command::new("redis-cli");
        create.args(["--cluster", "create"]).args(addresses);
        let created = create.arg("--cluster-yes").output().unwrap();
        assert!(created.status.success(), "{created:?}");
        let cluster = Self(servers);
        cluster.wait_until_it_is_one();
        cluster
    }

    /// Each node hears of the others' slots in its own time.
    fn wait_until_it_is_one(&self) {
        let start = Instant::now();
        let knows_all = |server: &Server| {
            let info: String = redis::cmd("CLUSTER")
                .arg("INFO")
                .query(&mut server.connection())
                .unwrap();
            info.contains("cluster_state:ok")
        };
        while !self.0.iter().all(knows_all) {
            assert!(start.elapsed() < Duration::from_secs(20));
            sleep(Duration::from_millis(50));
        }
    }

    fn url(&self) -> String {
        let addresses: Vec<_> = self.0.iter().map(Server::address).collect();
        format!("redis+cluster://{}", addresses.join(","))
    }
}

#[test]
#[ignore = "needs redis-server"]
fn a_cluster_answers_as_one_server_does() {
    let cluster = Cluster::start();
    let store = RedisStore::open(&cluster.url()).unwrap();
    run(async {
        for seed in 0..40 {
            let mut stores = SideBySide::new(&store, seed);
            for _ in 0..60 {
                stores.take_a_step().await;
            }
        }
    });
    for server in &cluster.0 {
        let keys: usize = redis::cmd("DBSIZE")
            .query(&mut server.connection())
            .unwrap();
        assert!(keys > 10, "{keys}");
    }
}

#[test]
#[ignore = "needs redis-server"]
fn a_cluster_that_comes_back_is_used_again() {
    let mut cluster = Cluster::start();
    let store = RedisStore::open(&cluster.url()).unwrap();
    run(async {
        sign_in(&store).await.unwrap();
        cluster.0.iter_mut().for_each(Server::kill);
        assert!(sign_in(&store).await.is_err());
        cluster.0.iter_mut().for_each(Server::run);
        cluster.wait_until_it_is_one();
        let start = Instant::now();
        while sign_in(&store).await.is_err() {
            assert!(start.elapsed() < Duration::from_secs(10));
        }
        println!("used again after {:?}", start.elapsed());
    });
}

/// What is on a node that hangs cannot be asked for; what is on others can.
#[test]
#[ignore = "needs redis-server"]
fn a_node_that_hangs_holds_up_its_own_subjects_only() {
    let cluster = Cluster::start();
    let store = RedisStore::open(&cluster.url()).unwrap();
    run(async {
        sign_in(&store).await.unwrap();
        cluster.0[0].hang();
        let mut requests = JoinSet::new();
        for _ in 0..60 {
            let store = store.clone();
            requests.spawn(async move {
                let start = Instant::now();
                (sign_in(&store).await.is_ok(), start.elapsed())
            });
        }
        let (mut quick, mut slowest) = (0, Duration::ZERO);
        while let Some(request) = requests.join_next().await {
            let (is_ok, took) = request.unwrap();
            quick += usize::from(is_ok);
            slowest = slowest.max(took);
        }
        println!("{quick} of 60 answered, the others gave up after {slowest:?}");
        assert!((20..60).contains(&quick), "{quick}");
        cluster.0[0].go_on();
    });
}

//! A Redis of a test's own, on a free port of this machine, which ends with the test.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(10);

pub struct Server {
    pub port: u16,
    options: Vec<String>,
    pub folder: TempDir,
    process: Option<Child>,
}

impl Server {
    /// One that keeps nothing on disk.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    pub fn start_with(options: &[&str]) -> Self {
        Self::start_in(TempDir::new().unwrap(), options)
    }

    /// One that finds in a folder what its options name. `{port}` in them is its port.
    pub fn start_in(folder: TempDir, options: &[&str]) -> Self {
        let mut server = Self {
            port: free_port(),
            options: options.iter().map(ToString::to_string).collect(),
            folder,
            process: None,
        };
        // Somebody else may take the port in between.
        for _ in 0..3 {
            if server.try_to_run() {
                return server;
            }
            server.port = free_port();
        }
        panic!("redis-server does not start with {options:?}");
    }

    /// Starts it anew where it was, with nothing in it.
    pub fn run(&mut self) {
        assert!(self.try_to_run());
    }

    fn try_to_run(&mut self) -> bool {
        let port = self.port.to_string();
        let options = self.options.iter();
        let options = options.map(|option| option.replace("{port}", &port));
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        command.args(["--port", &port]).args(options);
        command.current_dir(self.folder.path());
        let spawned = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.process = Some(spawned.expect("redis-server is installed"));
        self.answers()
    }

    /// Waits until it can be connected to; `false` if it has given up.
    fn answers(&mut self) -> bool {
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let process = self.process.as_mut().expect("it was started");
            if process.try_wait().unwrap().is_some() {
                return false;
            }
            assert!(start.elapsed() < PATIENCE);
            sleep(Duration::from_millis(5));
        }
        true
    }

    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Lets it hang, with its connections open.
    pub fn hang(&self) {
        self.signal("-STOP");
    }

    pub fn go_on(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let process = self.process.as_ref().expect("it runs").id().to_string();
        let sent = Command::new("kill").args([signal, &process]).status();
        assert!(sent.unwrap().success());
    }

    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn url(&self) -> String {
        format!("redis://{}", self.address())
    }

    /// A connection of the test's own.
    pub fn connection(&self) -> redis::Connection {
        let client = redis::Client::open(self.url()).unwrap();
        client.get_connection().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// One with another, ten thousand higher, for the bus of a cluster.
fn free_port() -> u16 {
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    loop {
        let port = rand::random::<u16>() % 10_000 + 20_000;
        if is_free(&port) && is_free(&(port + 10_000)) {
            return port;
        }
    }
}

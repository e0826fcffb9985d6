//! Programs of the machine: started in the foreground, read, and killed at drop.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);

/// A child process and what it has printed.
pub struct Program {
    child: Child,
    printed: Arc<Mutex<String>>,
}

impl Program {
    pub fn start(command: &mut Command) -> Self {
        let spawned = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = spawned.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let printed = Arc::default();
        collect(child.stdout.take().unwrap(), &printed);
        collect(child.stderr.take().unwrap(), &printed);
        Self { child, printed }
    }

    pub fn printed(&self) -> String {
        self.printed.lock().unwrap().clone()
    }

    /// Waits until it has printed `text`.
    pub fn wait_for(&self, text: &str) -> String {
        let seen = eventually(|| self.printed().contains(text));
        let printed = self.printed();
        assert!(seen, "no {text:?} in what was printed:\n{printed}");
        printed
    }

    /// Waits for its end.
    pub fn wait(mut self) -> (ExitStatus, String) {
        let mut status = None;
        eventually(|| {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        let status = status.expect("the program ends");
        // What was written last may still be on its way through the pipe.
        std::thread::sleep(Duration::from_millis(100));
        (status, self.printed())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(from: impl Read + Send + 'static, into: &Arc<Mutex<String>>) {
    let into = into.clone();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            let mut into = into.lock().unwrap();
            into.push_str(&line);
            into.push('\n');
        }
    });
}

/// Asks until the answer is yes, or for as long as patience lasts.
pub fn eventually(mut is_so: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if is_so() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

/// A port of 127.0.0.1 that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

pub fn wait_for_port(port: u16) {
    let listens = || TcpStream::connect(("127.0.0.1", port)).is_ok();
    assert!(eventually(listens), "nothing listens on port {port}");
}

/// An example of this crate, which cargo builds beside its tests.
pub fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let debug = test.parent().unwrap().parent().unwrap();
    let path = debug.join("examples").join(name);
    assert!(
        path.exists(),
        "run `cargo build --examples` first: {path:?}"
    );
    path
}

/// An app in a process of its own, without this process's settings or working directory.
pub struct App {
    pub program: Program,
    pub port: u16,
    _folder: tempfile::TempDir,
}

impl App {
    pub fn command(path: impl AsRef<OsStr>, settings: &[(&str, &str)]) -> Command {
        let mut command = Command::new(path);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("ROCKET_") {
                command.env_remove(name);
            }
        }
        command.env("RUST_BACKTRACE", "0");
        command.env("ROCKET_PORT", "0");
        command.env("ROCKET_CLI_COLORS", "false");
        command.envs(settings.iter().copied());
        command
    }

    /// Starts it and waits until it serves.
    pub fn start(path: impl AsRef<OsStr>, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Self::command(path, settings);
        let program = Program::start(command.current_dir(&folder));
        let launched = "Rocket has launched from ";
        let printed = program.wait_for(launched);
        let (_, address) = printed.split_once(launched).unwrap();
        let address = address.lines().next().unwrap().trim();
        let (_, port) = address.rsplit_once(':').unwrap();
        Self {
            port: port.parse().unwrap(),
            program,
            _folder: folder,
        }
    }

    /// Starts what must not launch, and returns what it says.
    pub fn refused(path: impl AsRef<OsStr>, settings: &[(&str, &str)]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Self::command(path, settings);
        let (status, printed) = Program::start(command.current_dir(&folder)).wait();
        assert!(!status.success(), "{printed}");
        printed
    }
}

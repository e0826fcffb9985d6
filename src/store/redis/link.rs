//! The connection: made when it is first needed, shared by all requests, and made anew when it
//! broke.

use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::aio::ConnectionLike;
use redis::{Cmd, ErrorKind, RedisError, RedisResult, ServerErrorKind, Value};
use rocket::futures::future::{BoxFuture, FutureExt, Shared};
use rocket::tokio::time::timeout;

/// How long connecting may take, and an answer: a server that hangs shall not pile up requests.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);

/// An established connection, which requests share.
pub(super) trait Line: Send + Sync {
    fn send<'a>(&self, command: &'a Cmd) -> BoxFuture<'a, RedisResult<Value>>;
}

impl<C: ConnectionLike + Clone + Send + Sync + 'static> Line for C {
    fn send<'a>(&self, command: &'a Cmd) -> BoxFuture<'a, RedisResult<Value>> {
        let mut connection = self.clone();
        async move { command.query_async(&mut connection).await }.boxed()
    }
}

pub(super) type SharedLine = Arc<dyn Line>;
type Attempt = Shared<BoxFuture<'static, RedisResult<SharedLine>>>;

type Dial = dyn Fn() -> BoxFuture<'static, RedisResult<SharedLine>> + Send + Sync;

/// The way to the server.
pub(super) struct Link {
    dial: Arc<Dial>,
    /// The present connection, or the one attempt at it that all who need it wait for.
    attempt: Mutex<Option<Attempt>>,
    /// Whether a connection repairs itself, and is kept whatever happens.
    lasts: bool,
}

impl Link {
    /// Returns a link that is dialled anew when its connection broke.
    pub(super) fn dialled<C, R>(dial: impl Fn() -> R + Send + Sync + 'static) -> Self
    where
        C: ConnectionLike + Clone + Send + Sync + 'static,
        R: Future<Output = RedisResult<C>> + Send + 'static,
    {
        let dial = move || {
            let connecting = dial();
            async move { Ok(Arc::new(connecting.await?) as SharedLine) }.boxed()
        };
        Self {
            dial: Arc::new(dial),
            attempt: Mutex::default(),
            lasts: false,
        }
    }

    /// Returns the link with connections that repair themselves once they are there.
    pub(super) fn lasting(self) -> Self {
        let lasts = true;
        Self { lasts, ..self }
    }

    /// Returns a second way to the same server.
    pub(super) fn another(&self) -> Self {
        Self {
            dial: self.dial.clone(),
            attempt: Mutex::default(),
            lasts: self.lasts,
        }
    }

    /// Sends a command that may be repeated, and returns what carried it with the answer.
    ///
    /// It is sent once more if the connection was closed, as servers do with idle ones and when
    /// they restart.
    pub(super) async fn send(&self, command: &Cmd) -> RedisResult<(SharedLine, Value)> {
        let (attempt, line) = self.line().await?;
        match self.send_over(&attempt, line, command).await {
            Err(error) if error.is_connection_dropped() => {
                let (attempt, line) = self.line().await?;
                self.send_over(&attempt, line, command).await
            }
            sent => sent,
        }
    }

    /// Sends a command that must not be repeated: whether the connection is open is asked before.
    pub(super) async fn send_once(&self, command: &Cmd) -> RedisResult<(SharedLine, Value)> {
        if !self.lasts {
            self.send(&redis::cmd("PING")).await?;
        }
        let (attempt, line) = self.line().await?;
        self.send_over(&attempt, line, command).await
    }

    /// Returns the present connection, and the attempt that made it.
    async fn line(&self) -> RedisResult<(Attempt, SharedLine)> {
        let attempt = self.attempt();
        match attempt.clone().await {
            Ok(line) => Ok((attempt, line)),
            Err(error) => {
                self.forget(&attempt);
                Err(error)
            }
        }
    }

    async fn send_over(
        &self,
        attempt: &Attempt,
        line: SharedLine,
        command: &Cmd,
    ) -> RedisResult<(SharedLine, Value)> {
        match line.send(command).await {
            Ok(answer) => Ok((line, answer)),
            Err(error) => {
                if !self.lasts && is_broken(&error) {
                    self.forget(attempt);
                }
                Err(error)
            }
        }
    }

    /// Returns the present attempt, or starts one.
    fn attempt(&self) -> Attempt {
        let start = || within_patience((self.dial)()).boxed().shared();
        self.present().get_or_insert_with(start).clone()
    }

    /// Lets the next request connect anew, unless another one has done so.
    fn forget(&self, broken: &Attempt) {
        let mut present = self.present();
        if present.as_ref().is_some_and(|known| known.ptr_eq(broken)) {
            *present = None;
        }
    }

    fn present(&self) -> MutexGuard<'_, Option<Attempt>> {
        self.attempt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn within_patience<T>(connecting: impl Future<Output = RedisResult<T>>) -> RedisResult<T> {
    let too_long = || io::Error::new(io::ErrorKind::TimedOut, "connecting took too long");
    let connected = timeout(PATIENCE, connecting).await;
    connected.map_err(|_| RedisError::from(too_long()))?
}

/// Tells whether a new connection may do better: this one is dead, its server hangs, or has become
/// a replica.
fn is_broken(error: &RedisError) -> bool {
    error.is_io_error() || error.is_unrecoverable_error() || is_of_a_replica(error)
}

fn is_of_a_replica(error: &RedisError) -> bool {
    let is_told = matches!(
        error.kind(),
        ErrorKind::Server(ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown)
    );
    // Before Redis 7, what happens to a command in a script is told in the text only.
    let in_text = |detail: &str| detail.contains("-READONLY");
    is_told || error.detail().is_some_and(in_text)
}

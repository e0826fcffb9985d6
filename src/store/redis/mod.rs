//! Sessions in Redis or Valkey.

mod address;
mod link;
mod reply;
mod script;
mod steps;

use std::fmt;
use std::future::{ready, Future};
use std::sync::Arc;
use std::time::Duration;

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine;
use redis::aio::ConnectionLike;
use redis::{Cmd, RedisError, RedisResult, Value};

use self::link::{Line, Link};
use self::script::Script;
use super::{Millis, StoreError, SubjectId};

/// So long a step may wait for replicas, and still answer before its request gives up.
const LONGEST_WAIT: Duration = Duration::from_millis(800);

type Clock = Arc<dyn Fn() -> Millis + Send + Sync>;

/// Keeps sessions in Redis or Valkey.
#[derive(Clone)]
pub struct RedisStore {
    link: Arc<Link>,
    replicas: Option<Arc<Replicas>>,
    clock: Option<Clock>,
}

/// How many of them must know of a revocation, and how long one is waited for.
struct Replicas {
    number: u32,
    timeout: Duration,
    /// Waiting holds up a connection: another one than that of the requests.
    link: Link,
}

impl RedisStore {
    /// Returns the store at a URL. It connects when it is first used.
    pub fn open(url: &str) -> Result<Self, StoreError> {
        Ok(Self::over(address::link_to(url)?))
    }

    /// Returns the store behind a connection that repairs itself.
    pub fn with_connection<C>(connection: C) -> Self
    where
        C: ConnectionLike + Clone + Send + Sync + 'static,
    {
        let dial = move || ready(Ok(connection.clone()));
        Self::over(Link::dialled(dial).lasting())
    }

    /// Returns the store behind the connection that `connect` makes: when it is first needed, and
    /// whenever the last one broke.
    pub fn connect_with<C, R>(connect: impl Fn() -> R + Send + Sync + 'static) -> Self
    where
        C: ConnectionLike + Clone + Send + Sync + 'static,
        R: Future<Output = RedisResult<C>> + Send + 'static,
    {
        Self::over(Link::dialled(connect))
    }

    /// Lets the end of a session succeed only when so many replicas know of it.
    pub fn wait_for_replicas(self, number: u32, timeout: Duration) -> Self {
        let replicas = Replicas {
            number,
            timeout: timeout.min(LONGEST_WAIT),
            link: self.link.another(),
        };
        Self {
            replicas: Some(Arc::new(replicas)),
            ..self
        }
    }

    /// Goes by this clock instead of the server's, in tests.
    #[doc(hidden)]
    pub fn clock(self, clock: impl Fn() -> Millis + Send + Sync + 'static) -> Self {
        Self {
            clock: Some(Arc::new(clock)),
            ..self
        }
    }

    fn over(link: Link) -> Self {
        Self {
            link: Arc::new(link),
            replicas: None,
            clock: None,
        }
    }

    /// Starts the call of a script for a subject and one of its fields.
    fn call(&self, script: &Script, subject: &SubjectId, field: &[u8]) -> Cmd {
        let mut call = script.on(&key(subject));
        match &self.clock {
            Some(clock) => call.arg(clock()),
            None => call.arg(""),
        };
        call.arg(field);
        call
    }

    async fn run(&self, script: &Script, call: &Cmd) -> Result<Value, StoreError> {
        let (_, answer) = run_over(&self.link, script, call).await?;
        Ok(answer)
    }

    /// Runs a step that must not be forgotten by a failover.
    async fn run_lastingly(&self, script: &Script, call: &Cmd) -> Result<Value, StoreError> {
        let Some(replicas) = &self.replicas else {
            return self.run(script, call).await;
        };
        let (line, answer) = run_over(&replicas.link, script, call).await?;
        replicas.know_of_what_was_written(&*line).await?;
        Ok(answer)
    }
}

impl Replicas {
    async fn know_of_what_was_written(&self, line: &dyn Line) -> Result<(), StoreError> {
        let mut wait = redis::cmd("WAIT");
        let millis = u64::try_from(self.timeout.as_millis()).unwrap_or(u64::MAX);
        let answer = line.send(wait.arg(self.number).arg(millis)).await;
        let know: u32 = reply::read(answer.map_err(|error| told(&error))?)?;
        if know < self.number {
            let wanted = self.number;
            return Err(StoreError::new(format_args!(
                "only {know} of {wanted} replicas know that a session has ended"
            )));
        }
        Ok(())
    }
}

async fn run_over(
    link: &Link,
    script: &Script,
    call: &Cmd,
) -> Result<(Arc<dyn Line>, Value), StoreError> {
    let sent = match link.send(call).await {
        Err(error) if script::is_missing(&error) => link.send(&script.in_full(call)).await,
        sent => sent,
    };
    sent.map_err(|error| told(&error))
}

/// Returns an error without the arguments of commands, which servers may repeat.
fn told(error: &RedisError) -> StoreError {
    let text = error.to_string();
    let told = text.split(", with args beginning with").next();
    StoreError::new(format_args!("Redis: {}", told.unwrap_or_default()))
}

/// A subject's key. The braces make it its own hash tag: all that belongs to a subject is on one
/// node of a cluster.
fn key(subject: &SubjectId) -> String {
    format!("rrs:{{{}}}", URL_SAFE_NO_PAD.encode(subject.as_bytes()))
}

/// Says nothing of where it is: that may hold a password.
impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").finish_non_exhaustive()
    }
}

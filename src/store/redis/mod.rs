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

/// How long a step may wait for replicas, and still answer before its request gives up.
const LONGEST_WAIT: Duration = Duration::from_millis(800);

type Clock = Arc<dyn Fn() -> Millis + Send + Sync>;

/// Keeps sessions in Redis or Valkey, for an app on several machines.
///
/// What one node does, all others know with the next request; they keep nothing themselves. An app
/// on one machine does without: [`MemoryStore`](super::MemoryStore) needs nothing. Redis 5 or
/// later, or any Valkey, alone, with replicas, or as a cluster.
///
/// A guarded request costs one round trip, and writes nothing unless something changes. Each step
/// is one script, so that it is atomic, and goes by the server's clock: those of the nodes may
/// differ. A session that the server does not know is over; no ticket is taken over.
///
/// ```rust,no_run
/// use rocket_restricted_session::store::RedisStore;
///
/// let store = RedisStore::open("redis://:secret@10.0.0.1")?;
/// # Ok::<(), rocket_restricted_session::store::StoreError>(())
/// ```
///
/// # While it is away
///
/// The app launches without it, and answers 503 to requests with a session. One that is refused
/// fails at once, one that does not answer after a second. The first request after its return
/// finds it again. A connection that it has closed meanwhile costs no request.
///
/// # What it forgets
///
/// Redis answers before its replicas and its disk know. A failover, or a crash, forgets the last
/// moments: a change of cookie, which is noticed and harms nobody; a sign-in, so that the user
/// signs in again; a sign-out or a revocation, so that **the session is back**.
/// [`wait_for_replicas`](Self::wait_for_replicas) is for those who cannot have that. Whatever
/// evicts keys (`maxmemory-policy`) signs users out.
///
/// # What is in it
///
/// One hash for each subject, `rrs:{..}`: a digest names it, and each session in it is one field.
/// It is the only key that a script touches, and its braces make it a hash tag of its own, so that
/// it is on one node of a cluster. It expires with the last of its sessions. Beside the app's
/// data, which is sealed, it holds masked networks and names of browsers; no cookie can be made
/// from it.
///
/// A session, alone in its hash, takes about 440 bytes, or 330 with `hash-max-listpack-value 256`
/// (before Redis 7: `hash-max-ziplist-value`) in the server's configuration.
///
/// A user of Redis needs `~rrs:* +@hash +@scripting +@connection +time +pttl +pexpire +wait`.
#[derive(Clone)]
pub struct RedisStore {
    link: Arc<Link>,
    replicas: Option<Arc<Replicas>>,
    clock: Option<Clock>,
}

/// How many replicas must know of an end, and how long they have.
struct Replicas {
    number: u32,
    timeout: Duration,
    /// Waiting holds a connection up: this one is not that of the requests.
    link: Link,
}

impl RedisStore {
    /// Returns the store at a URL. It connects when it is first used.
    ///
    /// | URL | |
    /// |---|---|
    /// | `redis://[user:password@]host[:port][/database]` | one server, or what leads to one |
    /// | `rediss://..` | the same, encrypted |
    /// | `redis+cluster://[user:password@]host[:port],host[:port]` | a cluster, by some of its nodes |
    /// | `rediss+cluster://..` | the same, encrypted |
    ///
    /// Encrypted connections trust the authorities of the system, or those in the file that the
    /// environment variable `SSL_CERT_FILE` names. In a password, what is special in a URL is
    /// written as `%XX`.
    ///
    /// A host name is looked up at each connection, and a server that has become a replica is
    /// left, so that a name that leads to the primary survives a failover.
    ///
    /// # Errors
    ///
    /// If the URL is none of these. The error does not repeat it: it may hold a password.
    ///
    /// ```rust
    /// use rocket_restricted_session::store::RedisStore;
    ///
    /// assert!(RedisStore::open("rediss://app:s%3Acret@redis.example.com:6380/2").is_ok());
    /// assert!(RedisStore::open("redis+cluster://10.0.0.1:7000,10.0.0.2:7000").is_ok());
    /// assert!(RedisStore::open("redis.example.com").is_err());
    /// ```
    pub fn open(url: &str) -> Result<Self, StoreError> {
        Ok(Self::over(address::link_to(url)?))
    }

    /// Returns the store behind a connection of your own, which has to repair itself.
    ///
    /// It is one of the `redis` crate, version 1: its `ConnectionManager`, or a connection to a
    /// cluster. Its timeouts count.
    ///
    /// ```rust,no_run
    /// use redis::aio::ConnectionManager;
    /// use rocket_restricted_session::store::RedisStore;
    ///
    /// # async fn store() -> redis::RedisResult<RedisStore> {
    /// let client = redis::Client::open("redis://10.0.0.1")?;
    /// let store = RedisStore::with_connection(ConnectionManager::new(client).await?);
    /// # Ok(store)
    /// # }
    /// ```
    pub fn with_connection<C>(connection: C) -> Self
    where
        C: ConnectionLike + Clone + Send + Sync + 'static,
    {
        let dial = move || ready(Ok(connection.clone()));
        Self::over(Link::dialled(dial).lasting())
    }

    /// Returns the store behind what `connect` connects to: when it is first used, and whenever
    /// the last connection broke.
    ///
    /// For whatever a URL does not say: an authority of your own, a client certificate, a primary
    /// that Sentinel names.
    ///
    /// ```rust,no_run
    /// use redis::{Client, TlsCertificates};
    /// use rocket_restricted_session::store::RedisStore;
    ///
    /// # fn store() -> Result<RedisStore, Box<dyn std::error::Error>> {
    /// let certificates = TlsCertificates {
    ///     client_tls: None,
    ///     root_cert: Some(std::fs::read("/etc/ssl/our-authority.pem")?),
    /// };
    /// let client = Client::build_with_tls("rediss://redis.internal", certificates)?;
    /// let store = RedisStore::connect_with(move || {
    ///     let client = client.clone();
    ///     async move { client.get_multiplexed_async_connection().await }
    /// });
    /// # Ok(store)
    /// # }
    /// ```
    pub fn connect_with<C, R>(connect: impl Fn() -> R + Send + Sync + 'static) -> Self
    where
        C: ConnectionLike + Clone + Send + Sync + 'static,
        R: Future<Output = RedisResult<C>> + Send + 'static,
    {
        Self::over(Link::dialled(connect))
    }

    /// Lets a session end only where so many replicas know of it in time, so that no failover
    /// brings it back.
    ///
    /// Where they do not, the session has ended all the same, and the step returns an error: a
    /// sign-out answers 503. It holds for what ends sessions, one or all of a user; a theft that
    /// rotation finds is not waited for, and is found again.
    ///
    /// Requests wait for no replica: there is a second connection for it, unless there is only the
    /// one of [`with_connection`](Self::with_connection). More than 800 milliseconds become 800,
    /// for the answer to come before the request gives up.
    ///
    /// ```rust,no_run
    /// use std::time::Duration;
    /// use rocket_restricted_session::store::RedisStore;
    ///
    /// let store = RedisStore::open("redis://10.0.0.1")?;
    /// let store = store.wait_for_replicas(1, Duration::from_millis(500));
    /// # Ok::<(), rocket_restricted_session::store::StoreError>(())
    /// ```
    #[must_use]
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
    #[must_use]
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
        let ran = script.run(call, &self.link).await;
        let (_, answer) = ran.map_err(|error| told(&error))?;
        Ok(answer)
    }

    /// Runs a step that must not be forgotten by a failover.
    async fn run_lastingly(&self, script: &Script, call: &Cmd) -> Result<Value, StoreError> {
        let Some(replicas) = &self.replicas else {
            return self.run(script, call).await;
        };
        let ran = script.run(call, &replicas.link).await;
        let (line, answer) = ran.map_err(|error| told(&error))?;
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

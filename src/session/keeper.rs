//! The store as one kind of session uses it: with its rules, a time limit, and outages told once.

use std::fmt;
use std::future::{poll_fn, Future};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use rocket::tokio::sync::Notify;
use rocket::tokio::time;

use super::settings::{OnReplay, SessionSettings};
use crate::codes::Code;
use crate::store::{Millis, Policy, Store, StoreError};
use crate::told::Once;
use crate::Error;

/// How often a connection that waits for the end of its session asks a store, which another node
/// may have told of it.
const ASK_EVERY: Duration = Duration::from_secs(5);

/// How long the processes before and after a deploy may run side by side.
const LONGEST_OVERLAP: Millis = 10 * 60 * 1000;

pub(crate) struct Keeper {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) policy: Policy,
    pub(crate) max_sessions: Option<u32>,
    /// Tickets of other processes may be taken over by a store that forgets.
    pub(crate) adopts: bool,
    timeout: Duration,
    is_away: AtomicBool,
    endings: Notify,
    started_at: Millis,
    other_process: Once,
}

impl Keeper {
    pub(crate) fn new(store: Arc<dyn Store>, settings: &SessionSettings, now: Millis) -> Self {
        let rules = &settings.store;
        Self {
            store,
            policy: Policy {
                rotate_every: rules.rotate_every,
                grace: settings.rotation_grace,
                revoke_on_replay: rules.on_replay == OnReplay::Revoke,
                device_grace: settings.device.as_ref().map_or(0, |device| device.grace),
                ..Policy::new(settings.idle_timeout * 1000)
            },
            max_sessions: rules.max_sessions,
            // A ticket that was copied before its session was bound would come back to life.
            adopts: rules.adopt && settings.device.is_none(),
            timeout: rules.timeout,
            is_away: AtomicBool::new(false),
            endings: Notify::new(),
            started_at: now,
            other_process: Once::default(),
        }
    }

    /// Waits for an answer of the store, but not for long.
    pub(crate) async fn ask<R>(
        &self,
        answer: impl Future<Output = Result<R, StoreError>>,
    ) -> Result<R, Error> {
        let mut answer = pin!(answer);
        // A store in memory answers at once, and needs no timer.
        let at_once = poll_fn(|context| Poll::Ready(answer.as_mut().poll(context))).await;
        let answer = match at_once {
            Poll::Ready(answer) => answer,
            Poll::Pending => time::timeout(self.timeout, answer)
                .await
                .unwrap_or_else(|_| {
                    let limit = humantime::format_duration(self.timeout);
                    Err(StoreError::new(format_args!("no answer within {limit}")))
                }),
        };
        self.note(&answer);
        answer.map_err(|_| Error::StoreUnavailable)
    }

    /// Tells the first failure of many, and the recovery.
    fn note<R>(&self, answer: &Result<R, StoreError>) {
        match answer {
            Err(error) => {
                if !self.is_away.swap(true, Ordering::Relaxed) {
                    rocket::error!("The session store is away: {error}.");
                    rocket::error_!(
                        "Guarded routes answer 503 until it is back; nobody is signed out."
                    );
                }
            }
            Ok(_) => {
                if self.is_away.load(Ordering::Relaxed)
                    && self.is_away.swap(false, Ordering::Relaxed)
                {
                    rocket::warn!("The session store is back.");
                }
            }
        }
    }

    /// Tells an administrator once that another process shares the secret key, but not this one's
    /// memory. For a while after the start that is a deploy.
    pub(super) fn notice_other_process(&self, sealed_at: Millis, silenced: &[String]) {
        let code = Code::SeveralProcesses;
        let is_deploy = sealed_at < self.started_at.saturating_add(LONGEST_OVERLAP);
        if is_deploy || code.is_in(silenced) || !self.other_process.take() {
            return;
        }
        rocket::warn!("{} {}", code.id(), code.finding());
        rocket::warn_!(
            "Who was signed out there may come back here. {}",
            code.remedy()
        );
    }

    /// Wakes those who wait for the end of a session, to see whether it was theirs.
    pub(crate) fn announce_an_ending(&self) {
        self.endings.notify_waiters();
    }

    /// Waits until `is_over` says so; it is asked again after each ending and from time to time.
    pub(crate) async fn wait_until<F: Future<Output = bool>>(&self, is_over: impl Fn() -> F) {
        loop {
            let ending = self.endings.notified();
            if is_over().await {
                return;
            }
            let _ = time::timeout(ASK_EVERY, ending).await;
        }
    }

    /// Returns the oldest that a ticket of a session in use can be, whose record was lost: an
    /// older one would have been replaced, or its session is idle.
    pub(crate) fn oldest_in_use(&self) -> Option<Millis> {
        let rotation = self.policy.rotate_every?;
        Some(rotation + self.policy.idle_timeout)
    }
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper")
            .field("store", &self.store)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;
    use rocket::tokio;

    fn keeper(timeout: Duration) -> Keeper {
        let figment = rocket::figment::Figment::from(rocket::Config::debug_default());
        let mut settings = crate::config::read_session(&figment, "restricted_session").unwrap();
        settings.store.timeout = timeout;
        Keeper::new(Arc::new(MemoryStore::new()), &settings, 0)
    }

    #[tokio::test]
    async fn a_store_that_answers_too_late_is_away_until_it_answers() {
        let keeper = keeper(Duration::from_millis(10));
        let never = keeper
            .ask(std::future::pending::<Result<(), StoreError>>())
            .await;
        assert_eq!(never, Err(Error::StoreUnavailable));
        assert!(keeper.is_away.load(Ordering::Relaxed));

        let late = async {
            tokio::task::yield_now().await;
            Ok(7)
        };
        assert_eq!(keeper.ask(late).await, Ok(7));
        assert!(!keeper.is_away.load(Ordering::Relaxed));
    }

    #[test]
    fn another_process_is_told_of_once_and_a_deploy_is_none() {
        let keeper = keeper(Duration::from_secs(2));
        keeper.notice_other_process(LONGEST_OVERLAP - 1, &[]);
        keeper.notice_other_process(LONGEST_OVERLAP, &["RS30".into()]);
        assert!(keeper.other_process.is_pending());
        keeper.notice_other_process(LONGEST_OVERLAP, &[]);
        assert!(!keeper.other_process.is_pending());
    }

    #[tokio::test]
    async fn an_ending_wakes_those_who_wait_for_one() {
        let keeper = Arc::new(keeper(Duration::from_secs(2)));
        let is_over = Arc::new(AtomicBool::new(false));
        let waiting = tokio::spawn({
            let (keeper, is_over) = (keeper.clone(), is_over.clone());
            async move {
                keeper
                    .wait_until(|| std::future::ready(is_over.load(Ordering::SeqCst)))
                    .await;
            }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        is_over.store(true, Ordering::SeqCst);
        keeper.announce_an_ending();
        let ended = tokio::time::timeout(ASK_EVERY / 2, waiting).await;
        assert!(ended.is_ok(), "it was not woken");
    }
}

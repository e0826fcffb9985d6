//! The store as one kind of session uses it: with its rules, a time limit, and outages told once.

use std::fmt;
use std::future::{poll_fn, Future};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use rocket::tokio::sync::broadcast;
use rocket::tokio::time;

use super::settings::{OnReplay, SessionSettings};
use super::ticket::Ticket;
use crate::codes::Code;
use crate::store::{Millis, Policy, Store, StoreError, SubjectId};
use crate::told::Once;
use crate::Error;

/// How often a connection that waits for the end of its session asks a store, which another node
/// may have told of it.
const ASK_EVERY: Duration = Duration::from_secs(5);

/// How many endings may pass before whoever waits for one looks; who misses some asks the store.
const UNSEEN_ENDINGS: usize = 64;

/// How long the processes before and after a deploy may run side by side.
const LONGEST_OVERLAP: Millis = 10 * 60 * 1000;

pub(crate) struct Keeper {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) policy: Policy,
    pub(crate) max_sessions: Option<u32>,
    /// Tickets of other processes may be taken over by a store that forgets.
    adopts: bool,
    timeout: Duration,
    is_away: AtomicBool,
    /// Whose sessions end. Those of others concern nobody: one user who signs in and out must not
    /// make all connections ask the store.
    endings: broadcast::Sender<SubjectId>,
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
            endings: broadcast::Sender::new(UNSEEN_ENDINGS),
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
            Poll::Pending => Box::pin(self.wait_for(answer)).await,
        };
        self.note(&answer);
        answer.map_err(|_| Error::StoreUnavailable)
    }

    async fn wait_for<R>(
        &self,
        answer: impl Future<Output = Result<R, StoreError>>,
    ) -> Result<R, StoreError> {
        let answer = time::timeout(self.timeout, answer).await;
        answer.unwrap_or_else(|_| {
            let limit = humantime::format_duration(self.timeout);
            Err(StoreError::new(format_args!("no answer within {limit}")))
        })
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

    /// Wakes those who wait for the end of a session of this subject, to see whether it was theirs.
    pub(crate) fn announce_an_ending(&self, subject: SubjectId) {
        // It fails where nobody waits.
        let _ = self.endings.send(subject);
    }

    /// Waits until `is_over` says so; it is asked again after each ending of a session of this
    /// subject, and from time to time.
    pub(crate) async fn wait_until<F: Future<Output = bool>>(
        &self,
        subject: SubjectId,
        is_over: impl Fn() -> F,
    ) {
        let mut endings = self.endings.subscribe();
        while !is_over().await {
            let ending =
                async { while endings.recv().await.is_ok_and(|ended| ended != subject) {} };
            let _ = time::timeout(ASK_EVERY, ending).await;
        }
    }

    /// Tells whether a ticket may be taken over where nothing is known of its session: one that
    /// another process sealed, under the present key, for a session that may still be in use.
    pub(super) fn may_take_over(&self, ticket: &Ticket, by_current_key: bool, now: Millis) -> bool {
        let process = self.store.process();
        // A store that does not forget names no process: what it has ended shall not come back.
        let sealed_by = ticket.kept.map_or(0, |kept| kept.process);
        let is_foreign = process != 0 && sealed_by != 0 && sealed_by != process;
        let age = now - ticket.issued_at * 1000;
        let in_use = self.oldest_in_use().is_none_or(|oldest| age < oldest);
        is_foreign && in_use && self.adopts && by_current_key
    }

    /// Returns the oldest that a ticket of a session in use can be, whose record was lost: an
    /// older one would have been replaced, or its session is idle.
    fn oldest_in_use(&self) -> Option<Millis> {
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
    use std::sync::atomic::AtomicU32;

    const ADA: SubjectId = SubjectId::from_bytes([1; 16]);
    const GRACE: SubjectId = SubjectId::from_bytes([2; 16]);

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
    async fn an_ending_wakes_those_whom_it_concerns() {
        let keeper = Arc::new(keeper(Duration::from_secs(2)));
        let is_over = Arc::new(AtomicBool::new(false));
        let asked = Arc::new(AtomicU32::new(0));
        let waiting = tokio::spawn({
            let (keeper, is_over, asked) = (keeper.clone(), is_over.clone(), asked.clone());
            async move {
                let is_over = || {
                    asked.fetch_add(1, Ordering::SeqCst);
                    std::future::ready(is_over.load(Ordering::SeqCst))
                };
                keeper.wait_until(ADA, is_over).await;
            }
        });
        for _ in 0..100 {
            tokio::task::yield_now().await;
            keeper.announce_an_ending(GRACE);
        }
        assert!(!waiting.is_finished());
        assert_eq!(asked.load(Ordering::SeqCst), 1, "it was not hers");

        is_over.store(true, Ordering::SeqCst);
        keeper.announce_an_ending(ADA);
        let ended = tokio::time::timeout(ASK_EVERY / 2, waiting).await;
        assert!(ended.is_ok(), "it was not woken");
    }

    #[tokio::test]
    async fn no_ending_is_missed_while_the_store_is_asked() {
        for others in [0, 10 * UNSEEN_ENDINGS] {
            let keeper = keeper(Duration::from_secs(2));
            let asked = AtomicU32::new(0);
            let ends_after_it_was_asked = || {
                let is_over = asked.fetch_add(1, Ordering::SeqCst) > 0;
                keeper.announce_an_ending(ADA);
                (0..others).for_each(|_| keeper.announce_an_ending(GRACE));
                std::future::ready(is_over)
            };
            let waiting = keeper.wait_until(ADA, ends_after_it_was_asked);
            let ended = tokio::time::timeout(ASK_EVERY / 2, waiting).await;
            assert!(ended.is_ok(), "it was missed among {others}");
        }
    }
}

//! Whatever is asked, in whatever order, SQLite answers as memory does.

use std::collections::HashMap;

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::store::MemoryStore;

/// A call of the trait; which session and ticket it is about is chosen among a few.
#[derive(Debug, Clone)]
enum Call {
    Create {
        at: u8,
        hours: i64,
        max_sessions: Option<u32>,
    },
    Present {
        at: u8,
        ticket: Index,
        revision: u32,
        device_cookie: DeviceCookie,
        revoke_on_replay: bool,
    },
    PresentForged {
        at: u8,
        generation: u32,
    },
    Succeed {
        at: u8,
    },
    Update {
        at: u8,
        update: Update,
    },
    End {
        at: u8,
        why: Over,
    },
    EndAll {
        at: u8,
        spare: bool,
        hours: i64,
    },
    Sessions {
        at: u8,
    },
    IsLive {
        at: u8,
    },
    Bind {
        at: u8,
        device: u8,
        stamp: u64,
    },
    Device {
        at: u8,
    },
    Prove {
        at: u8,
        stamp: u64,
    },
    Wait(Millis),
}

/// Nine sessions of three subjects.
fn places() -> impl Strategy<Value = u8> {
    0..9u8
}

fn place_key(at: u8) -> SessionKey {
    key(at / 3, at)
}

fn calls() -> impl Strategy<Value = Call> {
    let at = places;
    let cookie = prop_oneof![
        Just(DeviceCookie::Shown),
        Just(DeviceCookie::Absent),
        Just(DeviceCookie::NotNeeded),
    ];
    let why = prop_oneof![
        Just(Over::SignedOut),
        Just(Over::EndedElsewhere),
        Just(Over::Replaced),
        Just(Over::Revoked),
    ];
    let wait = prop_oneof![
        Just(1),
        Just(SECOND),
        Just(10 * SECOND),
        Just(11 * SECOND),
        Just(MINUTE),
        Just(4 * MINUTE),
        Just(15 * MINUTE),
        Just(31 * MINUTE),
        Just(HOUR),
    ];
    let limit = prop_oneof![Just(None), (1..3u32).prop_map(Some)];
    let update = (0..4u32, prop::collection::vec(any::<u8>(), 0..9))
        .prop_map(|(revision, payload)| Update { revision, payload });
    prop_oneof![
        4 => (at(), 1..3i64, limit)
            .prop_map(|(at, hours, max_sessions)| Call::Create { at, hours, max_sessions }),
        12 => (at(), any::<Index>(), 0..3u32, cookie, any::<bool>()).prop_map(
            |(at, ticket, revision, device_cookie, revoke_on_replay)| Call::Present {
                at, ticket, revision, device_cookie, revoke_on_replay,
            }
        ),
        1 => (at(), 0..4u32)
            .prop_map(|(at, generation)| Call::PresentForged { at, generation }),
        2 => at().prop_map(|at| Call::Succeed { at }),
        2 => (at(), update).prop_map(|(at, update)| Call::Update { at, update }),
        1 => (at(), why).prop_map(|(at, why)| Call::End { at, why }),
        2 => (at(), any::<bool>(), 0..3i64)
            .prop_map(|(at, spare, hours)| Call::EndAll { at, spare, hours }),
        2 => at().prop_map(|at| Call::Sessions { at }),
        2 => at().prop_map(|at| Call::IsLive { at }),
        1 => (at(), 1..3u8, 0..4u64)
            .prop_map(|(at, device, stamp)| Call::Bind { at, device, stamp }),
        1 => at().prop_map(|at| Call::Device { at }),
        1 => (at(), 0..9u64).prop_map(|(at, stamp)| Call::Prove { at, stamp }),
        8 => wait.prop_map(Call::Wait),
    ]
}

/// The same calls for two stores.
struct Pair {
    sqlite: SqliteStore,
    memory: MemoryStore,
    now: Millis,
    tickets: HashMap<u8, Vec<Lineage>>,
    /// Until when a session is kept. After it, a store may have forgotten it or not.
    expires: HashMap<u8, Millis>,
}

/// What is asked of both stores alike.
macro_rules! both {
    ($pair:expr, $($call:tt)+) => {
        ($pair.sqlite.$($call)+.await.unwrap(), $pair.memory.$($call)+.await.unwrap())
    };
}

impl Pair {
    fn new(place: &Place) -> Self {
        Self {
            sqlite: place.open(),
            memory: MemoryStore::new(),
            now: NOW,
            tickets: HashMap::new(),
            expires: HashMap::new(),
        }
    }

    fn is_kept(&self, at: u8) -> bool {
        self.expires
            .get(&at)
            .is_none_or(|expires| self.now < *expires)
    }

    async fn call(&mut self, call: Call) {
        let now = self.now;
        match call {
            Call::Create {
                at,
                hours,
                max_sessions,
            } => {
                let new = NewSession {
                    lifetime: hours * HOUR,
                    max_sessions,
                    ..new_session(place_key(at))
                };
                let (ours, theirs) = both!(self, create(&new, now));
                assert_eq!(ours, theirs);
                self.tickets.insert(at, vec![new.first]);
                self.expires.insert(at, now + new.lifetime);
            }
            Call::Present {
                at,
                ticket,
                revision,
                device_cookie,
                revoke_on_replay,
            } => {
                let Some(tickets) = self.tickets.get(&at) else {
                    return;
                };
                let policy = Policy {
                    revoke_on_replay,
                    ..policy()
                };
                let shown = Presented {
                    revision,
                    device_cookie,
                    ..presented(place_key(at), *ticket.get(tickets), &policy)
                };
                self.present(at, &shown).await;
            }
            Call::PresentForged { at, generation } => {
                let policy = policy();
                let forged = Lineage {
                    generation,
                    ..Lineage::root()
                };
                let shown = presented(place_key(at), forged, &policy);
                self.present(at, &shown).await;
            }
            Call::Succeed { at } => {
                let (key, fresh) = (place_key(at), Token::random());
                let (ours, theirs) = both!(self, succeed(&key, fresh, 10 * SECOND, now));
                assert_eq!(ours, theirs);
                if let Some((ticket, _)) = ours {
                    self.tickets.entry(at).or_default().push(ticket);
                }
            }
            Call::Update { at, update } => {
                let (ours, theirs) = both!(self, update(&place_key(at), &update, now));
                assert_eq!(ours, theirs);
            }
            Call::End { at, why } => {
                let (ours, theirs) = both!(self, end(&place_key(at), why, now));
                assert_eq!(ours, theirs);
            }
            Call::EndAll { at, spare, hours } => {
                let SessionKey { subject, id } = place_key(at);
                let except = spare.then_some(&id);
                // As long as any session may live: that is asked of the caller.
                both!(self, end_all(&subject, except, (2 + hours) * HOUR, now));
            }
            Call::Sessions { at } => {
                let subject = place_key(at).subject;
                let (ours, theirs) = both!(self, sessions(&subject, 30 * MINUTE, now));
                assert_eq!(ours, theirs);
            }
            Call::IsLive { at } => {
                let (ours, theirs) = both!(self, is_live(&place_key(at), 30 * MINUTE, now));
                assert_eq!(ours, theirs);
            }
            Call::Bind { at, device, stamp } => {
                let (ours, theirs) = both!(self, bind(&place_key(at), &[device], stamp, now));
                assert!(ours == theirs || !self.is_kept(at), "{ours:?} {theirs:?}");
            }
            Call::Device { at } => {
                let (ours, theirs) = both!(self, device(&place_key(at), now));
                assert!(ours == theirs || !self.is_kept(at), "{ours:?} {theirs:?}");
            }
            Call::Prove { at, stamp } => {
                let (ours, theirs) = both!(self, prove(&place_key(at), stamp, now));
                assert!(ours == theirs || !self.is_kept(at), "{ours:?} {theirs:?}");
            }
            Call::Wait(time) => self.now += time,
        }
    }

    async fn present(&mut self, at: u8, shown: &Presented<'_>) {
        let (ours, theirs) = both!(self, present(shown, self.now));
        if self.is_kept(at) {
            assert_eq!(ours, theirs);
        } else {
            assert!(matches!(ours, Presence::Over(_)), "{ours:?}");
        }
        if let Presence::Admitted(admission) = ours {
            let successor = admission.successor.into_iter();
            self.tickets.entry(at).or_default().extend(successor);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn sqlite_answers_as_memory_does(calls in prop::collection::vec(calls(), 1..120)) {
        let place = Place::new();
        run(async {
            let mut pair = Pair::new(&place);
            for call in calls {
                pair.call(call).await;
            }
        });
    }
}

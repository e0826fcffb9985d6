//! Browsers and thieves as they are, by the thousand: an hour each, on a network as it is.
//!
//! The draws are seeded: every run of the tests is the same.

mod dice;
mod hour;

use hour::{Hour, Thief, ThiefKind};

use crate::store::Millis;

const MINUTE: Millis = 60 * 1000;
const POLLS: [Millis; 3] = [2_000, 30_000, 300_000];

fn false_alarms(hour: Hour, runs: u64) -> usize {
    let alarms = (0..runs).filter_map(|seed| hour.run(seed));
    alarms.count()
}

/// How long after the theft each thief was found, the quickest first.
fn found(hour: Hour, runs: u64) -> Vec<Millis> {
    let mut found: Vec<_> = (0..runs).filter_map(|seed| hour.run(seed)).collect();
    found.sort_unstable();
    found
}

fn stolen(rotate_every: Millis, kind: ThiefKind, polls: Millis) -> Hour {
    Hour {
        thief: Some(Thief { kind, polls }),
        ..Hour::of(rotate_every, 0.005)
    }
}

#[test]
fn no_simulated_browser_is_taken_for_a_thief() {
    for loss in [0.005, 0.05] {
        for reauthenticates in [false, true] {
            let hour = Hour {
                reauthenticates,
                ..Hour::of(5 * MINUTE, loss)
            };
            assert_eq!(false_alarms(hour, 20), 0, "{hour:?}");
        }
    }
}

#[test]
fn simulated_thieves_are_found() {
    for kind in [ThiefKind::Naive, ThiefKind::Adaptive] {
        for polls in POLLS {
            let hour = stolen(5 * MINUTE, kind, polls);
            let found = found(hour, 20);
            assert!(found.len() >= 19, "{hour:?}: {} of 20", found.len());
        }
    }
}

#[test]
#[ignore = "takes minutes"]
fn the_table_of_honest_browsers() {
    println!("\n| due | lost | false alarms per 1000 | re-authenticating | per 1000 crashes |");
    for minutes in [5, 15] {
        for loss in [0.005, 0.05] {
            let hour = Hour::of(minutes * MINUTE, loss);
            let per_thousand = |hour| false_alarms(hour, 600) as f64 / 0.6;
            let plain = per_thousand(hour);
            let reauthenticating = per_thousand(Hour {
                reauthenticates: true,
                ..hour
            });
            let crashing = per_thousand(Hour {
                crashes: true,
                ..hour
            });
            println!(
                "| {minutes} min | {} % | {plain:.1} | {reauthenticating:.1} | {crashing:.1} |",
                loss * 100.0
            );
            assert_eq!((plain, reauthenticating), (0.0, 0.0));
            assert!((1.0..80.0).contains(&crashing), "{crashing}");
        }
    }
}

#[test]
#[ignore = "takes minutes"]
fn the_table_of_thieves() {
    println!("\n| due | thief | polls every | found | median | nine in ten |");
    for minutes in [5, 15] {
        for kind in [ThiefKind::Naive, ThiefKind::Adaptive] {
            for polls in POLLS {
                let found = found(stolen(minutes * MINUTE, kind, polls), 200);
                let within = |tenths: usize| found[(found.len() - 1) * tenths / 10] / 1000;
                println!(
                    "| {minutes} min | {kind:?} | {} s | {} % | {} s | {} s |",
                    polls / 1000,
                    found.len() / 2,
                    within(5),
                    within(9)
                );
                assert!(found.len() >= 196, "{}", found.len());
            }
        }
    }
}

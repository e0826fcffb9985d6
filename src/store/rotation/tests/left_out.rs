//! What each rule is there for: without it, an honest browser is taken for a thief.

use super::server::LeftOut;
use super::visit::{Calamity, Reauthentications, Visit};

fn raises_a_false_alarm(left_out: LeftOut, visit: Visit) {
    let explored = Visit { left_out, ..visit }.explore();
    let story = explored.story();
    println!(
        "without {left_out:?}, {} under way: a false alarm after {} steps",
        visit.under_way,
        story.len()
    );
    assert_eq!(story.last(), Some(&"false alarm"), "{left_out:?}");
}

fn reauthenticating(reauthentications: Reauthentications, under_way: usize) -> Visit {
    Visit {
        reauthentications,
        ..Visit::with(under_way)
    }
}

fn struck(calamity: Calamity) -> Visit {
    Visit {
        calamity,
        ..Visit::with(2)
    }
}

#[test]
fn the_rules_of_flight_and_siblings_are_needed() {
    for left_out in [LeftOut::P3, LeftOut::P5] {
        raises_a_false_alarm(left_out, Visit::with(2));
    }
    let three = reauthenticating(Reauthentications::One, 3);
    raises_a_false_alarm(LeftOut::P5Joins, three);
}

#[test]
fn the_rules_for_reauthentication_are_needed() {
    let in_turn = reauthenticating(Reauthentications::InTurn, 2);
    for left_out in [LeftOut::Claim, LeftOut::P6, LeftOut::S2, LeftOut::S3] {
        raises_a_false_alarm(left_out, in_turn);
    }
}

#[test]
fn the_rule_for_a_store_that_is_behind_is_needed() {
    for left_out in [LeftOut::P7, LeftOut::P7ByOne] {
        raises_a_false_alarm(left_out, struck(Calamity::Failover));
    }
}

#[test]
fn late_cookies_have_to_be_dropped() {
    let slow = Visit {
        longest_handler: 10,
        ..Visit::with(2)
    };
    raises_a_false_alarm(LeftOut::LateDrop, slow);
}

/// What no rule covers: re-authentications in parallel, and one during which the store loses what
/// it knew. Each costs the owner a sign-in, and opens nothing to anybody.
#[test]
fn known_limits() {
    let double_click = reauthenticating(Reauthentications::InParallel, 2);
    raises_a_false_alarm(LeftOut::Nothing, double_click);
    for calamity in [Calamity::Failover, Calamity::Restart] {
        let meanwhile = Visit {
            reauthentications: Reauthentications::One,
            ..struck(calamity)
        };
        raises_a_false_alarm(LeftOut::Nothing, meanwhile);
    }
}

//! No honest browser is ever taken for a thief, or refused.

use super::visit::{Calamity, Reauthentications, Visit};

fn holds(what: &str, visit: Visit) {
    let explored = visit.explore();
    let states = explored.states.len();
    println!("{what}, {} under way: {states} states", visit.under_way);
    let nothing: [&str; 0] = [];
    assert_eq!(explored.story(), nothing, "{what}");
    assert!(states > 1000, "{what}: {states} states");
}

fn reauthenticating(reauthentications: Reauthentications, under_way: usize) -> Visit {
    Visit {
        reauthentications,
        ..Visit::with(under_way)
    }
}

fn struck(calamity: Calamity, under_way: usize) -> Visit {
    Visit {
        calamity,
        ..Visit::with(under_way)
    }
}

fn slow(under_way: usize) -> Visit {
    Visit {
        longest_handler: 10,
        ..Visit::with(under_way)
    }
}

#[test]
fn rotation_raises_no_alarm() {
    holds("rotation", Visit::with(2));
    holds("rotation", Visit::with(3));
}

#[test]
fn handlers_that_outlive_a_generation_raise_no_alarm() {
    holds("handlers of 10", slow(2));
}

#[test]
fn a_reauthentication_at_any_time_raises_no_alarm() {
    let one = reauthenticating(Reauthentications::One, 2);
    holds("one re-authentication", one);
}

#[test]
fn reauthentications_in_turn_raise_no_alarm() {
    let in_turn = reauthenticating(Reauthentications::InTurn, 2);
    holds("re-authentications in turn", in_turn);
}

#[test]
fn nothing_opens_after_the_end() {
    holds("ended", struck(Calamity::End, 2));
    holds("all ended", struck(Calamity::EndAll, 2));
}

#[test]
fn the_excepted_session_goes_on_when_all_others_end() {
    let all_others = Visit {
        calamity: Calamity::EndAllOthers,
        ..reauthenticating(Reauthentications::InTurn, 2)
    };
    holds("all others ended", all_others);
}

#[test]
fn a_store_that_forgets_everything_raises_no_alarm() {
    holds("restarts", struck(Calamity::Restart, 2));
    holds("restarts", struck(Calamity::Restart, 3));
}

#[test]
#[ignore = "takes minutes"]
fn a_store_that_is_taken_back_raises_no_alarm() {
    holds("a failover", struck(Calamity::Failover, 2));
}

#[test]
#[ignore = "takes minutes"]
fn with_three_messages_under_way_nothing_else_happens() {
    let one = reauthenticating(Reauthentications::One, 3);
    holds("one re-authentication", one);
    let in_turn = reauthenticating(Reauthentications::InTurn, 3);
    holds("re-authentications in turn", in_turn);
    holds("handlers of 10", slow(3));
    holds("ended", struck(Calamity::End, 3));
    holds("all ended", struck(Calamity::EndAll, 3));
    holds("all others ended", struck(Calamity::EndAllOthers, 3));
}

//! From one state to all that can follow.

use std::collections::HashMap;
use std::hash::Hash;
use std::rc::Rc;

/// What may happen next in a state.
pub(super) enum Next<S> {
    /// Something that takes no time.
    At(S),
    /// A unit of time passes.
    Later(S),
    /// What must not happen, or, of a thief, what must happen at last.
    Caught(&'static str),
}

/// How far to explore.
#[derive(PartialEq, Eq)]
pub(super) enum Until {
    /// To the first that is caught, if any is.
    Caught,
    /// To the last state there is.
    Exhausted,
}

/// Every state there can be.
pub(super) struct Explored<S> {
    pub(super) states: Vec<Rc<S>>,
    /// How each state was met first: from which other, and by what.
    met: Vec<(usize, &'static str)>,
    /// Of each state, those that follow at once and those that follow later.
    followers: Vec<Vec<(usize, bool)>>,
    /// What was caught first, and in which state.
    caught: Option<(&'static str, usize)>,
}

/// Explores all states that `steps` leads to, the nearest first.
pub(super) fn explore<S: Eq + Hash>(
    start: S,
    until: Until,
    steps: impl Fn(&S) -> Vec<(&'static str, Next<S>)>,
) -> Explored<S> {
    let start = Rc::new(start);
    let mut known = HashMap::from([(start.clone(), 0)]);
    let mut explored = Explored {
        states: vec![start],
        met: vec![(0, "")],
        followers: Vec::new(),
        caught: None,
    };
    while let Some(state) = explored.states.get(explored.followers.len()).cloned() {
        let from = explored.followers.len();
        let mut followers = Vec::new();
        for (by, next) in steps(&state) {
            let (next, is_later) = match next {
                Next::At(next) => (next, false),
                Next::Later(next) => (next, true),
                Next::Caught(what) => {
                    explored.caught.get_or_insert((what, from));
                    continue;
                }
            };
            let count = known.len();
            let next = Rc::new(next);
            let at = *known.entry(next.clone()).or_insert_with(|| {
                explored.states.push(next);
                explored.met.push((from, by));
                count
            });
            if at != from {
                followers.push((at, is_later));
            }
        }
        explored.followers.push(followers);
        if until == Until::Caught && explored.caught.is_some() {
            break;
        }
    }
    explored
}

impl<S> Explored<S> {
    /// The shortest way to what was caught, step by step; none if nothing was.
    pub(super) fn story(&self) -> Vec<&'static str> {
        let mut steps = Vec::new();
        if let Some((what, mut at)) = self.caught {
            steps.push(what);
            while at != 0 {
                let (from, by) = self.met[at];
                steps.push(by);
                at = from;
            }
        }
        steps.reverse();
        steps
    }

    /// For how many units of time a run may go on without being caught, from any of the states
    /// that `count`, which is where it stays; `None`: for ever.
    pub(super) fn longest(&self, count: impl Fn(&S) -> bool) -> Option<usize> {
        let mut going_on: Vec<bool> = self.states.iter().map(|state| count(state)).collect();
        let mut left = going_on.len() + 1;
        for time in 0.. {
            let before = left;
            left = going_on.iter().filter(|going| **going).count();
            match left {
                0 => return Some(time),
                _ if left == before => return None,
                _ => going_on = self.can_go_on(&going_on),
            }
        }
        None
    }

    /// Those of the states from which one more unit of time leads to one of them.
    fn can_go_on(&self, states: &[bool]) -> Vec<bool> {
        let mut can = self.lead(states, states, true);
        loop {
            let at_once = self.lead(states, &can, false);
            let both = can.iter().zip(&at_once).map(|(later, now)| later | now);
            let more: Vec<bool> = both.collect();
            if more == can {
                return can;
            }
            can = more;
        }
    }

    /// Those of the states that are followed, at once or later, by one of `to`.
    fn lead(&self, states: &[bool], to: &[bool], later: bool) -> Vec<bool> {
        let leads = |followers: &Vec<(usize, bool)>| {
            let mut matching = followers.iter().filter(|(_, is_later)| *is_later == later);
            matching.any(|(at, _)| to[*at])
        };
        let each = states.iter().zip(&self.followers);
        each.map(|(counts, followers)| *counts && leads(followers))
            .collect()
    }
}

//! Several cookies of the right name: which of them counts.

use super::candidate::{Admitted, Candidate, Refused};
use super::section::Section;
use super::ticket::Ticket;
use crate::rejection::Reason;
use crate::store::Millis;

/// Chooses among the cookies of one name: a sibling domain may have planted some of them. One that
/// would open the route is taken, but never one of two. `None` if there is none at all.
pub(super) async fn choose<T>(
    mut candidates: Vec<Candidate<T>>,
    section: &Section,
    now: Millis,
) -> Option<Candidate<T>> {
    match candidates.len() {
        0 | 1 => candidates.pop(),
        _ => Box::pin(choose_among_several(candidates, section, now)).await,
    }
}

async fn choose_among_several<T>(
    candidates: Vec<Candidate<T>>,
    section: &Section,
    now: Millis,
) -> Option<Candidate<T>> {
    let mut admitted: Vec<Box<Admitted<T>>> = Vec::new();
    let mut refused: Option<Refused> = None;
    for candidate in candidates {
        match candidate {
            Ok(next) => keep_the_newest(&mut admitted, next),
            Err(next) => {
                refused = Some(match refused {
                    Some(first) => first.or_graver(next),
                    None => next,
                });
            }
        }
    }
    if admitted.len() > 1 {
        if let Err(away) = drop_the_dead(&mut admitted, section, now).await {
            return Some(Err(away));
        }
    }
    if admitted.len() > 1 {
        let status = section.settings.failure_status;
        return Some(Err(Refused::because(Reason::Ambiguous, status)));
    }
    admitted.pop().map(Ok).or(refused.map(Err))
}

/// Of several tickets of one session only the newest counts.
fn keep_the_newest<T>(admitted: &mut Vec<Box<Admitted<T>>>, next: Box<Admitted<T>>) {
    let same_session = |one: &&mut Box<Admitted<T>>| one.ticket.id == next.ticket.id;
    match admitted.iter_mut().find(same_session) {
        Some(known) if place(&known.ticket) < place(&next.ticket) => *known = next,
        Some(_) => {}
        None => admitted.push(next),
    }
}

/// Drops the sessions that the store knows to be over, but not the last one: the refusal of that
/// is to be told. One that it would take over is not over.
async fn drop_the_dead<T>(
    admitted: &mut Vec<Box<Admitted<T>>>,
    section: &Section,
    now: Millis,
) -> Result<(), Refused> {
    let Some(keeper) = &section.keeper else {
        return Ok(());
    };
    let mut dead = Vec::new();
    for (index, one) in admitted.iter().enumerate() {
        let may_be_taken = keeper.may_take_over(&one.ticket, one.by_current_key, now);
        if let Some(key) = one.ticket.key().filter(|_| !may_be_taken) {
            let is_live = keeper.store.is_live(&key, keeper.policy.idle_timeout, now);
            let is_live = keeper.ask(is_live).await;
            if !is_live.map_err(|_| Refused::store_away())? {
                dead.push(index);
            }
        }
    }
    while let Some(index) = dead.pop().filter(|_| admitted.len() > 1) {
        admitted.remove(index);
    }
    Ok(())
}

/// Orders the tickets of one session by age.
fn place(ticket: &Ticket) -> (u32, i64) {
    let generation = ticket.kept.map_or(0, |kept| kept.lineage.generation);
    (generation, ticket.issued_at)
}

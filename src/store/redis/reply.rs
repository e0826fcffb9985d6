//! What the scripts answer: a number where that says it all, else a list.

use redis::{from_redis_value, FromRedisValue, Value};

use crate::store::token::Token;
use crate::store::{
    Admission, Binding, Lineage, Millis, Occurrence, Over, Presence, Proof, StoreError, Update,
};
use crate::wire::take;

const REPLAYED: i64 = 9;
const UNBOUND: i64 = 10;
const TAKEN: i64 = 9;

pub(super) fn read<T: FromRedisValue>(answer: Value) -> Result<T, StoreError> {
    from_redis_value(answer).map_err(|_| unexpected())
}

pub(super) fn unexpected() -> StoreError {
    StoreError::new("Redis answered what no script of this version answers")
}

pub(super) fn presence(answer: Value) -> Result<Presence, StoreError> {
    match answer {
        Value::Int(REPLAYED) => Ok(Presence::Replayed),
        Value::Int(UNBOUND) => Ok(Presence::Unbound),
        Value::Int(now) if now > UNBOUND => Ok(Presence::Admitted(Admission::plain(now))),
        Value::Int(code) => Ok(Presence::Over(over(code)?)),
        admitted => Ok(Presence::Admitted(admission(read(admitted)?)?)),
    }
}

type Admitted = (Millis, Vec<u8>, u32, u8, u32, Vec<u8>, bool);

fn admission(admitted: Admitted) -> Result<Admission, StoreError> {
    let (now, successor, generation, note, revision, payload, device_bound) = admitted;
    let successor = match successor.as_slice() {
        [] => None,
        tokens => Some(lineage(tokens, generation)?),
    };
    let occurrence = match note {
        0 => None,
        1 => Some(Occurrence::Rotated),
        2 => Some(Occurrence::RotationContested),
        3 => Some(Occurrence::StoreBehind),
        _ => return Err(unexpected()),
    };
    Ok(Admission {
        now,
        successor,
        occurrence,
        update: (revision != 0).then_some(Update { revision, payload }),
        device_bound,
    })
}

pub(super) fn succession(answer: Value) -> Result<Option<(Lineage, Millis)>, StoreError> {
    if answer == Value::Int(0) {
        return Ok(None);
    }
    let (now, tokens, generation): (Millis, Vec<u8>, u32) = read(answer)?;
    Ok(Some((lineage(&tokens, generation)?, now)))
}

pub(super) fn binding(answer: Value) -> Result<Binding, StoreError> {
    match read(answer)? {
        0 => Ok(Binding::Bound),
        TAKEN => Ok(Binding::Taken),
        code => Ok(Binding::Over(over(code)?)),
    }
}

pub(super) fn proof(answer: Value) -> Result<Proof, StoreError> {
    match answer {
        Value::Int(0) => Ok(Proof::Used),
        Value::Int(code) => Ok(Proof::Over(over(code)?)),
        fresh => {
            let (now,) = read(fresh)?;
            Ok(Proof::Fresh { now })
        }
    }
}

fn over(code: i64) -> Result<Over, StoreError> {
    let code = u8::try_from(code).ok();
    code.and_then(Over::from_code).ok_or_else(unexpected)
}

/// Reads a token and its parent.
fn lineage(tokens: &[u8], generation: u32) -> Result<Lineage, StoreError> {
    let rest = &mut &*tokens;
    let mut token = || {
        take(rest)
            .and_then(Token::from_bytes)
            .ok_or_else(unexpected)
    };
    Ok(Lineage {
        token: token()?,
        parent: token()?,
        generation,
    })
}

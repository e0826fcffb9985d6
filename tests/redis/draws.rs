//! Values drawn from a seed.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rocket_restricted_session::store::{DeviceCookie, Lineage, Over, Token, Update};

pub struct Draws {
    random: StdRng,
    fresh: Token,
}

impl Draws {
    pub fn new(seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let fresh = token(&mut random);
        Self { random, fresh }
    }

    /// Tells whether something happens that does so this often in a hundred.
    pub fn happens(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.random.gen_range(0..bound)
    }

    pub fn one_of<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())]
    }

    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes[..]);
        bytes
    }

    pub fn token(&mut self) -> Token {
        token(&mut self.random)
    }

    /// A new token, or that of the call before: a call that is repeated.
    pub fn fresh(&mut self) -> Token {
        if self.happens(90) {
            self.fresh = self.token();
        }
        self.fresh
    }

    pub fn root(&mut self) -> Lineage {
        Lineage {
            token: self.token(),
            parent: self.token(),
            generation: 0,
        }
    }

    pub fn update(&mut self) -> Update {
        let [byte] = self.bytes();
        Update {
            revision: self.one_of(&[0, 1, 2]),
            payload: vec![byte; self.one_of(&[0, 1, 300])],
        }
    }

    pub fn reason(&mut self) -> Over {
        self.one_of(&[
            Over::SignedOut,
            Over::EndedElsewhere,
            Over::Replaced,
            Over::Revoked,
        ])
    }

    pub fn cookie(&mut self) -> DeviceCookie {
        self.one_of(&[
            DeviceCookie::Shown,
            DeviceCookie::Absent,
            DeviceCookie::NotNeeded,
        ])
    }

    /// Stamps that a number in a script could not tell apart.
    pub fn stamp(&mut self) -> u64 {
        self.one_of(&[0, 1 << 32, 1 << 60]) + self.one_of(&[0, 1, 2])
    }
}

fn token(random: &mut StdRng) -> Token {
    loop {
        if let Some(token) = Token::from_bytes(random.gen()) {
            return token;
        }
    }
}

//! How often, how long, how late.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::store::token::Token;
use crate::store::Millis;

pub(super) struct Dice(StdRng);

impl Dice {
    pub(super) fn of(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    pub(super) fn between(&mut self, least: Millis, most: Millis) -> Millis {
        self.0.gen_range(least..=most)
    }

    pub(super) fn happens(&mut self, share: f64) -> bool {
        self.0.gen_bool(share)
    }

    pub(super) fn token(&mut self) -> Token {
        let number: u64 = self.0.gen_range(1..=u64::MAX);
        Token::from_bytes(number.to_be_bytes()).expect("not zero")
    }

    /// As long as things last that may end at any moment.
    pub(super) fn about(&mut self, mean: Millis) -> Millis {
        let share: f64 = self.0.gen_range(f64::MIN_POSITIVE..1.0);
        (-share.ln() * mean as f64) as Millis
    }

    /// One way over the network: mostly some 80 ms, now and then a second.
    pub(super) fn latency(&mut self) -> Millis {
        let bell: f64 = (0..12).map(|_| self.0.gen_range(-0.5..0.5)).sum();
        (80.0 * (0.8 * bell).exp()) as Millis
    }

    /// One handler in a hundred is a long poll, an upload or a report.
    pub(super) fn handler(&mut self) -> Millis {
        match self.happens(0.01) {
            true => self.between(3_000, 40_000),
            false => self.about(50),
        }
    }

    /// Until the next page: mostly half a minute, now and then a coffee.
    pub(super) fn reading(&mut self) -> Millis {
        match self.happens(0.05) {
            true => self.between(120_000, 600_000),
            false => self.about(30_000),
        }
    }
}

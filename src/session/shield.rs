//! The managed state of one attached shield.

use std::marker::PhantomData;
use std::sync::Arc;

use rocket::{Ignite, Rocket};

use super::section::Section;

/// What the guards of `T` find in Rocket's managed state.
#[derive(Debug)]
pub(crate) struct Shield<T> {
    pub(crate) section: Arc<Section>,
    kind: PhantomData<fn() -> T>,
}

impl<T> Shield<T> {
    pub(crate) fn new(section: Arc<Section>) -> Self {
        Self {
            section,
            kind: PhantomData,
        }
    }
}

/// Aborts a launch in which a route asks for sessions that no shield provides.
pub(super) fn sentinel_abort<T: 'static>(rocket: &Rocket<Ignite>, guard: &str) -> bool {
    let attached = rocket.state::<Shield<T>>().is_some();
    if !attached {
        let kind = std::any::type_name::<T>();
        rocket::error!("A route asks for `{guard}<{kind}>`, but nothing provides it.");
        rocket::error_!("Attach the fairing: `.attach(SessionShield::<{kind}>::new())`.");
    }
    !attached
}

//! A small bank whose sessions cannot be used from elsewhere.
//!
//! `cargo run --example bank`, then open <http://127.0.0.1:8000>. Every `ROCKET_*` variable works
//! on it; programs that accept `application/json` get JSON from the same routes.

#[path = "bank/account.rs"]
mod account;
#[path = "bank/activity.rs"]
mod activity;
#[path = "bank/answer.rs"]
mod answer;
#[path = "bank/assets.rs"]
mod assets;
#[path = "bank/catchers.rs"]
mod catchers;
#[path = "bank/confirm.rs"]
mod confirm;
#[path = "bank/cookies.rs"]
mod cookies;
#[path = "bank/desk.rs"]
mod desk;
#[path = "bank/device.rs"]
mod device;
#[path = "bank/devices.rs"]
mod devices;
#[path = "bank/events.rs"]
mod events;
#[path = "bank/keeping.rs"]
mod keeping;
#[path = "bank/live.rs"]
mod live;
#[path = "bank/notice.rs"]
mod notice;
#[path = "bank/open.rs"]
mod open;
#[path = "bank/policy.rs"]
mod policy;
#[path = "bank/sign_in.rs"]
mod sign_in;
#[path = "bank/steal.rs"]
mod steal;
#[path = "bank/times.rs"]
mod times;
#[path = "bank/vault.rs"]
mod vault;
#[path = "bank/visit.rs"]
mod visit;

use std::fmt::Display;
use std::sync::Arc;

use rocket::figment::providers::Serialized;
use rocket::figment::Figment;
use rocket::{catchers, launch, routes, Build, Config, Rocket};
use rocket_restricted_session::{Event, SessionData, SessionShield};
use serde::{Deserialize, Serialize};

use activity::Activity;
use device::DeviceKeys;
use policy::Policy;
use vault::Vault;

/// What the bank keeps in a session.
#[derive(Serialize, Deserialize)]
pub(crate) struct Customer {
    name: String,
}

impl SessionData for Customer {
    fn subject(&self) -> impl Display {
        &self.name
    }
}

#[launch]
fn rocket() -> _ {
    let figment = Config::figment();
    explain_missing_key(&figment);
    bank(figment, SessionShield::new())
}

/// Builds the bank on a configuration and a shield, which tests may have given a clock.
pub(crate) fn bank(figment: Figment, shield: SessionShield<Customer>) -> Rocket<Build> {
    let figment = figment.adjoin(own_defaults());
    let activity = Arc::<Activity>::default();
    let keys = Arc::<DeviceKeys>::default();
    let noted = (activity.clone(), keys.clone());
    let note = move |event: &Event| {
        noted.0.note(event);
        noted.1.note(event);
    };

    rocket::custom(&figment)
        .attach(shield.on_event(note))
        .attach(answer::pages())
        .manage(activity)
        .manage(keys)
        .manage(Policy::of(&figment))
        .manage(Vault::open())
        .mount("/", routes![open::healthz, open::whoami])
        .mount("/", routes![assets::stylesheet])
        .mount("/", routes![assets::copy_script, assets::live_script])
        .mount("/", routes![sign_in::home, sign_in::login, sign_in::logout])
        .mount("/", routes![confirm::confirm_form, confirm::confirm])
        .mount("/", routes![account::account, account::transfer])
        .mount("/", routes![devices::list, live::live])
        .mount("/", routes![devices::end, devices::end_others])
        .mount("/", routes![cookies::cookies])
        .register("/", catchers![catchers::failed])
}

/// What the bank sets by itself: scripts read its CSRF token.
///
/// Names in `Rocket.toml` come on top, since its `readable = []` means no others; the environment,
/// and the table of a profile, have the last word.
fn own_defaults() -> Serialized<[&'static str; 1]> {
    Serialized::default("restricted_session.cookies.readable", ["csrf"])
}

/// Says how to get a secret key, which Rocket asks for outside the debug profile.
fn explain_missing_key(figment: &Figment) {
    let lacks_key = |config: Config| config.secret_key.is_zero();
    let is_debug = figment.profile() == Config::DEBUG_PROFILE;
    if !is_debug && Config::try_from(figment).is_ok_and(lacks_key) {
        let profile = figment.profile();
        eprintln!("In the {profile} profile the bank needs a secret key to seal sessions with:");
        eprintln!();
        eprintln!("    export ROCKET_SECRET_KEY=\"$(openssl rand -base64 32)\"");
        eprintln!();
        eprintln!("Then start it again. Sessions last as long as the key stays the same.");
        eprintln!();
    }
}

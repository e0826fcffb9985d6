//! Device-bound sessions: what opens with the device, and stays shut without it.

mod attacks;
mod browser;
mod lifecycle;
mod settings;

use browser::{DeviceBrowser, BOUND};

use crate::support::*;

/// An app that binds sessions to devices, over TLS.
fn bound_app(keys: &str) -> App {
    App::new(&device_keys(keys))
}

fn device_keys(keys: &str) -> String {
    format!("{keys}\nproxy.assume_secure = true\ndbsc.enabled = true")
}

fn unbound() -> (u16, String) {
    (401, "unbound - true".into())
}

/// Seconds after which neither the sign-in nor the binding excuses a missing bound cookie.
const AFTER_GRACE: i64 = 61;

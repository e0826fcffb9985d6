//! What the shields of one app share, set up by whichever ignites first.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rocket::fairing;
use rocket::{Build, Rocket};

use super::finisher::Finisher;
use crate::checks;
use crate::codes::Code;
use crate::config;
use crate::session::section::Section;
use crate::transport::{self, OnInsecure, Transport};

/// The managed state that all shields of an app share.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) transport: Arc<Transport>,
    sections: Mutex<Vec<Arc<Section>>>,
}

impl App {
    /// Returns the sections whose shields have ignited.
    pub(super) fn sections(&self) -> MutexGuard<'_, Vec<Arc<Section>>> {
        self.sections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells whether requests over plain HTTP are answered by us.
    pub(super) fn diverts(&self) -> bool {
        self.transport.settings.https.on_insecure != OnInsecure::Allow
    }

    /// Tells whether `checks.deny` lists one of the findings, and prints those.
    pub(super) fn refuses(&self, mut findings: Vec<Code>) -> bool {
        findings.retain(|code| code.is_in(&self.transport.settings.denied));
        findings
            .iter()
            .for_each(|code| checks::print_refusal(*code));
        !findings.is_empty()
    }

    /// Prints what protects the app, and what a deployment should mend.
    pub(super) fn print(&self) {
        let mut findings = checks::of_transport(&self.transport);
        for section in self.sections().iter() {
            section.print();
            findings.extend(checks::of_section(section));
        }
        self.transport.print();
        let silenced = &self.transport.settings.silenced;
        findings.retain(|code| !code.is_in(silenced));
        findings.into_iter().for_each(checks::print);
    }
}

/// Sets up what the shields share, unless another shield has done so.
pub(super) fn set_up(rocket: Rocket<Build>) -> fairing::Result {
    if rocket.state::<Arc<App>>().is_some() {
        return Ok(rocket);
    }
    let app = match read(&rocket) {
        Ok(app) => Arc::new(app),
        Err(error) => {
            rocket::config::pretty_print_error(*error);
            return Err(rocket);
        }
    };
    if app.refuses(checks::of_transport(&app.transport)) {
        return Err(rocket);
    }
    // Fairings that are attached while the app ignites come after all that it attached itself:
    // this one sees the headers of Rocket's `Shield` and cookies that others add late.
    let transport = app.transport.clone();
    let finisher = Finisher { app: app.clone() };
    let proxies = transport.settings.proxy.clone();
    // Mounted only where it is needed: Rocket compares each request with each route.
    let internal = app.diverts().then(transport::route);
    let rocket = rocket.manage(proxies).manage(transport).manage(app);
    Ok(rocket.mount("/", Vec::from_iter(internal)).attach(finisher))
}

fn read(rocket: &Rocket<Build>) -> Result<App, Box<rocket::figment::Error>> {
    let figment = rocket.figment();
    let settings = config::read_transport(figment)?;
    let config = rocket::Config::try_from(figment)?;
    Ok(App {
        transport: Arc::new(Transport::new(settings, &config)),
        sections: Mutex::default(),
    })
}

//! The last word on every response: session cookies, hardening, HSTS.

use std::sync::Arc;

use rocket::fairing::{Fairing, Info, Kind};
use rocket::request::Request;
use rocket::response::Response;
use rocket::{async_trait, Data, Orbit, Rocket};

use super::app::App;
use crate::session;

/// Attached once, by whichever shield ignites first.
pub(super) struct Finisher {
    pub(super) app: Arc<App>,
}

#[async_trait]
impl Fairing for Finisher {
    fn info(&self) -> Info {
        let kind = Kind::Liftoff | Kind::Response | Kind::Singleton;
        Info {
            name: "Restricted Session",
            kind: match self.app.diverts() {
                true => kind | Kind::Request,
                false => kind,
            },
        }
    }

    async fn on_liftoff(&self, _: &Rocket<Orbit>) {
        self.app.print();
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        self.app.transport.divert_insecure(request);
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        let transport = &self.app.transport;
        let over_tls = transport.is_secure(request);
        session::response::settle(request, response, over_tls);
        transport.finish(request, response, over_tls);
    }
}

//! The last word on every response: session cookies, hardening, HSTS.

use std::sync::Arc;

use rocket::fairing::{Fairing, Info, Kind};
use rocket::request::Request;
use rocket::response::Response;
use rocket::{async_trait, Data, Orbit, Rocket};

use super::app::App;
use crate::session;
use crate::transport::{self, Transport};

/// Attached once, by whichever shield ignites first.
pub(super) struct Finisher;

#[async_trait]
impl Fairing for Finisher {
    fn info(&self) -> Info {
        Info {
            name: "Restricted Session",
            kind: Kind::Liftoff | Kind::Request | Kind::Response | Kind::Singleton,
        }
    }

    async fn on_liftoff(&self, rocket: &Rocket<Orbit>) {
        if let Some(app) = rocket.state::<App>() {
            app.print();
        }
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        if let Some(transport) = request.rocket().state::<Arc<Transport>>().cloned() {
            transport.divert_insecure(request);
        }
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        let Some(transport) = transport::of(request) else {
            return;
        };
        let over_tls = transport.is_secure(request);
        session::response::settle(request, response, over_tls);
        transport.finish(request, response, over_tls);
    }
}

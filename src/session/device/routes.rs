//! The two routes under `dbsc.path`, as Rocket sees them.

use std::sync::Arc;

use rocket::async_trait;
use rocket::http::{Method, Status};
use rocket::request::Request;
use rocket::response::Response;
use rocket::route::{self, Handler, Route};
use rocket::Data;

use super::answer::empty;
use super::refresh::Refresh;
use super::register::register;
use crate::session::section::Section;

pub(super) const REGISTER: &str = "register";
pub(super) const REFRESH: &str = "refresh";

#[derive(Clone, Copy)]
enum Step {
    Register,
    Refresh,
}

#[derive(Clone)]
struct Endpoint {
    section: Arc<Section>,
    step: Step,
}

/// Returns the routes, to be mounted under `dbsc.path`; none if sessions are not bound to devices.
pub(crate) fn routes(section: &Arc<Section>) -> Vec<Route> {
    if section.device.is_none() {
        return Vec::new();
    }
    let steps = [(REGISTER, Step::Register), (REFRESH, Step::Refresh)];
    let route = |(path, step)| {
        let section = section.clone();
        let endpoint = Endpoint { section, step };
        Route::new(Method::Post, &format!("/{path}"), endpoint)
    };
    steps.into_iter().map(route).collect()
}

#[async_trait]
impl Handler for Endpoint {
    async fn handle<'r>(&self, request: &'r Request<'_>, _: Data<'r>) -> route::Outcome<'r> {
        route::Outcome::Success(self.answer(request).await)
    }
}

impl Endpoint {
    async fn answer(&self, request: &Request<'_>) -> Response<'static> {
        let section = &*self.section;
        let (Some(device), Some(keeper)) = (&section.device, &section.keeper) else {
            return empty(Status::Forbidden);
        };
        let Some(keys) = device.keys(section, request) else {
            return empty(Status::ServiceUnavailable);
        };
        match self.step {
            Step::Register => register(request, section, device, keeper, keys).await,
            Step::Refresh => {
                let refresh = Refresh {
                    request,
                    section,
                    device,
                    keeper,
                    keys,
                };
                refresh.answer().await
            }
        }
    }
}

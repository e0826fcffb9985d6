//! Where a customer is signed in: to look at, and to sign out from here.

use minijinja::context;
use rocket::http::Status;
use rocket::response::Redirect;
use rocket::serde::json::json;
use rocket::{get, post, uri};
use rocket_restricted_session::{
    Error, FreshSession, RestrictedSession, SessionId, SessionInfo, SessionJar,
};
use serde::Serialize;

use super::answer::Answer;
use super::times::rfc_3339;
use super::Customer;

/// One session, for its owner's eyes.
#[derive(Serialize)]
struct Device {
    id: String,
    current: bool,
    label: String,
    network: Option<String>,
    created_at: String,
    last_seen: String,
    device_bound: bool,
}

impl From<SessionInfo> for Device {
    fn from(session: SessionInfo) -> Self {
        Self {
            id: session.id.to_string(),
            current: session.current,
            label: session.label,
            network: session.network,
            created_at: rfc_3339(session.created_at),
            last_seen: rfc_3339(session.last_seen),
            device_bound: session.device_bound,
        }
    }
}

#[get("/devices")]
pub(crate) async fn list(
    session: RestrictedSession<Customer>,
    jar: SessionJar<'_, Customer>,
) -> Result<Answer, Status> {
    let sessions = jar.sessions().await.map_err(status)?;
    let devices: Vec<Device> = sessions.into_iter().map(Device::from).collect();
    let json = json!(devices);
    let context = context! {
        user => session.name,
        fresh => session.is_fresh(),
        devices,
    };
    Ok(Answer::new("devices.html", context, json))
}

/// Ends one session. It takes a recent password: whoever found a browser open shall not be able
/// to lock its owner out everywhere else.
#[post("/devices/<id>/end")]
pub(crate) async fn end(
    id: Option<SessionId>,
    session: FreshSession<Customer>,
    jar: SessionJar<'_, Customer>,
) -> Result<Redirect, Status> {
    let id = id.ok_or(Status::NotFound)?;
    jar.end(id).await.map_err(status)?;
    let is_own = id == session.session_id();
    Ok(Redirect::to(match is_own {
        true => uri!("/"),
        false => uri!("/devices"),
    }))
}

#[post("/devices/end-others")]
pub(crate) async fn end_others(
    _fresh: FreshSession<Customer>,
    jar: SessionJar<'_, Customer>,
) -> Result<Redirect, Status> {
    jar.logout_others().await.map_err(status)?;
    Ok(Redirect::to(uri!("/devices")))
}

/// A bank that remembers no sessions is configured so; nothing went wrong.
fn status(error: Error) -> Status {
    match error {
        Error::NoStore => Status::NotImplemented,
        error => error.status(),
    }
}

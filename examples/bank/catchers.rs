//! What people and programs get when something is refused or goes wrong.

use minijinja::context;
use rocket::catch;
use rocket::http::Status;
use rocket::request::Request;
use rocket::serde::json::{json, Value};
use rocket_restricted_session::{rejection, Reason, Rejection};

use super::answer::Answer;
use super::confirm::{confirm_page, Place};
use super::notice::Notice;
use super::sign_in::sign_in_page;

/// Answers whatever failed: a refused session with the way back in, anything else in one sentence.
#[catch(default)]
pub(crate) fn failed(status: Status, request: &Request<'_>) -> Answer {
    let rejection = rejection(request);
    let page = match rejection {
        Some(rejection) if status.class().is_client_error() => way_back(rejection, request),
        _ => error_page(status),
    };
    page.with_status(status)
        .with_json(in_json(status, rejection))
}

fn way_back(rejection: &Rejection, request: &Request<'_>) -> Answer {
    let notice = Some(Notice::explaining(rejection));
    match rejection.reason() {
        Reason::Stale => confirm_page(notice, Place::of(request.uri().path())),
        _ => sign_in_page(notice),
    }
}

fn error_page(status: Status) -> Answer {
    let message = match status.code {
        404 => "There is no such page or session.",
        413 => "That is more than the bank reads.",
        415 | 422 => "The bank could not make sense of that form.",
        501 => "The bank does not remember its sessions, so it can neither list nor end them.",
        503 => "The bank cannot see its sessions right now. Please try again in a minute.",
        500.. => "Something went wrong on our side. Your money stays where it is.",
        _ => "The bank does not serve that.",
    };
    let code = status.code;
    Answer::new("error.html", context! { code, message }, json!({}))
}

/// Names the status, and the shield's reason where it had one.
fn in_json(status: Status, rejection: Option<&Rejection>) -> Value {
    let name = status
        .reason_lossy()
        .to_lowercase()
        .replace([' ', '-'], "_");
    let mut json = json!({ "error": name });
    if let Some(rejection) = rejection {
        json["reason"] = json!(rejection.reason().as_str());
        if let Some(signal) = rejection.signal() {
            json["signal"] = json!(signal);
        }
    }
    json
}

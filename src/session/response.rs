//! The response part: writes the planned cookies and forbids storing what must not be stored.

use rocket::http::Header;
use rocket::request::Request;
use rocket::response::Response;

use super::device::Device;
use super::section::Section;
use super::ticket::Ticket;
use super::trace::{self, Due, Trace, Write};

/// Headers that let a shared cache or a proxy override `Cache-Control`.
const CACHE_OVERRIDES: [&str; 3] = ["CDN-Cache-Control", "Surrogate-Control", "Expires"];

/// Writes what this request planned for its session cookies, after handlers and catchers ran.
pub(crate) fn settle(request: &Request<'_>, response: &mut Response<'_>, over_tls: bool) {
    let Some(trace) = trace::left_on(request) else {
        return;
    };
    let due = trace.take_due();
    let headers = due.iter().flat_map(|due| headers(request, due, over_tls));
    let headers: Vec<Header<'static>> = headers.collect();

    let sets_a_cookie = !headers.is_empty();
    for header in headers {
        response.adjoin_header(header);
    }
    if sets_a_cookie || is_refusal(trace, response) {
        forbid_storing(response);
    } else if trace.was_guarded() && !carries(response, "Cache-Control") {
        response.set_raw_header("Cache-Control", "no-store");
    }
}

/// Tells whether a response is that of a refusal. Where nobody was there, an open route may have
/// welcomed the visitor; but whoever is there must not be shown a stored "please sign in".
fn is_refusal(trace: &Trace, response: &Response<'_>) -> bool {
    let rejections = &trace.rejections;
    let welcomes = response.status().class().is_success();
    rejections.refused_a_session() || !(rejections.is_empty() || welcomes)
}

fn headers(request: &Request<'_>, due: &Due, over_tls: bool) -> Vec<Header<'static>> {
    let section = &due.section;
    let attributes = section.attributes(over_tls);
    let set_cookie = |line| Header::new("Set-Cookie", line);
    let device = section.device.as_ref();
    match &due.write {
        Write::Clear => {
            let removals = [Some(attributes.remove()), device.map(Device::removal)];
            removals.into_iter().flatten().map(set_cookie).collect()
        }
        Write::ClearBound => {
            let removal = device.map(Device::removal);
            removal.into_iter().map(set_cookie).collect()
        }
        Write::Issue { ticket, payload } => {
            let sealed = sealed(request, section, ticket, payload);
            let issued = sealed.map(|sealed| set_cookie(attributes.issue(&sealed)));
            let offer = device.filter(|_| due.is_sign && over_tls);
            let offer = offer.and_then(|device| device.offer(request, section, ticket));
            issued.into_iter().chain(offer).collect()
        }
    }
}

fn sealed(
    request: &Request<'_>,
    section: &Section,
    ticket: &Ticket,
    payload: &str,
) -> Option<String> {
    let sealer = section.sealer(request.rocket().config())?;
    sealer.seal(&ticket.encode(section.realm, payload))
}

fn forbid_storing(response: &mut Response<'_>) {
    response.set_raw_header("Cache-Control", "no-store");
    for name in CACHE_OVERRIDES {
        if carries(response, name) {
            response.remove_header(name);
        }
    }
}

/// Tells whether a header is there. Rocket would hash the name, which takes longer.
fn carries(response: &Response<'_>, name: &str) -> bool {
    let mut headers = response.headers().iter();
    headers.any(|header| header.name() == name)
}

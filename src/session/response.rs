//! The response part: writes the planned cookies and forbids storing what must not be stored.

use rocket::http::Header;
use rocket::request::Request;
use rocket::response::Response;

use super::section::Section;
use super::trace::{self, Write};

/// Headers that let a shared cache or a proxy override `Cache-Control`.
const CACHE_OVERRIDES: [&str; 3] = ["CDN-Cache-Control", "Surrogate-Control", "Expires"];

/// Writes what this request planned for its session cookies, after handlers and catchers ran.
pub(crate) fn settle(request: &Request<'_>, response: &mut Response<'_>, over_tls: bool) {
    let Some(trace) = trace::left_on(request) else {
        return;
    };
    let lines: Vec<String> = trace
        .take_due()
        .iter()
        .filter_map(|(section, write)| line(request, section, write, over_tls))
        .collect();

    let sets_a_cookie = !lines.is_empty();
    for line in lines {
        response.adjoin_header(Header::new("Set-Cookie", line));
    }
    if sets_a_cookie || trace.rejections.refused_a_session() {
        forbid_storing(response);
    } else if trace.was_guarded() && !carries(response, "Cache-Control") {
        response.set_raw_header("Cache-Control", "no-store");
    }
}

fn line(request: &Request<'_>, section: &Section, write: &Write, over_tls: bool) -> Option<String> {
    let attributes = section.attributes(over_tls);
    match write {
        Write::Clear => Some(attributes.remove()),
        Write::Issue { ticket, payload } => {
            let sealer = section.sealer(request.rocket().config())?;
            let sealed = sealer.seal(&ticket.encode(section.realm, payload))?;
            Some(attributes.issue(&sealed))
        }
    }
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

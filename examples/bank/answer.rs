//! Answers in two forms: a page for people, JSON for programs.

use std::io::Cursor;

use minijinja::Environment;
use rocket::fairing::AdHoc;
use rocket::http::{ContentType, Status};
use rocket::request::Request;
use rocket::response::{self, Responder, Response};
use rocket::serde::json::Value;

/// The pages. What goes into them is escaped, since their names end in `.html`.
const PAGES: [(&str, &str); 9] = [
    ("layout.html", include_str!("pages/layout.html")),
    ("customer.html", include_str!("pages/customer.html")),
    ("sign_in.html", include_str!("pages/sign_in.html")),
    ("account.html", include_str!("pages/account.html")),
    ("device.html", include_str!("pages/device.html")),
    ("devices.html", include_str!("pages/devices.html")),
    ("confirm.html", include_str!("pages/confirm.html")),
    ("cookies.html", include_str!("pages/cookies.html")),
    ("error.html", include_str!("pages/error.html")),
];

/// Nothing from elsewhere, nothing inline, and no frame around it.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// One answer, which takes its form when it is sent.
pub(crate) struct Answer {
    status: Status,
    page: &'static str,
    context: minijinja::Value,
    json: Value,
}

impl Answer {
    pub(crate) fn new(page: &'static str, context: minijinja::Value, json: Value) -> Self {
        Self {
            status: Status::Ok,
            page,
            context,
            json,
        }
    }

    pub(crate) fn with_status(self, status: Status) -> Self {
        Self { status, ..self }
    }

    pub(crate) fn with_json(self, json: Value) -> Self {
        Self { json, ..self }
    }

    fn html(&self, request: &Request<'_>) -> Result<String, Status> {
        let pages = request.rocket().state::<Environment<'static>>();
        let pages = pages.ok_or(Status::InternalServerError)?;
        let page = pages.get_template(self.page);
        page.and_then(|page| page.render(&self.context))
            .map_err(|error| {
                rocket::error!("{} was not rendered: {error:#}", self.page);
                Status::InternalServerError
            })
    }
}

impl<'r> Responder<'r, 'static> for Answer {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let (form, body) = match wants_json(request) {
            true => (ContentType::JSON, format!("{}\n", self.json)),
            false => (ContentType::HTML, self.html(request)?),
        };
        Response::build()
            .status(self.status)
            .header(form)
            .raw_header("Vary", "Accept")
            .raw_header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
            .raw_header("Referrer-Policy", "same-origin")
            .sized_body(body.len(), Cursor::new(body))
            .ok()
    }
}

/// Tells a program that asks for JSON from a browser, and from one that takes anything.
fn wants_json(request: &Request<'_>) -> bool {
    let accept = request.accept();
    accept.is_some_and(|accept| accept.preferred().is_json())
}

/// Makes the pages ready, or refuses the launch and names the line that is wrong.
pub(crate) fn pages() -> AdHoc {
    AdHoc::try_on_ignite("Pages", |rocket| async {
        match environment() {
            Ok(pages) => Ok(rocket.manage(pages)),
            Err(error) => {
                rocket::error!("The pages do not compile: {error:#}");
                Err(rocket)
            }
        }
    })
}

fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    for (name, source) in PAGES {
        environment.add_template(name, source)?;
    }
    Ok(environment)
}

//! Four weak cookies, to see what the shield makes of them on their way out.

use minijinja::context;
use rocket::get;
use rocket::http::{CookieJar, Header};
use rocket::request::Request;
use rocket::response::{self, Responder};
use rocket::serde::json::json;
use serde::Serialize;

use super::answer::Answer;

/// One cookie, as this file writes it, and what to look for in the response.
#[derive(Debug, Serialize)]
struct Weak {
    name: &'static str,
    written: &'static str,
    look_for: &'static str,
}

const WEAK: [Weak; 4] = [
    Weak {
        name: "theme",
        written: "theme=dark",
        look_for: "HttpOnly. It went through Rocket's jar, which added Path and SameSite=Strict; \
                   what is there stays as it is.",
    },
    Weak {
        name: "tracker",
        written: "tracker=7f3a; Priority=Low",
        look_for: "HttpOnly and SameSite=Lax. It is a raw header; Priority, which few know, is \
                   left in it.",
    },
    Weak {
        name: "csrf",
        written: "csrf=c2VlZA; Path=/",
        look_for: "SameSite=Lax, but no HttpOnly: scripts read it, so cookies.readable lists it.",
    },
    Weak {
        name: "__Host-old",
        written: "__Host-old=; Path=/; Max-Age=0",
        look_for: "Secure, over plain HTTP as well: without it, browsers ignore the removal of a \
                   cookie of this name.",
    },
];

/// The page, with the cookies that it speaks of.
pub(crate) struct WithWeakCookies(Answer);

#[get("/cookies")]
pub(crate) fn cookies(jar: &CookieJar<'_>) -> WithWeakCookies {
    jar.add(("theme", "dark"));
    let context = context! { cookies => WEAK };
    let json = json!({ "cookies": WEAK });
    WithWeakCookies(Answer::new("cookies.html", context, json))
}

impl<'r> Responder<'r, 'static> for WithWeakCookies {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let mut response = self.0.respond_to(request)?;
        let raw = WEAK.iter().filter(|cookie| cookie.name != "theme");
        for cookie in raw {
            response.adjoin_header(Header::new("Set-Cookie", cookie.written));
        }
        Ok(response)
    }
}

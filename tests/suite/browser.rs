//! A browser with a cookie of its own: of several, one may be the thief's.

use rocket::http::Header;

use crate::support::*;

/// Somebody with a session cookie, which changes as the responses say.
#[derive(Clone)]
pub struct Browser<'a> {
    app: &'a App,
    visitor: Visitor<'a>,
    pub cookie: Option<String>,
}

impl<'a> Browser<'a> {
    /// A browser at home that has no session.
    pub fn new(app: &'a App) -> Self {
        Self {
            app,
            visitor: app.owner(),
            cookie: None,
        }
    }

    /// A browser that has just signed `name` in.
    pub fn signed_in(app: &'a App, name: &str) -> Self {
        let mut browser = Self::new(app);
        assert_eq!(browser.post(&format!("/login/{name}")).0, 200);
        assert!(browser.cookie.is_some());
        browser
    }

    pub fn at(self, address: &'a str) -> Self {
        let visitor = self.visitor.at(address);
        Self { visitor, ..self }
    }

    pub fn with(self, agent: &'a str) -> Self {
        let visitor = self.visitor.with(agent);
        Self { visitor, ..self }
    }

    pub fn get(&mut self, path: &str) -> (u16, String) {
        self.send(self.app.client.get(path.to_owned()))
    }

    pub fn post(&mut self, path: &str) -> (u16, String) {
        self.send(self.app.client.post(path.to_owned()))
    }

    /// Sends a request whose response never arrives.
    pub fn get_in_vain(&self, path: &str) -> (u16, String) {
        self.clone().get(path)
    }

    pub fn is_signed_in(&mut self) -> bool {
        self.get("/account").0 == 200
    }

    fn send(&mut self, request: rocket::local::blocking::LocalRequest<'a>) -> (u16, String) {
        let cookie = self.cookie.as_deref().unwrap_or_default();
        let line = format!("other=1; {COOKIE}={cookie}");
        let line = match &self.cookie {
            Some(_) => line,
            None => "other=1".to_owned(),
        };
        let request = self.visitor.dress(request);
        let response = request.header(Header::new("Cookie", line)).dispatch();
        for line in set_cookies(&response) {
            let Some(rest) = line.strip_prefix(&format!("{COOKIE}=")) else {
                continue;
            };
            let value = rest.split(';').next().unwrap_or_default();
            self.cookie = (!value.is_empty()).then(|| value.to_owned());
        }
        outcome(response)
    }
}

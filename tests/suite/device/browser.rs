//! A browser that keeps a device's key, and does what the specification tells it to.

use rocket::http::{Header, Status};
use rocket::local::blocking::{LocalRequest, LocalResponse};
use rocket::serde::json::Value;

use crate::software_client::{Challenge, Offer, SoftwareClient};
use crate::support::*;

pub const BOUND: &str = "__Host-session-bound";

/// A browser signs a challenge so often before it gives a session up.
const MOST_ROUNDS: usize = 5;

/// What a browser remembers of a session that is bound to its device.
#[derive(Debug, Clone, PartialEq)]
pub struct BoundSession {
    pub identifier: String,
    pub refresh_url: String,
    pub challenge: Option<String>,
}

pub struct DeviceBrowser<'a> {
    pub app: &'a App,
    visitor: Visitor<'a>,
    pub device: SoftwareClient,
    pub session: Option<String>,
    pub bound: Option<String>,
    pub offer: Option<Offer>,
    pub registered: Option<BoundSession>,
    /// How many requests the last refresh took.
    pub rounds: usize,
}

impl<'a> DeviceBrowser<'a> {
    pub fn new(app: &'a App) -> Self {
        Self {
            app,
            visitor: app.owner(),
            device: SoftwareClient::new(),
            session: None,
            bound: None,
            offer: None,
            registered: None,
            rounds: 0,
        }
    }

    /// A browser that has signed in, and has not registered its key yet.
    pub fn signed_in(app: &'a App) -> Self {
        let mut browser = Self::new(app);
        assert_eq!(browser.post("/login/ada").0, 200);
        browser
    }

    /// A browser whose session is bound to its device.
    pub fn registered(app: &'a App) -> Self {
        let mut browser = Self::signed_in(app);
        assert_eq!(browser.register(), Status::Ok);
        browser
    }

    /// Somebody with copies of all cookies, but without the key.
    pub fn copied(&self) -> Self {
        Self {
            session: self.session.clone(),
            bound: self.bound.clone(),
            ..Self::new(self.app)
        }
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
        outcome(self.send(self.app.client.get(path.to_owned())))
    }

    pub fn post(&mut self, path: &str) -> (u16, String) {
        outcome(self.send(self.app.client.post(path.to_owned())))
    }

    pub fn is_signed_in(&mut self) -> bool {
        self.get("/account").0 == 200
    }

    /// As a browser does it: a request whose bound cookie is missing waits for a refresh.
    pub fn visit(&mut self, path: &str) -> (u16, String) {
        if self.bound.is_none() && self.registered.is_some() {
            self.refresh();
        }
        self.get(path)
    }

    /// Refreshes as a page of the app's own makes a browser do it: with all cookies. Returns
    /// whether the browser keeps its session.
    pub fn refresh_with_cookies(&mut self) -> bool {
        let session = self.registered.clone().expect("a session");
        let challenge = session.challenge.as_deref().expect("a challenge");
        let proof = self.device.proof(challenge);
        let request = self.app.client.post(session.refresh_url);
        let request = request
            .header(Header::new("Sec-Secure-Session-Id", session.identifier))
            .header(Header::new("Secure-Session-Response", proof));
        let response = self.send(request);
        self.obey(response);
        self.registered.is_some()
    }

    /// Registers the key, as the last sign-in offered.
    pub fn register(&mut self) -> Status {
        let offer = self.offer.take().expect("an offer");
        let proof = self
            .device
            .registration(&offer.challenge, offer.authorization.as_deref());
        self.register_with(&offer.path, &proof)
    }

    pub fn register_with(&mut self, path: &str, proof: &str) -> Status {
        let response = self.send_proof(path, None, Some(proof));
        let status = response.status();
        if status == Status::Ok {
            self.obey(response);
        }
        status
    }

    /// Refreshes the bound cookie; `None` if the session is over, else the last status.
    pub fn refresh(&mut self) -> Option<Status> {
        self.rounds = 0;
        loop {
            let session = self.registered.as_mut()?;
            let challenge = session.challenge.take();
            let (url, identifier) = (session.refresh_url.clone(), session.identifier.clone());
            let proof = challenge.map(|challenge| self.device.proof(&challenge));
            self.rounds += 1;
            let response = self.send_proof(&url, Some(&identifier), proof.as_deref());
            let status = response.status();
            let is_last = status != Status::Forbidden || self.rounds == MOST_ROUNDS;
            self.obey(response);
            if is_last {
                return self.registered.is_some().then_some(status);
            }
        }
    }

    /// Sends what a browser sends to one of the two routes, without cookies: a landing from another
    /// site brings none.
    pub fn send_proof(
        &self,
        path: &str,
        identifier: Option<&str>,
        proof: Option<&str>,
    ) -> LocalResponse<'a> {
        let mut request = self.visitor.dress(self.app.client.post(path.to_owned()));
        request.add_header(Header::new("Cookie", "other=1"));
        if let Some(identifier) = identifier {
            request.add_header(Header::new("Sec-Secure-Session-Id", identifier.to_owned()));
        }
        if let Some(proof) = proof {
            request.add_header(Header::new("Secure-Session-Response", proof.to_owned()));
        }
        let response = request.dispatch();
        assert_eq!(
            header(&response, "Cache-Control").as_deref(),
            Some("no-store")
        );
        response
    }

    /// Does what an answer of the two routes says.
    fn obey(&mut self, response: LocalResponse<'_>) {
        self.keep_cookies(&response);
        let challenge = header(&response, "Secure-Session-Challenge");
        let challenge = challenge.as_deref().map(Challenge::read);
        let (status, body) = (
            response.status(),
            response.into_string().unwrap_or_default(),
        );
        if status == Status::Ok {
            self.follow(&body);
        }
        if let (Some(challenge), Some(session)) = (challenge, &mut self.registered) {
            assert_eq!(challenge.session_identifier, session.identifier);
            session.challenge = Some(challenge.challenge);
        }
    }

    fn follow(&mut self, body: &str) {
        let instructions: Value = serde_json::from_str(body).expect("instructions");
        let identifier = instructions["session_identifier"]
            .as_str()
            .expect("an identifier");
        if instructions["continue"] == false {
            self.registered = None;
            return;
        }
        assert_eq!(instructions["scope"]["include_site"], false);
        assert_eq!(instructions["credentials"][0]["name"], BOUND);
        self.registered = Some(BoundSession {
            identifier: identifier.to_owned(),
            refresh_url: instructions["refresh_url"]
                .as_str()
                .expect("a URL")
                .to_owned(),
            challenge: None,
        });
    }

    fn send(&mut self, request: LocalRequest<'a>) -> LocalResponse<'a> {
        let pair = |name: &str, value: &Option<String>| {
            value.as_ref().map(|value| format!("{name}={value}"))
        };
        let pairs = [
            Some("other=1".to_owned()),
            pair(COOKIE, &self.session),
            pair(BOUND, &self.bound),
        ];
        let line: Vec<_> = pairs.into_iter().flatten().collect();
        let request = self.visitor.dress(request);
        let response = request
            .header(Header::new("Cookie", line.join("; ")))
            .dispatch();
        self.keep_cookies(&response);
        let offer = header(&response, "Secure-Session-Registration");
        if let Some(offer) = offer {
            self.offer = Some(Offer::read(&offer));
        }
        response
    }

    fn keep_cookies(&mut self, response: &LocalResponse<'_>) {
        for line in set_cookies(response) {
            let (name, rest) = line.split_once('=').expect("a name");
            let value = rest.split(';').next().unwrap_or_default();
            let value = (!value.is_empty()).then(|| value.to_owned());
            match name {
                BOUND => self.bound = value,
                COOKIE => self.session = value,
                _ => {}
            }
        }
    }
}

//! Where customers are served: request guard with all that the account page shows.

use std::sync::Arc;

use minijinja::context;
use rocket::async_trait;
use rocket::http::Status;
use rocket::outcome::IntoOutcome;
use rocket::request::{self, FromRequest, Request};
use rocket::serde::json::json;
use rocket_restricted_session::{RestrictedSession, SessionJar};

use super::activity::Activity;
use super::answer::Answer;
use super::device::DeviceKeys;
use super::notice::Notice;
use super::policy::Policy;
use super::steal::Thief;
use super::times::{time_of_day, until};
use super::vault::Vault;
use super::visit::{browser, Visit};
use super::Customer;

pub(crate) struct Desk<'r> {
    pub(crate) vault: &'r Vault,
    pub(crate) visit: Visit<'r>,
    jar: SessionJar<'r, Customer>,
    policy: &'r Policy,
    activity: &'r Activity,
    keys: &'r DeviceKeys,
}

#[async_trait]
impl<'r> FromRequest<'r> for Desk<'r> {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, ()> {
        let desk = Self::at(request).await;
        desk.or_error((Status::InternalServerError, ()))
    }
}

impl<'r> Desk<'r> {
    /// Opens it for a request, if the bank has all that it takes.
    async fn at(request: &'r Request<'_>) -> Option<Self> {
        let state = request.rocket();
        Some(Self {
            vault: state.state()?,
            visit: request.guard().await.succeeded()?,
            jar: request.guard().await.succeeded()?,
            policy: state.state()?,
            activity: state.state::<Arc<Activity>>()?,
            keys: state.state::<Arc<DeviceKeys>>()?,
        })
    }

    /// The account of a session's owner, below a notice.
    pub(crate) async fn account(
        &self,
        session: &RestrictedSession<Customer>,
        notice: Option<Notice>,
    ) -> Answer {
        let user = &session.name;
        let balance = self.vault.balance_of(user);
        let fresh = session.is_fresh();
        let device_bound = session.is_device_bound();
        let context = context! {
            user, balance, fresh, device_bound, notice,
            bound_to => self.bound_to(),
            lasts => self.lasts(session),
            kept => self.policy.keeping.told(),
            bound_cookie => format!("{}-bound", self.policy.cookie_name),
            key => self.keys.told(session.session_id(), &self.policy.dbsc),
            sessions => self.sessions().await,
            activity => self.activity.of(user),
            thief => Thief::of(&self.visit),
        };
        let json = json!({
            "user": user,
            "balance": balance,
            "fresh": fresh,
            "device_bound": device_bound,
        });
        Answer::new("account.html", context, json)
    }

    /// How many sessions the customer has, where they are remembered.
    async fn sessions(&self) -> Option<usize> {
        if !self.policy.keeping.remembers() {
            return None;
        }
        let sessions = self.jar.sessions().await.ok()?;
        Some(sessions.len())
    }

    /// What this request shows of the things that sessions are bound to.
    fn bound_to(&self) -> minijinja::Value {
        let binding = &self.policy.binding;
        let network = |address| binding.network_of(address);
        context! {
            network => self.visit.client.map(network),
            on_other_network => binding.network,
            browser => browser(self.visit.user_agent),
            in_other_browser => binding.user_agent,
        }
    }

    fn lasts(&self, session: &RestrictedSession<Customer>) -> minijinja::Value {
        context! {
            authenticated_at => time_of_day(session.authenticated_at()),
            fresh_for => self.policy.fresh_for.to_string(),
            idle_timeout => self.policy.idle_timeout.to_string(),
            ends_at => time_of_day(session.expires_at()),
            ends_in => until(session.expires_at()),
        }
    }
}

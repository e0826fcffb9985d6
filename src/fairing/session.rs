//! `SessionShield`: the fairing of one kind of session.

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};

use rocket::fairing::{self, Fairing, Info, Kind};
use rocket::{async_trait, Build, Rocket};
use time::OffsetDateTime;

use super::app::{set_up, App};
use super::obstacle::Obstacle;
use super::stores;
use crate::binding::Signal;
use crate::checks;
use crate::config::{self, SECTION};
use crate::event::{Event, Hook};
use crate::session::device;
use crate::session::keeper::Keeper;
use crate::session::section::{Clock, Section};
use crate::session::settings::SessionSettings;
use crate::session::shield::Shield;
use crate::store::Store;
use crate::SessionData;

/// The fairing: protects sessions of type `T`, and transport and cookies for the whole app.
///
/// Attach one for each kind of session. Its settings are read from
/// `[default.restricted_session]`; see the [crate documentation](crate#configuration). A
/// configuration that cannot protect refuses the launch and names the key and the remedy.
///
/// # Example
///
/// ```rust
/// # use std::fmt::Display;
/// # use rocket_restricted_session::SessionData;
/// # #[derive(serde::Serialize, serde::Deserialize)]
/// # struct Account { name: String }
/// # impl SessionData for Account { fn subject(&self) -> impl Display { &self.name } }
/// use rocket_restricted_session::{EventKind, SessionShield};
///
/// # let figment = rocket::Config::figment().merge(("secret_key", "0".repeat(64)));
/// let shield = SessionShield::<Account>::new().on_event(|event| {
///     if let EventKind::Refused(rejection, _) = &event.kind {
///         if rejection.is_hijack() {
///             eprintln!("a session of {:?} was used from elsewhere", event.subject);
///         }
///     }
/// });
/// let rocket = rocket::custom(figment).attach(shield);
/// ```
#[must_use = "a shield protects nothing until it is attached"]
pub struct SessionShield<T> {
    section: String,
    /// Handed over to the managed state when the app ignites, once.
    signals: Mutex<Vec<Box<dyn Signal>>>,
    hook: Hook,
    clock: Clock,
    store: Option<Arc<dyn Store>>,
    kind: PhantomData<fn() -> T>,
}

impl<T: SessionData> SessionShield<T> {
    /// Returns a shield that is configured by the section `restricted_session`.
    pub fn new() -> Self {
        Self {
            section: SECTION.to_owned(),
            signals: Mutex::default(),
            hook: Hook::default(),
            clock: Clock::default(),
            store: None,
            kind: PhantomData,
        }
    }

    /// Reads the session's keys from another section: for a second kind of session in one app.
    ///
    /// Transport, proxies, cookies and checks concern the whole app and stay in
    /// `restricted_session`. The table must be there, with a `cookie_name` of its own.
    ///
    /// ```rust
    /// # use std::fmt::Display;
    /// # use rocket_restricted_session::{SessionData, SessionShield};
    /// # #[derive(serde::Serialize, serde::Deserialize)]
    /// # struct Admin { name: String }
    /// # impl SessionData for Admin { fn subject(&self) -> impl Display { &self.name } }
    /// let figment = rocket::Config::figment()
    ///     .merge(("admin_session.cookie_name", "__Host-admin"))
    ///     .merge(("admin_session.idle_timeout", "5m"));
    /// let shield = SessionShield::<Admin>::new().section("admin_session");
    /// ```
    pub fn section(mut self, name: &str) -> Self {
        self.section = name.to_owned();
        self
    }

    /// Binds sessions to one more thing. Two signals of one name refuse the launch.
    pub fn signal(self, signal: impl Signal) -> Self {
        let signals = self.signals.lock();
        signals
            .unwrap_or_else(PoisonError::into_inner)
            .push(Box::new(signal));
        self
    }

    /// Calls `hook` for what happens to sessions, at most once per request and occurrence.
    ///
    /// A panic in the hook is caught and logged; it cannot break the request.
    pub fn on_event(mut self, hook: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.hook = Hook::new(hook);
        self
    }

    /// Keeps sessions in `store`, instead of one that the key `store` names.
    ///
    /// ```rust
    /// # use std::fmt::Display;
    /// # use rocket_restricted_session::{SessionData, SessionShield};
    /// # #[derive(serde::Serialize, serde::Deserialize)]
    /// # struct Account { name: String }
    /// # impl SessionData for Account { fn subject(&self) -> impl Display { &self.name } }
    /// use rocket_restricted_session::store::MemoryStore;
    ///
    /// let shield = SessionShield::<Account>::new().store(MemoryStore::new());
    /// ```
    pub fn store(mut self, store: impl Store) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// Reads the time from `clock`: for tests of an app that must not wait for a timeout.
    ///
    /// ```rust
    /// # use std::fmt::Display;
    /// # use rocket_restricted_session::{SessionData, SessionShield};
    /// # #[derive(serde::Serialize, serde::Deserialize)]
    /// # struct Account { name: String }
    /// # impl SessionData for Account { fn subject(&self) -> impl Display { &self.name } }
    /// use time::{Duration, OffsetDateTime};
    ///
    /// let tomorrow = || OffsetDateTime::now_utc() + Duration::days(1);
    /// let shield = SessionShield::<Account>::new().clock(tomorrow);
    /// ```
    pub fn clock(mut self, clock: impl Fn() -> OffsetDateTime + Send + Sync + 'static) -> Self {
        self.clock = Clock::new(clock);
        self
    }

    /// Enters this shield's section among those of the app, unless they would get in each
    /// other's way.
    fn enter_section(&self, rocket: &Rocket<Build>) -> Result<Arc<Section>, Obstacle> {
        let section = Arc::new(self.build_section(rocket)?);
        let Some(app) = rocket.state::<Arc<App>>() else {
            return Ok(section);
        };
        if let Some(name) = section.shares_a_cookie_with(&app.sections()) {
            return Err(Obstacle::SameCookie(name));
        }
        if let Some(path) = section.shares_a_path_with(&app.sections()) {
            return Err(Obstacle::SamePath(path));
        }
        if app.refuses(checks::of_section(&section)) {
            return Err(Obstacle::Denied);
        }
        app.sections().push(section.clone());
        Ok(section)
    }

    fn build_section(&self, rocket: &Rocket<Build>) -> Result<Section, Obstacle> {
        if rocket.state::<Shield<T>>().is_some() {
            return Err(Obstacle::SameType(std::any::type_name::<T>()));
        }
        let settings = config::read_session(rocket.figment(), &self.section)?;
        let signals = self.signals.lock();
        let signals = std::mem::take(&mut *signals.unwrap_or_else(PoisonError::into_inner));
        if let Some(name) = crate::binding::reserved_or_repeated(&signals) {
            return Err(Obstacle::SignalName(name.to_owned()));
        }
        let keeper = self
            .opened_store(rocket, &settings)?
            .map(|store| Keeper::new(store, &settings, self.clock.now()));
        let debug_profile = rocket.figment().profile() == rocket::Config::DEBUG_PROFILE;
        Ok(Section::new(
            self.section.clone(),
            settings,
            signals,
            self.hook.clone(),
            self.clock.clone(),
            debug_profile,
            keeper,
        ))
    }

    /// Returns the store that the app gave, or else the one that is configured.
    fn opened_store(
        &self,
        rocket: &Rocket<Build>,
        settings: &SessionSettings,
    ) -> Result<Option<Arc<dyn Store>>, Obstacle> {
        let Some(store) = &self.store else {
            let configured = stores::open(&settings.store.choice);
            return configured.map_err(Obstacle::Store);
        };
        let key = format!("{}.store", self.section);
        match rocket.figment().contains(&key) {
            true => Err(Obstacle::TwoStores(key)),
            false => Ok(Some(store.clone())),
        }
    }
}

impl<T: SessionData> Default for SessionShield<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for SessionShield<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionShield")
            .field("section", &self.section)
            .field("hook", &self.hook)
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl<T: SessionData> Fairing for SessionShield<T> {
    fn info(&self) -> Info {
        Info {
            name: "Session Shield",
            kind: Kind::Ignite,
        }
    }

    async fn on_ignite(&self, rocket: Rocket<Build>) -> fairing::Result {
        let rocket = set_up(rocket)?;
        match self.enter_section(&rocket) {
            Ok(section) => {
                let path = section.device_path().map(str::to_owned);
                let routes = device::routes(&section);
                let rocket = rocket.manage(Shield::<T>::new(section));
                Ok(match path {
                    Some(path) => rocket.mount(path, routes),
                    None => rocket,
                })
            }
            Err(obstacle) => {
                obstacle.print();
                Err(rocket)
            }
        }
    }
}

//! What a store is asked, as a value: to ask several the same.

use rocket_restricted_session::store::{
    Binding, Created, Device, DeviceCookie, Lineage, Millis, NewSession, Over, Policy, Presence,
    Presented, Proof, SessionId, SessionInfo, SessionKey, Store, StoreError, SubjectId, Token,
    Update,
};

#[derive(Debug, Clone)]
pub enum Step {
    Create(Start),
    Present(Show),
    Succeed(SessionKey, Token, Millis),
    Update(SessionKey, Update),
    End(SessionKey, Over),
    EndAll(SubjectId, Option<SessionId>),
    Sessions(SubjectId, Millis),
    IsLive(SessionKey, Millis),
    Bind(SessionKey, Vec<u8>, u64),
    Device(SessionKey),
    Prove(SessionKey, u64),
}

#[derive(Debug, Clone)]
pub struct Start {
    pub key: SessionKey,
    pub first: Lineage,
    pub lifetime: Millis,
    pub replaces: Option<SessionId>,
    pub max_sessions: Option<u32>,
    pub idle_timeout: Millis,
}

#[derive(Debug, Clone)]
pub struct Show {
    pub key: SessionKey,
    pub lineage: Lineage,
    pub revision: u32,
    pub fresh: Token,
    pub device_cookie: DeviceCookie,
    pub policy: Policy,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    Created(Created),
    Presence(Presence),
    Succession(Option<(Lineage, Millis)>),
    Told(bool),
    Done,
    Sessions(Vec<SessionInfo>),
    Binding(Binding),
    Device(Device),
    Proof(Proof),
}

impl Step {
    pub fn subject(&self) -> SubjectId {
        match self {
            Step::EndAll(subject, _) | Step::Sessions(subject, _) => *subject,
            step => step.key().expect("all others are of a session").subject,
        }
    }

    pub fn key(&self) -> Option<SessionKey> {
        match self {
            Step::EndAll(..) | Step::Sessions(..) => None,
            Step::Create(Start { key, .. })
            | Step::Present(Show { key, .. })
            | Step::Succeed(key, ..)
            | Step::Update(key, _)
            | Step::End(key, _)
            | Step::IsLive(key, _)
            | Step::Bind(key, ..)
            | Step::Device(key)
            | Step::Prove(key, _) => Some(*key),
        }
    }

    pub async fn take(&self, store: &dyn Store, now: Millis) -> Result<Answer, StoreError> {
        Ok(match self {
            Step::Create(start) => Answer::Created(store.create(&start.session(), now).await?),
            Step::Present(show) => Answer::Presence(store.present(&show.ticket(), now).await?),
            Step::Succeed(key, fresh, grace) => {
                Answer::Succession(store.succeed(key, *fresh, *grace, now).await?)
            }
            Step::Update(key, update) => Answer::Told(store.update(key, update, now).await?),
            Step::End(key, why) => Answer::Told(store.end(key, *why, now).await?),
            Step::EndAll(subject, except) => {
                let keep = 100 * 3600 * 1000;
                store.end_all(subject, except.as_ref(), keep, now).await?;
                Answer::Done
            }
            Step::Sessions(subject, idle) => {
                Answer::Sessions(store.sessions(subject, *idle, now).await?)
            }
            Step::IsLive(key, idle) => Answer::Told(store.is_live(key, *idle, now).await?),
            Step::Bind(key, device, stamp) => {
                Answer::Binding(store.bind(key, device, *stamp, now).await?)
            }
            Step::Device(key) => Answer::Device(store.device(key, now).await?),
            Step::Prove(key, stamp) => Answer::Proof(store.prove(key, *stamp, now).await?),
        })
    }
}

impl Start {
    fn session(&self) -> NewSession<'_> {
        NewSession {
            key: self.key,
            first: self.first,
            lifetime: self.lifetime,
            label: "Firefox on Windows",
            network: "",
            created_at: None,
            replaces: self.replaces,
            max_sessions: self.max_sessions,
            idle_timeout: self.idle_timeout,
        }
    }
}

impl Show {
    fn ticket(&self) -> Presented<'_> {
        Presented {
            key: self.key,
            lineage: self.lineage,
            revision: self.revision,
            fresh: self.fresh,
            device_cookie: self.device_cookie,
            policy: &self.policy,
            adoptable: None,
        }
    }
}

impl Answer {
    /// The same from a store that does not know any more why a session is over: it may drop what
    /// has expired.
    pub fn without_reason(self) -> Self {
        match self {
            Answer::Presence(Presence::Over(_)) => Answer::Presence(Presence::Over(Over::Unknown)),
            Answer::Binding(Binding::Over(_)) => Answer::Binding(Binding::Over(Over::Unknown)),
            Answer::Device(Device::Over(_)) => Answer::Device(Device::Over(Over::Unknown)),
            Answer::Proof(Proof::Over(_)) => Answer::Proof(Proof::Over(Over::Unknown)),
            answer => answer,
        }
    }
}

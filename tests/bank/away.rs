//! The bank while its store is away.

use rocket::async_trait;
use rocket_restricted_session::store::{
    Binding, Created, Device, Lineage, Millis, NewSession, Over, Presence, Presented, Proof,
    SessionId, SessionInfo, SessionKey, Store, StoreError, SubjectId, Token, Update,
};

use crate::*;

/// A store that nobody reaches.
#[derive(Debug)]
struct Away;

type Answer<T> = Result<T, StoreError>;

impl Away {
    fn answer<T>(&self) -> Answer<T> {
        Err(StoreError::new("nobody answers"))
    }
}

#[async_trait]
impl Store for Away {
    async fn create(&self, _: &NewSession<'_>, _: Millis) -> Answer<Created> {
        self.answer()
    }

    async fn present(&self, _: &Presented<'_>, _: Millis) -> Answer<Presence> {
        self.answer()
    }

    async fn succeed(
        &self,
        _: &SessionKey,
        _: Token,
        _: Millis,
        _: Millis,
    ) -> Answer<Option<(Lineage, Millis)>> {
        self.answer()
    }

    async fn update(&self, _: &SessionKey, _: &Update, _: Millis) -> Answer<bool> {
        self.answer()
    }

    async fn end(&self, _: &SessionKey, _: Over, _: Millis) -> Answer<bool> {
        self.answer()
    }

    async fn end_all(
        &self,
        _: &SubjectId,
        _: Option<&SessionId>,
        _: Millis,
        _: Millis,
    ) -> Answer<()> {
        self.answer()
    }

    async fn sessions(&self, _: &SubjectId, _: Millis, _: Millis) -> Answer<Vec<SessionInfo>> {
        self.answer()
    }

    async fn is_live(&self, _: &SessionKey, _: Millis, _: Millis) -> Answer<bool> {
        self.answer()
    }

    async fn bind(&self, _: &SessionKey, _: &[u8], _: u64, _: Millis) -> Answer<Binding> {
        self.answer()
    }

    async fn device(&self, _: &SessionKey, _: Millis) -> Answer<Device> {
        self.answer()
    }

    async fn prove(&self, _: &SessionKey, _: u64, _: Millis) -> Answer<Proof> {
        self.answer()
    }
}

#[test]
fn nobody_is_signed_out_while_the_store_is_away() {
    let (near, far) = (
        Bank::open(),
        Bank::behind(figment("debug", ""), SessionShield::new().store(Away)),
    );
    let ada = far.visitor().with_cookies(near.ada().cookies);
    for path in ["/account", "/devices"] {
        let response = ada.get(path).dispatch();
        assert_eq!(response.status(), Status::ServiceUnavailable);
        assert_eq!(set_cookies(&response), Vec::<String>::new());
        let away = json!({ "error": "service_unavailable", "reason": "store-unavailable" });
        assert_eq!(json_of(ada.get(path)), (503, away));
        assert!(page_of(ada.get(path))
            .1
            .contains("cannot see its sessions right now"));
    }
    let (_, page) = page_of(ada.get("/"));
    assert!(page.contains("You are not signed out"));
}

#[test]
fn nobody_signs_in_while_the_store_is_away() {
    let bank = Bank::behind(figment("debug", ""), SessionShield::new().store(Away));
    let form = "username=ada&password=lovelace";
    let response = bank.visitor().post("/login", form).dispatch();
    assert_eq!(response.status(), Status::ServiceUnavailable);
    assert_eq!(session_cookie(&response), None);
}

#[test]
fn whoever_signs_out_while_the_store_is_away_is_told_and_keeps_no_cookie() {
    let far = Bank::behind(figment("debug", ""), SessionShield::new().store(Away));
    let ada = far.visitor().with_cookies(Bank::open().ada().cookies);
    let response = ada.post("/logout", "").dispatch();
    assert_eq!(response.status(), Status::ServiceUnavailable);
    assert!(set_cookies(&response)[0].contains("Max-Age=0"));
}

//! Files of the pages that never hold anything of a customer's.

use rocket::http::{ContentType, Header};
use rocket::{get, Responder};

/// A file that anybody may store.
#[derive(Responder)]
pub(crate) struct Asset {
    file: (ContentType, &'static str),
    caching: Header<'static>,
}

impl Asset {
    fn new(kind: ContentType, text: &'static str) -> Self {
        Self {
            file: (kind, text),
            caching: Header::new("Cache-Control", "public, max-age=600"),
        }
    }
}

#[get("/style.css")]
pub(crate) fn stylesheet() -> Asset {
    Asset::new(ContentType::CSS, include_str!("pages/style.css"))
}

#[get("/copy.js")]
pub(crate) fn copy_script() -> Asset {
    Asset::new(ContentType::JavaScript, include_str!("pages/copy.js"))
}

#[get("/live.js")]
pub(crate) fn live_script() -> Asset {
    Asset::new(ContentType::JavaScript, include_str!("pages/live.js"))
}

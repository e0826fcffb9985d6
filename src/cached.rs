//! What is cached with a request.

use std::future::{self, Future};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use rocket::request::Request;

/// Returns the value of type `T` that is cached with `request`, if there is one.
///
/// Rocket's `local_cache` asks for a value to keep where there is none, and keeping it costs more
/// than all else that is done to an open route. It keeps nothing while that value is not ready.
pub(crate) fn peek<'r, T: Send + Sync + 'static>(request: &'r Request<'_>) -> Option<&'r T> {
    let cached = pin!(request.local_cache_async(future::pending()));
    match cached.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

#[cfg(test)]
mod tests {
    use rocket::local::blocking::Client;

    use super::*;

    #[test]
    fn what_is_cached_is_seen_and_what_is_not_stays_away() {
        let rocket = rocket::custom(rocket::Config::debug_default());
        let client = Client::untracked(rocket).unwrap();
        let request = client.get("/");
        let request = request.inner();

        assert_eq!(peek::<u8>(request), None);
        assert_eq!(*request.local_cache(|| 7_u8), 7);
        assert_eq!(peek::<u8>(request), Some(&7));
        assert_eq!(peek::<u16>(request), None);
    }
}

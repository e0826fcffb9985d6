//! Hardens arbitrary `Set-Cookie` lines: no panic, the same cookie, twice is once.

#![no_main]

use libfuzzer_sys::fuzz_target;

// Private to the crate, so that the source is taken instead.
#[path = "../../src/transport/set_cookie.rs"]
#[allow(dead_code)]
mod set_cookie;

use set_cookie::{cookie_name, harden, CookiePolicy, SameSite};

fuzz_target!(|input: (bool, u8, &str)| {
    let (secure_request, same_site, line) = input;
    let policy = CookiePolicy {
        same_site: match same_site % 3 {
            0 => SameSite::Strict,
            1 => SameSite::Lax,
            _ => SameSite::None,
        },
        readable: vec!["csrf".into()],
        except: vec!["legacy".into(), "_ga*".into()],
    };

    let once = harden(line, &policy, secure_request).line;
    let twice = harden(&once, &policy, secure_request).line;

    assert_eq!(once, twice);
    assert_eq!(once.split(';').next(), line.split(';').next());
    assert_eq!(cookie_name(&once), cookie_name(line));
});

//! Classes of browsers, told from the User-Agent without regular expressions.

use std::fmt;
use std::iter;

use super::{UserAgentVerdict, READ};

/// The browsers that are told apart. Each also claims to be some of those below it, so that
/// order is precedence. The numbers are sealed and never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Browser {
    Edge = 0,
    Opera = 1,
    SamsungInternet = 2,
    Vivaldi = 3,
    Yandex = 4,
    Firefox = 5,
    Chrome = 6,
    Safari = 7,
    Other = 8,
}

impl Browser {
    const ALL: [Self; 9] = [
        Self::Edge,
        Self::Opera,
        Self::SamsungInternet,
        Self::Vivaldi,
        Self::Yandex,
        Self::Firefox,
        Self::Chrome,
        Self::Safari,
        Self::Other,
    ];

    fn named(product: &[u8]) -> Self {
        match product {
            b"edg" | b"edga" | b"edgios" | b"edge" => Self::Edge,
            b"opr" | b"opios" | b"opt" | b"opera" => Self::Opera,
            b"samsungbrowser" => Self::SamsungInternet,
            b"vivaldi" => Self::Vivaldi,
            b"yabrowser" => Self::Yandex,
            b"firefox" | b"fxios" => Self::Firefox,
            b"chrome" | b"crios" | b"headlesschrome" | b"chromium" => Self::Chrome,
            b"safari" => Self::Safari,
            _ => Self::Other,
        }
    }
}

/// The platforms that are told apart. Android also claims to be Linux, and Windows Phone to be
/// Android, so that order is precedence. The numbers are sealed and never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Platform {
    Windows = 0,
    ChromeOs = 1,
    Android = 2,
    Ios = 3,
    MacOs = 4,
    Linux = 5,
    Other = 6,
}

impl Platform {
    const ALL: [Self; 7] = [
        Self::Windows,
        Self::ChromeOs,
        Self::Android,
        Self::Ios,
        Self::MacOs,
        Self::Linux,
        Self::Other,
    ];

    fn named(word: &[u8]) -> Self {
        match word {
            b"windows" => Self::Windows,
            b"cros" => Self::ChromeOs,
            b"android" => Self::Android,
            b"iphone" | b"ipad" | b"ipod" => Self::Ios,
            b"macintosh" => Self::MacOs,
            b"linux" | b"x11" => Self::Linux,
            _ => Self::Other,
        }
    }

    /// Tells whether one device may claim both: asked for the desktop form of a site, a browser
    /// on Android claims Linux, and one on a phone or tablet by Apple claims a Macintosh.
    fn may_become(self, other: Self) -> bool {
        use Platform::{Android, Ios, Linux, MacOs};
        self == other
            || matches!(
                (self, other),
                (Android, Linux) | (Linux, Android) | (Ios, MacOs) | (MacOs, Ios)
            )
    }
}

/// What an update of the browser leaves as it is, and the version that it raises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Class {
    browser: Browser,
    platform: Platform,
    /// Whether the browser asks for the mobile form of a site.
    mobile: bool,
    /// The major version; Chromium has frozen the rest to zeros.
    major: u16,
    /// What tells unknown browsers apart; 0 for a known one.
    products: u32,
}

impl Class {
    pub(super) fn of(header: &str) -> Self {
        let header = header.as_bytes();
        let header = header.get(..READ).unwrap_or(header);
        let mut buffer = [0; READ];
        let lowercase = buffer.get_mut(..header.len()).unwrap_or_default();
        lowercase.copy_from_slice(header);
        lowercase.make_ascii_lowercase();
        Self::of_lowercase(lowercase)
    }

    fn of_lowercase(header: &[u8]) -> Self {
        let mut class = Self {
            browser: Browser::Other,
            platform: Platform::Other,
            mobile: false,
            major: 0,
            products: 0,
        };
        // Safari has its version in a product of its own: `Version/17.4 Safari/605.1.15`.
        let mut safari = None;
        for (name, version) in words(header) {
            class.mobile |= name == b"mobile";
            match version {
                None => class.platform = class.platform.min(Platform::named(name)),
                Some(_) if name == b"version" => safari = version,
                Some(_) => match Browser::named(name) {
                    Browser::Safari => class.claim(Browser::Safari, safari),
                    browser => class.claim(browser, version),
                },
            }
        }
        if class.browser == Browser::Other {
            class.products = products_in(header);
            class.major = first_version_in(header);
        }
        class
    }

    /// Takes a browser with its version, if it goes before the one that was found so far.
    fn claim(&mut self, browser: Browser, version: Option<&[u8]>) {
        let Some(version) = version else { return };
        if browser < self.browser {
            self.browser = browser;
            self.major = leading_number(version);
        }
    }

    pub(super) fn judge(&self, now: &Self) -> UserAgentVerdict {
        let same_browser = (self.browser, self.products) == (now.browser, now.products);
        let same_platform = (self.platform, self.mobile) == (now.platform, now.mobile);
        if !same_browser || !self.platform.may_become(now.platform) {
            UserAgentVerdict::Changed
        } else if now.major < self.major {
            UserAgentVerdict::Downgraded
        } else if !same_platform {
            UserAgentVerdict::PlatformChanged
        } else if now.major > self.major {
            UserAgentVerdict::Upgraded
        } else {
            UserAgentVerdict::Same
        }
    }

    pub(super) fn encode(&self, sealed: &mut Vec<u8>) {
        sealed.push(self.browser as u8);
        sealed.push(self.platform as u8 | u8::from(self.mobile) << 7);
        sealed.extend(self.major.to_le_bytes());
        if self.browser == Browser::Other {
            sealed.extend(self.products.to_le_bytes());
        }
    }

    pub(super) fn decode(sealed: &mut &[u8]) -> Option<Self> {
        let ([browser, platform, major @ ..], rest) = sealed.split_first_chunk::<4>()?;
        *sealed = rest;
        let browser = *Browser::ALL.get(usize::from(*browser))?;
        let mut products = 0;
        if browser == Browser::Other {
            let (bytes, rest) = sealed.split_first_chunk()?;
            *sealed = rest;
            products = u32::from_le_bytes(*bytes);
        }
        Some(Self {
            browser,
            platform: *Platform::ALL.get(usize::from(platform & 0x7f))?,
            mobile: platform >> 7 == 1,
            major: u16::from_le_bytes(*major),
            products,
        })
    }
}

/// Returns the words of a header, those before a slash with what follows it: their version.
fn words(header: &[u8]) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
    let ends_word = |byte: &u8| matches!(byte, b' ' | b'(' | b')' | b';' | b',' | b'/');
    let mut pieces = header.split_inclusive(ends_word);
    let words = iter::from_fn(move || {
        let piece = pieces.next()?;
        match piece.split_last() {
            Some((b'/', name)) => Some((name, pieces.next())),
            Some((end, name)) if ends_word(end) => Some((name, None)),
            _ => Some((piece, None)),
        }
    });
    words.filter(|(name, _)| !name.is_empty())
}

fn leading_number(version: &[u8]) -> u16 {
    let digits = version.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |number: u16, digit| {
        number
            .saturating_mul(10)
            .saturating_add(u16::from(digit & 0x0f))
    })
}

fn first_version_in(header: &[u8]) -> u16 {
    let version = words(header).next().and_then(|(_, version)| version);
    version.map_or(0, leading_number)
}

/// Returns a hash of the names of the products, which is the same after an update.
///
/// Products are the first word and each one with a version (RFC 9110, section 10.1.5). The hash
/// is FNV-1a, 32 bits: who can find a collision can copy the header.
fn products_in(header: &[u8]) -> u32 {
    words(header)
        .enumerate()
        .filter(|(at, (_, version))| *at == 0 || version.is_some())
        .flat_map(|(_, (name, _))| name.iter().chain(b"/"))
        .fold(0x811c_9dc5, |hash: u32, byte| {
            (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
        })
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.browser {
            Browser::Edge => "Edge",
            Browser::Opera => "Opera",
            Browser::SamsungInternet => "Samsung Internet",
            Browser::Vivaldi => "Vivaldi",
            Browser::Yandex => "Yandex Browser",
            Browser::Firefox => "Firefox",
            Browser::Chrome => "Chrome",
            Browser::Safari => "Safari",
            Browser::Other => "Unknown browser",
        })?;
        f.write_str(match self.platform {
            Platform::Windows => " on Windows",
            Platform::ChromeOs => " on ChromeOS",
            Platform::Android => " on Android",
            Platform::Ios => " on iOS",
            Platform::MacOs => " on macOS",
            Platform::Linux => " on Linux",
            Platform::Other => "",
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SEEN: [(&str, &str, u16, bool); 33] = [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36", "Chrome on Windows", 126, false),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36", "Chrome on macOS", 126, false),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36", "Chrome on Linux", 126, false),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/126.0.6478.61 Safari/537.36", "Chrome on Linux", 126, false),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Ubuntu Chromium/99.0.4844.51 Chrome/99.0.4844.51 Safari/537.36", "Chrome on Linux", 99, false),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36", "Chrome on ChromeOS", 126, false),
        ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36", "Chrome on Android", 126, true),
        ("Mozilla/5.0 (Linux; Android 13; SM-X906C Build/TP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0.6478.71 Safari/537.36", "Chrome on Android", 126, false),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/126.0.6478.54 Mobile/15E148 Safari/604.1", "Chrome on iOS", 126, true),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.2592.68", "Edge on Windows", 126, false),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/70.0.3538.102 Safari/537.36 Edge/18.19582", "Edge on Windows", 18, false),
        ("Mozilla/5.0 (Linux; Android 10; HD1913) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.6478.72 Mobile Safari/537.36 EdgA/125.0.2535.96", "Edge on Android", 125, true),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 EdgiOS/125.2535.96 Mobile/15E148 Safari/605.1.15", "Edge on iOS", 125, true),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox on Windows", 127, false),
        ("Mozilla/5.0 (X11; Ubuntu; Linux i686; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox on Linux", 127, false),
        ("Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0", "Firefox on Android", 127, true),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 14_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/127.0 Mobile/15E148 Safari/605.1.15", "Firefox on iOS", 127, true),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4.1 Safari/605.1.15", "Safari on macOS", 17, false),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4.1 Mobile/15E148 Safari/604.1", "Safari on iOS", 17, true),
        ("Mozilla/5.0 (iPad; CPU OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4.1 Mobile/15E148 Safari/604.1", "Safari on iOS", 17, true),
        ("Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36", "Samsung Internet on Android", 25, true),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36 OPR/111.0.0.0", "Opera on Windows", 111, false),
        ("Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.18", "Opera on Windows", 9, false),
        ("Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Vivaldi/6.8.3381.44", "Vivaldi on Windows", 6, false),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 YaBrowser/24.6.0.0 Safari/537.36", "Yandex Browser on Windows", 24, false),
        ("Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/52.0.2743.116 Mobile Safari/537.36 Edge/15.15063", "Edge on Windows", 15, true),
        ("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; +http://www.google.com/bot.html) Chrome/126.0.6478.61 Safari/537.36", "Chrome", 126, false),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Unknown browser", 5, false),
        ("Mozilla/5.0 (Windows NT 10.0; Trident/7.0; rv:11.0) like Gecko", "Unknown browser on Windows", 5, false),
        ("curl/8.5.0", "Unknown browser", 8, false),
        ("python-requests/2.32.3", "Unknown browser", 2, false),
        ("okhttp/4.12.0", "Unknown browser", 4, false),
        ("", "Unknown browser", 0, false),
    ];

    #[test]
    fn real_user_agents_are_told_apart() {
        for (header, label, major, mobile) in SEEN {
            let class = Class::of(header);
            assert_eq!(class.to_string(), label, "{header}");
            assert_eq!((class.major, class.mobile), (major, mobile), "{header}");
        }
    }

    #[test]
    fn case_does_not_matter() {
        for (header, ..) in SEEN {
            assert_eq!(Class::of(&header.to_ascii_uppercase()), Class::of(header));
            assert_eq!(Class::of(&header.to_ascii_lowercase()), Class::of(header));
        }
    }

    #[test]
    fn unknown_clients_are_known_by_the_names_of_their_products() {
        let products = |header| Class::of(header).products;
        for (header, updated) in [
            ("curl/8.5.0", "curl/8.11.1"),
            ("okhttp/4.12.0", "okhttp/5.0.0-alpha.14"),
            (
                "Dalvik/2.1.0 (Linux; U; Android 13; Pixel 7 Build/TQ3A)",
                "Dalvik/2.1.0 (Linux; U; Android 14; Pixel 7 Build/UP1A)",
            ),
            (
                "Bank/5 CFNetwork/1485 Darwin/23.1.0",
                "Bank/6 CFNetwork/1496 Darwin/23.5.0",
            ),
            ("MyApp", "myapp"),
        ] {
            assert_eq!(products(header), products(updated), "{header}");
        }
        for (header, other) in [
            ("a", "b"),
            ("", "a"),
            (" (a", " (b"),
            ("curl/8.5.0", "wget/8.5.0"),
            ("curl/8.5.0", "curl/8.5.0 helper/1.0"),
            ("ab/1 c/1", "a/1 bc/1"),
            (
                "Mozilla/5.0 (compatible; Googlebot/2.1)",
                "Mozilla/5.0 (compatible; bingbot/2.0)",
            ),
        ] {
            assert_ne!(products(header), products(other), "{header} {other}");
        }
        assert_eq!(products("Chrome/126.0.0.0"), 0);
    }

    #[test]
    fn versions_beyond_all_reason_are_as_high_as_can_be() {
        assert_eq!(Class::of("Firefox/99999999999999999999.0").major, u16::MAX);
        assert_eq!(Class::of("Firefox/").major, 0);
        assert_eq!(Class::of("Firefox/-1").major, 0);
    }

    #[test]
    fn the_first_product_of_a_browser_has_its_version() {
        assert_eq!(Class::of("Chromium/99.0 Chrome/98.0").major, 99);
    }

    #[test]
    fn what_is_beyond_the_limit_is_not_read() {
        let long = format!("curl/8.5.0 {}", "x".repeat(64 * 1024));
        let longer = format!("{long} Firefox/127.0");
        assert_eq!(Class::of(&long), Class::of(&longer));
        assert_eq!(Class::of(&" ".repeat(READ - 1)).browser, Browser::Other);
        let at_the_limit = format!("{}Firefox/127.0", " ".repeat(READ - 9));
        assert_eq!(Class::of(&at_the_limit).major, 1);
    }

    #[test]
    fn numbers_are_places_in_the_list() {
        for (number, browser) in Browser::ALL.into_iter().enumerate() {
            assert_eq!(browser as usize, number);
        }
        for (number, platform) in Platform::ALL.into_iter().enumerate() {
            assert_eq!(platform as usize, number);
        }
    }

    #[test]
    fn the_sealed_form_never_changes() {
        let sealed = |header| {
            let mut sealed = Vec::new();
            Class::of(header).encode(&mut sealed);
            sealed
        };
        let (chrome_on_android, ..) = SEEN[6];
        assert_eq!(sealed(chrome_on_android), [6, 0x82, 126, 0]);
        assert_eq!(sealed("curl/8.5.0"), [8, 6, 8, 0, 0xdc, 0x44, 0x6f, 0x53]);
    }

    proptest! {
        #[test]
        fn no_header_makes_the_reader_panic(
            words in prop::collection::vec("(Mozilla|Edg|Version|Safari|Android|Mobile|Chrome|[ /();,.0-9\u{e9}]){0,4}", 0..60),
            any in ".*",
        ) {
            let words = words.concat();
            for header in [&words, &any] {
                let class = Class::of(header);
                prop_assert!(!class.to_string().is_empty());
                prop_assert_eq!(class.judge(&class), UserAgentVerdict::Same);
            }
        }
    }
}

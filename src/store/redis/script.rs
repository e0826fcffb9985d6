//! The steps, as the server runs them: each is atomic because a script is.

use std::sync::LazyLock;

use redis::{Arg, Cmd, ErrorKind, RedisError, ServerErrorKind};

pub(super) static SCRIPTS: LazyLock<Scripts> = LazyLock::new(Scripts::new);

pub(super) struct Scripts {
    pub(super) create: Script,
    pub(super) present: Script,
    pub(super) succeed: Script,
    pub(super) update: Script,
    pub(super) end: Script,
    pub(super) end_all: Script,
    pub(super) sessions: Script,
    pub(super) read: Script,
    pub(super) bind: Script,
    pub(super) prove: Script,
}

/// One script, out of what several have in common and what is its own.
macro_rules! script {
    ($($part:literal)*) => {
        Script::new(concat!(include_str!("lua/record.lua") $(, include_str!($part))*))
    };
}

impl Scripts {
    fn new() -> Self {
        Self {
            create: script!("lua/change.lua" "lua/ended.lua" "lua/expiry.lua" "lua/create.lua"),
            present: script!("lua/ended.lua" "lua/present.lua"),
            succeed: script!("lua/change.lua" "lua/succeed.lua"),
            update: script!("lua/change.lua" "lua/update.lua"),
            end: script!("lua/ended.lua" "lua/end.lua"),
            end_all: script!("lua/change.lua" "lua/expiry.lua" "lua/end_all.lua"),
            sessions: script!("lua/sessions.lua"),
            read: script!("lua/read.lua"),
            bind: script!("lua/change.lua" "lua/bind.lua"),
            prove: script!("lua/change.lua" "lua/prove.lua"),
        }
    }
}

pub(super) struct Script {
    text: &'static str,
    sha: String,
}

impl Script {
    fn new(text: &'static str) -> Self {
        let sha = redis::Script::new(text).get_hash().to_owned();
        Self { text, sha }
    }

    /// Starts the call of the script for a key, by its digest.
    pub(super) fn on(&self, key: &str) -> Cmd {
        let mut call = Cmd::with_capacity(10, 256);
        call.arg("EVALSHA").arg(&self.sha).arg(1).arg(key);
        call
    }

    /// Returns the same call with the text of the script, for a server that has not seen it.
    pub(super) fn in_full(&self, call: &Cmd) -> Cmd {
        let mut in_full = Cmd::new();
        in_full.arg("EVAL").arg(self.text);
        for arg in call.args_iter().skip(2) {
            if let Arg::Simple(arg) = arg {
                in_full.arg(arg);
            }
        }
        in_full
    }
}

/// Tells whether the server has not seen a script, or has forgotten it.
pub(super) fn is_missing(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::NoScript)
}

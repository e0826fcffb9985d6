//! The steps, as the server runs them: each is atomic because a script is.

use std::sync::LazyLock;

use redis::{Arg, Cmd, RedisResult, ServerErrorKind, Value};

use super::link::{Link, SharedLine};

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
            bind: script!("lua/change.lua" "lua/bind.lua").never_repeated(),
            prove: script!("lua/change.lua" "lua/prove.lua").never_repeated(),
        }
    }
}

pub(super) struct Script {
    text: &'static str,
    sha: String,
    /// Whether a repeated call answers what the first one did, or as good.
    may_repeat: bool,
}

impl Script {
    fn new(text: &'static str) -> Self {
        let sha = redis::Script::new(text).get_hash().to_owned();
        Self {
            text,
            sha,
            may_repeat: true,
        }
    }

    fn never_repeated(self) -> Self {
        let may_repeat = false;
        Self { may_repeat, ..self }
    }

    /// Starts the call of the script for a key, by its digest.
    pub(super) fn on(&self, key: &str) -> Cmd {
        let mut call = Cmd::with_capacity(10, 256);
        call.arg("EVALSHA").arg(&self.sha).arg(1).arg(key);
        call
    }

    /// Runs a call of the script, and returns what carried it with the answer.
    pub(super) async fn run(&self, call: &Cmd, link: &Link) -> RedisResult<(SharedLine, Value)> {
        match self.send(call, link).await {
            Err(error) if error.kind() == ServerErrorKind::NoScript.into() => {
                self.send(&self.in_full(call), link).await
            }
            sent => sent,
        }
    }

    async fn send(&self, call: &Cmd, link: &Link) -> RedisResult<(SharedLine, Value)> {
        if self.may_repeat {
            link.send(call).await
        } else {
            link.send_once(call).await
        }
    }

    /// Returns the call with the text of the script, for a server that has not seen it.
    fn in_full(&self, call: &Cmd) -> Cmd {
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

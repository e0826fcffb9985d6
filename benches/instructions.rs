//! Instructions per request: `cargo bench --bench instructions`.
//!
//! Times depend on the machine and the moment; instructions repeat within a percent. Valgrind
//! counts them while [`counted`] runs, in a process for each scenario. Afterwards
//! `callgrind_annotate target/tmp/Guarded.callgrind` tells where they go.

mod scenarios;

use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, ExitCode};

use rocket::local::asynchronous::LocalRequest;
use scenarios::{Scenario, Stage};

const REQUESTS: i64 = 500;

/// The argument by which this program tells itself, under valgrind, what to play.
const PLAY: &str = "--play";

/// One line of the table: what a scenario costs beyond another one.
struct Row {
    what: &'static str,
    scenario: Scenario,
    beyond: Scenario,
    /// The difference is told for each of so many.
    per: i64,
    at_most: Option<i64>,
}

const fn row(what: &'static str, scenario: Scenario, beyond: Scenario) -> Row {
    Row {
        what,
        scenario,
        beyond,
        per: 1,
        at_most: None,
    }
}

impl Row {
    const fn per(self, per: i64) -> Self {
        Self { per, ..self }
    }

    const fn at_most(self, instructions: i64) -> Self {
        Self {
            at_most: Some(instructions),
            ..self
        }
    }
}

fn table() -> Vec<Row> {
    use Scenario::*;
    vec![
        row("private cookie and its JSON, no more", Unsealed, Open),
        row("address, browser and HSTS by hand", ByHand, Open),
        row("RestrictedSession, no store", Guarded, Open).at_most(29_000),
        row("RestrictedSession, issued anew", Reissued, Open).at_most(62_000),
        row("RestrictedSession, store in memory", Kept, Open),
        row("the store's share of it", Kept, Guarded),
        row("RestrictedSession, rotated", Rotated, Open),
        row("a fairing that does nothing", Idle, Open),
        row("the fairing alone", Shielded, Open).at_most(950),
        row("HSTS", Hsts, Shielded).at_most(3_000),
        row("one cookie hardened", Hardened(1), Strong(1)).at_most(2_500),
        row("three cookies hardened, each", Hardened(3), Strong(3))
            .per(3)
            .at_most(2_500),
        row("a cookie parsed and printed, each", Reprinted(3), Strong(3)).per(3),
        #[cfg(feature = "dbsc")]
        row("RestrictedSession, bound to a device", Bound, Open),
    ]
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [play, name] if play == PLAY => self::play(name),
        _ if arguments.iter().any(|argument| argument == "--bench") => print_table(),
        // `cargo test --benches` only wants to know that it compiles.
        _ => ExitCode::SUCCESS,
    }
}

/// Sends requests through [`counted`], in a process that valgrind watches.
fn play(name: &str) -> ExitCode {
    let mut scenarios = table()
        .into_iter()
        .flat_map(|row| [row.scenario, row.beyond]);
    let Some(scenario) = scenarios.find(|scenario| format!("{scenario:?}") == name) else {
        return ExitCode::FAILURE;
    };
    let stage = Stage::set(scenario);
    for _ in 0..REQUESTS {
        counted(&stage, stage.request());
    }
    ExitCode::SUCCESS
}

/// Answers one request. What happens in here is counted.
#[inline(never)]
fn counted(stage: &Stage, request: LocalRequest<'static>) {
    stage.play(request);
}

fn print_table() -> ExitCode {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("Skipped: instructions are counted by valgrind, which is not installed.");
        return ExitCode::SUCCESS;
    }
    let mut counts = HashMap::new();
    let mut count = |scenario: Scenario| {
        let name = format!("{scenario:?}");
        *counts.entry(name).or_insert_with_key(|name| count(name))
    };

    println!("instructions per request     more  at most");
    let open = count(Scenario::Open);
    println!("{open:>24}                    a route of Rocket's, without guard and fairing");
    for row in table() {
        let instructions = count(row.scenario);
        let more = (instructions - count(row.beyond)) / row.per;
        let at_most = row.at_most.map_or(String::new(), |most| most.to_string());
        let met = row.at_most.is_none_or(|most| more <= most);
        let mark = if met { "" } else { "  MISSED" };
        let what = row.what;
        println!("{instructions:>24} {more:>8} {at_most:>8}  {what}{mark}");
    }
    ExitCode::SUCCESS
}

/// Returns how many instructions one request of the scenario takes.
fn count(name: &str) -> i64 {
    let profile = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.callgrind"));
    let output = Command::new("valgrind")
        .arg("--tool=callgrind")
        .arg("--toggle-collect=instructions::counted*")
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(std::env::current_exe().unwrap())
        .args([PLAY, name])
        .output()
        .unwrap();
    let report = String::from_utf8_lossy(&output.stderr);
    let collected = report.split("Collected : ").nth(1);
    let total = collected.and_then(|rest| rest.split_whitespace().next()?.parse::<i64>().ok());
    match total {
        Some(total) if output.status.success() => total / REQUESTS,
        _ => panic!("valgrind did not count {name}:\n{report}"),
    }
}

//! Instructions per request, counted by valgrind's callgrind: `cargo bench --bench instructions`.
//!
//! Runs itself under callgrind, each scenario twice with different numbers of requests; the
//! difference leaves out start-up. Counts repeat within one per cent whatever the machine does.

#![allow(unreachable_pub, missing_debug_implementations)]

mod scenarios;

use std::process::Command;

use scenarios::{one_thread, Scenario, Server, SCENARIOS};

const FEW: u64 = 100;
const MANY: u64 = 300;

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    match arguments.as_slice() {
        [_, flag, name, requests] if flag == "--serve" => {
            serve(name, requests.parse().expect("a number"));
        }
        _ => print_table(),
    }
}

/// What runs under callgrind.
fn serve(name: &str, requests: u64) {
    let scenario = SCENARIOS.iter().find(|s| s.name == name);
    one_thread().block_on(async {
        let server = Server::start(scenario.expect("a scenario")).await;
        for _ in 0..requests {
            server.serve().await;
        }
    });
}

fn print_table() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("skipped: valgrind is not installed");
        return;
    }
    let counts: Vec<_> = SCENARIOS.iter().map(per_request).collect();
    let open = counts[0];
    println!(
        "{:<36} {:>12} {:>12} {:>8}",
        "instructions per request", "all", "over open", "ratio"
    );
    for (scenario, count) in SCENARIOS.iter().zip(&counts) {
        let over = *count as i64 - open as i64;
        let ratio = *count as f64 / open as f64;
        println!("{:<36} {count:>12} {over:>12} {ratio:>8.3}", scenario.name);
    }
    print_lines(&|name| {
        counts[SCENARIOS
            .iter()
            .position(|s| s.name == name)
            .expect("a scenario")]
    });
}

/// The figures that are differences of two scenarios.
fn print_lines(count: &dyn Fn(&str) -> u64) {
    let difference = |more: &str, less: &str| count(more) as i64 - count(less) as i64;
    println!();
    for (what, figure) in [
        (
            "fairing on a response without Set-Cookie",
            difference("open route, fairing", "open route"),
        ),
        (
            "HSTS",
            difference("open route, fairing, HSTS", "open route, fairing"),
        ),
        (
            "hardening a line and writing it back",
            difference("4 Set-Cookie, hardened", "4 Set-Cookie, not hardened") / 4,
        ),
        (
            "parsing and printing a line",
            difference(
                "4 Set-Cookie, parsed and printed",
                "4 Set-Cookie, not hardened",
            ) / 4,
        ),
    ] {
        println!("{what:<48} {figure:>13}");
    }
}

fn per_request(scenario: &Scenario) -> u64 {
    (count(scenario, MANY) - count(scenario, FEW)) / (MANY - FEW)
}

fn count(scenario: &Scenario, requests: u64) -> u64 {
    let this = std::env::current_exe().expect("this program");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(this)
        .args(["--serve", scenario.name, &requests.to_string()])
        .output()
        .expect("valgrind");
    assert!(output.status.success(), "{} fails", scenario.name);
    let printed = String::from_utf8_lossy(&output.stderr).into_owned();
    let collected = printed
        .lines()
        .find_map(|line| line.split("Collected : ").nth(1));
    let collected = collected.unwrap_or_else(|| panic!("no count in: {printed}"));
    collected.trim().parse().expect("a number")
}

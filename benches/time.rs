//! Time per request, and how it compares with an open route: `cargo bench --bench time`.

#[allow(dead_code)] // Not each scenario can be repeated for as long as it takes.
mod scenarios;

use std::path::Path;

use criterion::{BatchSize, Criterion};
use scenarios::{Scenario, Stage};

const GROUP: &str = "request";

const SCENARIOS: [Scenario; 12] = [
    Scenario::Open,
    Scenario::Idle,
    Scenario::Unsealed,
    Scenario::ByHand,
    Scenario::Guarded,
    Scenario::Reissued,
    Scenario::Kept,
    Scenario::Shielded,
    Scenario::Hsts,
    Scenario::Strong(3),
    Scenario::Hardened(3),
    Scenario::Reprinted(3),
];

fn main() {
    let results = Path::new(env!("CARGO_TARGET_TMPDIR")).join("criterion");
    let criterion = Criterion::default().output_directory(&results);
    let mut criterion = criterion.configure_from_args();
    let mut group = criterion.benchmark_group(GROUP);
    for scenario in SCENARIOS {
        let stage = Stage::set(scenario);
        group.bench_function(format!("{scenario:?}"), |bencher| {
            bencher.iter_batched(
                || stage.request(),
                |request| stage.play(request),
                BatchSize::SmallInput,
            )
        });
    }
    group.finish();
    criterion.final_summary();
    print_ratios(&results.join(GROUP));
}

/// Compares the medians with that of an open route, as far as they were measured.
fn print_ratios(group: &Path) {
    let median = |scenario: Scenario| {
        let estimates = group.join(format!("{scenario:?}/new/estimates.json"));
        let estimates = std::fs::read_to_string(estimates).ok()?;
        let estimates: serde_json::Value = serde_json::from_str(&estimates).ok()?;
        estimates["median"]["point_estimate"].as_f64()
    };
    let Some(open) = median(Scenario::Open) else {
        return;
    };
    println!("\nnanoseconds   x open");
    for scenario in SCENARIOS {
        if let Some(nanoseconds) = median(scenario) {
            let ratio = nanoseconds / open;
            println!("{nanoseconds:>11.0} {ratio:>8.2}  {scenario:?}");
        }
    }
}

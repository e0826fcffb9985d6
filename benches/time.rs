//! Time per request, all scenarios in one run: `cargo bench --bench time`.
//!
//! Machines are noisy: compare the rows of one run, not runs.

#![allow(unreachable_pub, missing_debug_implementations, missing_docs)]

mod scenarios;

use criterion::{criterion_group, criterion_main, Criterion};
use scenarios::{one_thread, Server, SCENARIOS};

fn requests(criterion: &mut Criterion) {
    let runtime = one_thread();
    let mut group = criterion.benchmark_group("request");
    for scenario in &SCENARIOS {
        let server = runtime.block_on(Server::start(scenario));
        group.bench_function(scenario.name, |bencher| {
            bencher.iter(|| runtime.block_on(server.serve()));
        });
    }
    group.finish();
}

criterion_group!(benches, requests);
criterion_main!(benches);

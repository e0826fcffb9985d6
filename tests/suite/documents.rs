//! README and crate docs show code that is compiled, and keys that are read.

const README: &str = include_str!("../../README.md");
const CRATE_DOCS: &str = include_str!("../../src/lib.rs");
const QUICK_START: &str = include_str!("../../examples/quick_start.rs");
const ROCKET_TOML: &str = include_str!("../../Rocket.toml");

/// The crate docs without their comment markers.
fn crate_docs() -> String {
    let lines = CRATE_DOCS
        .lines()
        .map_while(|line| line.strip_prefix("//!"));
    let unmarked = lines.map(|line| line.strip_prefix(' ').unwrap_or(line));
    unmarked.map(|line| format!("{line}\n")).collect()
}

/// The example without its doc line.
fn quick_start() -> &'static str {
    QUICK_START.split_once("\n\n").expect("a doc line").1
}

#[test]
fn the_quick_start_is_the_example() {
    assert!(README.contains(quick_start()));
    let docs = crate_docs().replace("\n   ", "\n");
    assert!(docs.contains(quick_start()));
    assert!(QUICK_START.lines().count() < 45);
}

#[test]
fn the_configuration_is_the_one_at_the_top_level() {
    let keys = ROCKET_TOML.split_once("\n\n").expect("a comment").1;
    assert!(crate_docs().contains(keys.trim_end()));
    for line in keys.lines().filter(|line| line.contains(" = ")) {
        let key = line.split(" = ").next().expect("a key");
        assert!(README.contains(&format!("`{key}`")), "{key} in the README");
    }
}

#[test]
fn no_placeholder_is_left() {
    for document in [README, CRATE_DOCS] {
        let is_placeholder = |word: &str| word.starts_with('#') && word.ends_with('#');
        let words = document.split_whitespace();
        let left: Vec<_> = words.filter(|w| w.len() > 8 && is_placeholder(w)).collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

//! README and crate docs show code that is compiled, and keys that are read.

const README: &str = include_str!("../../README.md");
const CRATE_DOCS: &str = include_str!("../../src/lib.rs");
const QUICK_START: &str = include_str!("../../examples/quick_start.rs");
const ROCKET_TOML: &str = include_str!("../../Rocket.toml");
const ASVS: &str = include_str!("../../src/guide/asvs.md");
const DBSC: &str = include_str!("../../src/guide/dbsc.md");
const EVENTS: &str = include_str!("../../src/event.rs");
const ROTATION: &str = include_str!("../../src/guide/rotation.md");

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
    for key in keys_of(keys) {
        assert!(README.contains(&format!("`{key}`")), "{key} in the README");
    }
}

/// The keys of a configuration.
fn keys_of(configuration: &str) -> impl Iterator<Item = &str> {
    let keys = configuration
        .lines()
        .filter_map(|line| line.split_once(" = "));
    keys.map(|(key, _)| key)
}

#[test]
fn the_guide_explains_every_key_of_device_bound_sessions() {
    let table = ROCKET_TOML.split_once("[default.restricted_session.dbsc]");
    let keys: Vec<_> = keys_of(table.expect("it").1).collect();
    assert_eq!(keys.len(), 9);
    for key in keys {
        let spelled = [format!("`{key}"), format!("`dbsc.{key}")];
        assert!(spelled.iter().any(|key| DBSC.contains(key)), "{key}");
    }
}

/// What stands between backticks in a guide, of what names a file of the repository.
fn named_in(guide: &str) -> impl Iterator<Item = &str> {
    let spans = guide.split('`').skip(1).step_by(2);
    spans.filter(|span| ["src/", "tests/"].iter().any(|top| span.starts_with(top)))
}

fn source(path: &str) -> String {
    let file = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(file).unwrap_or_else(|_| panic!("no {path}"))
}

/// Else the checklists could promise what nothing proves any more.
#[test]
fn every_file_and_test_that_a_checklist_names_is_there() {
    let named: Vec<_> = [ASVS, DBSC].into_iter().flat_map(named_in).collect();
    for path in named.iter().filter(|span| !span.contains("::")) {
        source(path);
    }
    let proofs: Vec<_> = named.iter().filter_map(|s| s.split_once("::")).collect();
    assert!(proofs.len() > 50, "{}", proofs.len());
    for (path, name) in proofs {
        let source = source(path);
        let declared = format!("fn {name}(");
        let above = source.split_once(&declared).map(|(above, _)| above);
        let is_test = |above: &str| match path.contains("/conformance/") {
            true => above.ends_with("pub async "),
            false => {
                let attributes = above.rsplit("\n\n").next();
                attributes.is_some_and(|attributes| attributes.contains("#[test]"))
            }
        };
        assert!(above.is_some_and(is_test), "{path}::{name}");
    }
}

#[test]
fn every_line_of_the_checklist_has_a_proof_or_is_the_apps() {
    let lines = ASVS
        .lines()
        .filter(|line| line.starts_with("| 7.") || line.starts_with("| 3."));
    let mut requirements = Vec::new();
    for line in lines {
        let cells: Vec<_> = line.split(" | ").collect();
        let [requirement, _, _, app, proof] = cells[..] else {
            panic!("{line}");
        };
        let is_apps = ["all of it", "the button"].contains(&app);
        assert_eq!(proof.contains(".rs::"), !is_apps, "{line}");
        requirements.extend(requirement.split(' ').nth(1));
    }
    let all = [
        "7.1.1", "7.1.2", "7.1.3", "7.2.1", "7.2.2", "7.2.3", "7.2.4", "7.3.1", "7.3.2", "7.4.1",
        "7.4.2", "7.4.3", "7.4.4", "7.4.5", "7.5.1", "7.5.2", "7.5.3", "7.6.1", "7.6.2", "3.3.1",
        "3.3.2", "3.3.3", "3.3.4", "3.3.5",
    ];
    assert_eq!(requirements, all);
}

/// The table of rules, without its head.
fn rules() -> impl Iterator<Item = &'static str> {
    let section = DBSC.split_once("# The protocol, rule by rule").expect("it");
    let section = section.1.split("\n# ").next().expect("its end");
    section.lines().filter(|line| line.starts_with('|')).skip(2)
}

#[test]
fn every_rule_of_the_protocol_has_its_place_and_its_proof() {
    for rule in rules() {
        let cells: Vec<_> = rule.split(" | ").collect();
        let [_, _, place, proof] = cells[..] else {
            panic!("{rule}");
        };
        assert_eq!(named_in(place).count(), 1, "{rule}");
        assert!(named_in(proof).all(|span| span.contains(".rs::")), "{rule}");
        assert!(named_in(proof).count() > 0, "{rule}");
    }
    assert!(rules().count() > 15);
}

#[test]
fn every_kind_of_event_is_explained() {
    let kinds = EVENTS.split_once("pub enum EventKind {").expect("it").1;
    let kinds = kinds.split_once("\n}").expect("its end").0;
    let kinds = kinds.lines().map(str::trim);
    let kinds = kinds.filter(|line| !line.is_empty() && !line.starts_with("//"));
    let mut count = 0;
    for kind in kinds.filter_map(|line| line.split([',', '(']).next()) {
        let row = format!("`{kind}`");
        let is_explained = |guide: &str| guide.contains(&row);
        assert!([ROTATION, DBSC].into_iter().any(is_explained), "{kind}");
        count += 1;
    }
    assert!(count > 10, "{count}");
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

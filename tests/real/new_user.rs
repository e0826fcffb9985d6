//! The quick start of the README, followed to the letter in a fresh app.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program::App;

const README: &str = include_str!("../../README.md");
const CODE: &str = include_str!("../../examples/quick_start.rs");
const CRATE: &str = env!("CARGO_MANIFEST_DIR");

/// The fenced block of the README that holds `text`, without its indentation.
fn block(text: &str) -> String {
    let mut blocks = README.split("```").skip(1).step_by(2);
    let block = blocks.find(|block| block.contains(text));
    let block = block.unwrap_or_else(|| panic!("the README has no block with {text:?}"));
    let lines = block.lines().skip(1).map(str::trim_start);
    lines.collect::<Vec<_>>().join("\n")
}

/// A fresh app with the README's dependencies, the crate by path, and the example's code.
fn write_app(folder: &Path) -> PathBuf {
    let app = folder.join("new_user");
    let created = Command::new(env!("CARGO"))
        .args(["new", "--quiet", "--vcs", "none", "--name", "new_user"])
        .arg(&app)
        .status();
    assert!(created.unwrap().success());
    let published = "rocket_restricted_session = \"0.1\"";
    let wanted = block(published);
    let by_path = format!("rocket_restricted_session = {{ path = {CRATE:?} }}");
    let manifest = fs::read_to_string(app.join("Cargo.toml")).unwrap();
    let manifest = manifest.replace("[dependencies]", &wanted.replace(published, &by_path));
    fs::write(app.join("Cargo.toml"), manifest).unwrap();
    fs::write(app.join("src/main.rs"), CODE).unwrap();
    // Built with what this crate was tested with, so that most of it need not be built again.
    let _ = fs::copy(Path::new(CRATE).join("Cargo.lock"), app.join("Cargo.lock"));
    app
}

/// Builds the app beside this test, and returns the program.
fn build(app: &Path, profile: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let target = test.ancestors().nth(3).unwrap();
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--profile", profile, "--target-dir"])
        .arg(target)
        .current_dir(app)
        // What a release asks for does not depend on how fast it is.
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .status();
    assert!(built.unwrap().success());
    let folder = if profile == "dev" { "debug" } else { profile };
    target.join(folder).join("new_user")
}

/// The commands of the README's console block, each with what it should print.
fn commands() -> Vec<(String, String)> {
    let block = block("curl -c jar");
    let commands = block.split("$ ").skip(1);
    let parts = commands.map(|part| part.split_once('\n').unwrap_or((part, "")));
    let parts = parts.map(|(command, printed)| (command.into(), printed.trim().into()));
    parts.collect()
}

/// Types the README's lines into a shell, at the port of this app.
fn behaves_as_the_readme_says(port: u16) {
    let folder = tempfile::tempdir().unwrap();
    let commands = commands();
    assert_eq!(commands.len(), 4, "{commands:?}");
    for (command, printed) in commands {
        let here = command.replace(":8000", &format!(":{port}"));
        let here = here.replacen("curl", "curl -sS --noproxy '*'", 1);
        let mut shell = Command::new("sh");
        let output = shell.args(["-c", &here]).current_dir(&folder).output();
        let seen = String::from_utf8(output.unwrap().stdout).unwrap();
        assert_eq!(seen.trim(), printed, "{command}");
    }
}

#[test]
#[ignore = "builds an app, and needs curl and openssl"]
fn the_quick_start_works_in_a_fresh_app() {
    let folder = tempfile::tempdir().unwrap();
    let app = write_app(folder.path());
    let debug = build(&app, "dev");
    behaves_as_the_readme_says(App::start(&debug, &[]).port);

    let release = build(&app, "release");
    let printed = App::refused(&release, &[]);
    assert!(printed.contains("secret"), "{printed}");
    let key = Command::new("sh").args(["-c", &key_command()]).output();
    let key = String::from_utf8(key.unwrap().stdout).unwrap();
    let key = [("ROCKET_SECRET_KEY", key.trim())];
    behaves_as_the_readme_says(App::start(&release, &key).port);
}

/// The command by which the README makes a key.
fn key_command() -> String {
    let block = block("ROCKET_SECRET_KEY=$(");
    let (_, rest) = block.split_once("ROCKET_SECRET_KEY=$(").unwrap();
    let (command, _) = rest.split_once(')').unwrap();
    command.to_owned()
}

//! Console sessions: those under `tests/cmd/`, on the small repository beside them, and README's.
//!
//! `TRYCMD=overwrite cargo test --test cli` writes what is printed into the files; put `[..]` for
//! milliseconds afterwards.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd/fixture")
}

fn gitopsc(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gitopsc"));
    command.current_dir(directory).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn sessions() {
    trycmd::TestCases::new().case("tests/cmd/*.trycmd").case("README.md");
}

#[test]
fn the_repository_is_found_from_below() {
    let here = gitopsc(&fixture(), &["list"]);
    assert!(here.status.success());
    let below = gitopsc(&fixture().join("apps/web/fragments"), &["list"]);
    assert_eq!(text(&below.stdout), text(&here.stdout));
    let nowhere = tempfile::tempdir().unwrap();
    let run = gitopsc(nowhere.path(), &["list"]);
    assert_eq!(run.status.code(), Some(2));
    assert!(text(&run.stderr).contains("use --repo"), "{}", text(&run.stderr));
}

#[test]
fn results_go_to_every_place_that_was_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("findings.json");
    let json = format!("json={}", file.display());
    let run = gitopsc(&fixture(), &["build", "--check", "-e", "odd", "-o", &json, "-o", "human"]);
    assert_eq!(run.status.code(), Some(1));
    assert!(text(&run.stdout).contains("1 warning"));
    let written: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(written["findings"][0]["id"], "scope-unknown");
    let gone = format!("json={}", directory.path().join("no/such/findings.json").display());
    let run = gitopsc(&fixture(), &["list", "-o", &gone]);
    assert_eq!(run.status.code(), Some(2));
    assert!(text(&run.stderr).contains("cannot write"), "{}", text(&run.stderr));
}

#[test]
fn colour_is_a_choice_and_never_the_only_sign() {
    let arguments = ["build", "--check", "-e", "odd"];
    let plain = gitopsc(&fixture(), &arguments);
    assert!(!plain.stdout.contains(&0x1b), "a pipe is no terminal");
    let mut always = arguments.to_vec();
    always.extend(["--color", "always"]);
    let coloured = gitopsc(&fixture(), &always);
    assert!(coloured.stdout.contains(&0x1b));
    assert!(text(&plain.stdout).starts_with("warning[scope-unknown]"));
}

/// Runs a program with a terminal as its standard error, of which all bytes are handed on.
const ON_A_TERMINAL: &str = r#"
import os, pty, subprocess, sys
own, terminal = pty.openpty()
program = subprocess.Popen(sys.argv[1:], stderr=terminal)
os.close(terminal)
try:
    while written := os.read(own, 4096):
        sys.stderr.buffer.write(written)
except OSError:
    pass
sys.exit(program.wait())
"#;

/// A run that takes its time, and what it writes to a terminal; `None` without Python.
fn on_a_terminal(arguments: &[&str], set: &[(&str, &str)]) -> Option<Output> {
    let is_there = Command::new("python3").args(["-c", "import pty"]).output();
    if !is_there.is_ok_and(|run| run.status.success()) {
        return None;
    }
    let mut command = Command::new("python3");
    command.args(["-c", ON_A_TERMINAL, env!("CARGO_BIN_EXE_gitopsc")]).args(arguments);
    command.env_remove("CI").env_remove("NO_COLOR").env("TERM", "xterm");
    Some(command.envs(set.iter().copied()).output().unwrap())
}

#[test]
fn a_terminal_sees_what_a_long_run_is_at_and_nothing_is_left_of_it() {
    let directory = tempfile::tempdir().unwrap();
    let object = |name| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d{name}}}\nspec:\n  selector: \
             {{matchLabels: {{app: a}}}}\n  template:\n    metadata: {{labels: {{app: a}}}}\n    spec: \
             {{containers: [{{name: a, image: a}}]}}\n"
        )
    };
    let long = ["check", directory.path().to_str().unwrap()];
    // How many files take long enough for the line to be drawn, no one knows beforehand.
    let mut names = 0..0;
    let shown = loop {
        names = names.end..(2 * names.end).max(1500);
        assert!(names.end < 50_000, "never shown");
        for name in names.clone() {
            fs::write(directory.path().join(format!("{name}.yaml")), object(name)).unwrap();
        }
        let plain = gitopsc(directory.path(), &long);
        assert_eq!(text(&plain.stderr), "", "no terminal");
        let Some(run) = on_a_terminal(&long, &[]) else { return };
        assert_eq!(text(&run.stdout), text(&plain.stdout), "what is found is the same");
        let shown = text(&run.stderr).to_owned();
        if shown.contains("judging files: ") {
            break shown;
        }
    };
    assert!(shown.contains(&format!(" of {}", names.end)), "{shown:?}");
    assert!(!shown.contains('\n'), "one line: {shown:?}");
    assert!(shown.ends_with("\r\u{1b}[2K"), "erased: {shown:?}");
    for set in [("CI", "true"), ("NO_COLOR", "1"), ("TERM", "dumb")] {
        let run = on_a_terminal(&long, &[set]).unwrap();
        assert_eq!(text(&run.stderr), "", "{set:?}");
    }
    let short = on_a_terminal(&["schema", "app"], &[]).unwrap();
    assert_eq!(text(&short.stderr), "", "a run that is short");
    let quiet = on_a_terminal(&[&long[..], &["--quiet"]].concat(), &[]).unwrap();
    assert_eq!(text(&quiet.stderr), "");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    for arguments in [vec!["list"], vec!["render", "k3s"], vec!["build", "--check"]] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_gitopsc"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(&arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let run = child.wait_with_output().unwrap();
        assert!(matches!(run.status.code(), Some(0 | 1)), "{arguments:?}: {:?}", run.status);
        let said = text(&run.stderr);
        assert!(!said.contains("panicked") && !said.contains("pipe"), "{arguments:?}: {said}");
    }
}

#[test]
fn schemas_need_no_repository() {
    let nowhere = tempfile::tempdir().unwrap();
    let run = gitopsc(nowhere.path(), &["schema", "app"]);
    assert!(run.status.success());
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/app.json");
    assert_eq!(run.stdout, fs::read(shipped).unwrap());
}

#[test]
fn a_build_leaves_the_fixture_alone() {
    // The sessions above share the fixture, so none of them may write into it.
    assert!(!fixture().join("rendered").exists());
}

/// What an example needs that is not in this repository.
const ELSEWHERE: [&str; 11] = [
    "manifests/",
    "FILE",
    "publish",
    "--live",
    "main...",
    "v1..v2",
    "old/",
    "helm ",
    "~/",
    "argocd/",
    "man -l",
];

#[test]
fn every_command_has_examples_and_they_are_right() {
    let above = tempfile::tempdir().unwrap();
    let copy = above.path().join("repository");
    let source = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shell = |directory: &Path, line: &str| {
        let program = Path::new(env!("CARGO_BIN_EXE_gitopsc")).parent().unwrap();
        let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
        let mut command = Command::new("sh");
        command.current_dir(directory).args(["-c", line]).env("PATH", path).output().unwrap()
    };
    let parts = "apps applicationsets environments rendered schemas gitopsc.yaml";
    let made = shell(
        source,
        &format!(
            "mkdir {0} && for part in {parts}; do [ ! -e $part ] || cp -R $part {0}/; done && cd {0} && git init -q && \
             git remote add origin https://git.example.com/a.git && git add -A && \
             git -c user.name=a -c user.email=a@example.com commit -qm all",
            copy.display()
        ),
    );
    assert!(made.status.success(), "{}", text(&made.stderr));
    let whole = gitopsc(&copy, &["--help"]);
    let commands = text(&whole.stdout).split("Commands:").nth(1).unwrap();
    let commands = commands.lines().skip(1).map_while(|line| line.split_whitespace().next());
    let mut pages = vec![String::new()];
    pages.extend(commands.filter(|name| *name != "help").map(str::to_owned));
    assert!(pages.len() > 15, "{pages:?}");
    for page in pages {
        let arguments: Vec<&str> = page.split_whitespace().chain(["--help"]).collect();
        let help = gitopsc(&copy, &arguments);
        let examples = text(&help.stdout).split("Examples:\n").nth(1);
        let examples = examples.unwrap_or_else(|| panic!("`{page}` has no example"));
        for line in examples.lines().map(str::trim).filter(|line| line.starts_with("gitopsc ")) {
            let line = line.split("  ").next().unwrap();
            if ELSEWHERE.iter().any(|word| line.contains(word)) {
                continue;
            }
            let directory = above.path().join("new");
            let directory = if page == "init" { &directory } else { &copy };
            if page == "init" {
                let _ = fs::remove_dir_all(directory);
                shell(
                    above.path(),
                    "git init -q new && git -C new remote add origin https://git.example.com/a.git",
                );
            }
            let run = shell(directory, line);
            let said = format!("{line}\n{}{}", text(&run.stdout), text(&run.stderr));
            assert!(run.status.success(), "{said}");
        }
    }
}

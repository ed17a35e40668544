//! Characters that act instead of showing reach no terminal and no page.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use gitopsc::cli::Streams;

use crate::support::write;

const OLD: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n\
                   data: {text: \"one\\ntwo\\n\", word: x}\n---\n\
                   apiVersion: v1\nkind: ConfigMap\nmetadata: {name: gone}\ndata: {x: \"y\"}\n";

const NEW: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n\
                   data: {text: \"one\\n\\e[2K\\e[1Aharmless\\u202e \\b.\\n\", word: \"\\e[31mred\\u202e\", \"\\e[4mkey\\u202e\": x}\n---\n\
                   apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \"b\\e[31m\\u202e\\n+ c\"}\ndata: {x: \"a\\n\\e[5m\\n\"}\n";

fn acts(character: char) -> bool {
    character.is_control() && character != '\n' || character == '\u{202e}'
}

#[test]
fn what_acts_is_spelt_out_in_every_form_for_people() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    for (old, new) in [(OLD, NEW), (NEW, OLD)] {
        write(path, "old/a.yaml", old);
        write(path, "new/a.yaml", new);
        for form in ["human", "side-by-side", "markdown", "html", "json", "patch"] {
            let arguments: &[&str] = match form {
                "side-by-side" => &["--side-by-side"],
                form => &["-o", form],
            };
            let mut command = Command::new(env!("CARGO_BIN_EXE_gitopsc"));
            command.current_dir(path).env("COLUMNS", "160").args(["diff", "old", "new"]);
            let run = command.args(arguments).output().unwrap();
            let said = String::from_utf8(run.stdout).unwrap();
            assert!(run.status.success() && said.contains("harmless"), "{form}: {said}");
            let said = if form == "patch" { to_terminal(path) } else { said };
            let acting: Vec<char> = said.chars().filter(|c| acts(*c)).collect();
            assert!(acting.is_empty(), "{form}: {acting:?} in {said}");
            // Nothing is lost, and a name is in one line.
            let spelt = match form {
                "json" => "\\u001b[2K\\u001b[1Aharmless\\u202e",
                // YAML spells what controls a terminal itself.
                "patch" => "harmless\\u{202e}",
                _ => "\\u{1b}[2K",
            };
            assert!(said.contains(spelt), "{form}: {said}");
            assert!(!said.lines().any(|line| line.starts_with("+ c")), "{form}: {said}");
        }
    }
}

/// The patch that a terminal is shown.
fn to_terminal(directory: &Path) -> String {
    let sides = ["old", "new"].map(|side| directory.join(side).into_os_string());
    let arguments = ["gitopsc", "diff", "-o", "patch"].map(OsString::from);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams {
        out: &mut out,
        err: &mut err,
        is_terminal: true,
        color: false,
        progress: false,
        columns: None,
    };
    assert_eq!(gitopsc::cli::run(arguments.into_iter().chain(sides), &mut streams), 0);
    String::from_utf8(out).unwrap()
}

#[test]
fn text_of_any_language_and_tabs_stay() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let state = |text: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{x: \"{text}\"}}\n")
    };
    write(path, "old/a.yaml", state("one\\ntwo\\n"));
    write(path, "new/a.yaml", state("one\\nグリュー\\tß 👋🏽 שלום\\n"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_gitopsc"));
    let run = command.current_dir(path).args(["diff", "old", "new"]).output().unwrap();
    let said = String::from_utf8(run.stdout).unwrap();
    assert!(said.contains("+ グリュー\tß 👋🏽 שלום\n"), "{said}");
}

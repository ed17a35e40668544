//! `gitopsc check PATH`: which files hold objects, which do not, and what bad input does.
#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub, missing_docs)]

mod support;

#[path = "paths/input.rs"]
mod input;
#[path = "paths/kinds.rs"]
mod kinds;
#[path = "paths/kustomize.rs"]
mod kustomize;
#[path = "paths/lists.rs"]
mod lists;
#[path = "paths/options.rs"]
mod options;
#[path = "paths/streams.rs"]
mod streams;
#[path = "paths/together.rs"]
mod together;
#[path = "paths/traps.rs"]
mod traps;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use support::{Run, gitopsc, write};
use tempfile::TempDir;

/// An object without a fault.
pub const GOOD: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: good\ndata:\n  a: b\n";
/// An object with one, in line 7.
pub const BAD: &str =
    "apiVersion: v1\nkind: Service\nmetadata:\n  name: bad\nspec:\n  ports:\n    - port: 99999\n";
/// A manifest that is no YAML, by its line 4.
pub const BROKEN: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: [\n";

/// A tree of files.
pub fn tree(files: &[(&str, &str)]) -> TempDir {
    let tree = TempDir::new().unwrap();
    for (path, text) in files {
        write(tree.path(), path, text);
    }
    tree
}

/// What came of checking some paths.
pub struct Checked {
    pub code: u8,
    pub json: Value,
}

impl Checked {
    pub fn summary(&self, name: &str) -> u64 {
        self.json["summary"][name].as_u64().unwrap_or_else(|| panic!("{name}: {:#}", self.json))
    }

    /// `path:line id` of each finding.
    pub fn findings(&self) -> Vec<String> {
        let findings = self.json["findings"].as_array().unwrap().iter();
        let place = |one: &Value| match &one["place"]["line"] {
            Value::Null => one["place"]["file"].as_str().unwrap_or_default().to_owned(),
            line => format!("{}:{line}", one["place"]["file"].as_str().unwrap()),
        };
        findings.map(|one| format!("{} {}", place(one), one["id"].as_str().unwrap())).collect()
    }

    /// The reasons of the files, and of the documents, that were skipped.
    pub fn skipped(&self) -> BTreeMap<String, String> {
        let skipped = self.json["skipped"].as_array().unwrap().iter();
        let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
        skipped.map(|one| (text(one, "file"), text(one, "reason"))).collect()
    }
}

/// Checks paths inside this process; those of `arguments` that are relative are below `directory`.
pub fn check(directory: &Path, arguments: &[&str]) -> Checked {
    let mut all = vec!["check".to_owned(), "-o".to_owned(), "json".to_owned()];
    let is_path = |argument: &str| !argument.starts_with('-') && directory.join(argument).exists();
    all.extend(arguments.iter().map(|argument| match is_path(argument) {
        true if *argument == "." => directory.to_str().unwrap().to_owned(),
        true => directory.join(argument).to_str().unwrap().to_owned(),
        false => (*argument).to_owned(),
    }));
    let Run { code, out, err } = gitopsc(directory, &all);
    let text = out.replace(&format!("{}/", directory.display()), "");
    let json = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{out}\n{err}"));
    Checked { code, json }
}

/// Checks a whole tree.
pub fn check_tree(files: &[(&str, &str)]) -> Checked {
    let tree = tree(files);
    check(tree.path(), &["."])
}

/// Runs the program, with something on its standard input.
pub fn program(directory: &Path, arguments: &[&str], input: &[u8]) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_gitopsc"))
        .current_dir(directory)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

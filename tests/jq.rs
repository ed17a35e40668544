//! Expressions of jq in `ignoreDifferences`, read here and by Argo CD's own functions.
//!
//! `tests/argocd/jq/expressions.txt` has one on each line; `verdicts.json` beside it is what Argo CD 3.5.7
//! said, as `tests/go/applicationset` printed it; `UPDATE_ARGOCD=1 cargo test --test jq` asks again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::print_stderr)]

#[path = "support/go.rs"]
mod go;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use gitopsc::argocd::jq::refused;

/// Those that Argo CD refuses and that are not told here: the parser takes them.
const PASSED: [&str; 5] =
    [".1a", ".x < 3 < 4", ".x == 3 == 4", "{@base64 \"x\": 1}", "{@text \"a\"}"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/argocd/jq")
}

/// Why Argo CD refuses each expression; empty where it does not.
fn verdicts() -> BTreeMap<String, String> {
    let path = folder().join("verdicts.json");
    if std::env::var_os("UPDATE_ARGOCD").is_some() {
        let program = go::program("applicationset").expect("Go is needed to ask Argo CD");
        let mut command = Command::new(program);
        let output = command.arg("jq").arg(folder().join("expressions.txt")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        fs::write(&path, output.stdout).unwrap();
    }
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn what_argo_cd_takes_is_no_finding() {
    let verdicts = verdicts();
    let text = fs::read_to_string(folder().join("expressions.txt")).unwrap();
    let mut wrong = Vec::new();
    for expression in text.lines() {
        let there = verdicts.get(expression).expect("run with UPDATE_ARGOCD=1");
        let here = refused(expression);
        if here.is_some() == there.is_empty() && !PASSED.contains(&expression) {
            wrong.push(format!("{expression}: {here:?}, there {there:?}"));
        }
    }
    let taken = text.lines().filter(|line| verdicts[*line].is_empty()).count();
    println!("{} expressions, of which Argo CD takes {taken}", text.lines().count());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let is_refused = |it: &&str| !verdicts[*it].is_empty() && refused(it).is_none();
    assert!(PASSED.iter().all(is_refused), "one of these is told now");
}

#[test]
fn long_expressions_are_left_alone() {
    for part in ["(", "-", "try ", ".a|", "[", "{a:", "\"\\(", "if ", "def f: ", ".as$x|"] {
        assert_eq!(refused(&part.repeat(2000)), None, "{part}");
        assert!(refused(&format!("{}#", part.repeat(40))).is_some(), "{part}");
    }
    // Many of one after the other lie in nothing.
    assert_eq!(refused(&[".a"; 5000].join(",")), None);
    assert_eq!(refused(&".a".repeat(5000)), None);
}

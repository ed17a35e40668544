//! Expressions of jq in `ignoreDifferences`, read here and by Argo CD's own functions.
//!
//! `tests/argocd/jq/expressions.txt` has one on each line; `verdicts.json` beside it is what Argo CD 3.5.7
//! said of each and what it left of the objects in `objects.json`, as `tests/go/applicationset` printed it;
//! `UPDATE_ARGOCD=1 cargo test --test jq` asks again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::print_stderr)]

#[path = "support/go.rs"]
mod go;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use gitopsc::argocd::jq::{Expression, refused};
use gitopsc::source::{Sources, Span};
use gitopsc::yaml::{from_json, to_json};
use serde::Deserialize;
use serde_json::Value as Json;

/// Those that Argo CD refuses and that are not told here: the parser takes them.
const PASSED: [&str; 5] =
    [".x < 3 < 4", ".x == 3 == 4", "{@base64 \"x\": 1}", "{@text \"a\"}", ".a as $x ?// .b | .c"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/argocd/jq")
}

fn lines() -> Vec<String> {
    let text = fs::read_to_string(folder().join("expressions.txt")).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// What Argo CD says of an expression.
#[derive(Default, Deserialize)]
struct Verdict {
    /// Why it refuses it; empty where it does not.
    #[serde(default)]
    refused: String,
    /// Each object afterwards; null where nothing is taken away. Nothing where all are null.
    #[serde(default)]
    left: Vec<Json>,
}

fn verdicts() -> BTreeMap<String, Verdict> {
    let path = folder().join("verdicts.json");
    if std::env::var_os("UPDATE_ARGOCD").is_some() {
        let program = go::program("applicationset").expect("Go is needed to ask Argo CD");
        let files = ["expressions.txt", "objects.json"].map(|name| folder().join(name));
        let output = Command::new(program).arg("jq").args(files).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        fs::write(&path, output.stdout).unwrap();
    }
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn what_argo_cd_takes_is_no_finding() {
    let (verdicts, lines) = (verdicts(), lines());
    let mut wrong = Vec::new();
    for expression in &lines {
        let there = &verdicts.get(expression).expect("run with UPDATE_ARGOCD=1").refused;
        let here = refused(expression);
        if here.is_some() == there.is_empty() && !PASSED.contains(&expression.as_str()) {
            wrong.push(format!("{expression}: {here:?}, there {there:?}"));
        }
    }
    let taken = lines.iter().filter(|line| verdicts[*line].refused.is_empty()).count();
    println!("{} expressions, of which Argo CD takes {taken}", lines.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let is_refused = |it: &&str| !verdicts[*it].refused.is_empty() && refused(it).is_none();
    assert!(PASSED.iter().all(is_refused), "one of these is told now");
}

#[test]
fn expressions_leave_what_argo_cd_leaves() {
    let (verdicts, lines) = (verdicts(), lines());
    let text = fs::read_to_string(folder().join("objects.json")).unwrap();
    let objects: Vec<Json> = serde_json::from_str(&text).unwrap();
    let span = Span::new(Sources::default().add("objects", ""), 0..0);
    let (mut wrong, mut unread, mut compared) = (Vec::new(), Vec::new(), 0);
    for line in lines.iter().filter(|line| verdicts[*line].refused.is_empty()) {
        let Some(expression) = Expression::read(line) else {
            unread.push(line.as_str());
            continue;
        };
        for (at, object) in objects.iter().enumerate() {
            let mut node = from_json(object, span);
            let is_known = expression.remove(&mut node);
            let here = to_json(&node);
            match verdicts[line].left.get(at).unwrap_or(&Json::Null) {
                _ if !is_known => unread.push(line),
                // Without the whole of an object.
                Json::String(_) => wrong.push(format!("{line} on {at}: an error there")),
                Json::Null if here == *object => compared += 1,
                there if here == *there => compared += 1,
                there => wrong.push(format!("{line} on {at}: {here}, there {there}")),
            }
        }
    }
    println!("{compared} results compared; not run here are\n{}", unread.join("\n"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared >= 590, "{compared} compared");
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

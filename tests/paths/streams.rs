//! Large files: judged in pieces, with memory that does not grow with them.

use std::fmt::Write as _;
use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{BAD, check, tree};

const DOCUMENT: &str = "\
---
apiVersion: v1
kind: ConfigMap
metadata: {name: good}
# Some text, so that files grow while little is to be parsed: a debug build is slow.
";

#[test]
fn lines_are_right_however_the_file_is_cut() {
    let mut text = String::new();
    let mut expected = Vec::new();
    for index in 0..6000 {
        text += DOCUMENT;
        if index % 1000 == 500 {
            let line = text.lines().count() + 1 + 7;
            expected.push(format!("a.yaml:{line} port-invalid"));
            let _ = write!(text, "---\n{BAD}");
        }
    }
    let tree = tree(&[("a.yaml", &text)]);
    assert!(text.len() > 3 << 18);
    let checked = check(tree.path(), &["a.yaml"]);
    assert_eq!(checked.findings(), expected);
    assert_eq!(checked.summary("objects"), 6006);
}

/// The most memory that the program had, in KiB, and how many objects it judged.
fn peak(documents: usize) -> (u64, u64) {
    let tree = tree(&[("a.yaml", &DOCUMENT.repeat(documents))]);
    // The last document comes through a pipe that stays open, so that the program waits for its
    // end and can be looked at.
    let fifo = tree.path().join("rest");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let mut child = Command::new(env!("CARGO_BIN_EXE_gitopsc"))
        .current_dir(tree.path())
        .args(["check", "a.yaml", "-o", "json=out.json", "-o", "human=rest"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    // The result is complete when it goes on to the pipe, which nobody reads yet.
    let out = tree.path().join("out.json");
    while !fs::read(&out).is_ok_and(|bytes| bytes.ends_with(b"}\n")) {
        assert!(child.try_wait().unwrap().is_none(), "the program has ended");
        std::thread::sleep(Duration::from_millis(20));
    }
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    let peak = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    assert!(!fs::read(&fifo).unwrap().is_empty());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let json: serde_json::Value = serde_json::from_slice(&fs::read(&out).unwrap()).unwrap();
    (peak, json["summary"]["objects"].as_u64().unwrap())
}

#[test]
#[cfg(target_os = "linux")]
fn memory_grows_by_little_more_than_names() {
    let ((few, of_few), (many, of_many)) = (peak(20_000), peak(100_000));
    assert_eq!((of_few, of_many), (20_000, 100_000));
    // Who an object is, is known to the end, since others may refer to it: some hundred bytes.
    let grown = (many.saturating_sub(few) << 10) / 80_000;
    assert!(grown < 600, "{grown} bytes a document: {few} KiB for 20,000, {many} KiB for 100,000");
}

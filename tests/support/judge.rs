//! Programs that judge a line of JSON each.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// What a program answers to each of some questions, a line each.
pub(crate) fn ask(judge: &Path, questions: impl Iterator<Item = Value>) -> Vec<String> {
    let mut child =
        Command::new(judge).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let lines: Vec<String> = questions.map(|question| question.to_string() + "\n").collect();
    let asked = lines.len();
    let writer = std::thread::spawn(move || stdin.write_all(lines.concat().as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    let answers: Vec<String> =
        String::from_utf8(output.stdout).unwrap().lines().map(String::from).collect();
    assert_eq!(answers.len(), asked);
    answers
}

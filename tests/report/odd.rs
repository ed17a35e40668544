//! Odd names and places, as those who read the forms see them.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use percent_encoding::percent_decode_str;
use serde_json::Value;

const SERVICE: &str =
    "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 0}]}\n";

const NAMES: [&str; 5] =
    ["a b.yaml", "100%,a:b#c?.yaml", "new\nline.yaml", "wé \u{1f600}.yaml", "p.yaml"];

fn check(directory: &Path, paths: &[&str], format: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gitopsc"));
    command.current_dir(directory).arg("check").args(paths).args(["-o", format]);
    let run = command.stdin(Stdio::null()).output().unwrap();
    assert_eq!(run.status.code(), Some(1), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap()
}

fn json(directory: &Path, paths: &[&str], format: &str) -> Value {
    serde_json::from_str(&check(directory, paths, format)).unwrap()
}

/// The places of a SARIF log: URI and base.
fn uris(log: &Value) -> Vec<(String, Option<String>)> {
    let results = log["runs"][0]["results"].as_array().unwrap().iter();
    let artifact = |result: &Value| {
        let artifact = &result["locations"][0]["physicalLocation"]["artifactLocation"];
        let uri = artifact["uri"].as_str().unwrap();
        assert!(uri.bytes().all(|byte| byte.is_ascii_graphic()), "{uri}");
        (uri.to_owned(), artifact["uriBaseId"].as_str().map(str::to_owned))
    };
    results.map(artifact).collect()
}

#[test]
fn names_of_files_are_read_back_as_they_are() {
    let directory = tempfile::tempdir().unwrap();
    for name in NAMES {
        fs::write(directory.path().join(name), SERVICE).unwrap();
    }
    let mut expected = NAMES.to_vec();
    expected.sort_unstable();
    let here = directory.path();
    let read: Vec<_> = uris(&json(here, &["."], "sarif"))
        .into_iter()
        .map(|(uri, base)| {
            assert_eq!(base.as_deref(), Some("SRCROOT"));
            percent_decode_str(&uri).decode_utf8().unwrap().into_owned()
        })
        .collect();
    assert_eq!(read, expected);
    let issues = json(here, &["."], "gitlab");
    let paths = issues.as_array().unwrap().iter().map(|one| &one["location"]["path"]);
    assert!(paths.eq(expected.iter()), "{issues:#}");
    let lines: Vec<Value> = check(here, &["."], "jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &Value| line["type"] == "finding")
        .collect();
    assert!(lines.iter().map(|line| &line["file"]).eq(expected.iter()), "{lines:#?}");
    let commands = check(here, &["."], "github");
    assert_eq!(commands.lines().count(), NAMES.len());
    assert!(commands.contains("file=100%25%2Ca%3Ab#c?.yaml,line=4"), "{commands}");
    for format in ["concise", "human", "junit", "tap"] {
        let text = check(here, &["."], format);
        assert!(text.contains("new\\nline.yaml") || format == "tap", "{text}");
    }
}

#[test]
fn a_file_has_one_path_and_one_fingerprint_however_it_was_named() {
    let directory = tempfile::tempdir().unwrap();
    let top = directory.path().canonicalize().unwrap();
    fs::create_dir_all(top.join("here/d")).unwrap();
    fs::create_dir(top.join("there")).unwrap();
    fs::write(top.join("here/d/a.yaml"), SERVICE).unwrap();
    fs::write(top.join("there/b.yaml"), SERVICE).unwrap();
    let here = top.join("here");
    let whole = here.join("d/a.yaml").display().to_string();
    let ways = ["d", "./d/a.yaml", "d/../d", "../here/d/a.yaml", &whole];
    let prints = |way: &str| {
        let issues = json(&here, &[way], "gitlab");
        assert_eq!(issues[0]["location"]["path"], "d/a.yaml", "{way}");
        let log = json(&here, &[way], "sarif");
        assert_eq!(uris(&log), [("d/a.yaml".to_owned(), Some("SRCROOT".to_owned()))], "{way}");
        assert!(check(&here, &[way], "github").starts_with("::error file=d/a.yaml,line=4,"));
        assert!(check(&here, &[way], "junit").contains("file=\"d/a.yaml\""), "{way}");
        let print = log["runs"][0]["results"][0]["partialFingerprints"]["gitopsc/v1"].clone();
        assert_eq!(issues[0]["fingerprint"], print);
        print
    };
    let all: Vec<_> = ways.into_iter().map(prints).collect();
    assert!(all.iter().all(|print| *print == all[0]), "{all:?}");
    // A URI that is relative stays below its base.
    let log = json(&here, &["../there"], "sarif");
    assert_eq!(uris(&log), [(format!("file://{}/there/b.yaml", top.display()), None)]);
}

#[test]
fn standard_input_is_a_place_too() {
    for format in ["sarif", "gitlab", "github", "junit", "tap", "concise", "jsonl"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gitopsc"));
        let mut child = command
            .args(["check", "-", "-o", format])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        std::io::Write::write_all(&mut input, SERVICE.as_bytes()).unwrap();
        drop(input);
        let text = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
        let name = if format == "sarif" {
            "%3Cstdin%3E"
        } else if format == "junit" {
            "&lt;stdin&gt;"
        } else {
            "<stdin>"
        };
        assert!(text.contains(name), "{format}: {text}");
    }
}

#[test]
fn of_two_objects_of_one_name_only_the_wrong_one_fails() {
    let directory = tempfile::tempdir().unwrap();
    let good = SERVICE.replace("port: 0", "port: 80");
    let text = format!("{good}---\n{SERVICE}---\n{good}");
    fs::write(directory.path().join("a.yaml"), text).unwrap();
    let junit = check(directory.path(), &["a.yaml"], "junit");
    assert_eq!(junit.matches("<testcase ").count(), 3, "{junit}");
    assert_eq!(junit.matches("<failure ").count(), 1, "{junit}");
    let tap = check(directory.path(), &["a.yaml"], "tap");
    let results: Vec<_> = tap.lines().filter(|line| line.contains("ok ")).collect();
    assert!(results[0].starts_with("ok 1") && results[1].starts_with("not ok 2"), "{tap}");
    assert!(results[2].starts_with("ok 3"), "{tap}");
}

#[test]
fn rules_say_how_grave_they_are() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("a.yaml"), SERVICE).unwrap();
    let log = json(directory.path(), &["a.yaml"], "sarif");
    let rule = &log["runs"][0]["tool"]["driver"]["rules"][0];
    assert_eq!(
        (&rule["id"], &rule["defaultConfiguration"]["level"]),
        (&"port-invalid".into(), &"error".into())
    );
}

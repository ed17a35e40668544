//! `tap`, by a reader that takes nothing but TAP 14 as the specification has it.

use gitopsc::source::Sources;
use gitopsc::yaml;
use serde_json::{Value, json};

use crate::{NASTY, PATH, nasty_run, written};

struct Test {
    ok: bool,
    description: String,
    skipped: Option<String>,
    diagnostics: Option<Value>,
}

fn parse(text: &str) -> Vec<Test> {
    let mut lines = text.strip_suffix('\n').unwrap().split('\n').peekable();
    assert_eq!(lines.next(), Some("TAP version 14"));
    let plan: usize = lines.next().unwrap().strip_prefix("1..").unwrap().parse().unwrap();
    let mut tests: Vec<Test> = Vec::new();
    while let Some(line) = lines.next() {
        let (ok, rest) = match line.strip_prefix("not ok ") {
            Some(rest) => (false, rest),
            None => (true, line.strip_prefix("ok ").unwrap_or_else(|| panic!("no test: {line}"))),
        };
        let (number, rest) = rest.split_once(" - ").unwrap();
        assert_eq!(number, (tests.len() + 1).to_string());
        let (description, directive) = unescape(rest);
        let skipped = directive.map(|text| text.strip_prefix("SKIP ").unwrap().to_owned());
        let diagnostics = (lines.peek() == Some(&"  ---")).then(|| {
            lines.next();
            let mut block = String::new();
            loop {
                let line = lines.next().expect("a block ends");
                if line == "  ..." {
                    break;
                }
                block +=
                    line.strip_prefix("  ").unwrap_or_else(|| panic!("not in a block: {line}"));
                block.push('\n');
            }
            let file = Sources::default().add("block", &*block);
            let read = yaml::read(file, &block);
            assert!(read.faults.is_empty(), "{:?}\n{block}", read.faults);
            yaml::to_json(read.documents[0].node.as_ref().unwrap())
        });
        tests.push(Test { ok, description, skipped, diagnostics });
    }
    assert_eq!(plan, tests.len());
    tests
}

/// The description, and what stands behind a `#` without a backslash.
fn unescape(text: &str) -> (String, Option<&str>) {
    let mut description = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => {
                let (_, escaped) = characters.next().unwrap();
                assert!(['\\', '#'].contains(&escaped), "{text}");
                description.push(escaped);
            }
            '#' => return (description.trim_end().to_owned(), Some(text[at + 1..].trim())),
            other => description.push(other),
        }
    }
    (description, None)
}

#[test]
fn a_strict_reader_takes_every_line() {
    let run = nasty_run();
    let tests = parse(&written("tap", &run.report()));
    assert_eq!(tests.len(), 11);
    let web = &tests[0];
    assert_eq!((web.ok, &*web.description), (false, "k3s: Deployment/web in shop"));
    let finding = &web.diagnostics.as_ref().unwrap()["findings"][0];
    assert_eq!(finding["id"], "file-missing");
    assert_eq!((&finding["file"], &finding["line"]), (&json!(PATH), &json!(2)));
    let message = finding["message"].as_str().unwrap();
    assert!(message.contains("\\u{1b}[31mred") && message.contains("\n...\n--- "), "{message}");
    assert!(!message.contains(|c: char| c.is_control() && c != '\n'));
    assert_eq!(message.lines().count(), NASTY.lines().count());
    let cache = &tests[2];
    assert_eq!((cache.ok, cache.skipped.as_deref()), (true, Some("no schema")));
    assert!(tests.iter().filter(|test| test.skipped.is_some()).count() == 1);
    let failed = tests.iter().filter(|test| !test.ok).count();
    assert_eq!(failed, 7);
    // A `#` in a name is no directive, and a backslash is itself.
    assert!(tests.iter().any(|test| test.description == format!("{PATH}: made-up")));
    assert!(tests.iter().any(|test| test.description == "some dir/a\\nb.yaml: soft-fault"));
}

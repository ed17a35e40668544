//! What people and GitHub's runner read: `human`, `concise` and `github`.

use std::collections::BTreeMap;

use crate::{NASTY, PATH, nasty_run, written};

fn acts(character: char) -> bool {
    character.is_control() && character != '\n'
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[test]
fn a_line_a_finding() {
    let run = nasty_run();
    let text = written("concise", &run.report());
    assert!(!text.contains(acts), "{text:?}");
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 8 + 2);
    let start = format!("{PATH}:2:9: error[file-missing]: a]]>b <&\"'> 100% \\u{{1b}}[31mred");
    assert!(lines[0].starts_with(&start), "{}", lines[0]);
    assert!(lines[0].contains("\\nsecond: line"));
    assert_eq!(lines[4], "some dir/a\\nb.yaml: warning[soft-fault]: soft in a file");
    assert_eq!(lines[5], "error[no-place]: nowhere at all");
    assert_eq!(lines[7], format!("{PATH}:1:1: note[soft-note]: soft note"));
    assert_eq!(lines[8..], ["", "the end"]);
}

#[test]
fn people_see_what_would_act_on_their_terminal() {
    let run = nasty_run();
    let text = written("human", &run.report());
    assert!(!text.contains(acts), "{text:?}");
    assert!(text.contains("\\u{1b}[31mred") && text.contains("C:\\values\\prod.yaml"), "{text}");
    assert!(text.ends_with("soft note\n\nthe end\n"), "{text}");
}

struct Annotation {
    command: String,
    properties: BTreeMap<String, String>,
    message: String,
}

/// Reads a workflow command as the runner does: properties up to `::`, then the message.
fn annotation(line: &str) -> Annotation {
    let (head, data) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
    let (command, properties) = head.split_once(' ').unwrap();
    let undo = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n");
    let property = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap();
        let value = undo(value).replace("%3A", ":").replace("%2C", ",").replace("%25", "%");
        (name.to_owned(), value)
    };
    Annotation {
        command: command.to_owned(),
        properties: properties.split(',').map(property).collect(),
        message: undo(data).replace("%25", "%"),
    }
}

#[test]
fn the_runner_reads_each_command_whole() {
    let run = nasty_run();
    let text = written("github", &run.report());
    assert!(!text.contains(acts), "{text:?}");
    let read: Vec<_> = text.lines().map(annotation).collect();
    assert_eq!(read.len(), 8);
    let commands: Vec<_> = read[3..].iter().map(|one| &*one.command).collect();
    assert_eq!(commands, ["error", "warning", "error", "error", "notice"]);
    let get = |at: usize, name: &str| read[at].properties.get(name).map(String::as_str);
    assert_eq!(get(0, "file"), Some(PATH));
    assert_eq!((get(0, "line"), get(0, "col")), (Some("2"), Some("9")));
    assert_eq!((get(0, "endLine"), get(0, "endColumn")), (Some("2"), Some("11")));
    assert_eq!(get(0, "title"), Some("file-missing"));
    // Columns make no sense over several lines.
    assert_eq!((get(3, "line"), get(3, "endLine"), get(3, "col")), (Some("3"), Some("4"), None));
    assert_eq!((get(4, "file"), get(4, "line")), (Some("some dir/a\\nb.yaml"), None));
    assert_eq!((get(5, "file"), get(5, "title")), (None, Some("no-place")));
    let first = &read[0].message;
    assert!(first.starts_with("a]]>b <&\"'> 100% \\u{1b}[31mred"), "{first}");
    assert!(first.contains("\nsecond: line, # TODO \\ ::error::x\n"), "{first}");
    assert!(first.contains("in Deployment/web in shop, field spec.replicas\nin k3s, iris\n"));
    assert_eq!(first.matches("second: line").count(), 3, "message, note and help");
    assert!(NASTY.contains("::error::x"), "the message tries to be a command");
}

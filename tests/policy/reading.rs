//! Findings of reading files, silencers inside lists, and what silencers say of names.

use std::fmt::Write as _;
use std::time::Instant;

use serde_json::Value;
use tempfile::TempDir;

use crate::manifests::service;
use crate::support::{gitopsc, write};

/// What `check` shows of one file, as `line id`, and how many findings are silenced.
fn check(text: &str, options: &[&str]) -> (Vec<String>, u64) {
    let document = json(text, options);
    let findings = document["findings"].as_array().unwrap().iter();
    let lines = findings.map(|one| format!("{} {}", one["line"], one["id"].as_str().unwrap()));
    (lines.collect(), document["summary"]["silenced"].as_u64().unwrap())
}

fn json(text: &str, options: &[&str]) -> Value {
    let directory = TempDir::new().unwrap();
    write(directory.path(), "a.yaml", text);
    let file = directory.path().join("a.yaml").display().to_string();
    gitopsc(directory.path(), &[&["check", &file, "-o", "json"], options].concat()).json()
}

const TWICE: &str = "apiVersion: v1
kind: ConfigMap
metadata:
  name: a
data:
  x: one
  x: two
";

#[test]
fn a_key_given_twice_is_a_finding_of_its_object() {
    let document = json(TWICE, &[]);
    let finding = &document["findings"][0];
    assert_eq!(
        (&finding["object"], &finding["field"]),
        (&"ConfigMap/a".into(), &"data.x".into()),
        "{document:#}"
    );
    let list =
        format!("apiVersion: v1\nkind: List\nitems:\n- {}", TWICE.trim_end().replace('\n', "\n  "));
    assert_eq!(json(&list, &[])["findings"][0]["object"], "ConfigMap/a");
}

#[test]
fn a_key_given_twice_is_silenced_like_a_check() {
    let found = vec!["7 yaml-duplicate-key".to_owned()];
    assert_eq!(check(TWICE, &[]), (found.clone(), 0));
    let beside = TWICE.replace("x: two", "x: two # gitopsc: ignore[yaml-duplicate-key] a test");
    assert_eq!(check(&beside, &[]), (vec![], 1));
    let above = format!("# gitopsc: ignore-object[yaml-duplicate-key] a test\n{TWICE}");
    assert_eq!(check(&above, &[]), (vec![], 1));
    let annotated = TWICE.replace(
        "  name: a\n",
        "  name: a\n  annotations: {gitopsc.dev/ignore: \"yaml-duplicate-key: a test\"}\n",
    );
    assert_eq!(check(&annotated, &[]), (vec![], 1));
    for ignored in ["yaml-duplicate-key", "yaml-*"] {
        assert_eq!(check(TWICE, &["--ignore", ignored]), (vec![], 0));
    }
    // Choosing checks does not hide what is no check.
    assert_eq!(check(TWICE, &["--select", "port-invalid"]), (found.clone(), 0));
    assert_eq!(check(TWICE, &["--select", "yaml-duplicate-key"]), (found, 0));
    let unused = TWICE
        .replace("  x: one\n", "")
        .replace("x: two", "x: two # gitopsc: ignore[yaml-duplicate-key] a test");
    assert_eq!(check(&unused, &[]), (vec!["6 silencer-unused".to_owned()], 0));
}

#[test]
fn what_somebody_asked_to_be_told_can_be_silenced() {
    let probe = "# gitopsc: ignore-object[schema-missing] its operator publishes none
apiVersion: example.com/v1
kind: Probe
metadata: {name: a}
";
    assert_eq!(check(probe, &["--deny", "schema-missing"]), (vec![], 1));
    assert_eq!(check(probe, &[]), (vec![], 0));
    let both = format!("{}---\nkind: Kustomization\na: {{{{ b }}}}\n", service("a", "80"));
    // What is no whole object yet.
    let part = "kind: Service\nmetadata: {name: a}\n";
    assert_eq!(check(part, &[]), (vec!["1 object-incomplete".to_owned()], 0));
    for comment in ["ignore", "ignore-object"] {
        let text = format!("# gitopsc: {comment}[object-incomplete] completed later\n{part}");
        assert_eq!(check(&text, &[]), (vec![], 1));
    }
    let skipped = vec!["null file-skipped".to_owned()];
    assert_eq!(check(&both, &["--strict-files"]), (skipped, 0));
    assert_eq!(check(&both, &["--strict-files", "--ignore", "file-skipped"]), (vec![], 0));
    let beside = both.replace("port: 80", "port: 80 # gitopsc: ignore[file-skipped] why");
    let finding = &json(&beside, &[])["findings"][0];
    assert_eq!(finding["id"], "silencer-wrong");
    assert!(finding["help"].as_str().unwrap().contains("`--ignore file-skipped`"), "{finding}");
}

#[test]
fn what_cannot_be_read_is_not_silenced() {
    let text = service("a", "80 # gitopsc: ignore[yaml-syntax] why");
    let document = json(&text, &[]);
    let finding = &document["findings"][0];
    assert_eq!(finding["id"], "check-unknown");
    let message = finding["message"].as_str().unwrap();
    assert_eq!(
        message,
        "`yaml-syntax` has no level and cannot be silenced: what cannot be read is not judged, and must not look clean"
    );
    let directory = TempDir::new().unwrap();
    let run = gitopsc(directory.path(), &["check", ".", "--ignore", "yaml-syntax"]);
    assert!(run.code == 2 && run.err.contains("`yaml-syntax` has no level"), "{}", run.err);
}

#[test]
fn a_comment_above_an_item_silences_the_object_that_it_is() {
    let why = "# gitopsc: ignore-object[port-invalid] a test";
    let item = |name: &str| {
        format!(
            "apiVersion: v1\n  kind: Service\n  metadata: {{name: {name}}}\n  spec: {{ports: [{{port: 0}}]}}\n"
        )
    };
    let list = |items: &str| format!("apiVersion: v1\nkind: List\nitems:\n{items}");
    let (one, two) = (item("one"), item("two"));
    let only_two = |line: usize| (vec![format!("{line} port-invalid")], 1);
    assert_eq!(check(&list(&format!("{why}\n- {one}- {two}")), &[]), only_two(12));
    assert_eq!(check(&list(&format!("  {why}\n\n  # more\n- {one}- {two}")), &[]), only_two(14));
    assert_eq!(check(&list(&format!("- {why}\n  {one}- {two}")), &[]), only_two(12));
    assert_eq!(
        check(&list(&format!("- {one}{why}\n- {two}")), &[]),
        (vec!["7 port-invalid".to_owned()], 1)
    );
    // Above the list it is about all.
    assert_eq!(check(&format!("{why}\n{}", list(&format!("- {one}- {two}"))), &[]), (vec![], 2));
    // Inside an item, behind the last one, and in another document.
    let inside = format!("- {}", one.replace("  spec", &format!("  {why}\n  spec")));
    assert_eq!(check(&list(&inside), &[]).0, ["7 silencer-wrong", "8 port-invalid"]);
    let behind = format!("- {one}{why}\n---\n{}", service("a", "0"));
    assert_eq!(
        check(&list(&behind), &[]).0,
        ["7 port-invalid", "8 silencer-wrong", "16 port-invalid"]
    );
    // Of typed lists, whose items need not say what they are.
    let typed = "apiVersion: v1\nkind: ServiceList\nitems:\n".to_owned()
        + why
        + "\n- metadata: {name: one}\n  spec: {ports: [{port: 0}]}\n- metadata: {name: two}\n  spec: {ports: [{port: 0}]}\n";
    assert_eq!(check(&typed, &[]), only_two(8));
}

#[test]
fn a_name_of_several_checks_is_no_name_for_a_silencer() {
    for (name, what) in [("object", "is a group of checks"), ("port-*", "is the beginning of ids")]
    {
        let text = service("a", &format!("0 # gitopsc: ignore[{name}] why"));
        let document = json(&text, &[]);
        let wrong = document["findings"].as_array().unwrap();
        let wrong = wrong.iter().find(|one| one["id"] == "silencer-wrong").unwrap();
        assert!(wrong["message"].as_str().unwrap().contains(what), "{wrong}");
        assert!(wrong["help"].as_str().unwrap().contains(&format!("gitopsc explain '{name}'")));
    }
}

#[test]
fn each_line_of_an_annotation_is_its_own_place() {
    let text = service("a", "0").replace(
        "  name: a\n",
        "  name: a\n  annotations:\n    gitopsc.dev/ignore: |\n\n      port-invalid: a test\n      port-missing: another\n      port-missing\n      port-mising: a third\n",
    );
    assert_eq!(
        check(&text, &[]).0,
        ["9 silencer-unused", "10 silencer-without-reason", "11 check-unknown"]
    );
    assert_eq!(json(&text, &[])["silenced"][0]["silencer"]["line"], 8);
    // Where a line of it is no line of the text, the whole of it is the place.
    let quoted = service("a", "0").replace(
        "  name: a\n",
        "  name: a\n  annotations:\n    gitopsc.dev/ignore: \"port-invalid: a test\\nport-m\\u0069ssing: no\"\n",
    );
    assert_eq!(check(&quoted, &[]), (vec!["6 silencer-unused".to_owned()], 1));
}

#[test]
fn twenty_thousand_silencers_are_read_in_linear_time() {
    const COUNT: usize = 20_000;
    let start = Instant::now();
    let mut list = "apiVersion: v1\nkind: List\nitems:\n".to_owned();
    for number in 0..COUNT {
        let _ = writeln!(
            list,
            "# gitopsc: ignore-object[port-invalid] a test\n- {{apiVersion: v1, kind: Service, metadata: {{name: a{number}}}, spec: {{ports: [{{port: 0}}]}}}}"
        );
    }
    assert_eq!(check(&list, &[]), (vec![], COUNT as u64));
    let comment = "    # gitopsc: ignore[port-invalid] a test\n";
    let run =
        service("a", "0").replace("    - port", &format!("{}    - port", comment.repeat(COUNT)));
    assert_eq!(check(&run, &[]), (vec![], 1));
    // A few seconds as it is; the square of that many takes minutes.
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

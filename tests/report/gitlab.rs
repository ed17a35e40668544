//! `gitlab`, by a schema of what GitLab documents of its code quality reports.

use gitopsc::diagnostic::Finding;
use gitopsc::source::{Sources, Span};
use serde_json::{Value, json};

use crate::{PATH, Run, nasty_run, written};

fn issues(run: &Run) -> Vec<Value> {
    serde_json::from_str(&written("gitlab", &run.report())).unwrap()
}

#[test]
fn the_report_has_the_form_that_gitlab_documents() {
    let schema = json!({
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "additionalProperties": false,
            "properties": {
                "description": {"type": "string", "minLength": 1},
                "check_name": {"type": "string", "pattern": "^[a-z0-9-]+$"},
                "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": {
                    "type": "object",
                    "required": ["path", "lines"],
                    "additionalProperties": false,
                    "properties": {
                        "path": {"type": "string", "minLength": 1, "pattern": "^(?!\\./)"},
                        "lines": {
                            "type": "object",
                            "required": ["begin"],
                            "additionalProperties": false,
                            "properties": {"begin": {"type": "integer", "minimum": 1}},
                        },
                    },
                },
            },
        },
    });
    let issues = issues(&nasty_run());
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&json!(issues)), "{issues:#?}");
    assert_eq!(issues[0]["location"], json!({"path": PATH, "lines": {"begin": 2}}));
    assert_eq!(issues[5]["location"], json!({"path": ".", "lines": {"begin": 1}}));
    assert_eq!(issues[6]["location"]["path"], "environments/k3s/environment.yaml");
    let severities: Vec<_> = issues[3..].iter().map(|issue| &issue["severity"]).collect();
    assert_eq!(severities, ["major", "minor", "major", "major", "info"]);
    let description = issues[0]["description"].as_str().unwrap();
    assert!(description.ends_with("(Deployment/web in shop)"), "{description}");
    assert!(!description.contains(['\u{1b}', '\u{202e}', '\u{0}']), "{description}");
}

#[test]
fn fingerprints_hold_while_lines_move_and_differ_within_a_run() {
    let run = |prefix: &str, environment: &str, field: &str| {
        let mut sources = Sources::default();
        let file = sources.add("a.yaml", format!("{prefix}kind: A\n"));
        let at = Span::new(file, prefix.len()..prefix.len() + 4);
        let finding =
            || Finding::error("x", "wrong").at(at, "").field(field).in_environment(environment);
        let findings = vec![finding(), finding().note("again")];
        Run {
            sources,
            findings,
            objects: Vec::new(),
            skipped: Vec::new(),
            environments: Vec::new(),
        }
    };
    let prints = |run: &Run| -> Vec<Value> {
        issues(run).iter().map(|issue| issue["fingerprint"].clone()).collect()
    };
    let before = prints(&run("", "k3s", "spec"));
    assert_ne!(before[0], before[1], "GitLab takes equal fingerprints for one issue");
    assert_eq!(before, prints(&run("# a\n# b\n\n", "k3s", "spec")));
    assert_eq!(before, prints(&run("", "iris", "spec")));
    assert_ne!(before, prints(&run("", "k3s", "status")));
}

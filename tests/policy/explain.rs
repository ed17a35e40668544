//! `gitopsc explain`.

use gitopsc::check::registry::{CHECKS, Group};
use tempfile::TempDir;

use crate::support::{gitopsc, root};

#[test]
fn every_check_is_explained_by_its_page_anywhere() {
    let nowhere = TempDir::new().unwrap();
    for check in CHECKS.iter() {
        let run = gitopsc(nowhere.path(), &["explain", check.id]);
        assert_eq!((run.code, run.out.trim_end()), (0, check.page.trim_end()));
    }
    let json = gitopsc(nowhere.path(), &["explain", "port-invalid", "-o", "json"]).json();
    assert_eq!(
        (&json["id"], &json["group"], &json["level"]),
        (&"port-invalid".into(), &"object".into(), &"error".into())
    );
    assert!(
        json["text"].as_str().unwrap().len() > 100 && !json["title"].as_str().unwrap().is_empty()
    );
    assert!(json["examples"]["wrong"][0].as_str().unwrap().contains("apiVersion: "));
    assert!(json["examples"]["right"][0].as_str().unwrap().contains("apiVersion: "));
}

#[test]
fn every_other_finding_is_explained_by_its_row() {
    let page = std::fs::read_to_string(root().join("docs/findings.md")).unwrap();
    let ids: Vec<&str> = page
        .lines()
        .filter_map(|line| Some(line.strip_prefix("| `")?.split_once('`')?.0))
        .collect();
    assert!(ids.len() > 50);
    for id in &ids {
        let run = gitopsc(&root(), &["explain", id]);
        assert!(run.code == 0 && run.out.starts_with(&format!("# {id}\n\n")), "{id}: {}", run.err);
        assert!(!run.out.contains("](") && run.out.ends_with(".\n"), "{}", run.out);
    }
    let both = gitopsc(&root(), &["explain", "file-foreign"]).out;
    assert!(both.contains("\nWarning: ") && both.contains("\nError: "), "{both}");
    let list = gitopsc(&root(), &["explain"]).out;
    for id in ids.iter().copied().chain(CHECKS.iter().map(|check| check.id)) {
        assert!(list.lines().any(|line| line.split_whitespace().next() == Some(id)), "{id}");
    }
    let json = gitopsc(&root(), &["explain", "-o", "json"]).json();
    assert_eq!(json["checks"].as_array().unwrap().len(), CHECKS.len());
    assert_eq!(json["findings"].as_array().unwrap().len(), ids.len());
}

#[test]
fn names_that_are_several_or_none() {
    let explain = |name: &str| gitopsc(&root(), &["explain", name]);
    let ports = explain("port-*").out;
    let expected = CHECKS.iter().filter(|check| check.id.starts_with("port-")).count();
    assert!(expected > 2);
    let (checks, others) = ports.split_once("\n\n").unwrap();
    assert_eq!(checks.lines().count(), expected, "{ports}");
    assert!(checks.lines().all(|line| line.starts_with("port-") && line.contains("  ")));
    assert!(others.contains("\nport-unknown "), "{ports}");
    let yaml = explain("yaml-*").out;
    assert!(yaml.contains("\nyaml-duplicate-key ") && yaml.contains("\nyaml-limit "), "{yaml}");
    assert_eq!(yaml.lines().count(), 5, "{yaml}");
    let shown = |id: &str| {
        explain(id).out.contains("\nIt has no level of its own and cannot be silenced: ")
    };
    assert!(shown("yaml-syntax") && shown("config-wrong") && !shown("yaml-duplicate-key"));
    let objects = CHECKS.iter().filter(|check| check.group == Group::Object).count();
    assert_eq!(explain("object").out.lines().count(), objects);
    for (wrong, said) in [
        ("port-invald", "did you mean `port-invalid`?"),
        ("yaml-syntx", "did you mean `yaml-syntax`?"),
        ("qqqqqqqqqq", "`gitopsc explain` lists them"),
        ("qqqqqqqqqq-*", "no finding begins with `qqqqqqqqqq-`"),
        ("port", "did you mean `port-*`?"),
        ("baseline", "did you mean `baseline-*`?"),
    ] {
        let run = explain(wrong);
        assert_eq!((run.code, &*run.out), (2, ""));
        assert!(run.err.contains(said), "{}", run.err);
    }
}

//! Options of `check PATH`.

use super::{BAD, GOOD, check, program, tree};

#[test]
fn no_repository_is_needed() {
    let tree = tree(&[("a.yaml", GOOD)]);
    let (code, out, err) = program(tree.path(), &["check", "."], b"");
    assert_eq!((code, &*err), (0, ""));
    assert_eq!(
        out,
        "1 object in 1 file judged for Kubernetes 1.37: 1 valid, 0 invalid, 0 without a schema\n\n\
         0 errors; 0 warnings; 0 notes\n"
    );
    let (code, _, err) = program(tree.path(), &["check"], b"");
    assert_eq!(code, 2);
    assert!(err.contains("no file was named"), "{err}");
}

#[test]
fn standard_input() {
    let here = tree(&[]);
    let (code, out, _) = program(here.path(), &["check", "-"], BAD.as_bytes());
    assert_eq!(code, 1);
    assert!(out.contains("--> <stdin>:7:13"), "{out}");
    let (code, out, _) = program(here.path(), &["check", "-"], b"");
    assert_eq!(code, 0);
    assert!(out.contains("0 objects"), "{out}");
}

#[test]
fn versions() {
    let tree = tree(&[(
        "a.yaml",
        "apiVersion: flowcontrol.apiserver.k8s.io/v1beta3\nkind: FlowSchema\nmetadata: {name: x}\nspec: {priorityLevelConfiguration: {name: x}}\n",
    )]);
    for (version, code) in [("1.30", 0), ("v1.30.2", 0), ("1.32", 1), ("1.37", 1)] {
        let checked = check(tree.path(), &[".", "--kubernetes-version", version]);
        assert_eq!(checked.code, code, "{version}: {:#}", checked.json);
    }
    for version in ["1.27", "1.38", "2.30", "1", "1.30.x", "x"] {
        let arguments = ["check", ".", "--kubernetes-version", version];
        let (code, _, err) = program(tree.path(), &arguments, b"");
        assert_eq!(code, 2, "{version}");
        assert!(err.contains("from 1.28 to 1.37"), "{err}");
    }
}

#[test]
fn paths_and_environments_exclude_each_other() {
    let (code, _, err) = program(tree(&[]).path(), &["check", ".", "-e", "x"], b"");
    assert_eq!(code, 2);
    assert!(err.contains("cannot be used with"), "{err}");
}

#[test]
fn gaps_become_findings() {
    let files = [
        ("a.yaml", GOOD),
        ("values.yaml", "a: 1\n"),
        ("config.yaml", "a: 1\n"),
        ("mixed.yaml", &*format!("{GOOD}---\na: 1\n")),
        ("x/Chart.yaml", "apiVersion: v2\n"),
        ("x/templates/a.yaml", GOOD),
        (".gitlab-ci.yml", "stages: []\n"),
    ];
    let tree = tree(&files);
    assert_eq!(check(tree.path(), &["."]).code, 0);
    let strict = check(tree.path(), &[".", "--strict-files"]);
    assert_eq!(strict.code, 1);
    let expected = ["config.yaml", "mixed.yaml", "x/templates/a.yaml"];
    assert_eq!(strict.findings(), expected.map(|path| format!("{path} file-skipped")));
}

#[test]
fn what_was_skipped_is_told() {
    let tree = tree(&[("a.yaml", &format!("{GOOD}---\na: 1\n---\nb: 2\n")), ("b.yaml", "a: 1\n")]);
    let (_, out, _) = program(tree.path(), &["check", "."], b"");
    assert!(out.contains("skipped: 1 file (1 no `apiVersion` and `kind`)\n"), "{out}");
    assert!(out.contains("skipped: 2 documents (2 no `apiVersion` and `kind`)\n"), "{out}");
    let (_, out, _) = program(tree.path(), &["check", ".", "-v"], b"");
    assert!(out.contains("skipped: a.yaml:8: no `apiVersion` and `kind` (2 documents)\n"), "{out}");
    assert!(out.contains("skipped: b.yaml: no `apiVersion` and `kind`\n"), "{out}");
}

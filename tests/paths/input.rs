//! Bad input: each has a finding or a reason, and the rest is judged.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::process::Command;

use super::{BAD, BROKEN, GOOD, check, check_tree, program, tree};
use crate::support::write;

#[test]
fn a_broken_document_leaves_the_others_judged() {
    let text = format!("{GOOD}---\n{BROKEN}---\n{BAD}");
    let checked = check_tree(&[("a.yaml", &text)]);
    assert_eq!(checked.findings(), ["a.yaml:11 yaml-syntax", "a.yaml:19 port-invalid"]);
    assert_eq!(checked.summary("objects"), 3);
    assert_eq!(checked.summary("valid"), 1);
}

#[test]
fn encodings() {
    let tree = tree(&[("bom.yaml", &format!("\u{feff}{BAD}"))]);
    let crlf = BAD.replace('\n', "\r\n");
    write(tree.path(), "crlf.yaml", format!("{}---\r\n{crlf}", GOOD.replace('\n', "\r\n")));
    write(tree.path(), "cr.yaml", BAD.replace('\n', "\r"));
    let utf16 = |text: &str| -> Vec<u8> {
        format!("\u{feff}{text}").encode_utf16().flat_map(|unit| unit.to_le_bytes()).collect()
    };
    write(tree.path(), "utf16.yaml", utf16(BAD));
    write(
        tree.path(),
        "latin1.yaml",
        [GOOD.as_bytes(), b"  c: \xe4\n---\n", BAD.as_bytes()].concat(),
    );
    write(tree.path(), "latin1-else.yaml", b"a: \xe4\n");
    write(tree.path(), "nul.yaml", format!("{GOOD}  c: \"\0\"\n"));
    write(tree.path(), "nul-else.yaml", "\0\0\0");
    let checked = check(tree.path(), &["."]);
    assert_eq!(
        checked.findings(),
        [
            "bom.yaml:7 port-invalid",
            "cr.yaml:7 port-invalid",
            "crlf.yaml:14 port-invalid",
            "latin1.yaml:7 file-not-utf8",
            "latin1.yaml:15 port-invalid",
            "nul.yaml:7 yaml-syntax",
            "utf16.yaml:7 port-invalid",
        ]
    );
    let skipped = checked.skipped();
    assert_eq!(skipped.len(), 2);
    assert!(skipped.values().all(|reason| reason == "not-yaml"), "{skipped:?}");
}

#[test]
fn odd_yaml() {
    let checked = check_tree(&[
        ("directive.yaml", &format!("%YAML 1.2\n---\n{GOOD}")),
        ("directive-else.yaml", "%YAML 1.2\n---\na: 1\n"),
        ("empty.yaml", ""),
        ("comments.yaml", "# nothing\n---\n# here\n"),
        ("null.yaml", "null\n---\n~\n"),
        ("tab.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: x\n"),
        ("twice.yaml", &format!("{GOOD}data: {{}}\n")),
        ("twice-else.yaml", "a: 1\na: 2\n"),
    ]);
    assert_eq!(
        checked.findings(),
        [
            "directive.yaml:1 yaml-syntax",
            "tab.yaml:4 yaml-syntax",
            "twice.yaml:7 yaml-duplicate-key"
        ]
    );
    assert_eq!((checked.summary("objects"), checked.summary("valid")), (3, 0));
    let skipped = checked.skipped();
    assert_eq!(skipped["empty.yaml"], "empty");
    assert_eq!(skipped["comments.yaml"], "empty");
    assert_eq!(skipped["null.yaml"], "empty");
    assert_eq!(skipped["directive-else.yaml"], "no-manifest");
    assert_eq!(skipped["twice-else.yaml"], "no-manifest");
}

#[test]
fn json() {
    let object = |port: u32| {
        format!(
            "{{\"apiVersion\": \"v1\", \"kind\": \"Service\", \"metadata\": {{\"name\": \"x\"}},\n\"spec\": {{\"ports\": [{{\"port\": {port}}}]}}}}\n"
        )
    };
    let checked = check_tree(&[
        ("one.json", &object(99999)),
        ("several.json", &format!("{}{}", object(80), object(99999))),
        ("comment.json", &format!("// told\n{}", object(80))),
    ]);
    assert_eq!(
        checked.findings(),
        ["comment.json:2 yaml-syntax", "one.json:2 port-invalid", "several.json:4 port-invalid"]
    );
    assert_eq!(checked.summary("objects"), 4);
}

#[test]
fn too_much() {
    let mut bomb = format!("{GOOD}  l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..10 {
        let inner = vec![format!("*l{}", level - 1); 10].join(", ");
        bomb += &format!("  l{level}: &l{level} [{inner}]\n");
    }
    let deep = format!("{GOOD}  deep: {}{}\n", "[".repeat(100_000), "]".repeat(100_000));
    let scalar = format!("{GOOD}  large: {}\n---\n{BAD}", "x".repeat(70 << 20));
    let checked = check_tree(&[
        ("bomb.yaml", &bomb),
        ("deep.yaml", &deep),
        ("deep-else.json", &"[".repeat(100_000)),
        ("scalar.yaml", &scalar),
    ]);
    let findings = checked.findings();
    assert_eq!(findings.len(), 4, "{findings:?}");
    assert!(findings[0].starts_with("bomb.yaml:") && findings[0].ends_with("yaml-limit"));
    assert!(findings[1].starts_with("deep.yaml:7 yaml-"), "{findings:?}");
    assert_eq!(findings[2..], ["scalar.yaml:1 yaml-limit", "scalar.yaml:15 port-invalid"]);
    assert_eq!(checked.skipped()["deep-else.json"], "not-yaml");
}

#[test]
fn what_is_no_file() {
    let tree = tree(&[("a.yaml", BAD), ("inner/b.yaml", GOOD)]);
    symlink("../inner", tree.path().join("inner/loop.yaml")).unwrap();
    symlink("circle.yaml", tree.path().join("circle.yaml")).unwrap();
    symlink("gone.yaml", tree.path().join("broken.yaml")).unwrap();
    symlink("a.yaml", tree.path().join("again.yaml")).unwrap();
    symlink("a.yaml", tree.path().join("A.yaml")).unwrap();
    let _socket = UnixListener::bind(tree.path().join("socket.yaml")).unwrap();
    let made = Command::new("mkfifo").arg(tree.path().join("pipe.yaml")).status().unwrap();
    assert!(made.success());
    let checked = check(tree.path(), &["."]);
    assert_eq!(checked.findings(), ["a.yaml:7 port-invalid"], "a link to it is no second file");
    let skipped = checked.skipped();
    let reasons: Vec<_> = skipped.iter().map(|(path, reason)| format!("{path} {reason}")).collect();
    assert_eq!(
        reasons,
        [
            "broken.yaml link",
            "circle.yaml link",
            "inner/loop.yaml link",
            "pipe.yaml no-file",
            "socket.yaml no-file",
        ]
    );
    let pipe = tree.path().join("pipe.yaml");
    let (code, _, err) = program(tree.path(), &["check", pipe.to_str().unwrap()], b"");
    assert_eq!(code, 2);
    assert!(err.contains("check -"), "{err}");
}

#[test]
fn links_to_directories() {
    let tree = tree(&[("a/a.yaml", BAD), ("b/b.yaml", BAD)]);
    symlink("../b", tree.path().join("a/there")).unwrap();
    symlink(".", tree.path().join("a/here")).unwrap();
    let checked = check(tree.path(), &["a"]);
    assert_eq!(checked.skipped(), [("a/there".to_owned(), "link".to_owned())].into());
    assert!(check(tree.path(), &["."]).skipped().is_empty());
}

#[test]
fn links_that_a_kustomization_names() {
    let tree = tree(&[
        ("app/kustomization.yaml", "resources: [linked.yaml]\npatches: [{path: patch.yaml}]\n"),
        ("apply/kustomization.yaml", "resources: [linked.yaml]\n"),
        ("shared/patch.yaml", BAD),
        ("shared/whole.yaml", BAD),
    ]);
    symlink("../shared/patch.yaml", tree.path().join("app/patch.yaml")).unwrap();
    symlink("../shared/whole.yaml", tree.path().join("apply/linked.yaml")).unwrap();
    let checked = check(tree.path(), &["."]);
    assert_eq!(checked.findings(), ["shared/whole.yaml:7 port-invalid"]);
    assert_eq!(checked.skipped()["shared/patch.yaml"], "needs-kustomize-build");
    let alone = check(tree.path(), &["apply"]);
    assert_eq!(alone.findings(), ["apply/linked.yaml:7 port-invalid"]);
}

#[test]
fn keys_are_named_as_they_are_written() {
    let of = |data: &str| {
        let text =
            format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x}}\ndata: {data}\n");
        let checked = check_tree(&[("a.yaml", &text)]);
        checked.json["findings"][0]["message"].as_str().unwrap().to_owned()
    };
    assert_eq!(of("{y: a, y: b}"), "the key `y` is given twice");
    assert_eq!(of("{'a': a, \"a\": b}"), "the key `a` is given twice");
    let both = "the keys `y` and `true` are the same: Kubernetes reads both as `true`";
    assert_eq!(of("{y: a, \"true\": b}"), both);
}

#[test]
fn no_field_that_is_there_is_meant() {
    let text =
        |metadata: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{{metadata}}}\n");
    let help = |metadata: &str| {
        let checked = check_tree(&[("a.yaml", &text(metadata))]);
        let findings = checked.json["findings"].as_array().unwrap();
        let unknown = findings.iter().find(|one| one["id"] == "field-unknown").unwrap();
        unknown["help"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(help("nam: x"), "did you mean `name`?");
    assert!(!help("name: x, nam: x").contains("`name`"));
}

#[test]
fn what_may_not_be_read() {
    let tree = tree(&[("a.yaml", BAD), ("closed/b.yaml", GOOD), ("shut.yaml", GOOD)]);
    let set = |path: &str, mode| {
        fs::set_permissions(tree.path().join(path), fs::Permissions::from_mode(mode)).unwrap();
    };
    set("closed", 0o000);
    set("shut.yaml", 0o000);
    let is_root = fs::read(tree.path().join("shut.yaml")).is_ok();
    let findings = check(tree.path(), &["."]).findings();
    set("closed", 0o755);
    if is_root {
        assert_eq!(findings, ["a.yaml:7 port-invalid"]);
    } else {
        let expected =
            ["closed file-unreadable", "a.yaml:7 port-invalid", "shut.yaml file-unreadable"];
        assert_eq!(findings, expected);
    }
}

#[test]
fn paths_as_they_were_typed() {
    let tree = tree(&[("a/b.txt", BAD), ("a/c.yaml", GOOD)]);
    let run = |arguments: &[&str]| {
        let mut all = vec!["check", "-o", "json"];
        all.extend(arguments);
        let (code, out, err) = program(&tree.path().join("a"), &all, b"");
        (code, out, err)
    };
    for typed in ["b.txt", "../a/b.txt", tree.path().join("a/b.txt").to_str().unwrap()] {
        let (code, out, _) = run(&[typed]);
        let json: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(code, 1, "{typed}");
        assert_eq!(json["findings"][0]["place"]["file"], *typed);
    }
    let (_, out, _) = run(&["./b.txt", "b.txt", "../a"]);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["findings"].as_array().unwrap().len(), 1, "{json:#}");
    assert_eq!(json["findings"][0]["place"]["file"], "b.txt");
    let (code, _, err) = run(&["missing.yaml"]);
    assert_eq!(code, 2);
    assert!(err.contains("`missing.yaml` cannot be checked"), "{err}");
}

#[test]
fn lists() {
    let list = |kind: &str, item: &str| {
        format!("apiVersion: v1\nkind: {kind}\nitems:\n- {}\n", item.trim().replace('\n', "\n  "))
    };
    let typed = "metadata: {name: x}\nspec: {ports: [{port: 99999}]}\n";
    let foreign = "apiVersion: v1\nkind: Config\n";
    let checked = check_tree(&[
        ("a.yaml", &list("List", BAD)),
        ("b.yaml", &list("ServiceList", typed)),
        ("c.yaml", &list("List", foreign)),
    ]);
    assert_eq!(checked.findings(), ["a.yaml:10 port-invalid", "b.yaml:5 port-invalid"]);
    assert_eq!(checked.skipped()["c.yaml"], "other-tool");
}

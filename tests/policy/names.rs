//! What a baseline calls files, fields and faults: names that hold while paths are spelt otherwise
//! and items of lists come and go.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::manifests::service;
use crate::support::write;

const POD: &str = "apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: main
    image: example.com/main:1
    ports: [{containerPort: 80, hostPort: 99999}]
";

/// Runs the tool in a directory, and gives its exit code and the ids that it shows.
fn check(directory: &Path, arguments: &[&str]) -> (i32, Vec<String>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gitopsc"));
    let run = command.current_dir(directory).arg("check").args(arguments).args(["-o", "json"]);
    let run = run.output().unwrap();
    let document: Value = serde_json::from_slice(&run.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&run.stderr)));
    let findings = document["findings"].as_array().unwrap().iter();
    let ids = findings.map(|one| one["id"].as_str().unwrap().to_owned()).collect();
    (run.status.code().unwrap(), ids)
}

fn clean() -> (i32, Vec<String>) {
    (0, Vec::new())
}

#[test]
fn a_file_is_the_same_however_its_path_is_spelt() {
    let tree = TempDir::new().unwrap();
    let top = tree.path().canonicalize().unwrap();
    write(&top, "d/a.yaml", service("a", "0"));
    write(&top, "d/e/b.yaml", service("b", "0"));
    let whole = |path: &str| top.join(path).display().to_string();
    let (file, directory) = (whole("d/a.yaml"), whole("d"));
    assert_eq!(check(&top, &["d", "--write-baseline", "baseline.json"]), clean());
    let text = fs::read_to_string(top.join("baseline.json")).unwrap();
    assert!(text.contains(r#""file":"d/a.yaml""#) && text.contains(r#""file":"d/e/b.yaml""#));
    let (baseline, d, e) = (whole("baseline.json"), top.join("d"), top.join("d/e"));
    for (here, arguments) in [
        (&top, &["d", "--baseline", "baseline.json"][..]),
        (&top, &["./d/", "--baseline", "./baseline.json"]),
        (&top, &[".", "--baseline", "d/../baseline.json"]),
        (&top, &[&directory, "--baseline", "baseline.json"]),
        (&top, &["d/a.yaml", "./d/e/b.yaml", "--baseline", &baseline]),
        (&d, &["a.yaml", "e", "--baseline", "../baseline.json"]),
        (&d, &[".", "--baseline", &baseline]),
        (&e, &[&file, "../e", "--baseline", "../../baseline.json"]),
        (&e, &["..", "--baseline", "../../baseline.json"]),
    ] {
        assert_eq!(check(here, arguments), clean(), "{arguments:?}");
        // Written anew from there it is the same.
        let again: Vec<&str> = arguments
            .iter()
            .map(|word| if *word == "--baseline" { "--write-baseline" } else { *word })
            .collect();
        assert_eq!(check(here, &again), clean(), "{again:?}");
        assert_eq!(fs::read_to_string(top.join("baseline.json")).unwrap(), text, "{again:?}");
    }
    // What is gone is told from wherever it is looked for, and only there.
    write(&top, "d/a.yaml", service("a", "80"));
    let stale = (0, vec!["baseline-stale".to_owned()]);
    assert_eq!(check(&e, &["../a.yaml", "--baseline", "../../baseline.json"]), stale);
    assert_eq!(check(&e, &[&directory, "--baseline", "../../baseline.json"]), stale);
    assert_eq!(check(&e, &[".", "--baseline", "../../baseline.json"]), clean());
}

#[cfg(unix)]
#[test]
fn a_link_on_the_way_makes_no_difference() {
    let tree = TempDir::new().unwrap();
    let top = tree.path().canonicalize().unwrap();
    write(&top, "real/a.yaml", service("a", "0"));
    std::os::unix::fs::symlink(top.join("real"), top.join("link")).unwrap();
    assert_eq!(check(&top, &["real", "--write-baseline", "real/b.json"]), clean());
    for (path, baseline) in [("link", "link/b.json"), ("real/a.yaml", "link/b.json")] {
        assert_eq!(check(&top, &[path, "--baseline", baseline]), clean(), "{path}");
    }
    assert_eq!(check(&top, &["link/a.yaml", "--baseline", "real/b.json"]), clean());
}

#[test]
fn an_item_is_told_by_its_key_and_not_by_its_position() {
    let tree = TempDir::new().unwrap();
    let before = |change: &dyn Fn(String) -> String| {
        write(tree.path(), "a.yaml", POD);
        assert_eq!(check(tree.path(), &["a.yaml", "--write-baseline", "b.json"]), clean());
        write(tree.path(), "a.yaml", change(POD.to_owned()));
        check(tree.path(), &["a.yaml", "--baseline", "b.json"])
    };
    let first = "  containers:\n  - name: first\n    image: example.com/first:1\n";
    assert_eq!(before(&|pod| pod.replace("  containers:\n", first)), clean());
    assert_eq!(before(&|pod| pod.replace("[{", "[{containerPort: 81}, {")), clean());
    let text = fs::read_to_string(tree.path().join("b.json")).unwrap();
    let field = "spec.containers[name=main].ports[containerPort=80].hostPort";
    assert!(text.contains(field), "{text}");
    // Another container with the same fault is another one.
    let (code, ids) = before(&|pod| pod.replace("name: main", "name: other"));
    assert_eq!((code, ids), (1, vec!["port-invalid".to_owned(), "baseline-stale".to_owned()]));
}

#[test]
fn each_key_that_is_given_twice_is_an_entry() {
    let tree = TempDir::new().unwrap();
    let map = |data: &str| {
        let text =
            format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{{data}}}\n");
        write(tree.path(), "a.yaml", text);
    };
    let beyond = || check(tree.path(), &["a.yaml", "--baseline", "b.json"]);
    map("x: a, x: b, y: c");
    assert_eq!(check(tree.path(), &["a.yaml", "--write-baseline", "b.json"]), clean());
    let text = fs::read_to_string(tree.path().join("b.json")).unwrap();
    assert!(text.contains(r#""object":"ConfigMap/a","field":"data.x""#), "{text}");
    assert_eq!(beyond(), clean());
    map("z: 'z', x: a, x: c, y: c");
    assert_eq!(beyond(), clean());
    map("x: a, y: b, y: c");
    assert_eq!(beyond(), (1, vec!["yaml-duplicate-key".to_owned(), "baseline-stale".to_owned()]));
}

#[test]
fn what_has_no_object_is_told_by_its_line() {
    let tree = TempDir::new().unwrap();
    let broken = |line: &str| format!("apiVersion: v1\nkind: Pod\n{line}\n");
    write(tree.path(), "a.yaml", broken("password: \"hush"));
    assert_eq!(check(tree.path(), &["a.yaml", "--write-baseline", "b.json"]), clean());
    let text = fs::read_to_string(tree.path().join("b.json")).unwrap();
    assert!(text.contains(r#""line":""#) && !text.contains("hush"), "{text}");
    write(tree.path(), "a.yaml", format!("# more\n---\n{}", broken("password: \"hush")));
    assert_eq!(check(tree.path(), &["a.yaml", "--baseline", "b.json"]), clean());
    write(tree.path(), "a.yaml", broken("other: \"hush"));
    let (code, ids) = check(tree.path(), &["a.yaml", "--baseline", "b.json"]);
    assert_eq!((code, ids), (1, vec!["yaml-syntax".to_owned()]));
    // Files that are not judged are entries too.
    write(tree.path(), "a.yaml", service("a", "80"));
    write(tree.path(), "c.yaml", "x: 1\n");
    let strict = [".", "--strict-files", "--write-baseline", "c.json"];
    assert_eq!(check(tree.path(), &strict), clean());
    let strict = [".", "--strict-files", "--baseline", "c.json"];
    assert_eq!(check(tree.path(), &strict), (0, vec![]));
    write(tree.path(), "d.yaml", "x: 1\n");
    assert_eq!(check(tree.path(), &strict), (1, vec!["file-skipped".to_owned()]));
}

#[test]
fn a_baseline_that_cannot_be_used_names_the_next_step() {
    let tree = TempDir::new().unwrap();
    write(tree.path(), "a b/a.yaml", service("a", "0"));
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gitopsc"));
        let run = command.current_dir(tree.path()).arg("check").args(arguments).output().unwrap();
        assert_eq!(run.status.code(), Some(2));
        String::from_utf8(run.stderr).unwrap()
    };
    let gone = run(&["a b", "--kubernetes-version", "1.34", "--baseline", "b.json"]);
    assert_eq!(
        gone,
        "error: there is no baseline `b.json`: make one with `gitopsc check 'a b' --kubernetes-version 1.34 --write-baseline b.json`\n"
    );
    write(tree.path(), "b.json", r#"{"version": 2, "findings": []}"#);
    for option in ["--baseline", "--write-baseline"] {
        let newer = run(&["a b", option, "b.json"]);
        assert!(newer.contains("b.json:1:13: version 2 is not known here"), "{newer}");
        assert!(newer.contains("remove it and write a new one"), "{newer}");
        assert!(newer.contains("`gitopsc check 'a b' --write-baseline b.json`"), "{newer}");
    }
}

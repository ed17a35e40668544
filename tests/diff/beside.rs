//! What differs for people: with neighbours, and in two columns.

use std::path::Path;
use std::process::Command;

use crate::support::write;

const OLD: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, namespace: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
        - name: shop
          image: acme/shop:1.0
          args: [--a, --b, --c, --d, --e]
          env: [{name: LEVEL, value: info}, {name: URL, value: 'http://shop.example.com/a/long/way/to/what/is/there'}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: conf, namespace: web}
data:
  app.yaml: |
    server: {port: 80}
    log: info
  greeting: |
    one
    two
    three
";

fn new() -> String {
    let changes = [
        ("replicas: 2", "replicas: 3"),
        ("shop:1.0", "shop:1.1"),
        ("--b, --c", "--c, --x"),
        ("value: info", "value: debug"),
        ("http://shop", "http://other"),
        ("port: 80", "port: 8080"),
        ("three", "3"),
    ];
    changes.iter().fold(OLD.to_owned(), |text, (old, new)| text.replace(old, new))
}

fn shown(directory: &Path, columns: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gitopsc"));
    command.current_dir(directory).env("COLUMNS", columns).args(["diff", "old", "new"]);
    let run = command.args(arguments).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap()
}

#[test]
fn what_was_and_what_is_stand_side_by_side_where_there_is_room() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    write(path, "old/a.yaml", OLD);
    write(path, "new/a.yaml", new());
    let expected = "\
2 objects differ: 2 changed

~ ConfigMap/conf in web
    new/a.yaml:16
    @@ data[\"app.yaml\"]: server @@
    - port: 80                                     │ + port: 8080
    @@ data.greeting, line 1 → 1 @@
      one                                          │   one
      two                                          │   two
    - three                                        │ + 3

~ Deployment/shop in web
    new/a.yaml:1
    ! restart: 3 pods are replaced
    @@ spec @@
    - replicas: 2                                  │ + replicas: 3
      selector: …                                  │   selector: …
    @@ spec.template.spec.containers[name=shop] @@
      name: shop                                   │   name: shop
    - image: acme/shop:1.0                         │ + image: acme/shop:1.1
      args: …                                      │   args: …
    @@ spec.template.spec.containers[name=shop].args @@
      --a                                          │   --a
    - --b                                          │
      --c                                          │   --c
                                                   │ + --x
      --d                                          │   --d
    @@ spec.template.spec.containers[name=shop].env[name=LEVEL] @@
      name: LEVEL                                  │   name: LEVEL
    - value: info                                  │ + value: debug
    @@ spec.template.spec.containers[name=shop].env[name=URL] @@
      name: URL                                    │   name: URL
    - value: http://shop.example.com/a/long/way/to │ + value: http://other.example.com/a/long/way/t
      /what/is/there                               │   o/what/is/there
";
    assert_eq!(shown(path, "100", &["--side-by-side"]), expected);
    let usual = shown(path, "100", &[]);
    assert_eq!(shown(path, "99", &["--side-by-side"]), usual);
    // Items that only their place tells apart have their neighbours there, too.
    let list = "    spec.template.spec.containers[name=shop].args:
        --a
      - --b
        --c
      + --x
        --d
    spec.template.spec.containers[name=shop].env[name=LEVEL].value: info → debug
";
    assert!(usual.contains(list), "{usual}");
    // Programs and pages get what they got.
    for form in ["json", "patch", "html", "markdown"] {
        let plain = shown(path, "100", &["-o", form]);
        assert_eq!(shown(path, "100", &["-o", form, "--side-by-side"]), plain, "{form}");
    }
}

#[test]
fn colours_stand_beside_signs() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    write(path, "old/a.yaml", OLD);
    write(path, "new/a.yaml", new());
    let text = shown(path, "120", &["--side-by-side"]);
    let coloured = shown(path, "120", &["--side-by-side", "--color", "always"]);
    let plain: String = coloured
        .split('\u{1b}')
        .enumerate()
        .map(|(number, part)| match part.split_once('m') {
            Some((_, rest)) if number > 0 => rest,
            _ => part,
        })
        .collect();
    let trimmed = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    assert_eq!(trimmed(&plain), trimmed(&text));
}

#[test]
fn what_only_one_side_has_and_what_moves_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let object = |data: &str| {
        format!("apiVersion: example.com/v1\nkind: Thing\nmetadata: {{name: a}}\n{data}\n")
    };
    let cases = [
        // A field at the top that goes, and one that comes.
        ("p: {a: 1, b: 2}", "q: {c: 3}", &["- p:", "-   a: 1", "+ q:", "+   c: 3"][..]),
        // A list that nothing was in, a value of another sort, items in another order.
        ("l: []", "l: [1, 2]", &["@@ l @@", "+ 1"]),
        (
            "l: [{name: a}, {name: b}]",
            "l: [{name: b}, {name: a}]",
            &["l: the same items in another order"],
        ),
        ("l: [{a: 1}, {a: 2}, {b: 3}]", "l: [{a: 1}, {c: 4}, {b: 3}]", &["a: 1 …", "b: 3 …"]),
        (
            "t: |\n  a: 1\n  b: 2",
            "t: |\n  b: 2\n  a: 1",
            &["t: the same values, written in another way"],
        ),
        ("t: |\n  a: 1\n  b: 2", "t: |\n  a: 1\n  b: 3", &["@@ t @@", "- b: 2", "+ b: 3"]),
        (
            "t: |\n  - a: 1\n  - b: 2",
            "t: |\n  - a: 1\n  - b: 3",
            &["@@ t @@", "- - b: 2", "+ - b: 3"],
        ),
        ("t: |\n  - 1\n  - 2", "t: |\n  a: 3\n  b: 4", &["@@ t @@", "- - 1", "+ a: 3"]),
    ];
    for (old, new, expected) in cases {
        write(path, "old/a.yaml", object(old));
        write(path, "new/a.yaml", object(new));
        let text = shown(path, "100", &["--side-by-side"]);
        for part in expected {
            assert!(text.contains(part), "{old} → {new}: {part}\n{text}");
        }
    }
}

#[test]
fn an_item_of_several_lines_has_its_dash() {
    let role = |rules: &str| {
        format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {{name: reader}}\n\
             rules: [{{apiGroups: [''], resources: [pods], verbs: [get]}}{rules}]\n"
        )
    };
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    write(path, "old/a.yaml", role(", {apiGroups: ['*'], resources: [jobs, nodes], verbs: [get]}"));
    write(path, "new/a.yaml", role(""));
    // One item of three fields, and not three items.
    let expected = "    rules:
        - apiGroups: …
      - - apiGroups:
      -   - \"*\"
      -   resources:
      -   - jobs
      -   - nodes
      -   verbs:
      -   - get
";
    let usual = shown(path, "80", &[]);
    assert!(usual.contains(expected), "{usual}");
    let columns = shown(path, "100", &["--side-by-side"]);
    assert!(columns.contains("    - - apiGroups:  "), "{columns}");
    assert!(columns.contains("    -   - jobs  "), "{columns}");
}

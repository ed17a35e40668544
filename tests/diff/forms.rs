//! Patches, pages and the schema of differences.

use std::collections::BTreeMap;
use std::path::Path;

use gitopsc::diff::{Beside, Kind, Snapshot, changes};
use gitopsc::report::diff::{normal, patch};
use gitopsc::schema::{Definitions, NEWEST, pack};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::objects::snapshot;
use crate::process::git;
use crate::runs::{commit, run};
use crate::support::{root, write};

/// The texts of the objects of a state, by the paths of a patch.
fn texts(state: &Snapshot) -> BTreeMap<String, String> {
    let entry = |object: &gitopsc::diff::Object| {
        let kind = &object.key.group_kind;
        let kind = match &*kind.group {
            "" => kind.kind.clone(),
            group => format!("{}.{group}", kind.kind),
        };
        let parts = [&*object.environment, &*object.key.namespace, &*kind, &*object.key.name];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        (format!("{}.yaml", parts.join("/")), normal(&object.node))
    };
    state.objects.iter().map(entry).collect()
}

fn found(directory: &Path) -> BTreeMap<String, String> {
    fn walk(top: &Path, here: &Path, all: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(here).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(top, &path, all);
            } else {
                let name = path.strip_prefix(top).unwrap().to_str().unwrap().to_owned();
                all.insert(name, std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut all = BTreeMap::new();
    walk(directory, directory, &mut all);
    all
}

fn assert_applies(before: &str, after: &str) {
    let (old, new) =
        (snapshot(&[("lab", "a.yaml", before)]), snapshot(&[("lab", "a.yaml", after)]));
    let definitions = Definitions::default();
    let found_changes = changes(&old, &new, pack(NEWEST), &definitions, &Beside::default());
    let text = patch(&found_changes);
    let mut differing = Vec::new();
    for change in &found_changes.changes {
        differing.push(change.key.clone());
        if let Kind::Renamed(from, _) = &change.kind {
            differing.push((**from).clone());
        }
    }
    let directory = tempfile::tempdir().unwrap();
    for (path, text) in texts(&old) {
        write(directory.path(), &format!("top/{path}"), text);
    }
    std::fs::create_dir_all(directory.path().join("top")).unwrap();
    write(directory.path(), "patch", &*text);
    if text.contains("diff --git ") {
        git(&directory.path().join("top"), &["apply", "../patch"]);
    }
    let mut expected = texts(&new);
    // What only is written in another way stays as it was.
    for (path, text) in texts(&old) {
        let is_told = old.objects.iter().chain(&new.objects).any(|object| {
            differing.contains(&object.key) && path.ends_with(&format!("/{}.yaml", object.key.name))
        });
        if !is_told {
            expected.insert(path, text);
        }
    }
    assert_eq!(found(&directory.path().join("top")), expected, "{text}");
}

fn config(name: &str, data: &Value) -> String {
    let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "shop"}, "data": data});
    format!("{object}\n---\n")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_patch_makes_one_state_of_the_other(
        before in prop::collection::btree_map("[a-c]", prop::collection::btree_map("[k-p]", "[ \na-c\"#]{0,12}", 0..4), 0..4),
        after in prop::collection::btree_map("[a-c]", prop::collection::btree_map("[k-p]", "[ \na-c\"#]{0,12}", 0..4), 0..4),
    ) {
        type State = BTreeMap<String, BTreeMap<String, String>>;
        let text = |state: &State| -> String {
            state.iter().map(|(name, data)| config(name, &json!(data))).collect()
        };
        assert_applies(&text(&before), &text(&after));
    }
}

#[test]
fn a_patch_renames_and_hides() {
    let secret = |name: &str, value: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: {name}, namespace: shop}}\nstringData: {{word: {value}, same: x}}\n---\n"
        )
    };
    let long = json!({"a": "one\ntwo\nthree\n", "b": "x"});
    assert_applies(&config("old", &long), &config("new", &long));
    assert_applies(&secret("s", "hunter2"), &secret("s", "correct-horse"));
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    write(path, "old/a.yaml", secret("s", "hunter2"));
    write(path, "new/a.yaml", secret("s", "correct-horse"));
    let found = run(path, &["old", "new", "-o", "patch"]);
    assert_eq!(found.out, "# shop/Secret/s.yaml: only hidden values differ\n");
    // Beside one that says more it changes nothing for git.
    let both = |word: &str, data: &str| secret("s", word) + &config("t", &json!({"a": data}));
    assert_applies(&both("hunter2", "x"), &both("correct-horse", "y"));
    let both = |word: &str, data: &str| config("a", &json!({"a": data})) + &secret("s", word);
    assert_applies(&both("hunter2", "x"), &both("correct-horse", "y"));
}

/// What `git apply` makes of a tree.
fn applied(tree: &BTreeMap<String, String>, patch: &str) -> BTreeMap<String, String> {
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(directory.path().join("top")).unwrap();
    for (path, text) in tree {
        write(directory.path(), &format!("top/{path}"), text);
    }
    write(directory.path(), "patch", patch);
    if patch.contains("diff --git ") {
        git(&directory.path().join("top"), &["apply", "../patch"]);
    }
    found(&directory.path().join("top"))
}

#[test]
fn objects_of_one_name_have_a_number_that_follows_from_their_state() {
    let of = |data: &str| config("a", &json!({"x": data, "y": "same"}));
    let [one, two, three] = ["1", "2", "3"].map(of);
    let twice = format!("{one}{two}");
    type State<'s> = Vec<(&'s str, &'s str)>;
    let states: [State<'_>; 8] = [
        vec![],
        vec![("a.yaml", &one)],
        vec![("a.yaml", &one), ("b.yaml", &two)],
        vec![("a.yaml", &two), ("b.yaml", &one)],
        vec![("b.yaml", &two), ("c.yaml", &three)],
        vec![("a.yaml", &twice), ("c.yaml", &three)],
        vec![("b.yaml", &two)],
        vec![("a.yaml", &one), ("c.yaml", &two)],
    ];
    // As the command does, with the files that are the same on both sides apart.
    let difference = |old: &State<'_>, new: &State<'_>| {
        let of = |files: &[(&str, &str)]| {
            let files: Vec<_> = files.iter().map(|(path, text)| ("", *path, *text)).collect();
            snapshot(&files)
        };
        let both = |file: &&(&str, &str)| old.contains(file) && new.contains(file);
        let apart = |files: &State<'_>, is_same: bool| {
            of(&files.iter().filter(|file| both(file) == is_same).copied().collect::<Vec<_>>())
        };
        let beside = Beside { same: apart(old, true), ..Beside::default() };
        let (old, new) = (apart(old, false), apart(new, false));
        let definitions = Definitions::default();
        patch(&changes(&old, &new, pack(NEWEST), &definitions, &beside))
    };
    let nothing = State::new();
    let trees: Vec<_> = states
        .iter()
        .map(|state| applied(&BTreeMap::new(), &difference(&nothing, state)))
        .collect();
    let names: Vec<&str> = trees[5].keys().map(String::as_str).collect();
    let expected = ["shop/ConfigMap/a.yaml", "shop/ConfigMap/a~2.yaml", "shop/ConfigMap/a~3.yaml"];
    assert_eq!(names, expected);
    for (old, before) in states.iter().zip(&trees) {
        for (new, after) in states.iter().zip(&trees) {
            let text = difference(old, new);
            assert_eq!(&applied(before, &text), after, "{old:?} {new:?} {text}");
        }
    }
}

#[test]
fn files_that_are_not_read_count_among_those_of_one_name() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let of = |secret: &str| {
        format!(
            "apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: web, namespace: shop}}\nimagePullSecrets: [{{name: {secret}}}]\n"
        )
    };
    let states: [&[(&str, &str)]; 5] = [
        &[],
        &[("a/x", "one"), ("b/x", "two"), ("c/x", "three")],
        &[("a/x", "one"), ("b/x", "two"), ("c/x", "four")],
        &[("b/x", "two"), ("c/x", "four"), ("d/x", "one")],
        &[("a/x", "one"), ("c/x", "four")],
    ];
    for sort in ["tree", "plain"] {
        let top = path.join(sort);
        let environment = if sort == "plain" { "README.md" } else { "environments/lab/.keep" };
        write(&top, environment, "");
        git(&top, &["init", "-q", "-b", "main"]);
        for (number, state) in states.iter().enumerate() {
            let _ = std::fs::remove_dir_all(top.join("rendered"));
            write(&top, "rendered/lab/README.md", "");
            for (file, secret) in *state {
                write(&top, &format!("rendered/lab/{file}.yaml"), of(secret));
            }
            commit(&top, "state");
            git(&top, &["tag", &format!("s{number}")]);
        }
        let between =
            |old: usize, new: usize| run(&top, &[&format!("s{old}..s{new}"), "-o", "patch"]).out;
        let trees: Vec<_> = (0..states.len())
            .map(|number| applied(&BTreeMap::new(), &between(0, number)))
            .collect();
        assert_eq!(trees[1].len(), 3);
        for (old, before) in trees.iter().enumerate() {
            for (new, after) in trees.iter().enumerate() {
                let text = between(old, new);
                assert_eq!(&applied(before, &text), after, "{sort} {old} {new} {text}");
            }
        }
    }
}

#[test]
fn what_the_server_names_and_single_files_have_names() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let job = |image: &str| {
        format!(
            "apiVersion: batch/v1\nkind: Job\nmetadata: {{generateName: migrate-, namespace: shop}}\nspec: {{template: {{spec: \
             {{restartPolicy: Never, containers: [{{name: a, image: '{image}'}}]}}}}}}\n"
        )
    };
    write(path, "old.yaml", job("a:1"));
    write(path, "new.yaml", job("a:2"));
    let json = |arguments: &[&str]| -> Value {
        serde_json::from_str(&run(path, &[arguments, &["-o", "json"]].concat()).out).unwrap()
    };
    let found = json(&["old.yaml", "new.yaml"]);
    assert_eq!(found["changes"][0]["object"]["name"], "migrate-…");
    assert_eq!(found["notCompared"], json!([]));
    let text = run(path, &["old.yaml", "new.yaml"]).out;
    assert!(text.contains("Job/migrate-… in shop"), "{text}");
    write(path, "bad.yaml", "a: [\n");
    for (files, expected) in
        [(["old.yaml", "bad.yaml"], "bad.yaml"), (["bad.yaml", "new.yaml"], "new.yaml")]
    {
        let found = json(&files);
        assert_eq!(found["notCompared"], json!([expected]));
        assert_eq!(found["changes"], json!([]));
    }
}

/// The schema with every object closed, so that a field that it does not name is a fault.
fn validator() -> jsonschema::Validator {
    fn close(schema: &mut Value) {
        match schema {
            Value::Object(fields) => {
                fields.values_mut().for_each(close);
                if fields.get("type") == Some(&json!("object")) {
                    fields.insert("unevaluatedProperties".to_owned(), json!(false));
                }
            }
            Value::Array(items) => items.iter_mut().for_each(close),
            _ => {}
        }
    }
    let text = std::fs::read_to_string(root().join("schemas/diff.json")).unwrap();
    let mut schema: Value = serde_json::from_str(&text).unwrap();
    close(&mut schema);
    jsonschema::validator_for(&schema).unwrap()
}

#[test]
fn the_document_follows_its_schema() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let pod = |args: &str, image: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: shop}}\nspec:\n  replicas: 2\n  selector: {{matchLabels: {{app: \
             web}}}}\n  template:\n    metadata: {{labels: {{app: web}}}}\n    spec:\n      containers:\n      - {{name: web, image: {image}, args: [{args}]}}\n---\n"
        )
    };
    let quota = "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: all, namespace: shop}\nspec: {hard: {pods: '3'}}\n---\n";
    let secret = |value: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: s, namespace: shop}}\nstringData: {{a: {value}}}\n---\n"
        )
    };
    let long = json!({"a": "x", "b": "y"});
    let before = pod("a, b", "web:1")
        + quota
        + &secret("x")
        + &config("gone", &json!({}))
        + &config("one", &long);
    let after = pod("b, a", "web:2").replace("replicas: 2", "replicas: 4")
        + quota
        + &secret("y")
        + &config("new", &json!({"z": "1"}))
        + &config("two", &long);
    write(path, "old/a.yaml", before);
    write(path, "new/a.yaml", after);
    write(path, "old/broken.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .x }}}\n");
    let validator = validator();
    let mut seen = 0;
    for (old, new) in [("old", "new"), ("new", "old"), ("old/a.yaml", "new/a.yaml"), ("old", "old")]
    {
        let value: Value = serde_json::from_str(&run(path, &[old, new, "-o", "json"]).out).unwrap();
        let errors: Vec<_> =
            validator.iter_errors(&value).map(|error| format!("{error}")).collect();
        assert!(errors.is_empty(), "{errors:#?}\n{value:#}");
        seen += value["quotas"].as_array().unwrap().len();
    }
    assert_eq!(seen, 1, "the quota is told where all files are read");
    let page = run(path, &["old", "new", "-o", "html"]).out;
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"), "{page}");
    assert!(!page.contains("<script") && !page.contains("http"), "{page}");
    assert!(page.contains("1 gone") && page.contains("<summary class=\"new\">"), "{page}");
}

//! The command, in repositories of git and on directories.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::process::{self, Ended, git};
use crate::support::write;

/// Runs `gitopsc diff`.
pub(crate) fn run(directory: &Path, arguments: &[&str]) -> Ended {
    process::run(directory, &[&["diff"], arguments].concat())
}

pub(crate) fn commit(directory: &Path, message: &str) {
    git(directory, &["add", "-A"]);
    git(directory, &["commit", "-qm", message]);
}

fn config(name: &str, data: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {data}\n")
}

/// A repository whose branch `main` went on after `topic` left it.
fn repository() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    git(path, &["init", "-q", "-b", "main"]);
    write(path, "apps/a.yaml", config("a", "{x: '1'}"));
    write(path, "apps/b.yaml", config("b", "{x: '1'}"));
    write(path, "README.md", "text");
    commit(path, "start");
    git(path, &["checkout", "-qb", "topic"]);
    write(path, "apps/a.yaml", config("a", "{x: '2'}"));
    commit(path, "topic");
    git(path, &["checkout", "-q", "main"]);
    write(path, "apps/b.yaml", config("b", "{x: '2'}"));
    commit(path, "main");
    git(path, &["checkout", "-q", "topic"]);
    directory
}

/// What changed, as kind and name, by the JSON form.
fn changed(directory: &Path, arguments: &[&str]) -> Vec<String> {
    let all: Vec<&str> = arguments.iter().copied().chain(["-o", "json"]).collect();
    let run = run(directory, &all);
    assert_eq!(run.code, 0, "{}", run.err);
    let value: Value = serde_json::from_str(&run.out).unwrap();
    let text = |change: &Value| {
        format!(
            "{} {}",
            change["change"].as_str().unwrap(),
            change["object"]["name"].as_str().unwrap()
        )
    };
    value["changes"].as_array().unwrap().iter().map(text).collect()
}

#[test]
fn revisions_are_compared_as_git_does() {
    let directory = repository();
    let path = directory.path();
    assert_eq!(changed(path, &[]), Vec::<String>::new());
    assert_eq!(changed(path, &["main"]), ["changed a", "changed b"]);
    assert_eq!(changed(path, &["main..topic"]), ["changed a", "changed b"]);
    assert_eq!(changed(path, &["main", "topic"]), ["changed a", "changed b"]);
    // What the branch changes, as a pull request shows it.
    assert_eq!(changed(path, &["main..."]), ["changed a"]);
    assert_eq!(changed(path, &["topic...main"]), ["changed b"]);
    assert_eq!(changed(path, &["HEAD~1.."]), ["changed a"]);
    // The work tree, with what git does not know yet.
    write(path, "apps/c.yaml", config("c", "{z: '1'}"));
    std::fs::remove_file(path.join("apps/b.yaml")).unwrap();
    assert_eq!(changed(path, &[]), ["removed b", "added c"]);
    assert_eq!(changed(path, &["main..."]), ["changed a"]);
    // From a directory below the top it is the same.
    assert_eq!(changed(&path.join("apps"), &[]), ["removed b", "added c"]);
}

#[test]
fn exit_codes_tell_what_happened() {
    let directory = repository();
    let path = directory.path();
    assert_eq!(run(path, &["--exit-code"]).code, 0);
    assert_eq!(run(path, &["main"]).code, 0);
    assert_eq!(run(path, &["main", "--exit-code"]).code, 1);
    for (arguments, words) in [
        (&["nowhere"][..], "git knows no revision `nowhere`"),
        (&["main..nowhere"], "git knows no revision `nowhere`"),
        (&["nowhere..."], "git knows no revision `nowhere`; where files are meant"),
        (
            &["apps", "nowhere"],
            "there is no file or directory `nowhere`, and git knows no such revision; name two that are there",
        ),
        (&["nowhere", "apps"], "there is no file or directory `nowhere`, and"),
        (&["main", "nowhere"], "git knows no revision `nowhere`"),
        (&["main", "apps"], "git knows no revision `apps`; where files are meant"),
        (&["a", "b", "c"], "unexpected"),
        (&["-e", "k3s"], "there is no environment `k3s`"),
    ] {
        let run = run(path, arguments);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{arguments:?}");
        assert!(run.err.contains(words), "{arguments:?}: {}", run.err);
    }
    let nowhere = tempfile::tempdir().unwrap();
    write(nowhere.path(), "old/a.yaml", config("a", "{}"));
    for (arguments, words) in [
        (&[][..], "is in no repository of git"),
        (&["old"], "is in no repository of git"),
        (&["old", "new"], "there is no file or directory `new`; name two that are there"),
        (&["new", "old"], "there is no file or directory `new`; name two that are there"),
    ] {
        let run = run(nowhere.path(), arguments);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{arguments:?}");
        assert!(run.err.contains(words), "{arguments:?}: {}", run.err);
    }
}

#[test]
fn a_file_that_cannot_be_read_hides_nothing() {
    let directory = repository();
    let path = directory.path();
    write(path, "apps/a.yaml", "apiVersion: v1\nkind: [ConfigMap\n");
    write(path, "apps/b.yaml", config("b", "{x: '5'}"));
    let run = run(path, &[]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("apps/a.yaml:"), "{}", run.err);
    // Its object is not told as gone; the others are compared.
    assert!(run.out.contains("1 object differs: 1 changed"), "{}", run.out);
    assert!(
        run.out.contains("1 file is not compared") && run.out.contains("    apps/a.yaml\n"),
        "{}",
        run.out
    );
}

#[test]
fn a_merge_that_is_not_finished_hides_its_own_files_alone() {
    let directory = repository();
    let path = directory.path();
    write(path, "apps/b.yaml", config("b", "{x: '3'}"));
    commit(path, "the same line as in main");
    std::process::Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@b", "merge", "-q", "main"])
        .current_dir(path)
        .output()
        .unwrap();
    write(path, "apps/a.yaml", config("a", "{x: '5'}"));
    for arguments in [&[][..], &["main"]] {
        let run = run(path, arguments);
        assert_eq!(run.code, 1, "{}", run.err);
        assert!(run.err.contains("a conflict of git that is not resolved"), "{}", run.err);
        assert!(run.out.contains("1 object differs: 1 changed"), "{}", run.out);
        assert!(run.out.contains("    apps/b.yaml\n"), "{}", run.out);
    }
    // Settled on disk, though git was not told yet.
    write(path, "apps/b.yaml", config("b", "{x: '4'}"));
    assert_eq!(changed(path, &[]), ["changed a", "changed b"]);
    write(path, "apps/b.yaml", config("b", "{x: '3'}"));
    assert_eq!(changed(path, &[]), ["changed a"]);
}

#[test]
fn what_is_no_text_is_not_gone() {
    let directory = repository();
    let path = directory.path();
    write(path, "apps/a.yaml", b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \xff}\n");
    let run = run(path, &[]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("error[file-not-utf8]: `apps/a.yaml` is not UTF-8"), "{}", run.err);
    assert!(run.out.starts_with("no object differs\n1 file is not compared"), "{}", run.out);
}

#[test]
fn templates_are_named_and_are_no_fault() {
    let directory = repository();
    let path = directory.path();
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n";
    write(path, "chart/templates/a.yaml", template);
    commit(path, "chart");
    write(
        path,
        "chart/templates/a.yaml",
        format!("{template}data:\n  {{{{- range .Values.x }}}}\n  a: b\n  {{{{- end }}}}\n"),
    );
    let found = run(path, &[]);
    assert_eq!((found.code, found.err.as_str()), (0, ""), "{}", found.out);
    assert!(
        found.out.contains("1 file is not compared")
            && found.out.contains("chart/templates/a.yaml"),
        "{}",
        found.out
    );
    let found = run(path, &["-o", "json"]);
    let value: Value = serde_json::from_str(&found.out).unwrap();
    assert_eq!(value["notCompared"], serde_json::json!(["chart/templates/a.yaml"]));
}

#[test]
fn directories_are_compared_without_a_repository() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    write(path, "old/a.yaml", config("a", "{x: '1', text: \"one\\ntwo\\n\"}"));
    write(path, "old/same.yaml", config("same", "{x: '1'}"));
    write(path, "new/web/all.yaml", config("a", "{x: '2', text: \"one\\n2\\n\"}"));
    write(path, "new/same.yaml", config("same", "{x: '1'}"));
    let found = run(path, &["old", "new"]);
    assert_eq!(found.code, 0, "{}", found.err);
    assert_eq!(
        found.out,
        "1 object differs: 1 changed\n\n~ ConfigMap/a\n    new/web/all.yaml:1\n    data.x: \"1\" → \"2\"\n    \
         data.text:\n      @@ line 1 → 1 @@\n        one\n      - two\n      + 2\n"
    );
    assert_eq!(run(path, &["old/a.yaml", "new/web/all.yaml", "--exit-code"]).code, 1);
    let found = run(path, &["old", "old"]);
    assert_eq!((found.code, found.out.as_str()), (0, "no object differs\n"));
}

#[test]
fn no_value_of_a_secret_is_in_any_form() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let secret = |value: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: login}}\nstringData: {{word: {value}}}\n"
        )
    };
    write(path, "old/a.yaml", secret("hunter2"));
    write(path, "new/a.yaml", secret("correct-horse"));
    write(path, "none/b.yaml", config("b", "{}"));
    for (old, new) in [("old", "new"), ("none", "new"), ("old", "none")] {
        for form in ["human", "json", "patch", "html", "markdown"] {
            let found = run(path, &[old, new, "-o", form]);
            assert!(found.out.contains("login"), "{}", found.out);
            for secret in ["hunter2", "correct-horse", "\u{FDD2}"] {
                assert!(!found.out.contains(secret), "{form}: {}", found.out);
            }
        }
    }
    // Not where the file is no YAML, either.
    write(path, "broken/a.yaml", secret("\"hunter2, correct-horse"));
    let found = run(path, &["old", "broken"]);
    assert!(found.code == 1 && found.err.contains("broken/a.yaml:4:"), "{}", found.err);
    for secret in ["hunter2", "correct-horse"] {
        assert!(!found.out.contains(secret) && !found.err.contains(secret), "{}", found.err);
    }
    let found = run(path, &["old", "new"]);
    assert!(found.out.contains("data.word: (hidden) → (hidden)"), "{}", found.out);
}

#[test]
fn errors_are_all_that_is_told_where_nothing_else_is_wanted() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: {}\n";
    write(path, "old/a.yaml", format!("{}---\n{claim}", config("a", "{x: '1'}")));
    write(path, "middle/a.yaml", format!("{}---\n{claim}", config("a", "{x: '2'}")));
    write(path, "new/a.yaml", config("a", "{x: '2'}"));
    let quiet = run(path, &["old", "middle", "-q", "--exit-code"]);
    assert_eq!((quiet.code, &*quiet.out, &*quiet.err), (1, "", ""));
    let gone = run(path, &["old", "new", "-q"]);
    assert!(gone.code == 1 && gone.out.is_empty(), "{}", gone.out);
    assert!(gone.err.contains("data-loss"), "{}", gone.err);
    // A form that is asked for is written.
    let asked = run(path, &["old", "middle", "-q", "-o", "patch"]);
    assert!(asked.out.contains("+++"), "{}", asked.out);
}

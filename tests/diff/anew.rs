//! Both revisions rendered anew.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::process::{self, git};
use crate::runs::{commit, run};
use crate::support::{copy_of_repository, files, write};

/// This repository, with its trees, as one commit.
fn repository() -> TempDir {
    let directory = copy_of_repository();
    git(directory.path(), &["init", "-q", "-b", "main"]);
    build(directory.path());
    commit(directory.path(), "all");
    directory
}

pub(crate) fn build(path: &Path) -> bool {
    process::run(path, &["build", "-q"]).code == 0
}

/// The changes alone, without what is known only where things are rendered.
pub(crate) fn changes(path: &Path, arguments: &[&str]) -> Value {
    let found = run(path, &[arguments, &["-o", "json"]].concat());
    let mut value: Value = serde_json::from_str(&found.out)
        .unwrap_or_else(|error| panic!("{error}: {}{}", found.out, found.err));
    for change in value["changes"].as_array_mut().unwrap() {
        change.as_object_mut().unwrap().remove("origins");
    }
    value["changes"].take()
}

/// Numbers that follow from a seed (xorshift64*).
pub(crate) fn next(state: &mut u64) -> usize {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    usize::try_from(state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33).unwrap()
}

/// Raises one number somewhere in the sources, or takes an app out of an environment.
fn change_something(path: &Path, seed: &mut u64) -> Option<String> {
    let all = files(path);
    let sources = ["apps/", "environments/", "applicationsets/"];
    let is_source =
        |name: &&String| sources.iter().any(|top| name.starts_with(top)) && name.ends_with(".yaml");
    let names: Vec<&String> = all.keys().filter(is_source).collect();
    let name = names[next(seed) % names.len()];
    let text = String::from_utf8(all[name].clone()).ok()?;
    let ends_in_number = |line: &str| {
        let (head, number) = line.rsplit_once(": ")?;
        let number: u32 = number.trim().parse().ok()?;
        Some(format!("{head}: {}", number + 1))
    };
    let lines: Vec<&str> = text.lines().collect();
    let fitting: Vec<usize> =
        (0..lines.len()).filter(|at| ends_in_number(lines[*at]).is_some()).collect();
    let at = *fitting.get(next(seed) % fitting.len().max(1))?;
    let mut lines: Vec<String> = lines.into_iter().map(str::to_owned).collect();
    lines[at] = ends_in_number(&lines[at])?;
    write(path, name, lines.join("\n") + "\n");
    Some(format!("{name}:{}", at + 1))
}

#[test]
fn what_is_rendered_anew_is_what_was_built() {
    let directory = repository();
    let path = directory.path();
    let mut seed = 20_261_122;
    let (mut compared, mut differing) = (0, 0);
    for _ in 0..60 {
        if compared == 8 {
            break;
        }
        let Some(place) = change_something(path, &mut seed) else { continue };
        if !build(path) {
            git(path, &["reset", "-q", "--hard"]);
            git(path, &["clean", "-fdq"]);
            continue;
        }
        commit(path, &place);
        let built = changes(path, &["HEAD~1..HEAD"]);
        let anew = changes(path, &["--render", "HEAD~1..HEAD"]);
        assert_eq!(anew, built, "{place}");
        compared += 1;
        differing += usize::from(built.as_array().is_some_and(|all| !all.is_empty()));
    }
    eprintln!("{compared} changes, {differing} of which reach objects: rendered anew as built");
    assert!(differing >= 4, "{differing} of {compared}");
}

#[test]
fn a_stale_tree_hides_nothing() {
    let directory = repository();
    let path = directory.path();
    let file = "environments/minikube/environment.yaml";
    let text = std::fs::read_to_string(path.join(file)).unwrap();
    assert!(text.contains("replicas: 2"));
    write(path, file, text.replace("replicas: 2", "replicas: 3"));
    commit(path, "one more");
    assert_eq!(changes(path, &["HEAD~1..HEAD"]), serde_json::json!([]), "nothing was built");
    let found = run(path, &["--render", "HEAD~1..HEAD", "-o", "json"]);
    let value: Value = serde_json::from_str(&found.out).unwrap();
    let change = &value["changes"][0];
    assert_eq!(change["edits"][0]["path"], "spec.replicas");
    let origins = change["origins"].as_array().unwrap();
    assert!(origins.iter().any(|it| it.as_str().unwrap().starts_with(file)), "{origins:?}");
    // The nodes are full: errors that only the newer revision has.
    assert_eq!(found.code, 1, "{}", found.err);
    assert!(value["newErrors"].as_array().is_some_and(|all| !all.is_empty()), "{value}");
    assert_eq!(value["knownErrors"], 0);
    // They are there before as well where nothing more is changed.
    let app = "environments/minikube/apps/README.md";
    write(path, app, "text");
    let text = std::fs::read_to_string(path.join(file)).unwrap();
    write(path, file, text + "# a comment\n");
    let found = run(path, &["--render", "-o", "json"]);
    assert_eq!(found.code, 0, "{}", found.err);
    let value: Value = serde_json::from_str(&found.out).unwrap();
    assert_eq!(value["newErrors"], serde_json::json!([]));
    assert!(value["knownErrors"].as_u64().unwrap() > 0, "{value}");
}

#[test]
fn what_cannot_be_rendered_is_not_gone() {
    let directory = repository();
    let path = directory.path();
    let file = path.join("apps/minio/service.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("${{", "${%", 1)).unwrap();
    let found = run(path, &["--render"]);
    assert_eq!(found.code, 1);
    assert!(found.out.contains("cannot be rendered: home, k3s"), "{}", found.out);
    assert!(found.err.contains("apps/minio/service.yaml:"), "{}", found.err);
    // And what could not be rendered before is compared as it was committed.
    commit(path, "broken");
    std::fs::write(&file, text).unwrap();
    let found = run(path, &["--render"]);
    assert_eq!((found.code, found.out.lines().next()), (0, Some("no object differs")));
    assert!(found.err.contains("the older `home` cannot be rendered"), "{}", found.err);
}

#[test]
fn two_directories_are_not_rendered() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), "a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
    git(directory.path(), &["init", "-q", "-b", "main"]);
    commit(directory.path(), "all");
    for (arguments, reason) in [
        (&["--render"] as &[&str], "no `environments/` here"),
        (&["--render", "a.yaml", "a.yaml"], "directories are compared as they are"),
    ] {
        let found = run(directory.path(), arguments);
        assert_eq!(found.code, 2, "{}", found.err);
        assert!(found.err.contains(reason), "{}", found.err);
    }
}

#[test]
fn a_repository_below_the_top_of_git_is_named_with_its_directory() {
    let all = copy_of_repository();
    let directory = tempfile::tempdir().unwrap();
    let top = directory.path();
    std::fs::rename(all.path(), top.join("infra")).unwrap();
    let path = &top.join("infra");
    git(top, &["init", "-q", "-b", "main"]);
    commit(top, "all");
    let file = "environments/minikube/environment.yaml";
    let text = std::fs::read_to_string(path.join(file)).unwrap();
    write(path, file, text.replace("replicas: 2", "replicas: 3"));
    commit(top, "one more");
    let found = run(path, &["--render", "HEAD~1..HEAD", "-o", "json"]);
    let value: Value = serde_json::from_str(&found.out).unwrap();
    let origins = value["changes"][0]["origins"].as_array().unwrap();
    let all: Vec<&str> = origins.iter().filter_map(Value::as_str).collect();
    assert!(all.iter().any(|it| it.starts_with(&format!("infra/{file}:"))), "{all:?}");
    // So are the places of errors, for programs and for people.
    let errors = value["newErrors"].as_array().unwrap();
    let place = |error: &Value| error["place"].as_str().unwrap().starts_with("infra/");
    assert!(!errors.is_empty() && errors.iter().all(place), "{errors:?}");
    assert!(found.err.contains("--> infra/"), "{}", found.err);
    let broken = "apps/minio/service.yaml";
    let text = std::fs::read_to_string(path.join(broken)).unwrap();
    write(path, broken, text.replacen("${{", "${%", 1));
    let found = run(path, &["--render"]);
    assert!(found.err.contains(&format!("--> infra/{broken}:")), "{}", found.err);
}

//! `gitopsc publish` in clones that do not have everything.

use std::fs;
use std::process::Command;

use crate::process::{self, git};
use crate::publish::{Scene, asked};
use crate::support::write;

#[test]
fn a_partial_clone_asks_for_what_it_left_behind() {
    for filter in ["--filter=blob:none", "--filter=tree:0"] {
        let scene = Scene::new();
        scene.publish(&[]);
        git(&scene.remote(), &["config", "uploadpack.allowFilter", "true"]);
        let partial = scene.clone_with("partial", &[filter]);
        // Another person publishes what this clone has never seen.
        scene.site.replace("environments/two/environment.yaml", "text: first", "text: second");
        scene.commit("two");
        scene.publish(&[]);
        git(scene.path(), &["push", "-q", "origin", "main"]);
        git(&partial, &["pull", "-q"]);
        let text = fs::read_to_string(partial.join("apps/web/app.yaml")).unwrap();
        write(&partial, "apps/web/app.yaml", text.replace("text: hello", "text: changed"));
        git(&partial, &["commit", "-qam", "change"]);
        let before = scene.asked(&["ls-tree", "-r", "--name-only", "deploy"]);
        let run = process::run(&partial, &["publish", "--branch", "deploy"]);
        assert_eq!(run.code, 0, "{filter}: {}{}", run.out, run.err);
        assert!(run.out.contains("1 file published"), "{filter}: {}", run.out);
        assert_eq!(
            (scene.text_of("one"), scene.text_of("two")),
            ("changed".into(), "second".into())
        );
        assert_eq!(scene.asked(&["ls-tree", "-r", "--name-only", "deploy"]), before);
        // It stays a partial clone, of the same remote.
        let is_partial = asked(&partial, &["config", "remote.origin.partialclonefilter"]);
        assert_eq!(format!("--filter={is_partial}"), filter);
    }
}

#[test]
fn a_promise_that_is_not_kept_is_named() {
    let scene = Scene::new();
    scene.publish(&[]);
    git(&scene.remote(), &["config", "uploadpack.allowFilter", "true"]);
    let partial = scene.clone_with("partial", &["--filter=blob:none"]);
    let elsewhere = tempfile::tempdir().unwrap();
    git(elsewhere.path(), &["clone", "-q", "--bare", scene.remote().to_str().unwrap(), "all.git"]);
    git(&partial, &["config", "remote.origin.url", "/nowhere/at/all.git"]);
    let to = elsewhere.path().join("all.git");
    let run = process::run(
        &partial,
        &["publish", "--branch", "deploy", "--remote", to.to_str().unwrap()],
    );
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(run.err.contains("/nowhere/at/all.git"), "{}", run.err);
    assert!(run.err.contains("partial clone"), "{}", run.err);
}

#[test]
fn a_shallow_clone_knows_the_parents_of_its_last_commit() {
    let at = |scene: &Scene, message: &str| {
        git(scene.path(), &["add", "-A"]);
        let mut commit = Command::new("git");
        let commit = commit.current_dir(scene.path()).args(["commit", "-qm", message]);
        let made = commit.env("GIT_COMMITTER_DATE", "@2000000000 +0000").status().unwrap();
        assert!(made.success());
    };
    let scene = Scene::new();
    let replace = |from: &str, to: &str| scene.site.replace("apps/web/app.yaml", from, to);
    replace("text: hello", "text: first");
    at(&scene, "first");
    assert_eq!(scene.publish(&[]).code, 0);
    replace("text: first", "text: second");
    at(&scene, "second");
    git(scene.path(), &["push", "-q", "origin", "main"]);
    let child = scene.clone_with("child", &["--depth", "1"]);
    let run = process::run(&child, &["publish", "--branch", "deploy"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert_eq!(scene.text_of("one"), "second");
    // Of the commit two later, of the same second, a clone of one commit cannot tell.
    for text in ["third", "fourth"] {
        replace(
            if text == "third" { "text: second" } else { "text: third" },
            &format!("text: {text}"),
        );
        at(&scene, text);
    }
    git(scene.path(), &["push", "-q", "origin", "main"]);
    let grandchild = scene.clone_with("grandchild", &["--depth", "1"]);
    let run = process::run(&grandchild, &["publish", "--branch", "deploy"]);
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    let words = "of the same second as";
    assert!(run.err.contains(words) && run.err.contains("fetch the whole history"), "{}", run.err);
    git(&grandchild, &["fetch", "-q", "--unshallow"]);
    let run = process::run(&grandchild, &["publish", "--branch", "deploy"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert_eq!(scene.text_of("one"), "fourth");
}

#[test]
fn a_repository_that_cannot_be_read_is_not_called_none() {
    let site = crate::site::Site::new();
    for command in [&["publish", "--branch", "deploy"][..], &["resolve"], &["build", "--add"]] {
        let run = process::run(site.path(), command);
        assert_eq!(run.code, 2, "{}", run.out);
        assert!(run.err.contains("is in no repository of git"), "{command:?}: {}", run.err);
    }
    git(site.path(), &["init", "-q", "-b", "main", "--object-format=sha256"]);
    for command in [&["publish", "--branch", "deploy"][..], &["resolve"], &["build", "--add"]] {
        let run = process::run(site.path(), command);
        assert_eq!(run.code, 2, "{}", run.out);
        let words = "the repository of git that";
        assert!(run.err.contains(words) && run.err.contains("sha256"), "{command:?}: {}", run.err);
        assert!(!run.err.contains("in no repository"), "{command:?}: {}", run.err);
    }
}

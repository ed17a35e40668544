//! Work trees of git that leave files out, or hold them by links.

use std::fs;
use std::os::unix::fs::symlink;

use crate::process::{self, Ended, git};
use crate::publish::Scene;
use crate::site::Site;
use crate::staged::site;

fn run(site: &Site, arguments: &[&str]) -> Ended {
    process::run(site.path(), arguments)
}

#[test]
fn what_a_sparse_work_tree_leaves_out_is_as_it_is_staged() {
    let site = site();
    let path = site.path();
    let tree = "rendered/one/manifests/main/web/configmap-web.yaml";
    site.replace(tree, "text: hello", "text: staged");
    git(path, &["add", "-A"]);
    git(path, &["sparse-checkout", "set", "apps", "applicationsets", "environments"]);
    // Git keeps in a sparse work tree what is not committed.
    git(path, &["update-index", "--skip-worktree", tree]);
    let _ = fs::remove_file(path.join(tree));
    let staged = run(&site, &["diff"]);
    assert!(staged.out.contains("staged"), "{}{}", staged.out, staged.err);
    assert!(!staged.out.contains("1 removed"), "{}", staged.out);
    git(path, &["reset", "-q", "--hard"]);
    git(path, &["sparse-checkout", "reapply"]);
    assert!(!path.join(tree).exists());
    let diff = run(&site, &["diff"]);
    assert!(diff.code == 0 && !diff.out.contains("one/"), "{}{}", diff.out, diff.err);
    for command in [&["build", "--check"][..], &["build", "--add"]] {
        let told = run(&site, command);
        assert_eq!(told.code, 2, "{}{}", told.out, told.err);
        assert!(told.err.contains("`git sparse-checkout add rendered`"), "{}", told.err);
    }
    // A tree that is there can be compared alone.
    git(path, &["sparse-checkout", "add", "rendered/two"]);
    let told = run(&site, &["build", "--check", "--env", "two"]);
    assert_eq!(told.code, 0, "{}{}", told.out, told.err);
    git(path, &["sparse-checkout", "add", "rendered"]);
    let checked = run(&site, &["build", "--check"]);
    assert_eq!(checked.code, 0, "{}{}", checked.out, checked.err);
    // What is gone from a directory that is not left out is gone.
    fs::remove_file(path.join(tree)).unwrap();
    let gone = run(&site, &["diff"]);
    assert!(gone.out.contains("web"), "{}{}", gone.out, gone.err);
}

#[test]
fn a_sparse_work_tree_publishes_where_it_has_all_sources() {
    let scene = Scene::new();
    let path = scene.path();
    scene.site.write("other/notes.yaml", "a: b\n");
    scene.commit("more");
    git(path, &["sparse-checkout", "set", "apps", "applicationsets", "environments"]);
    assert!(!path.join("other").exists());
    let run = scene.publish(&["--dry-run"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    git(path, &["sparse-checkout", "set", "apps/web", "applicationsets", "environments"]);
    let run = scene.publish(&["--dry-run"]);
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    assert!(
        run.err.contains("leaves out sources of the commit: `apps/other/app.yaml`"),
        "{}",
        run.err
    );
    assert!(!run.err.contains("in no commit"), "{}", run.err);
}

const MORE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\ndata: {a: b}\n";

/// A source that is a link to a link to a file.
fn link_by_link(site: &Site) {
    site.write("real/more.yaml", MORE);
    site.write("shared/README.md", "what apps share");
    symlink("../real/more.yaml", site.path().join("shared/more.yaml")).unwrap();
    symlink("../../shared/more.yaml", site.path().join("apps/web/more.yaml")).unwrap();
}

#[test]
fn each_link_on_the_way_to_a_source_counts() {
    let scene = Scene::new();
    link_by_link(&scene.site);
    scene.site.write("real/later.yaml", MORE.replace("a: b", "a: later"));
    scene.commit("links");
    let run = scene.publish(&["--dry-run"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let middle = scene.path().join("shared/more.yaml");
    fs::remove_file(&middle).unwrap();
    symlink("../real/later.yaml", &middle).unwrap();
    let run = scene.publish(&["--dry-run"]);
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    assert!(run.err.contains("in no commit: `shared/more.yaml`"), "{}", run.err);
    // So it does where it is staged, or is not.
    let site = site();
    link_by_link(&site);
    site.write("real/later.yaml", MORE.replace("a: b", "a: later"));
    git(site.path(), &["add", "-A"]);
    let middle = site.path().join("shared/more.yaml");
    fs::remove_file(&middle).unwrap();
    symlink("../real/later.yaml", &middle).unwrap();
    let run = process::run(site.path(), &["build", "--add"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("something else: `shared/more.yaml`"), "{}", run.out);
    let tree = "rendered/one/manifests/main/web/configmap-more.yaml";
    let text = fs::read_to_string(site.path().join(tree)).unwrap();
    assert!(text.contains("a: b"), "{text}");
}

#[test]
fn a_link_to_what_git_ignores_is_missing_in_every_clone() {
    let scene = Scene::new();
    link_by_link(&scene.site);
    scene.site.write(".gitignore", "/rendered\n/real\n");
    scene.commit("links");
    let checked = run(&scene.site, &["check"]);
    assert!(checked.out.contains("git ignores `real/more.yaml`"), "{}{}", checked.out, checked.err);
    let told = scene.publish(&["--dry-run"]);
    assert_eq!(told.code, 2, "{}{}", told.out, told.err);
    assert!(told.err.contains("in no commit: `real/more.yaml`"), "{}", told.err);
    // What git knows all the same is in every clone.
    git(scene.path(), &["add", "--force", "real/more.yaml"]);
    scene.commit("more");
    let checked = run(&scene.site, &["check"]);
    assert!(!checked.out.contains("git ignores"), "{}", checked.out);
    let told = scene.publish(&["--dry-run"]);
    assert_eq!(told.code, 0, "{}{}", told.out, told.err);
}

#[test]
fn a_branch_below_the_name_of_another_is_refused_at_once() {
    let scene = Scene::new();
    assert_eq!(scene.publish(&[]).code, 0);
    for branch in ["deploy/x", "main/x"] {
        let run = process::run(scene.path(), &["publish", "--branch", branch]);
        assert_eq!(run.code, 2, "{}{}", run.out, run.err);
        assert!(run.err.contains("exists; cannot create"), "{}", run.err);
        assert!(!run.err.contains("held"), "{}", run.err);
    }
    let run = process::run(scene.path(), &["publish", "--branch", "out/x"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
}

#[test]
fn the_way_out_of_an_index_that_cannot_be_read_is_told() {
    let site = site();
    let path = site.path();
    let commands = [&["diff"][..], &["build", "--add"], &["publish", "--branch", "deploy"]];
    let sparse =
        ["sparse-checkout", "set", "--sparse-index", "apps", "applicationsets", "environments"];
    let forms: [(&[&str], &[&str]); 2] = [
        (&["update-index", "--split-index"], &["update-index", "--no-split-index"]),
        (&sparse, &["sparse-checkout", "reapply", "--no-sparse-index"]),
    ];
    for (into, out) in forms {
        git(path, into);
        for command in commands {
            let told = run(&site, command);
            assert_eq!(told.code, 2, "{}", told.out);
            let way_out = format!("`git {}`", out.join(" "));
            assert!(told.err.contains(&way_out), "{command:?}: {}", told.err);
        }
        git(path, out);
        let told = run(&site, &["diff"]);
        assert_eq!(told.code, 0, "{}{}", told.out, told.err);
    }
}

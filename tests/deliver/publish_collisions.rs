//! What stands on the output branch where the trees must go.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::process::{self, git};
use crate::publish::Scene;
use crate::support::write;

/// Publishes over a branch that somebody else changed: nothing of it may be lost. Gives what the run
/// printed and whether it published `one`.
fn over(change: impl Fn(&Path)) -> (String, bool) {
    let scene = Scene::new();
    scene.publish(&[]);
    let other = scene.clone("other");
    git(&other, &["checkout", "-q", "deploy"]);
    change(&other);
    git(&other, &["add", "-A"]);
    git(&other, &["commit", "-qm", "by hand"]);
    git(&other, &["push", "-q"]);
    let before = scene.asked(&["ls-tree", "-r", "deploy"]);
    scene.site.replace("apps/web/app.yaml", "text: hello", "text: changed");
    scene.site.replace("environments/two/environment.yaml", "text: first", "text: second");
    scene.commit("both");
    let run = scene.publish(&[]);
    let after = scene.asked(&["ls-tree", "-r", "deploy"]);
    let paths = |listed: &str| -> Vec<String> {
        listed.lines().map(|line| line.split_once('\t').unwrap().1.to_owned()).collect()
    };
    let left = paths(&after);
    for line in before.lines().zip(paths(&before)) {
        let is_ours = line.1.ends_with(".yaml") && !line.1.contains("by-hand");
        assert!(left.contains(&line.1), "{} is gone\n{}{}", line.1, run.out, run.err);
        assert!(is_ours || after.contains(line.0), "{} was changed", line.1);
    }
    let message = scene.asked(&["log", "-1", "--format=%B", "deploy"]);
    let published = message.contains("Environment: one");
    assert_eq!(run.code, i32::from(!published), "{}{}", run.out, run.err);
    (run.out, published)
}

/// Where the object of `one` is.
const MANIFEST: &str = "rendered/one/manifests/main/web/configmap-web.yaml";
const APP: &str = "rendered/one/manifests/main/web";

#[test]
fn what_is_in_the_way_stays_and_is_named() {
    let is_named = |change: &dyn Fn(&Path), words: &str| {
        let (said, published) = over(change);
        assert!(!published && said.contains(words), "{words}\n{said}");
        assert!(said.contains("on the branch `deploy`"), "{said}");
    };
    let a_file_above = |at: &Path| {
        fs::remove_dir_all(at.join(APP)).unwrap();
        write(at, APP, "by hand");
    };
    is_named(&a_file_above, "/web` is a file, and the tree needs a directory there");
    let a_directory = |at: &Path| {
        fs::remove_file(at.join(MANIFEST)).unwrap();
        write(at, &format!("{MANIFEST}/by-hand.txt"), "by hand");
    };
    is_named(&a_directory, "configmap-web.yaml` is a directory, and the tree needs a file there");
    let a_link_above = |at: &Path| {
        fs::remove_dir_all(at.join(APP)).unwrap();
        write(at, "elsewhere/by-hand.yaml", "by: hand");
        symlink("../../../../elsewhere", at.join(APP)).unwrap();
    };
    is_named(&a_link_above, "/web` is a symbolic link");
    let a_link = |at: &Path| {
        fs::remove_file(at.join(MANIFEST)).unwrap();
        symlink("elsewhere.yaml", at.join(MANIFEST)).unwrap();
    };
    is_named(&a_link, "configmap-web.yaml` is not gitopsc's");
    let a_submodule = |at: &Path| {
        git(at, &["rm", "-rq", APP]);
        git(at, &["init", "-q", APP]);
        git(&at.join(APP), &["commit", "-q", "--allow-empty", "-m", "by hand"]);
    };
    is_named(&a_submodule, "/web` is a symbolic link or a submodule");
    let all = |at: &Path| {
        fs::remove_dir_all(at.join("rendered")).unwrap();
        write(at, "rendered", "by hand");
    };
    is_named(&all, "`rendered` is a file");
}

#[test]
fn names_that_differ_only_in_case_are_two() {
    let (_, published) = over(|at| {
        write(at, "rendered/one/Root.yaml", "by: hand");
        write(at, "Rendered/one/by-hand.yaml", "by: hand");
    });
    assert!(published);
}

#[test]
fn sources_that_git_ignores_are_named_and_not_published() {
    let scene = Scene::new();
    write(scene.path(), ".gitignore", "/rendered\nmore.yaml\nvalues.local.yaml\n");
    scene.commit("ignore");
    let build = process::run(scene.path(), &["build"]);
    assert!(!build.out.contains("source-ignored"), "{}", build.out);
    let more = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\ndata: {a: b}\n";
    write(scene.path(), "apps/web/more.yaml", more);
    for command in ["build", "check"] {
        let run = process::run(scene.path(), &[command]);
        assert!(run.out.contains("git ignores `apps/web/more.yaml`"), "{command}: {}", run.out);
    }
    let run = scene.publish(&[]);
    assert!(run.code == 2 && run.err.contains("in no commit: `apps/web/more.yaml`"), "{}", run.err);
    // Neither side of a difference has it.
    let diff = process::run(scene.path(), &["diff", "HEAD"]);
    assert_eq!((diff.code, diff.out.as_str()), (0, "no object differs\n"), "{}", diff.err);
    // What git knows all the same is in every clone.
    git(scene.path(), &["add", "--force", "apps/web/more.yaml"]);
    scene.commit("more");
    let build = process::run(scene.path(), &["build"]);
    assert!(!build.out.contains("source-ignored"), "{}", build.out);
    assert_eq!(scene.publish(&[]).code, 0);
}

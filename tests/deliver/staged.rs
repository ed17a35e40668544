//! `build --add` where sources lie on disk that are not staged.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::process::{self, Ended, git};
use crate::site::Site;

const APP: &str = "apps/web/app.yaml";

/// A repository of git, with all of it committed.
pub(crate) fn site() -> Site {
    let site = Site::new();
    site.write(".gitignore", ".gitopsc-lock\n");
    git(site.path(), &["init", "-q", "-b", "main"]);
    git(site.path(), &["add", "-A"]);
    git(site.path(), &["commit", "-qm", "begin"]);
    site
}

fn add(site: &Site) -> Ended {
    process::run(site.path(), &["build", "--add"])
}

/// Lets git run `build --add` before each commit.
fn hook(site: &Site) {
    let tool = env!("CARGO_BIN_EXE_gitopsc");
    site.write(".git/hooks/pre-commit", format!("#!/bin/sh\nexec '{tool}' build --add\n"));
    let hook = site.path().join(".git/hooks/pre-commit");
    std::fs::set_permissions(hook, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// A commit that git may refuse, with what it said.
fn commit(site: &Site, arguments: &[&str]) -> (bool, String) {
    let run = Command::new("git")
        .current_dir(site.path())
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "change"])
        .args(arguments)
        .output()
        .unwrap();
    let said = [run.stdout, run.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (run.status.success(), said)
}

fn status(site: &Site) -> String {
    let mut command = Command::new("git");
    let run = command.current_dir(site.path()).args(["status", "--porcelain"]).output().unwrap();
    String::from_utf8(run.stdout).unwrap()
}

/// A commit of what is staged, as somebody else gets it.
fn committed(path: &Path) -> TempDir {
    git(path, &["commit", "-qm", "change"]);
    committed_already(path)
}

fn committed_already(path: &Path) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    git(directory.path(), &["clone", "-q", path.to_str().unwrap(), "clone"]);
    directory
}

fn text(directory: &TempDir, file: &str) -> String {
    std::fs::read_to_string(directory.path().join("clone").join(file)).unwrap()
}

/// Whether the trees of a commit are what its sources say.
fn assert_current(directory: &TempDir) {
    let run = process::run(&directory.path().join("clone"), &["build", "--check"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
}

#[test]
fn a_commit_has_the_trees_of_the_sources_in_it() {
    let site = site();
    let path = site.path();
    let tree = "rendered/one/manifests/main/web/configmap-web.yaml";
    // Half of a file, a file that git does not know, and an environment that is gone from disk alone.
    site.replace(APP, "text: hello", "text: staged");
    git(path, &["add", APP]);
    site.replace(APP, "text: staged", "text: later");
    let more = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\ndata: {a: b}\n";
    site.write("apps/web/more.yaml", more);
    let two = "environments/two/environment.yaml";
    let text_of_two = std::fs::read(path.join(two)).unwrap();
    std::fs::remove_dir_all(path.join("environments/two")).unwrap();
    let run = add(&site);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let told = format!(
        "rendered from what is staged; on disk there is something else: `{APP}`, `apps/web/more.yaml`, `{two}`"
    );
    assert!(run.out.contains(&told), "{}", run.out);
    assert!(!run.out.contains("vanished"), "{}", run.out);
    let clone = committed(path);
    assert_current(&clone);
    assert!(text(&clone, tree).contains("text: staged"), "{}", text(&clone, tree));
    // What was not staged lies there still, and is staged later with its trees.
    site.write(two, text_of_two);
    git(path, &["add", "-A"]);
    let run = add(&site);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(!run.out.contains("what is staged"), "{}", run.out);
    let clone = committed(path);
    assert_current(&clone);
    assert!(text(&clone, tree).contains("text: later"), "{}", text(&clone, tree));
    text(&clone, "rendered/one/manifests/main/web/configmap-more.yaml");
}

#[test]
fn what_is_broken_on_disk_alone_stops_no_commit_and_what_is_staged_does() {
    let site = site();
    site.write(APP, "kind: [");
    let run = add(&site);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    git(site.path(), &["add", APP]);
    git(site.path(), &["checkout", "-q", "HEAD", "--", "apps/other"]);
    let whole = crate::site::WEB;
    site.write(APP, whole);
    let run = add(&site);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    assert!(run.out.contains(APP), "{}", run.out);
    // Outside of git there is nothing to stage, and nothing is written.
    let plain = Site::new();
    plain.replace(APP, "text: hello", "text: changed");
    let run = add(&plain);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(run.err.contains("`--add` needs a repository of git"), "{}", run.err);
    assert!(plain.is_as_it_was());
}

#[test]
fn a_commit_of_named_paths_is_refused_where_a_tree_would_have_to_go_with_it() {
    let site = site();
    hook(&site);
    site.replace(APP, "text: hello", "text: changed");
    let (taken, said) = commit(&site, &[APP]);
    assert!(!taken, "{said}");
    let reason = "in `git commit PATH`, what a hook stages is missing in the next commit";
    assert!(said.contains(reason) && said.contains("then `git commit` without a path"), "{said}");
    assert!(said.contains("stale: 1 file differs"), "{said}");
    assert_eq!(status(&site), format!(" M {APP}\n"));
    // What it says helps.
    git(site.path(), &["add", APP]);
    let (taken, said) = commit(&site, &[]);
    assert!(taken && status(&site).is_empty(), "{said}{}", status(&site));
    // So does git's own way to take all, and what changes no tree has nothing to lose.
    site.replace(APP, "text: changed", "text: again");
    let (taken, said) = commit(&site, &["-a"]);
    assert!(taken && status(&site).is_empty(), "{said}{}", status(&site));
    site.write(".gitignore", ".gitopsc-lock\n*.swp\n");
    let (taken, said) = commit(&site, &[".gitignore"]);
    assert!(taken && status(&site).is_empty(), "{said}{}", status(&site));
    // A tree that is named with its source is in the commit.
    site.replace(APP, "text: again", "text: built");
    site.build();
    let (taken, said) = commit(&site, &[APP, "rendered"]);
    assert!(taken && status(&site).is_empty(), "{said}{}", status(&site));
    assert_current(&committed_already(site.path()));
}

#[test]
fn a_link_out_of_the_sources_is_read_as_it_is_staged() {
    let site = site();
    let path = site.path();
    let shared = |name: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{a: b}}\n")
    };
    site.write("shared/more.yaml", shared("more"));
    symlink("../../shared/more.yaml", path.join("apps/web/more.yaml")).unwrap();
    git(path, &["add", "-A"]);
    site.write("shared/more.yaml", shared("later"));
    let run = add(&site);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("something else: `shared/more.yaml`"), "{}", run.out);
    let clone = committed(path);
    assert_current(&clone);
    text(&clone, "rendered/one/manifests/main/web/configmap-more.yaml");
}

//! `build --add` where sources lie on disk that are not staged.

use std::path::Path;

use tempfile::TempDir;

use crate::process::{self, Ended, git};
use crate::site::Site;

const APP: &str = "apps/web/app.yaml";

/// A repository of git, with all of it committed.
fn site() -> Site {
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

/// A commit of what is staged, as somebody else gets it.
fn committed(path: &Path) -> TempDir {
    git(path, &["commit", "-qm", "change"]);
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

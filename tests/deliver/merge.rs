//! `gitopsc resolve`, in merges that stop.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::process::{self, git};
use crate::site::Site;
use crate::support::write;

/// Two branches that change the same file of the tree, each by other sources.
fn conflicted(on_both: impl Fn(&Site, usize)) -> Site {
    let site = Site::new();
    let path = site.path();
    site.remove("rendered/one/NOTES.txt");
    site.remove("rendered/one/manifests/main/web/mine.yaml");
    let more = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\ndata: {a: b}\n";
    site.write("apps/web/more.yaml", more);
    git(path, &["init", "-q", "-b", "main"]);
    for (key, value) in [("user.name", "a"), ("user.email", "a@example.com")] {
        git(path, &["config", key, value]);
    }
    write(path, ".gitignore", ".gitopsc-lock\n");
    let commit = |message: &str| {
        let run = site.build();
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
        git(path, &["add", "-A"]);
        git(path, &["commit", "-qm", message]);
    };
    commit("begin");
    git(path, &["checkout", "-qb", "topic"]);
    on_both(&site, 1);
    commit("topic");
    git(path, &["checkout", "-q", "main"]);
    on_both(&site, 2);
    commit("main");
    let merge = Command::new("git").current_dir(path).args(["merge", "topic"]).output().unwrap();
    assert!(!merge.status.success(), "git merged it");
    site
}

fn status(directory: &Path) -> String {
    let mut command = Command::new("git");
    let run = command.current_dir(directory).args(["status", "--porcelain"]).output().unwrap();
    String::from_utf8(run.stdout).unwrap()
}

/// Two values of one object, from two files: the sources merge, the object does not.
fn both_change_the_object(site: &Site, side: usize) {
    if side == 1 {
        site.replace("apps/web/fragments/data.yaml", "text: ", "first: a\ntext: ");
    } else {
        site.replace("apps/web/app.yaml", "text: hello", "text: changed");
    }
}

#[test]
fn a_conflicted_tree_is_rendered_from_the_merged_sources() {
    let site = conflicted(both_change_the_object);
    assert!(status(site.path()).contains("UU rendered/one/"), "{}", status(site.path()));
    let run = process::run(site.path(), &["resolve"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("1 conflict settled"), "{}", run.out);
    assert!(run.out.contains("`git merge --continue`"), "{}", run.out);
    git(site.path(), &["-c", "core.editor=true", "merge", "--continue"]);
    assert_eq!(status(site.path()), "");
    let file = site.path().join("rendered/one/manifests/main/web/configmap-web.yaml");
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains("first: a") && text.contains("text: changed"), "{text}");
    let check = process::run(site.path(), &["build", "--check"]);
    assert_eq!(check.code, 0, "{}", check.out);
}

#[test]
fn what_is_not_staged_is_in_no_tree_of_a_merge() {
    let site = conflicted(both_change_the_object);
    let path = site.path();
    let all = [
        ("apps/other/app.yaml", "text: hello", "text: later"),
        ("environments/two/environment.yaml", "text: first", "text: later"),
    ];
    for (file, from, to) in all {
        if fs::read_to_string(path.join(file)).unwrap().contains(from) {
            site.replace(file, from, to);
        }
    }
    let new = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: new}\ndata: {a: b}\n";
    site.write("apps/web/new.yaml", new);
    git(path, &["add", "--intent-to-add", "apps/web/new.yaml"]);
    let run = process::run(path, &["resolve"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("1 conflict settled"), "{}", run.out);
    assert!(run.out.contains("on disk there is something else: `apps/"), "{}", run.out);
    git(path, &["rm", "-q", "--cached", "apps/web/new.yaml"]);
    git(path, &["-c", "core.editor=true", "merge", "--continue"]);
    let elsewhere = tempfile::tempdir().unwrap();
    git(elsewhere.path(), &["clone", "-q", path.to_str().unwrap(), "clone"]);
    let check = process::run(&elsewhere.path().join("clone"), &["build", "--check"]);
    assert_eq!(check.code, 0, "{}", check.out);
    // What was edited lies there still.
    assert!(status(path).contains(" M environments/two/environment.yaml"), "{}", status(path));
}

#[test]
fn where_nothing_is_in_conflict_nothing_is_said_to_be_written() {
    let site = conflicted(both_change_the_object);
    let path = site.path();
    process::run(path, &["resolve"]);
    git(path, &["-c", "core.editor=true", "merge", "--continue"]);
    let run = process::run(path, &["resolve"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let words = "nothing was in conflict, and no tree was stale\n";
    assert!(run.out.contains(words) && !run.out.contains("written"), "{}", run.out);
    let run = process::run(path, &["resolve", "-o", "concise"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    site.replace("apps/web/app.yaml", "text: changed", "text: stale");
    git(path, &["add", "apps"]);
    let run = process::run(path, &["resolve"]);
    let words = "no conflict was settled; the trees that were written are staged\n";
    assert!(run.code == 0 && run.out.contains(words), "{}{}", run.out, run.err);
}

#[test]
fn a_file_that_one_side_took_away_is_settled_too() {
    let site = conflicted(|site, side| {
        if side == 1 {
            site.remove("apps/web/config.yaml");
        } else {
            site.replace("apps/web/app.yaml", "text: hello", "text: changed");
        }
    });
    let run = process::run(site.path(), &["resolve"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    git(site.path(), &["-c", "core.editor=true", "merge", "--continue"]);
    assert_eq!(status(site.path()), "");
    assert!(!site.path().join("rendered/one/manifests/main/web/configmap-web.yaml").exists());
}

#[test]
fn sources_are_settled_first_and_what_is_not_the_tool_s_by_people() {
    let site = conflicted(|site, side| {
        site.replace("apps/web/app.yaml", "text: hello", &format!("text: side {side}"));
        site.write("rendered/one/manifests/main/web/mine.yaml", format!("kind: Mine{side}\n"));
    });
    let before = status(site.path());
    let run = process::run(site.path(), &["resolve"]);
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    assert!(run.err.contains("`apps/web/app.yaml` is in conflict"), "{}", run.err);
    assert_eq!(status(site.path()), before);
    git(site.path(), &["checkout", "--theirs", "apps/web/app.yaml"]);
    git(site.path(), &["add", "apps/web/app.yaml"]);
    let run = process::run(site.path(), &["resolve"]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    assert!(run.out.contains("rendered/one/manifests/main/web/mine.yaml"), "{}", run.out);
    let left = status(site.path());
    let unmerged: Vec<&str> =
        left.lines().filter(|line| line.starts_with("AA ") || line.starts_with("UU ")).collect();
    assert_eq!(unmerged, ["AA rendered/one/manifests/main/web/mine.yaml"], "{left}");
}

#[test]
fn sources_with_errors_leave_everything_as_it_is() {
    let site = conflicted(both_change_the_object);
    site.replace("apps/web/app.yaml", "replicas: 1", "replicaz: 1");
    git(site.path(), &["add", "apps"]);
    let before = status(site.path());
    let run = process::run(site.path(), &["resolve"]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    assert!(run.out.contains("nothing was written or staged"), "{}", run.out);
    assert_eq!(status(site.path()), before);
}

#[test]
fn what_was_not_rendered_stages_nothing_else() {
    let site = Site::new();
    let path = site.path();
    git(path, &["init", "-q", "-b", "main"]);
    git(path, &["add", "-A"]);
    git(path, &["commit", "-qm", "begin"]);
    // Neither environment can be written: the one has no such value, the other no such layer.
    site.replace("apps/web/app.yaml", "text: hello", "texd: hello");
    site.replace(
        "environments/two/environment.yaml",
        "  other: {layer: side}",
        "  other: {layer: no}",
    );
    git(path, &["add", "-A"]);
    write(path, "my-secret.txt", "not to be committed");
    for arguments in [&["build", "--add"][..], &["resolve"]] {
        let run = process::run(path, arguments);
        assert_eq!(run.code, 1, "{arguments:?}: {}{}", run.out, run.err);
        let left = status(path);
        assert!(left.contains("?? my-secret.txt"), "{arguments:?}: {left}");
        assert!(left.contains("M  apps/web/app.yaml"), "{arguments:?}: {left}");
    }
}

#[test]
fn a_tree_whose_environment_is_gone_stays_for_a_person() {
    let site = conflicted(|site, side| {
        if side == 1 {
            fs::remove_dir_all(site.path().join("environments/two")).unwrap();
            fs::remove_dir_all(site.path().join("rendered/two")).unwrap();
        } else {
            site.replace("environments/two/environment.yaml", "text: first", "text: second");
        }
    });
    git(site.path(), &["rm", "-q", "environments/two/environment.yaml"]);
    let run = process::run(site.path(), &["resolve"]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    assert!(run.out.contains("rendered/two/"), "{}", run.out);
    assert!(!run.out.contains("merge --continue"), "{}", run.out);
}

#[test]
fn an_app_that_both_sides_renamed_gets_the_name_that_was_chosen() {
    let site = conflicted(|site, side| {
        let name = ["first", "second"][side - 1];
        git(site.path(), &["mv", "apps/web", &format!("apps/{name}")]);
        site.replace(
            "environments/one/environment.yaml",
            "  web: {}\n",
            &format!("  {name}: {{}}\n"),
        );
    });
    let path = site.path();
    let run = process::run(path, &["resolve"]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(
        run.err.contains("`apps/first/") && run.err.contains(" more are in conflict"),
        "{}",
        run.err
    );
    assert!(run.err.contains("choose one name"), "{}", run.err);
    git(path, &["add", "apps/second"]);
    git(path, &["rm", "-rqf", "--ignore-unmatch", "apps/first", "apps/web"]);
    git(path, &["checkout", "--ours", "environments/one/environment.yaml"]);
    git(path, &["add", "environments"]);
    let run = process::run(path, &["resolve"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    git(path, &["-c", "core.editor=true", "merge", "--continue"]);
    assert_eq!(status(path), "");
    assert!(!path.join("rendered/one/manifests/main/first").exists());
    let check = process::run(path, &["build", "--check"]);
    assert_eq!(check.code, 0, "{}", check.out);
}

#[test]
fn a_source_that_one_side_removed_and_the_other_changed_is_for_a_person() {
    let site = conflicted(|site, side| {
        if side == 1 {
            site.remove("apps/web/more.yaml");
        } else {
            site.replace("apps/web/more.yaml", "a: b", "a: c");
        }
    });
    let before = status(site.path());
    let run = process::run(site.path(), &["resolve"]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(run.err.contains("`apps/web/more.yaml` is in conflict; what one side"), "{}", run.err);
    assert_eq!(status(site.path()), before);
    git(site.path(), &["add", "apps/web/more.yaml"]);
    let run = process::run(site.path(), &["resolve"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let file = site.path().join("rendered/one/manifests/main/web/configmap-more.yaml");
    assert!(fs::read_to_string(file).unwrap().contains("a: c"));
}

//! `gitopsc publish`, on bare repositories.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Barrier;
use std::{fs, thread};

use tempfile::TempDir;

use crate::process::{self, Ended, git};
use crate::site::Site;
use crate::support::write;

/// A repository with commits, its remote, and room for clones.
pub(crate) struct Scene {
    pub(crate) site: Site,
    above: TempDir,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let site = Site::new();
        let above = tempfile::tempdir().unwrap();
        git(above.path(), &["init", "-q", "--bare", "-b", "main", "remote.git"]);
        let scene = Self { site, above };
        fs::remove_dir_all(scene.path().join("rendered")).unwrap();
        write(scene.path(), ".gitignore", "/rendered\n");
        git(scene.path(), &["init", "-q", "-b", "main"]);
        for (key, value) in [("user.name", "a"), ("user.email", "a@example.com")] {
            git(scene.path(), &["config", key, value]);
        }
        git(scene.path(), &["remote", "add", "origin", scene.remote().to_str().unwrap()]);
        scene.commit("begin");
        git(scene.path(), &["push", "-q", "origin", "main"]);
        scene
    }

    pub(crate) fn path(&self) -> &Path {
        self.site.path()
    }

    pub(crate) fn remote(&self) -> PathBuf {
        self.above.path().join("remote.git")
    }

    pub(crate) fn commit(&self, message: &str) {
        git(self.path(), &["add", "-A"]);
        git(self.path(), &["commit", "-qm", message]);
    }

    pub(crate) fn publish(&self, arguments: &[&str]) -> Ended {
        process::run(self.path(), &[&["publish", "--branch", "deploy"], arguments].concat())
    }

    /// What the remote says.
    pub(crate) fn asked(&self, arguments: &[&str]) -> String {
        asked(&self.remote(), arguments)
    }

    pub(crate) fn commits(&self) -> usize {
        self.asked(&["rev-list", "--count", "deploy"]).parse().unwrap()
    }

    pub(crate) fn text_of(&self, environment: &str) -> String {
        let file = match environment {
            "one" => "deploy:rendered/one/manifests/main/web/configmap-web.yaml",
            _ => "deploy:rendered/two/manifests/side/other/configmap-other.yaml",
        };
        let shown = self.asked(&["show", file]);
        shown.lines().find_map(|line| line.trim().strip_prefix("text: ")).unwrap().to_owned()
    }

    /// Another person's clone.
    pub(crate) fn clone(&self, name: &str) -> PathBuf {
        self.clone_with(name, &[])
    }

    /// A clone as from another machine, with options of git.
    pub(crate) fn clone_with(&self, name: &str, options: &[&str]) -> PathBuf {
        let to = self.above.path().join(name);
        let url = format!("file://{}", self.remote().display());
        git(self.above.path(), &[&["clone", "-q", &url, name], options].concat());
        for (key, value) in [("user.name", name), ("user.email", "b@example.com")] {
            git(&to, &["config", key, value]);
        }
        to
    }
}

pub(crate) fn asked(directory: &Path, arguments: &[&str]) -> String {
    let run = Command::new("git").current_dir(directory).args(arguments).output().unwrap();
    assert!(run.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap().trim_end().to_owned()
}

#[test]
fn one_commit_says_where_it_comes_from_and_none_follows_without_a_change() {
    let scene = Scene::new();
    let dry = scene.publish(&["--dry-run"]);
    assert_eq!(dry.code, 0, "{}", dry.err);
    assert!(dry.out.contains("a dry run") && !dry.out.contains("written"), "{}", dry.out);
    assert!(asked(&scene.remote(), &["branch", "--list", "deploy"]).is_empty());
    let run = scene.publish(&[]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let source = asked(scene.path(), &["rev-parse", "HEAD"]);
    let message = scene.asked(&["log", "-1", "--format=%B", "deploy"]);
    let trailers = format!("Source-Commit: {source}\nEnvironment: one\nEnvironment: two");
    assert!(message.starts_with("Render one, two from "), "{message}");
    assert!(message.lines().next().is_some_and(|line| line.ends_with(": begin")), "{message}");
    assert!(message.ends_with(&trailers), "{message}");
    assert_eq!(scene.text_of("one"), "hello");
    assert!(!scene.asked(&["ls-tree", "-r", "--name-only", "deploy"]).contains("apps/"));
    assert!(run.out.contains("Argo CD follows `main` for `one`"), "{}", run.out);
    let again = scene.publish(&[]);
    assert!(again.out.contains("has all of it"), "{}", again.out);
    // What it lays out is what a build would write.
    let built = process::run(scene.path(), &["build"]);
    assert_eq!(built.code, 0, "{}", built.err);
    git(scene.path(), &["fetch", "-q", "origin", "deploy"]);
    fs::remove_file(scene.path().join("rendered/.gitopsc-lock")).unwrap();
    git(scene.path(), &["add", "-f", "rendered"]);
    let of_build = asked(scene.path(), &["write-tree", "--prefix=rendered/"]);
    assert_eq!(of_build, asked(scene.path(), &["rev-parse", "FETCH_HEAD:rendered"]));
    assert_eq!(scene.commits(), 1);
}

#[test]
fn one_environment_leaves_others_and_what_is_not_the_tool_s() {
    let scene = Scene::new();
    scene.publish(&[]);
    let other = scene.clone("other");
    git(&other, &["checkout", "-q", "deploy"]);
    write(&other, "rendered/one/NOTES.md", "ours");
    write(&other, "README.md", "what Argo CD reads");
    git(&other, &["add", "-A"]);
    git(&other, &["commit", "-qm", "notes"]);
    git(&other, &["push", "-q"]);
    scene.site.replace("apps/web/app.yaml", "text: hello", "text: changed");
    scene.site.replace("environments/two/environment.yaml", "text: first", "text: second");
    scene.commit("both");
    let run = scene.publish(&["-e", "one"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert_eq!((scene.text_of("one"), scene.text_of("two")), ("changed".into(), "first".into()));
    assert_eq!(scene.asked(&["show", "deploy:rendered/one/NOTES.md"]), "ours");
    assert_eq!(scene.asked(&["show", "deploy:README.md"]), "what Argo CD reads");
    // One that has errors keeps its tree on the branch; the other one goes on.
    scene.site.replace("apps/web/app.yaml", "text: changed", "texd: wrong");
    scene.commit("wrong");
    let run = scene.publish(&[]);
    assert_eq!(run.code, 1, "{}", run.out);
    assert_eq!((scene.text_of("one"), scene.text_of("two")), ("changed".into(), "second".into()));
    let message = scene.asked(&["log", "-1", "--format=%B", "deploy"]);
    assert!(message.contains("Environment: two") && !message.contains("Environment: one"));
}

#[test]
fn two_writers_at_once_both_land() {
    let scene = Scene::new();
    scene.publish(&[]);
    let clones = ["one", "two"].map(|name| (name, scene.clone(name)));
    for (name, path) in &clones {
        let environment = format!("environments/{name}/environment.yaml");
        let text = fs::read_to_string(path.join(&environment)).unwrap();
        let changed = text.replace("web: {}\n", "web: {values: {text: fast}}\n");
        let changed = changed.replace("text: first", "text: fast");
        write(path, &environment, changed);
        git(path, &["commit", "-qam", name]);
    }
    // The remote takes its time, so that both have begun before one has ended.
    let hook = scene.remote().join("hooks/pre-receive");
    write(&scene.remote(), "hooks/pre-receive", "#!/bin/sh\nsleep 1\n");
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    let before = scene.asked(&["rev-parse", "deploy"]);
    let start = Barrier::new(clones.len());
    thread::scope(|scope| {
        for (name, path) in &clones {
            scope.spawn(|| {
                start.wait();
                let run = process::run(path, &["publish", "--branch", "deploy", "-e", name]);
                assert_eq!(run.code, 0, "{}{}", run.out, run.err);
            });
        }
    });
    assert_eq!((scene.text_of("one"), scene.text_of("two")), ("fast".into(), "fast".into()));
    assert_eq!(scene.commits(), 3);
    let line = scene.asked(&["rev-list", "--first-parent", "deploy"]);
    assert!(line.contains(&before), "what was there is gone");
}

#[test]
fn a_crash_leaves_the_branch_as_it_was_and_the_next_run_publishes() {
    let scene = Scene::new();
    scene.publish(&[]);
    scene.site.replace("apps/web/app.yaml", "text: hello", "text: changed");
    scene.commit("change");
    let before = scene.asked(&["rev-parse", "deploy"]);
    // Git asks this hook when all objects are made and none is sent: here the tool is killed.
    let kill = "#!/bin/sh\nkill -9 $(ps -o ppid= -p $PPID)\nexit 1\n";
    let hook = scene.path().join(".git/hooks/pre-push");
    write(scene.path(), ".git/hooks/pre-push", kill);
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    let killed = Command::new(env!("CARGO_BIN_EXE_gitopsc"))
        .current_dir(scene.path())
        .args(["publish", "--branch", "deploy"])
        .output()
        .unwrap();
    assert_eq!(killed.status.code(), None, "{}", String::from_utf8_lossy(&killed.stderr));
    assert_eq!(scene.asked(&["rev-parse", "deploy"]), before);
    fs::remove_file(hook).unwrap();
    let run = scene.publish(&[]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert_eq!((scene.text_of("one"), scene.commits()), ("changed".into(), 2));
}

#[test]
fn a_slow_run_takes_nothing_back() {
    let scene = Scene::new();
    scene.publish(&[]);
    let slow = scene.clone("slow");
    scene.site.replace("apps/web/app.yaml", "text: hello", "text: newest");
    scene.commit("newer");
    scene.publish(&[]);
    git(scene.path(), &["push", "-q", "origin", "main"]);
    for has_the_newer_commit in [false, true] {
        if has_the_newer_commit {
            git(&slow, &["fetch", "-q", "origin", "main"]);
        } else {
            // Committed in the same second, or in one: the clock of a commit goes by seconds.
            let later = scene.asked(&["log", "-1", "--format=%at", "deploy"]);
            let earlier = asked(&slow, &["log", "-1", "--format=%ct"]);
            if later == earlier {
                continue;
            }
        }
        let run = process::run(&slow, &["publish", "--branch", "deploy"]);
        assert_eq!(run.code, 2, "{}{}", run.out, run.err);
        assert!(run.err.contains("newer than"), "{}", run.err);
        assert_eq!(scene.text_of("one"), "newest");
    }
    let run = process::run(&slow, &["publish", "--branch", "deploy", "--allow-older"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert_eq!(scene.text_of("one"), "hello");
}

#[test]
fn what_is_in_no_commit_is_not_published_by_mistake() {
    let scene = Scene::new();
    // What no tree is rendered from is no matter.
    write(scene.path(), "facts.md", "of a model");
    write(scene.path(), "apps.md", "of apps");
    let run = scene.publish(&["--allow-dirty"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let message = || scene.asked(&["log", "-1", "--format=%B", "deploy"]);
    assert!(!message().contains("uncommitted"), "{}", message());
    write(scene.path(), "apps/web/new.txt", "new");
    let run = scene.publish(&[]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("a change is in no commit: `apps/web/new.txt`;"), "{}", run.err);
    fs::remove_file(scene.path().join("apps/web/new.txt")).unwrap();
    // A link among the sources leads out of them.
    let shared = |value: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: more}}\ndata: {{a: {value}}}\n")
    };
    write(scene.path(), "shared/more.yaml", shared("one"));
    let link = scene.path().join("apps/web/more.yaml");
    std::os::unix::fs::symlink("../../shared/more.yaml", link).unwrap();
    scene.commit("link");
    write(scene.path(), "shared/beside.yaml", "is read by nobody");
    let run = scene.publish(&[]);
    assert!(run.code == 0 && run.out.contains("published as"), "{}{}", run.out, run.err);
    write(scene.path(), "shared/more.yaml", shared("two"));
    let run = scene.publish(&[]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(run.err.contains("in no commit: `shared/more.yaml`;"), "{}", run.err);
    let run = scene.publish(&["--allow-dirty"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(message().contains(" with uncommitted changes\n"), "{}", message());
}

#[test]
fn a_branch_has_its_short_name() {
    let scene = Scene::new();
    let publish = |name: &str| process::run(scene.path(), &["publish", "--branch", name]);
    let run = publish("refs/heads/full");
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("on `full` of"), "{}", run.out);
    assert!(publish("full").out.contains("has all of it"));
    assert_eq!(scene.asked(&["branch", "--format=%(refname)"]), "refs/heads/full\nrefs/heads/main");
    for name in ["refs/tags/v1", "refs/heads/refs/heads/full", "two..dots"] {
        let run = publish(name);
        assert_eq!(run.code, 2, "{name}: {}", run.out);
        assert!(run.err.contains("name"), "{name}: {}", run.err);
    }
}

#[test]
fn a_remote_that_refuses_says_why() {
    let scene = Scene::new();
    write(&scene.remote(), "hooks/pre-receive", "#!/bin/sh\necho 'deploy is frozen' >&2; exit 1\n");
    let hook = scene.remote().join("hooks/pre-receive");
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    let run = scene.publish(&[]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(run.err.contains("deploy is frozen"), "{}", run.err);
    let run = scene.publish(&["--remote", "/nowhere/at/all.git"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("git ls-remote"), "{}", run.err);
}

#[test]
fn a_hook_that_speaks_of_locks_is_heard_and_a_lock_is_waited_for() {
    let scene = Scene::new();
    let words = "error: cannot lock ref of the release, failed to update ref";
    let text = format!("#!/bin/sh\necho run >> \"$GIT_DIR/runs\"\necho '{words}' >&2; exit 1\n");
    write(&scene.remote(), "hooks/update", text);
    let hook = scene.remote().join("hooks/update");
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    let run = scene.publish(&[]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(run.err.contains(words) && run.err.contains("hook declined"), "{}", run.err);
    assert!(!run.err.contains("times"), "{}", run.err);
    assert_eq!(fs::read_to_string(scene.remote().join("runs")).unwrap(), "run\n");
    fs::remove_file(hook).unwrap();
    // Somebody holds the branch, and lets it go.
    let lock = scene.remote().join("refs/heads/deploy.lock");
    fs::write(&lock, "").unwrap();
    thread::scope(|scope| {
        let run = scope.spawn(|| scene.publish(&[]));
        thread::sleep(std::time::Duration::from_millis(1200));
        fs::remove_file(&lock).unwrap();
        let run = run.join().unwrap();
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    });
    // Or does not.
    scene.site.replace("apps/web/app.yaml", "text: hello", "text: changed");
    scene.commit("change");
    fs::write(&lock, "").unwrap();
    let run = scene.publish(&[]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(
        run.err.contains("was held 10 times") && run.err.contains("deploy.lock"),
        "{}",
        run.err
    );
}

#[test]
fn a_token_in_an_address_is_not_repeated() {
    let scene = Scene::new();
    git(
        scene.path(),
        &[
            "config",
            &format!("url.{}.insteadOf", scene.remote().display()),
            "https://ci:TOKEN@git.test/a.git",
        ],
    );
    let run = scene.publish(&["--remote", "https://ci:TOKEN@git.test/a.git"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(!run.out.contains("TOKEN") && !run.err.contains("TOKEN"), "{}{}", run.out, run.err);
}

#[test]
fn commits_are_signed_where_git_signs() {
    let scene = Scene::new();
    let key = scene.above.path().join("key");
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f", key.to_str().unwrap()])
        .status();
    assert!(made.is_ok_and(|status| status.success()), "ssh-keygen comes with git's own tools");
    let settings = [("gpg.format", "ssh"), ("commit.gpgsign", "true")];
    for (name, value) in settings.into_iter().chain([("user.signingkey", key.to_str().unwrap())]) {
        git(scene.path(), &["config", name, value]);
    }
    let run = scene.publish(&[]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(scene.asked(&["cat-file", "commit", "deploy"]).contains("BEGIN SSH SIGNATURE"));
}

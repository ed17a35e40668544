//! The hooks, run by pre-commit itself in a scratch repository.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::{env, fs};

use tempfile::TempDir;

use crate::process::git;
use crate::site::Site;
use crate::support::{root, write};

/// Where pre-commit's packages are, installed on the first run; nothing where there is no Python to
/// run it, which is a failure in CI.
fn pre_commit() -> Option<PathBuf> {
    let script = root().join("tests/servers/build.sh");
    let found = Command::new("sh").arg(script).arg("pre-commit").stderr(Stdio::inherit()).output();
    let found = found.ok().filter(|found| found.status.success());
    let Some(found) = found else {
        assert!(env::var_os("CI").is_none(), "pre-commit cannot be installed");
        eprintln!("skipped: pre-commit cannot be installed");
        return None;
    };
    let folder = String::from_utf8(found.stdout).unwrap();
    Some(Path::new(folder.lines().last().unwrap()).join("pre-commit"))
}

/// A repository that uses the hooks, and the one that offers them.
struct Scene {
    site: Site,
    above: TempDir,
    packages: PathBuf,
}

impl Scene {
    /// With one hook, as its entry in `.pre-commit-config.yaml`.
    fn new(hook: &str) -> Option<Self> {
        let packages = pre_commit()?;
        let (site, above) = (Site::new(), tempfile::tempdir().unwrap());
        let scene = Self { site, above, packages };
        let hooks = scene.above.path().join("hooks");
        let offered = fs::read(root().join(".pre-commit-hooks.yaml")).unwrap();
        write(&hooks, ".pre-commit-hooks.yaml", offered);
        git(&hooks, &["init", "-q", "-b", "main"]);
        git(&hooks, &["add", "-A"]);
        git(&hooks, &["commit", "-qm", "hooks"]);
        git(&hooks, &["tag", "v1"]);
        // The tool of this build instead of one that pre-commit compiles.
        let hooks = hooks.display();
        let config =
            format!("repos: [{{repo: {hooks}, rev: v1, hooks: [{{language: system, {hook}}}]}}]\n");
        write(scene.path(), ".pre-commit-config.yaml", config);
        write(scene.path(), ".gitignore", ".gitopsc-lock\n");
        git(scene.path(), &["init", "-q", "-b", "main"]);
        for (key, value) in [("user.name", "a"), ("user.email", "a@example.com")] {
            git(scene.path(), &["config", key, value]);
        }
        git(scene.path(), &["add", "-A"]);
        git(scene.path(), &["commit", "-qm", "begin"]);
        let installed = scene.run("python3", &["-m", "pre_commit", "install"]);
        assert!(installed.status.success(), "{}", said(&installed));
        Some(scene)
    }

    fn path(&self) -> &Path {
        self.site.path()
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        let tool = Path::new(env!("CARGO_BIN_EXE_gitopsc")).parent().unwrap();
        let mut path = OsString::from(tool);
        path.push(":");
        path.push(env::var_os("PATH").unwrap());
        let mut command = Command::new(program);
        command.current_dir(self.path()).args(arguments).env("PATH", path);
        command.env("PYTHONPATH", &self.packages);
        command.env("PRE_COMMIT_HOME", self.above.path().join("cache")).output().unwrap()
    }

    /// A change of a source that changes a file of the tree, and makes one.
    fn change(&self) {
        self.site.replace("apps/web/app.yaml", "text: hello", "text: changed");
        let more = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\ndata: {a: b}\n";
        self.site.write("apps/web/more.yaml", more);
    }

    fn commit(&self, arguments: &[&str]) -> Output {
        self.run("git", &[&["commit", "-m", "change"], arguments].concat())
    }

    /// The tree in the last commit, as its sources say.
    fn is_current(&self) -> bool {
        let shown = "HEAD:rendered/one/manifests/main/web";
        let text = |file: &str| {
            let shown = self.run("git", &["show", &format!("{shown}/{file}")]);
            String::from_utf8(shown.stdout).unwrap()
        };
        text("configmap-web.yaml").contains("changed") && text("configmap-more.yaml").contains("b")
    }
}

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes)).concat()
}

#[test]
fn a_stale_tree_is_rendered_and_the_commit_stopped() {
    let Some(scene) = Scene::new("id: gitopsc-build") else { return };
    scene.change();
    git(scene.path(), &["add", "apps"]);
    let refused = scene.commit(&[]);
    assert!(!refused.status.success(), "{}", said(&refused));
    assert!(said(&refused).contains("render the environments"), "{}", said(&refused));
    assert!(said(&refused).contains("trees were stale and are written now"), "{}", said(&refused));
    git(scene.path(), &["add", "-A"]);
    let taken = scene.commit(&[]);
    assert!(taken.status.success() && scene.is_current(), "{}", said(&taken));
}

#[test]
fn new_files_alone_stop_the_commit_too() {
    let Some(scene) = Scene::new("id: gitopsc-build") else { return };
    let more = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\ndata: {a: b}\n";
    scene.site.write("apps/web/more.yaml", more);
    git(scene.path(), &["add", "apps"]);
    let refused = scene.commit(&[]);
    assert!(!refused.status.success(), "{}", said(&refused));
    assert!(scene.path().join("rendered/one/manifests/main/web/configmap-more.yaml").exists());
}

#[test]
fn a_stale_tree_goes_into_the_commit_where_that_is_wanted() {
    let Some(scene) = Scene::new("id: gitopsc-build, args: [--add]") else { return };
    scene.change();
    git(scene.path(), &["add", "apps"]);
    let taken = scene.commit(&[]);
    assert!(taken.status.success() && scene.is_current(), "{}", said(&taken));
    // `git commit -a` has an index of its own while hooks run.
    scene.site.replace("apps/web/app.yaml", "text: changed", "text: again");
    let taken = scene.commit(&["-a"]);
    assert!(taken.status.success(), "{}", said(&taken));
    let status = scene.run("git", &["status", "--porcelain"]);
    assert_eq!(said(&status), "");
    // So has one of named paths, which the next commit does not begin with.
    scene.site.replace("apps/web/app.yaml", "text: again", "text: named");
    let refused = scene.commit(&["apps/web/app.yaml"]);
    assert!(!refused.status.success(), "{}", said(&refused));
    assert!(said(&refused).contains("then `git commit` without a path"), "{}", said(&refused));
    assert_eq!(said(&scene.run("git", &["status", "--porcelain"])), " M apps/web/app.yaml\n");
    git(scene.path(), &["add", "apps"]);
    let taken = scene.commit(&[]);
    assert!(taken.status.success(), "{}", said(&taken));
    assert_eq!(said(&scene.run("git", &["status", "--porcelain"])), "");
    // A file of the tree whose source goes, goes with it.
    scene.site.remove("apps/web/more.yaml");
    let taken = scene.commit(&["-a"]);
    assert!(taken.status.success(), "{}", said(&taken));
    assert_eq!(said(&scene.run("git", &["status", "--porcelain"])), "");
    assert!(!scene.path().join("rendered/one/manifests/main/web/configmap-more.yaml").exists());
}

#[test]
fn a_stale_tree_is_refused_and_left_alone_where_that_is_wanted() {
    let Some(scene) = Scene::new("id: gitopsc-build, args: [--check]") else { return };
    scene.change();
    git(scene.path(), &["add", "apps"]);
    let refused = scene.commit(&[]);
    assert!(!refused.status.success(), "{}", said(&refused));
    assert!(said(&refused).contains("stale: 2 files differ"), "{}", said(&refused));
    assert!(!scene.path().join("rendered/one/manifests/main/web/configmap-more.yaml").exists());
}

#[test]
fn what_a_server_would_refuse_stops_the_commit() {
    let Some(scene) = Scene::new("id: gitopsc-check") else { return };
    let wrong = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Wrong}\n";
    scene.site.write("apps/web/wrong.yaml", wrong);
    git(scene.path(), &["add", "apps"]);
    let refused = scene.commit(&[]);
    assert!(!refused.status.success(), "{}", said(&refused));
    assert!(said(&refused).contains("apps/web/wrong.yaml:3"), "{}", said(&refused));
}

#[test]
fn plain_manifests_are_judged_by_the_files_of_the_commit() {
    let Some(scene) = Scene::new("id: gitopsc-check-manifests, files: ^plain/") else { return };
    let pod = |name: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n");
    write(scene.path(), "plain/right.yaml", pod("right"));
    git(scene.path(), &["add", "plain"]);
    let taken = scene.commit(&[]);
    assert!(taken.status.success(), "{}", said(&taken));
    write(scene.path(), "plain/wrong.yaml", pod("Wrong"));
    git(scene.path(), &["add", "plain"]);
    let refused = scene.commit(&[]);
    assert!(!refused.status.success(), "{}", said(&refused));
    assert!(said(&refused).contains("plain/wrong.yaml:3"), "{}", said(&refused));
    assert!(!said(&refused).contains("right.yaml:"), "{}", said(&refused));
}

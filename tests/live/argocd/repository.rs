//! Sources that a test may change, and the git repository with the trees that `gitopsc` makes of them.

use std::{
    cell::Cell,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

/// One environment's repository, in a folder of its own.
pub(crate) struct Repository {
    environment: String,
    /// What a person writes.
    sources: PathBuf,
    /// What is committed.
    work: PathBuf,
    bare: PathBuf,
    /// Whether `gitopsc publish` brings the trees there, from a repository of the sources' own.
    publishes: Cell<bool>,
    _scratch: TempDir,
}

impl Repository {
    /// Copies the sources under `root`; nothing is committed yet.
    pub(crate) fn of(root: &Path, environment: &str) -> Self {
        let scratch = tempfile::Builder::new().prefix("gitopsc-git-").tempdir().unwrap();
        let folder = |name| scratch.path().join(name);
        let [sources, work, bare] = ["sources", "work", "platform.git"].map(folder);
        for name in ["apps", "applicationsets", "environments"] {
            copy(&root.join(name), &sources.join(name));
        }
        fs::create_dir(&work).unwrap();
        let (environment, publishes) = (environment.to_owned(), Cell::new(false));
        let repository = Self { environment, sources, work, bare, publishes, _scratch: scratch };
        repository.git(&["init", "--quiet", "--bare", "--initial-branch=main"]);
        repository
    }

    /// The environment's tree as it is committed next.
    pub(crate) fn tree(&self) -> PathBuf {
        self.work.join("rendered").join(&self.environment)
    }

    /// The folder that paths of sources are relative to.
    pub(crate) fn top(&self) -> &Path {
        &self.work
    }

    /// Where it is for Argo CD.
    pub(crate) fn url(&self) -> String {
        format!("file://{}", self.bare.display())
    }

    /// The folder of the sources.
    pub(crate) fn sources(&self) -> &Path {
        &self.sources
    }

    /// Writes a source that is not there yet.
    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.sources.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Replaces text that stands once in a source.
    pub(crate) fn edit(&self, file: &str, from: &str, to: &str) {
        replace(&self.sources.join(file), from, to);
    }

    /// Replaces text that stands once in a file of the tree, past `gitopsc`.
    pub(crate) fn edit_tree(&self, file: &str, from: &str, to: &str) {
        replace(&self.tree().join(file), from, to);
    }

    /// Renames the environment's folder among the sources.
    pub(crate) fn rename_environment(&mut self, to: &str) {
        let environments = self.sources.join("environments");
        fs::rename(environments.join(&self.environment), environments.join(to)).unwrap();
        self.environment = to.to_owned();
    }

    /// Deletes a tree, past `gitopsc`.
    pub(crate) fn remove_tree(&self, environment: &str) {
        fs::remove_dir_all(self.work.join("rendered").join(environment)).unwrap();
    }

    /// Lets `gitopsc publish` do what otherwise `gitopsc build` and git do. The sources become a
    /// repository of their own, and `file` is the environment that names the one for Argo CD.
    pub(crate) fn publish_from_now_on(&self, file: &str) {
        let text = fs::read_to_string(self.sources.join(file)).unwrap();
        let url = text.lines().find_map(|line| line.trim().strip_prefix("repoURL: ")).unwrap();
        self.edit(file, url, &self.url());
        git(&self.sources, ["init", "--quiet", "--initial-branch=main"]);
        git(&self.sources, ["config", "user.name", "test"]);
        git(&self.sources, ["config", "user.email", "test@example.com"]);
        self.publishes.set(true);
    }

    /// Builds the environment, unless its tree is published; gives what `gitopsc` said.
    pub(crate) fn build(&self) -> String {
        if self.publishes.get() {
            return String::new();
        }
        let rendered = self.work.join("rendered");
        let arguments = ["build", "--repo-url", &self.url(), "--out", rendered.to_str().unwrap()];
        self.gitopsc(&arguments)
    }

    fn gitopsc(&self, arguments: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_gitopsc"))
            .args(arguments)
            .args(["--color=never", "--env", &self.environment, "--repo"])
            .arg(&self.sources)
            .output()
            .expect("gitopsc runs");
        let said =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "gitopsc {arguments:?}: {said}");
        said.into_owned()
    }

    /// Commits the trees as they are; gives the commit.
    pub(crate) fn commit(&self) -> String {
        if self.publishes.get() {
            self.publish();
        } else {
            self.git(&["add", "--all"]);
            self.git(&["commit", "--quiet", "--allow-empty", "--message=A change"]);
        }
        self.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    /// Commits the sources and publishes their trees; what is published is then in the work tree.
    fn publish(&self) {
        git(&self.sources, ["add", "--all"]);
        git(&self.sources, ["commit", "--quiet", "--message=A change"]);
        let url = self.url();
        self.gitopsc(&["publish", "--branch", "main", "--remote", &url]);
        self.git(&["reset", "--quiet", "--hard", "main"]);
    }

    fn git(&self, args: &[&str]) -> String {
        let folder = format!("--git-dir={}", self.bare.display());
        let work = (args[0] != "init").then(|| format!("--work-tree={}", self.work.display()));
        let before = std::iter::once(folder.as_str()).chain(work.as_deref());
        git(&self.work, before.chain(args.iter().copied()))
    }
}

fn git<'a>(folder: &Path, args: impl IntoIterator<Item = &'a str>) -> String {
    let args: Vec<&str> = args.into_iter().collect();
    let output = Command::new("git")
        .args(["-c", "user.name=test", "-c", "user.email=test@example.com"])
        .args(&args)
        .current_dir(folder)
        .output()
        .expect("git runs");
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {args:?}: {err}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn replace(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    assert_eq!(text.matches(from).count(), 1, "in {}: {from:?}", path.display());
    fs::write(path, text.replace(from, to)).unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in from.read_dir().unwrap_or_else(|e| panic!("{}: {e}", from.display())) {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

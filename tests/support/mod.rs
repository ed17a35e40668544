//! What several test files need: running the tool inside the process, and small repositories.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub)]

pub mod whole;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use gitopsc::cli::{self, Streams};
use gitopsc::diagnostic::{Finding, Severity};
use gitopsc::load::{Repo, load};
use gitopsc::render::{Rendered, Renderer};
use gitopsc::resolve::{Environment, Plan, Request, resolve};
use gitopsc::source::{Sources, Span};
use gitopsc::tree::{self, Tree};
use gitopsc::world::World;
use tempfile::TempDir;

/// The repository that this crate lies in.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What a run wrote and how it ended.
#[derive(Debug)]
pub struct Run {
    pub code: u8,
    pub out: String,
    pub err: String,
}

impl Run {
    /// Standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error}\n{}\n{}", self.out, self.err))
    }
}

/// Runs the tool.
pub fn gitopsc<S: AsRef<std::ffi::OsStr>>(repo: &Path, arguments: &[S]) -> Run {
    let mut all: Vec<OsString> = vec!["gitopsc".into(), "--repo".into(), repo.into()];
    all.extend(arguments.iter().map(|argument| argument.as_ref().to_owned()));
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams::plain(&mut out, &mut err);
    let code = cli::run(all, &mut streams);
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    Run { code, out: text(out), err: text(err) }
}

/// Every file below a directory by its path with `/`, links as their target's bytes; without the
/// lock that a build holds.
pub fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    fn collect(top: &Path, directory: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        let Ok(entries) = fs::read_dir(directory) else { return };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(top, &path, found);
            } else if path.file_name().is_some_and(|name| name != ".gitopsc-lock") {
                let name = path.strip_prefix(top).unwrap().to_str().unwrap().replace('\\', "/");
                found.insert(name, fs::read(&path).unwrap_or_default());
            }
        }
    }
    let mut found = BTreeMap::new();
    collect(directory, directory, &mut found);
    found
}

/// Writes a file with the directories above it.
pub fn write(root: &Path, path: &str, bytes: impl AsRef<[u8]>) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// A copy of this repository's sources and trees.
pub fn copy_of_repository() -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for directory in ["applicationsets", "apps", "environments", "rendered"] {
        for (path, bytes) in files(&root().join(directory)) {
            write(copy.path(), &format!("{directory}/{path}"), bytes);
        }
    }
    if let Ok(bytes) = fs::read(root().join("gitopsc.yaml")) {
        write(copy.path(), "gitopsc.yaml", bytes);
    }
    copy
}

/// A repository loaded and planned, for tests of single stages.
pub struct Stages {
    pub repo: Repo,
    pub plan: Plan,
}

impl Stages {
    /// Loads and plans; everything that is wrong is in `plan.findings`.
    pub fn new(world: &dyn World) -> Self {
        let mut repo = load(world).expect("the world can be listed");
        let mut plan = resolve(&repo, &Request::default());
        let mut findings = std::mem::take(&mut repo.findings);
        findings.append(&mut plan.findings);
        plan.findings = findings;
        Self { repo, plan }
    }

    /// One environment.
    pub fn environment(&self, name: &str) -> &Environment {
        let found = self.plan.environments.iter().find(|environment| environment.name == name);
        found.unwrap_or_else(|| panic!("no environment {name}: {:?}", self.plan.findings))
    }

    /// The releases of one environment, rendered, in the order of the plan.
    pub fn rendered(&self, name: &str) -> Vec<Rendered> {
        Renderer::new(&self.repo).environment(self.environment(name))
    }

    /// The tree of one environment and what is wrong with it.
    pub fn tree(&self, name: &str) -> (Tree, Vec<Finding>) {
        let renderer = Renderer::new(&self.repo);
        let environment = self.environment(name);
        let rendered = renderer.environment(environment);
        let (tree, mut findings) = tree::build(&self.repo, &renderer, environment, &rendered);
        findings.extend(rendered.into_iter().flat_map(|output| output.findings));
        (tree, findings)
    }
}

/// `file:line` and the message of every error, to compare and to show.
pub fn errors(findings: &[Finding], sources: &Sources) -> Vec<String> {
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    errors.map(|finding| describe(finding, sources)).collect()
}

/// A finding on one line.
pub fn describe(finding: &Finding, sources: &Sources) -> String {
    let place = match (finding.labels.first(), &finding.path) {
        (Some(label), _) => sources.place(label.span),
        (None, Some(path)) => path.clone(),
        (None, None) => "nowhere".to_owned(),
    };
    format!("{place} {}: {}", finding.id, finding.message)
}

/// `file:line` of a span.
pub fn place(repo: &Repo, span: Span) -> String {
    repo.sources.place(span)
}

//! A copy of this repository's sources that may be changed, and what a build makes of it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{
    root,
    tree::{Seen, gitopsc, see},
};

/// The copy; it goes when it is dropped.
pub(crate) struct Copy {
    directory: TempDir,
}

impl Copy {
    /// Copies what a build reads.
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory for the copy");
        for name in ["environments", "apps", "applicationsets"] {
            copy(&root().join(name), &directory.path().join(name));
        }
        let settings = root().join("gitopsc.yaml");
        if settings.exists() {
            fs::copy(settings, directory.path().join("gitopsc.yaml")).unwrap();
        }
        Self { directory }
    }

    /// The path of a file of the copy.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.directory.path().join(file)
    }

    /// Adds an environment, whose file lies elsewhere.
    pub(crate) fn add_environment(&self, name: &str, file: &Path) {
        let directory = self.path(&format!("environments/{name}"));
        fs::create_dir(&directory).unwrap();
        fs::copy(file, directory.join("environment.yaml")).unwrap();
    }

    /// Renders these environments, all if none is named, and shows them; the findings where it has errors.
    pub(crate) fn build(&self, only: &[&str]) -> Result<Vec<Seen>, String> {
        let (repository, trees) = (self.path(""), self.path("trees"));
        let (from, to) = (repository.to_str().unwrap(), trees.to_str().unwrap());
        let mut arguments = vec!["build", "-o", "json", "--repo", from, "--out", to];
        arguments.extend(only.iter().flat_map(|name| ["-e", name]));
        let (code, printed) = gitopsc(&arguments);
        let findings: Value = serde_json::from_str(&printed).expect("JSON");
        if code != 0 {
            let messages = findings["findings"].as_array().into_iter().flatten();
            let errors = messages.filter(|finding| finding["level"] == "error");
            let lines: Vec<_> = errors.map(|error| error["message"].to_string()).collect();
            return Err(lines.join("\n"));
        }
        Ok(see(&repository, &trees, &findings, only))
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

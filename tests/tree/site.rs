//! A small repository with the layer files of this one.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Run, files, gitopsc, root, write};

const ENVIRONMENT: &str = "\
apiVersion: gitopsc.dev/v1alpha1
kind: Environment
kubernetes: {version: \"1.34\"}
gitops: {repoURL: https://git.test/platform.git, revision: main}
layers:
  l: {}
  other: {}
namespaces:
  ns: {layer: l}
  more: {layer: l}
apps:
  a: {}
";

pub const APP: &str = "\
apiVersion: gitopsc.dev/v1alpha1
kind: App
layer: l
namespace: ns
";

pub const CONFIG: &str = "\
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
  a: b
";

/// The repository on disk, in a directory of its own, so that there is something outside of it.
pub struct Site {
    above: TempDir,
}

impl Site {
    pub fn new() -> Self {
        let site = Self { above: tempfile::tempdir().unwrap() };
        let sets = root().join("applicationsets");
        for (path, bytes) in files(&sets.join("_lib")) {
            site.write(&format!("applicationsets/_lib/{path}"), bytes);
        }
        let set = fs::read(sets.join("ingress.yaml")).unwrap();
        for layer in ["cluster", "l", "other"] {
            site.write(&format!("applicationsets/{layer}.yaml"), &set);
        }
        site.write("environments/e/environment.yaml", ENVIRONMENT);
        site.write("apps/a/app.yaml", APP);
        site.write("apps/a/c.yaml", CONFIG);
        site
    }

    /// One that is built without a finding.
    pub fn built() -> Self {
        let site = Self::new();
        let run = site.build();
        assert_eq!((run.code, ids(&run)), (0, Vec::<String>::new()), "{}{}", run.out, run.err);
        site
    }

    pub fn above(&self) -> &Path {
        self.above.path()
    }

    pub fn path(&self) -> PathBuf {
        self.above().join("repo")
    }

    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        write(&self.path(), path, bytes);
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Replaces a text that must be there.
    pub fn replace(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path} has no {from:?}");
        self.write(path, text.replace(from, to));
    }

    pub fn exists(&self, path: &str) -> bool {
        self.path().join(path).exists()
    }

    pub fn build(&self) -> Run {
        gitopsc(&self.path(), &["build", "-o", "json"])
    }

    pub fn check(&self) -> Run {
        gitopsc(&self.path(), &["build", "--check", "-o", "json"])
    }
}

/// Warnings and errors of a run, as `id file:line` or `id file`.
pub fn ids(run: &Run) -> Vec<String> {
    findings(run)
        .into_iter()
        .filter(|finding| finding["level"] != "note")
        .map(|finding| {
            let place = &finding["place"];
            let line = place["line"].as_u64().map(|line| format!(":{line}")).unwrap_or_default();
            let file = place["file"].as_str().unwrap_or_default();
            format!("{} {file}{line}", finding["id"].as_str().unwrap())
        })
        .collect()
}

pub fn findings(run: &Run) -> Vec<Value> {
    run.json()["findings"].as_array().unwrap().clone()
}

//! Small repositories, judged by the command line.

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Run, gitopsc, write};

const ENVIRONMENT: &str = "apiVersion: gitopsc.dev/v1alpha1
kind: Environment
kubernetes: {version: \"1.36\"}
cluster: {destination: in-cluster}
gitops: {repoURL: https://example.com/r.git, revision: main}
layers: {main: {permissions: {namespaced: [Service]}}}
namespaces: {web: {layer: main}}
apps:
  web:
    values:
      port: PORT
";

const APP: &str = "apiVersion: gitopsc.dev/v1alpha1
kind: App
layer: main
namespace: web
";

/// A Service whose port is a value.
pub const TEMPLATE: &str = "apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  ports:
    - port: ${{ values.port }}
";

/// A repository with one app.
pub struct Site(pub TempDir);

impl Site {
    /// An environment for each port that is given.
    pub fn new(template: &str, environments: &[(&str, &str)]) -> Self {
        let site = Self(TempDir::new().unwrap());
        for (name, port) in environments {
            let text = ENVIRONMENT.replace("PORT", port);
            site.write(&format!("environments/{name}/environment.yaml"), &text);
        }
        site.write("apps/web/app.yaml", APP);
        site.write("apps/web/service.yaml", template);
        site
    }

    pub fn write(&self, path: &str, text: &str) {
        write(self.0.path(), path, text);
    }

    pub fn levels(&self, levels: &str) {
        let text = format!(
            "apiVersion: gitopsc.dev/v1alpha1\nkind: Settings\nchecks:\n  levels: {{{levels}}}\n"
        );
        self.write("gitopsc.yaml", &text);
    }

    pub fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        let mut all = vec!["check"];
        all.extend(arguments);
        gitopsc(self.0.path(), &all)
    }

    /// The exit code and the findings, as `level id`.
    pub fn check(&self, arguments: &[&str]) -> (u8, Vec<String>) {
        let mut all = arguments.to_vec();
        all.extend(["-o", "json"]);
        let run = self.run(&all);
        let document = run.json();
        let findings = document["findings"].as_array().unwrap().iter().map(in_short);
        (run.code, findings.collect())
    }

    pub fn json(&self, arguments: &[&str]) -> Value {
        let mut all = arguments.to_vec();
        all.extend(["-o", "json"]);
        self.run(&all).json()
    }
}

fn in_short(finding: &Value) -> String {
    format!("{} {}", finding["level"].as_str().unwrap(), finding["id"].as_str().unwrap())
}

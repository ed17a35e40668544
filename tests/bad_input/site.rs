//! A small repository with two environments, and what must hold when something in it is wrong.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Run, files, gitopsc, write};

/// Each environment has a layer and an app of its own: `web` runs in `one`, `other` in `two`.
const FILES: [(&str, &str); 11] = [
    ("environments/one/environment.yaml", ONE),
    ("environments/two/environment.yaml", TWO),
    ("applicationsets/cluster.yaml", SET),
    ("applicationsets/main.yaml", SET),
    ("applicationsets/side.yaml", SET),
    ("apps/web/app.yaml", WEB),
    ("apps/web/values.schema.json", SCHEMA),
    ("apps/web/config.yaml", CONFIG),
    ("apps/web/fragments/data.yaml", "text: ${{ values.text }}\n"),
    ("apps/other/app.yaml", OTHER),
    ("apps/other/config.yaml", OTHER_CONFIG),
];

pub const ONE: &str = "\
apiVersion: gitopsc.dev/v1alpha1
kind: Environment
kubernetes: {version: \"1.34\"}
gitops: {repoURL: https://git.test/platform.git, revision: main}
layers:
  main:
    permissions:
      namespaced: [ConfigMap, Service]
  kept: {reserved: true}
namespaces:
  web: {layer: main}
apps:
  web: {}
";

const TWO: &str = "\
apiVersion: gitopsc.dev/v1alpha1
kind: Environment
kubernetes: {version: \"1.34\"}
gitops: {repoURL: https://git.test/platform.git, revision: main}
layers:
  side: {permissions: {namespaced: [ConfigMap]}}
namespaces:
  other: {layer: side}
apps:
  other: {values: {text: first}}
";

const SET: &str = "\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata:
  name: ${{ env.name }}-${{ layer.name }}
spec:
  generators:
    - list:
        elements: ${{ layer.releases }}
  syncPolicy: {preserveResourcesOnDeletion: true}
  preservedFields: {annotations: [argocd.argoproj.io/deletion-approved]}
  template:
    metadata: {name: \"{{ .application }}\"}
    spec: {project: \"${{ layer.project }}\", syncPolicy: {
      automated: {allowEmpty: true}, retry: {limit: -1, refresh: true}}}
  templatePatch: |
    {spec: {syncPolicy: {syncOptions: {{ append .syncOptions \"ServerSideApply=true\" | toJson }}}}}
";

pub const WEB: &str = "\
apiVersion: gitopsc.dev/v1alpha1
kind: App
description: A web server
version: \"1.0\"
layer: main
namespace: web
values:
  replicas: 1
  text: hello
";

const SCHEMA: &str = "\
{
  \"type\": \"object\",
  \"additionalProperties\": false,
  \"properties\": {
    \"replicas\": {\"type\": \"integer\"},
    \"text\": {\"type\": \"string\"}
  }
}
";

pub const CONFIG: &str = "\
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data: ${{ fragment(\"data.yaml\") }}
";

const OTHER: &str = "\
apiVersion: gitopsc.dev/v1alpha1
kind: App
layer: side
namespace: other
values: {text: none}
";

const OTHER_CONFIG: &str = "\
apiVersion: v1
kind: ConfigMap
metadata:
  name: other
data:
  text: ${{ values.text }}
";

/// The repository on disk, built once without a fault.
pub struct Site {
    pub directory: TempDir,
    one: BTreeMap<String, Vec<u8>>,
}

impl Site {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        for (path, text) in FILES {
            write(directory.path(), path, text);
        }
        let run = gitopsc(directory.path(), &["build", "--deny", "warnings"]);
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
        // What people keep there is not the tool's.
        write(directory.path(), "rendered/one/NOTES.txt", "mine");
        write(directory.path(), "rendered/one/manifests/main/web/mine.yaml", "kind: Mine\n");
        let one = files(&directory.path().join("rendered/one"));
        assert!(one.len() > 6, "{:?}", one.keys());
        Self { directory, one }
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        write(self.path(), path, bytes);
    }

    /// Replaces a text that must be there.
    pub fn replace(&self, path: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path().join(path)).unwrap();
        assert!(text.contains(from), "{path} has no {from:?}");
        self.write(path, text.replace(from, to));
    }

    pub fn remove(&self, path: &str) {
        fs::remove_file(self.path().join(path)).unwrap();
    }

    pub fn build(&self) -> Run {
        gitopsc(self.path(), &["build", "-o", "json"])
    }

    pub fn tree_of_one(&self) -> BTreeMap<String, Vec<u8>> {
        files(&self.path().join("rendered/one"))
    }

    /// Builds with a fault in `one` and changes in both: the fault is told, `one` stays as it
    /// was to the byte, `two` is built.
    pub fn refused(&self, expected: &Expected<'_>) -> Value {
        let two = "environments/two/environment.yaml";
        self.replace(two, "text: first", "text: second");
        // Both trees would change by this, so one that is written by mistake shows.
        let set = "applicationsets/cluster.yaml";
        self.replace(set, "spec:\n", "  labels: {later: \"true\"}\nspec:\n");
        let run = self.build();
        let json = run.json();
        assert_eq!(run.code, 1, "{json:#}{}", run.err);
        let finding = expected.find(&json);
        let told = all(&json);
        assert_eq!(told.len(), 1, "one fault, one finding: {told:#?}");
        assert!(self.is_as_it_was(), "the old tree changed: {json:#}");
        let built = "rendered/two/manifests/side/other/configmap-other.yaml";
        let built = fs::read_to_string(self.path().join(built)).unwrap();
        assert!(built.contains("text: second"), "the other environment was not built: {json:#}");
        self.nothing_staged();
        finding
    }

    /// The same for a fault in what all environments share: no tree changes.
    pub fn refused_by_all(&self, expected: &Expected<'_>) {
        let trees = files(&self.path().join("rendered"));
        self.replace(
            "applicationsets/cluster.yaml",
            "spec:\n",
            "  labels: {later: \"true\"}\nspec:\n",
        );
        let run = self.build();
        assert_eq!(run.code, 1, "{}{}", run.out, run.err);
        expected.find(&run.json());
        assert!(trees == files(&self.path().join("rendered")), "a tree changed: {}", run.out);
    }

    /// Whether the tree of `one` is the first one to the byte.
    pub fn is_as_it_was(&self) -> bool {
        self.tree_of_one() == self.one
    }

    /// No directory of a build that is under way is left.
    pub fn nothing_staged(&self) {
        for path in files(&self.path().join("rendered")).keys() {
            assert!(!path.starts_with(".gitopsc-"), "{path} was left behind");
        }
    }
}

/// What a finding must say.
pub struct Expected<'a> {
    pub id: &'a str,
    /// `file` or `file:line`.
    pub place: &'a str,
    /// A part of the message, a note or the help.
    pub says: &'a str,
}

impl Expected<'_> {
    fn find(&self, json: &Value) -> Value {
        let findings = json["findings"].as_array().unwrap();
        let errors: Vec<_> = findings.iter().filter(|one| one["level"] == "error").collect();
        let found = errors.iter().find(|one| one["id"] == self.id && place(one) == self.place);
        let found = found
            .unwrap_or_else(|| panic!("no {} at {} among {:#?}", self.id, self.place, all(json)));
        let text = format!(
            "{} {} {} {}",
            found["message"], found["help"], found["notes"], found["labels"]
        );
        assert!(text.contains(self.says), "{:?} is not said: {found:#}", self.says);
        let headline = found["message"].as_str().unwrap();
        assert!(!headline.ends_with('.') && !headline.contains('\n'), "{headline}");
        (*found).clone()
    }
}

/// Every error on a line.
fn all(json: &Value) -> Vec<String> {
    let findings = json["findings"].as_array().unwrap().iter();
    let errors = findings.filter(|one| one["level"] == "error");
    errors.map(|one| format!("{} {}: {}", place(one), one["id"], one["message"])).collect()
}

fn place(finding: &Value) -> String {
    let place = &finding["place"];
    let file = place["file"].as_str().unwrap_or("nowhere");
    match place["line"].as_u64() {
        Some(line) => format!("{file}:{line}"),
        None => file.to_owned(),
    }
}

/// A site with one fault, and what must come of it.
pub fn refused(fault: impl FnOnce(&Site), id: &str, place: &str, says: &str) -> Value {
    let site = Site::new();
    fault(&site);
    site.refused(&Expected { id, place, says })
}

/// The same for one file that is written anew.
pub fn refused_with(
    path: &str,
    text: impl AsRef<[u8]>,
    id: &str,
    line: usize,
    says: &str,
) -> Value {
    refused(|site| site.write(path, text), id, &format!("{path}:{line}"), says)
}

/// The same for the template of `web`, given from its line 5 on.
pub fn refused_template(lines: &str, id: &str, line: usize, says: &str) -> Value {
    let text = format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n{lines}");
    refused_with("apps/web/config.yaml", text, id, line, says)
}

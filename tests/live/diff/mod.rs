//! `gitopsc diff --live` before a real API server: every case of `diff/cases.yaml` in one tree and one cluster.

mod case;
mod cluster;
mod expected;
mod kubectl;
mod reach;
mod readonly;
mod speed;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};

use crate::{plane::ControlPlane, say};
use case::Case;

/// The environment of all cases, and its context.
const NAME: &str = "live";

const ENVIRONMENT: &str = "
apiVersion: gitopsc.dev/v1alpha1
kind: Environment
cluster: {context: live, destination: in-cluster}
gitops: {repoURL: 'https://git.example.com/live.git', revision: main}
";

const ROOT: &str = "
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: live-root, namespace: argocd}
spec:
  project: default
  source: {repoURL: 'https://git.example.com/live.git', targetRevision: main, path: rendered/live/argocd}
  destination: {name: in-cluster, namespace: argocd}
  syncPolicy: {automated: {prune: true}}
";

const APPLICATION: &str = "
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: apps, namespace: argocd}
spec:
  project: default
  source: {repoURL: 'https://git.example.com/live.git', targetRevision: main, path: rendered/live/manifests, directory: {recurse: true}}
  destination: {name: in-cluster, namespace: default}
  syncPolicy: {automated: {prune: true}}
  ignoreDifferences:
  - {group: apps, kind: Deployment, namespace: IGNORED, jsonPointers: [/spec/replicas],
     jqPathExpressions: ['.spec.template.spec.containers[] | select(.name == \"side\") | .image']}
  - {kind: ConfigMap, namespace: IGNORED, managedFieldsManagers: [robot]}
";

/// A set that makes no Application any more.
const SET: &str = "
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: sets, namespace: argocd}
spec:
  generators: [{list: {elements: []}}]
  template:
    metadata: {name: '{{name}}'}
    spec: {project: default, source: {repoURL: 'https://git.example.com/live.git', path: x}, destination: {name: in-cluster}}
";

/// A repository with the tree of all cases, beside the files of a control plane.
pub(crate) struct Repository {
    root: PathBuf,
    kubeconfig: PathBuf,
}

/// How a run ended.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Repository {
    fn new(plane: &ControlPlane, cases: &[Case]) -> Self {
        let root = plane.folder().join("repository");
        let this = Self { root, kubeconfig: plane.folder().join("kubeconfig") };
        this.write("environments/live/environment.yaml", ENVIRONMENT);
        this.write("rendered/live/root.yaml", ROOT);
        let ignored = cases.iter().find(|case| case.ignored).expect("a case of what is ignored");
        let application = APPLICATION.replace("IGNORED", &ignored.namespace);
        this.write("rendered/live/argocd/apps.yaml", &application);
        this.write("rendered/live/argocd/sets.yaml", SET);
        this
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The folder of a case's objects.
    fn folder(&self, case: &Case) -> PathBuf {
        self.root.join("rendered/live/manifests").join(&case.namespace)
    }

    /// Writes the objects of a case, each into its file; what was there before is gone.
    fn put(&self, case: &Case, objects: &[Value]) {
        let folder = self.folder(case);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        for (number, object) in objects.iter().enumerate() {
            fs::write(folder.join(format!("{number:02}.json")), object.to_string()).unwrap();
        }
    }

    /// Runs `gitopsc diff --live`.
    pub(crate) fn diff(&self, kubeconfig: &Path, arguments: &[&str]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_gitopsc"))
            .current_dir(&self.root)
            .env("KUBECONFIG", kubeconfig)
            .args(["diff", "--live"])
            .args(arguments)
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let code = output.status.code().unwrap();
        Ran { code, out: text(output.stdout), err: text(output.stderr) }
    }

    /// What it finds, as data. Data that go are no fault here.
    fn found(&self, arguments: &[&str]) -> Value {
        let ran = self.diff(&self.kubeconfig, &[&[NAME, "-o", "json"], arguments].concat());
        assert!(ran.code == 0 || ran.err.contains("data-loss"), "{}: {}", ran.code, ran.err);
        serde_json::from_str(&ran.out).unwrap_or_else(|why| panic!("{why}: {}", ran.err))
    }
}

/// Changes by the namespace of their case: that of the object, else its name, or a part of it.
fn by_case<'v>(found: &'v Value, cases: &[Case]) -> BTreeMap<String, Vec<&'v Value>> {
    let mut changes: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for change in found["changes"].as_array().expect("a list of changes") {
        let object = change["object"].to_string();
        let case = cases.iter().find(|case| object.contains(&case.namespace));
        let name = case.map_or("", |case| case.namespace.as_str());
        changes.entry(name.to_owned()).or_default().push(change);
    }
    changes
}

/// Runs all cases; gives back what is wrong.
pub(crate) fn run(plane: &ControlPlane) -> Vec<String> {
    let cases = case::all();
    let repository = Repository::new(plane, &cases);
    let mut faults = Vec::new();
    cluster::prepare(plane, &repository, &cases);

    let found = repository.found(&[]);
    if found["changes"] != json!([]) {
        faults.push(format!(
            "the tree was applied and nothing else, and this differs: {:.2000}",
            found["changes"].to_string()
        ));
    }
    for case in &cases {
        cluster::edit(plane, case);
        repository.put(case, &case.tree);
    }
    cluster::leave_behind(plane);
    cluster::wait_for_quotas(plane, &cases);

    let before = cluster::versions(plane);
    let found = repository.found(&["--unowned"]);
    let after = cluster::versions(plane);
    if before != after {
        faults.push(format!("something was written: {before:?}\n{after:?}"));
    }
    let changes = by_case(&found, &cases);
    let none = Vec::new();
    for case in &cases {
        let changes = changes.get(&case.namespace).unwrap_or(&none);
        let wrong = expected::faults(case, changes);
        faults.extend(wrong.into_iter().map(|fault| format!("{}: {fault}", case.name)));
    }
    faults.extend(expected::unowned(&found, &cases));
    let left = changes.get("").unwrap_or(&none);
    let left: Vec<String> = left.iter().map(|change| expected::shown(change)).collect();
    if left != ["removed ConfigMap/old-data orphan"] {
        faults.push(format!("what an Application left that its set makes no more: {left:?}"));
    }
    if found["cluster"]["ignored"] != 5 {
        faults.push(format!("ignored: {}", found["cluster"]));
    }
    faults.extend(expected::nothing_secret(&repository));
    faults.extend(kubectl::compare(plane, &repository, &cases, &changes));
    faults.extend(readonly::compare(plane, &repository, &cases, &changes));
    faults.extend(reach::run(plane, &repository));
    faults.extend(speed::run(plane, &repository));
    cluster::leave(plane);
    // What comes next takes minutes.
    faults.iter().for_each(say);
    say(format_args!("diff --live: {} cases, {} faults", cases.len(), faults.len()));
    faults
}

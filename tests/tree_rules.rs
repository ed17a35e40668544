//! What Argo CD makes of a repository, held against its rules: what each check tells, and where it says
//! nothing because something is not known.
#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub)]

#[path = "support/tree.rs"]
mod tree;

#[path = "tree_rules/data.rs"]
mod data;
#[path = "tree_rules/destinations.rs"]
mod destinations;
#[path = "tree_rules/mistaken.rs"]
mod mistaken;
#[path = "tree_rules/names.rs"]
mod names;
#[path = "tree_rules/options.rs"]
mod options;
#[path = "tree_rules/parameters.rs"]
mod parameters;
#[path = "tree_rules/permissions.rs"]
mod permissions;
#[path = "tree_rules/scaled.rs"]
mod scaled;
#[path = "tree_rules/sets.rs"]
mod sets;
#[path = "tree_rules/settings.rs"]
mod settings;
#[path = "tree_rules/skipped.rs"]
mod skipped;
#[path = "tree_rules/tracking.rs"]
mod tracking;
#[path = "tree_rules/unusable.rs"]
mod unusable;

const URL: &str = "https://git.example.com/acme/apps.git";

/// A file with one document.
fn file(path: &str, text: &str) -> String {
    format!("# {path}\n{}\n", text.trim())
}

/// An Application of a project with one source, and further fields of its spec.
fn application(name: &str, project: &str, source: &str, more: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}, namespace: argocd}}\n\
         spec:\n  project: {project}\n  source: {{repoURL: \"{URL}\", {source}}}\n  {more}"
    )
}

const HERE: &str = "destination: {name: in-cluster, namespace: web}";

/// The root, which brings what lies in `argocd/`.
fn root(more: &str) -> String {
    let more = format!("destination: {{name: in-cluster, namespace: argocd}}\n  {more}");
    file("root.yaml", &application("root", "default", "path: argocd", &more))
}

fn config(path: &str, name: &str) -> String {
    file(path, &format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}"))
}

/// What is told of a repository by the checks that these tests are about.
fn told(files: &[String], id: &str) -> Vec<String> {
    let all = tree::faults(&files.join("---\n"));
    let of_it = all.into_iter().filter(|it| id.split(' ').any(|id| id == it.id));
    of_it.map(|it| it.message).collect()
}

//! From files to a plan: which releases each environment has, with their merged values.

mod environment;
mod form;
mod merge;
mod name;
mod peer;
mod reference;
mod release;
mod scope;
mod sealed;
mod stated;

pub use merge::merge;
pub(crate) use release::namespace_undeclared;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::config::{EnvironmentSpec, State};
use crate::diagnostic::{Finding, Severity};
use crate::load::Repo;
use crate::source::{FileId, Span};
use crate::yaml::Node;

/// What every environment runs.
#[derive(Debug)]
pub struct Plan {
    /// Environments by name.
    pub environments: Vec<Environment>,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

impl Plan {
    /// Whether something is wrong with an environment, so that not all of it is there.
    #[must_use]
    pub fn has_errors(&self, environment: &str) -> bool {
        let errors = self.findings.iter().filter(|it| it.severity == Severity::Error);
        errors.flat_map(|finding| &finding.environments).any(|name| name == environment)
    }
}

/// One environment, merged over what it extends.
#[derive(Debug)]
pub struct Environment {
    /// The folder's name.
    pub name: String,
    /// Its `environment.yaml`.
    pub file: FileId,
    /// All fields, merged; each leaf knows its file.
    pub node: Arc<Node>,
    /// The same in types.
    pub spec: EnvironmentSpec,
    /// What runs, ordered by layer and name; the built-in apps too.
    pub releases: Vec<Release>,
    /// A file that it needs is broken: nothing of it may be written.
    pub broken: bool,
}

/// One App in one Environment.
#[derive(Debug, Clone)]
pub struct Release {
    /// Its name, unique in the environment.
    pub name: String,
    /// The App's name.
    pub app: String,
    /// The layer.
    pub layer: String,
    /// The namespace of objects that state none.
    pub namespace: String,
    /// Version of the software.
    pub version: Option<String>,
    /// Whether its objects are wanted.
    pub state: State,
    /// Priority class of its layer.
    pub priority_class: Option<String>,
    /// The merged values.
    pub values: Arc<Node>,
    /// What templates see as `release`; each field knows where it is stated.
    pub node: Arc<Node>,
    /// Where the environment names it.
    pub span: Span,
}

impl Environment {
    /// The namespace of Argo CD's own objects.
    #[must_use]
    pub fn argocd_namespace(&self) -> &str {
        let argocd = self.spec.gitops.as_ref().and_then(|gitops| gitops.argocd.as_ref());
        argocd.and_then(|argocd| argocd.namespace.as_deref()).unwrap_or("argocd")
    }

    /// URL of the repository that Argo CD follows.
    #[must_use]
    pub fn repo_url(&self) -> &str {
        let gitops = self.spec.gitops.as_ref();
        gitops.and_then(|gitops| gitops.repo_url.as_deref()).unwrap_or_default()
    }

    /// Revision that Argo CD follows.
    #[must_use]
    pub fn revision(&self) -> &str {
        let gitops = self.spec.gitops.as_ref();
        gitops.and_then(|gitops| gitops.revision.as_deref()).unwrap_or("HEAD")
    }

    /// Directory of all rendered trees in that repository.
    #[must_use]
    pub fn rendered_path(&self) -> &str {
        let gitops = self.spec.gitops.as_ref();
        gitops.and_then(|gitops| gitops.path.as_deref()).unwrap_or("rendered")
    }

    /// Name of the cluster in Argo CD.
    #[must_use]
    pub fn destination(&self) -> &str {
        let cluster = self.spec.cluster.as_ref();
        cluster.and_then(|cluster| cluster.destination.as_deref()).unwrap_or("in-cluster")
    }

    /// The address that a pool assigns to a name.
    #[must_use]
    pub fn assigned_address(&self, name: &str) -> Option<&str> {
        let pools = self.spec.pools.iter().flatten().filter_map(|(_, pool)| pool.as_ref());
        let mut assigned = pools.filter_map(|pool| pool.assigned.as_ref());
        assigned.find_map(|assigned| assigned.get(name)?.as_deref())
    }

    /// Layers that become an ApplicationSet: those that are not reserved, `cluster` first.
    pub fn live_layers(&self) -> impl Iterator<Item = &str> {
        let declared = self.spec.layers.iter().flatten().filter_map(|(name, layer)| {
            let reserved = layer.as_ref().and_then(|layer| layer.reserved).unwrap_or(false);
            (!reserved && name != CLUSTER_LAYER).then_some(name.as_str())
        });
        std::iter::once(CLUSTER_LAYER).chain(declared)
    }
}

/// The layer of the objects that environments declare.
pub const CLUSTER_LAYER: &str = "cluster";

/// What a run wants of the repository.
#[derive(Debug, Default)]
pub struct Request {
    /// The environments to plan; nothing for all.
    pub only: Option<BTreeSet<String>>,
    /// Another URL of the repository.
    pub repo_url: Option<String>,
    /// Values that hold for this run alone.
    pub changes: Vec<Change>,
}

/// Values of one release that hold for one run alone.
#[derive(Debug)]
pub struct Change {
    /// The release.
    pub release: String,
    /// What lies over its values.
    pub values: Node,
}

/// Makes the plan for the environments that are wanted.
#[must_use]
pub fn resolve(repo: &Repo, request: &Request) -> Plan {
    let only = request.only.as_ref();
    let mut findings = repo.findings.clone();
    let mut merged = environment::Merged::default();
    let mut environments = Vec::new();
    let mut scope = scope::Users::default();
    for name in repo.environments.keys() {
        // An environment left out may still be one that another extends: it is merged all the
        // same, and only its releases are not made.
        let node = merged.get(repo, name, &mut findings);
        scope.add(repo, name, node.as_ref());
        let Some(node) = node.filter(|_| only.is_none_or(|only| only.contains(name))) else {
            continue;
        };
        name::check_environment(repo, name, &node, &mut findings);
        if let Some(environment) = release::plan(repo, request, name, node, &mut findings) {
            environments.push(environment);
        }
    }
    peer::check(repo, &mut findings);
    name::check_apps(repo, &mut findings);
    name::check_shared(&environments, &mut findings);
    scope.name_environments(repo, &mut findings);
    match only {
        // What lies in other environments, or in apps that none of these runs, was not asked for.
        Some(only) => findings.retain(|finding| {
            finding.environments.iter().any(|environment| only.contains(environment))
        }),
        None => scope.note_unused_apps(repo, &mut findings),
    }
    for environment in &mut environments {
        environment.broken |= findings.iter().any(|finding| {
            finding.severity == Severity::Error && finding.environments.contains(&environment.name)
        });
    }
    Plan { environments, findings }
}

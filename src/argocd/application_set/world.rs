//! What an ApplicationSet looks at besides itself.

use std::collections::{BTreeMap, BTreeSet};

use super::parameter::Parameters;
use crate::argocd::tree::Tree;

/// The address under which Argo CD knows the cluster that it runs in.
pub const IN_CLUSTER_SERVER: &str = "https://kubernetes.default.svc";

/// The name of that cluster.
pub const IN_CLUSTER_NAME: &str = "in-cluster";

/// Everything that generators and validation ask for. What is `None` is not known: nothing is
/// said about it, and what needs it is not evaluable.
#[derive(Default)]
pub struct World<'w> {
    /// The repositories that git generators read.
    pub repositories: Option<&'w dyn Repositories>,
    /// The clusters that have a Secret in Argo CD's namespace.
    pub clusters: Option<Vec<Cluster>>,
    /// The AppProjects in Argo CD's namespace.
    pub projects: Option<BTreeSet<String>>,
    /// How the controller and the repo-server were started.
    pub settings: Settings,
    /// What generators that ask servers give, by the generator's field (`pullRequest`): every one
    /// of that kind then gives these parameters.
    pub declared: BTreeMap<String, Vec<Parameters>>,
}

/// Repositories by URL and revision.
pub trait Repositories {
    /// The tree of a revision; nothing where it is not at hand.
    fn tree(&self, url: &str, revision: &str) -> Option<&Tree>;
}

/// What the Secret of a cluster says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cluster {
    /// `data.name`
    pub name: String,
    /// `data.server`
    pub server: String,
    /// `data.project`; empty where there is none.
    pub project: String,
    /// The labels of the Secret. `argocd.argoproj.io/secret-type: cluster` needs not be among them.
    pub labels: BTreeMap<String, String>,
    /// The annotations of the Secret.
    pub annotations: BTreeMap<String, String>,
}

/// Options of Argo CD's own processes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settings {
    /// `--enable-new-git-file-globbing` of the ApplicationSet controller.
    pub new_git_file_globbing: bool,
    /// `--include-hidden-directories` of the repo-server.
    pub include_hidden_directories: bool,
}

//! What an ApplicationSet looks at besides itself.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as STANDARD;

use super::parameter::Parameters;
use crate::argocd::GROUP;
use crate::argocd::tree::Tree;
use crate::model::GroupKind;
use crate::yaml::{Map, Node, Value};

/// The address under which Argo CD knows the cluster that it runs in.
pub const IN_CLUSTER_SERVER: &str = "https://kubernetes.default.svc";

/// The name of that cluster.
pub const IN_CLUSTER_NAME: &str = "in-cluster";

/// The generators that ask servers.
pub const SERVED: [&str; 4] = ["scmProvider", "pullRequest", "plugin", "clusterDecisionResource"];

/// The label by which Argo CD knows its Secrets.
const SECRET_TYPE: &str = "argocd.argoproj.io/secret-type";

/// Everything that generators and validation ask for. What is `None` is not known: nothing is
/// said about it, and what needs it is not evaluable.
#[derive(Default)]
pub struct World<'w> {
    /// The repositories that git generators read.
    pub repositories: Option<&'w dyn Repositories>,
    /// The clusters that have a Secret in Argo CD's namespace.
    pub clusters: Option<Vec<Cluster>>,
    /// Whether somebody declares which clusters there are, so that there are no others.
    pub are_clusters_declared: bool,
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

    /// The files that somebody works on, where they may become those of a revision that is another now.
    fn work_tree(&self, _url: &str, _revision: &str) -> Option<&Tree> {
        None
    }

    /// What is known of a repository that is at hand and does not have a revision.
    fn lacking(&self, _url: &str, _revision: &str) -> Option<Lacking> {
        None
    }
}

/// A repository without a revision that somebody names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    /// Whether all branches and tags were fetched, the last time.
    pub is_complete: bool,
    /// Its branches and tags.
    pub names: BTreeSet<String>,
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

impl Cluster {
    /// The cluster that a Secret stands for; nothing for one that is not of Argo CD, or that says no
    /// address.
    ///
    /// Source: `SecretToCluster` in `util/db/cluster.go`.
    #[must_use]
    pub fn of_secret(secret: &Node) -> Option<Self> {
        let metadata = secret.get("metadata")?;
        let labels = texts(metadata.get("labels"));
        if labels.get(SECRET_TYPE).is_none_or(|kind| kind != "cluster") {
            return None;
        }
        let field = |name: &str| {
            let plain = secret.get("stringData").and_then(|data| data.get(name)?.as_str());
            let encoded = || {
                let text = secret.get("data")?.get(name)?.as_str()?;
                String::from_utf8(STANDARD.decode(text.trim()).ok()?).ok()
            };
            plain.map(str::to_owned).or_else(encoded)
        };
        Some(Self {
            name: field("name").unwrap_or_default(),
            server: field("server")?,
            project: field("project").unwrap_or_default(),
            labels,
            annotations: texts(metadata.get("annotations")),
        })
    }

    /// Whether an object makes the Secret of a cluster without saying which one: it is encrypted, filled
    /// in later, or comes from elsewhere.
    #[must_use]
    pub fn is_hidden(object: &Node) -> bool {
        let (group, kind) = GroupKind::stated(object);
        if (group, kind) != ("", "Secret") {
            return group != GROUP && has_label(object);
        }
        let labels = object.pointer("/metadata/labels");
        let is_named = ["data", "stringData"]
            .iter()
            .any(|data| object.get(data).is_some_and(|data| data.get("name").is_some()));
        let is_plain = |text: &str| !text.contains(['{', '<', '$']);
        labels.is_some_and(of_cluster)
            && Self::of_secret(object).is_none_or(|cluster| {
                let is_read = !is_named || !cluster.name.is_empty();
                !is_read || !is_plain(&cluster.name) || !is_plain(&cluster.server)
            })
    }

    /// The cluster that an inventory declares: `name`, `server`, `project`, `labels`, `annotations`.
    ///
    /// # Errors
    ///
    /// Where it says no address.
    pub fn declared(node: &Node) -> Result<Self, &'static str> {
        let text = |name| node.get(name).and_then(Node::as_str).unwrap_or_default().to_owned();
        let server = text("server");
        if server.is_empty() {
            return Err("a cluster needs `server`, its address");
        }
        Ok(Self {
            name: text("name"),
            server,
            project: text("project"),
            labels: texts(node.get("labels")),
            annotations: texts(node.get("annotations")),
        })
    }
}

/// Whether labels are those of a cluster's Secret.
fn of_cluster(labels: &Node) -> bool {
    labels.get(SECRET_TYPE).and_then(Node::as_str) == Some("cluster")
}

/// Whether labels anywhere in an object are those of a cluster's Secret.
fn has_label(node: &Node) -> bool {
    match &node.value {
        Value::Map(map) => map
            .iter()
            .any(|(key, value)| &*key.name == "labels" && of_cluster(value) || has_label(value)),
        Value::Seq(items) => items.iter().any(has_label),
        _ => false,
    }
}

fn texts(map: Option<&Node>) -> BTreeMap<String, String> {
    let entries = map.and_then(Node::as_map).into_iter().flat_map(Map::iter);
    entries
        .map(|(key, value)| (key.name.to_string(), value.as_str().unwrap_or_default().to_owned()))
        .collect()
}

/// Options of Argo CD's own processes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settings {
    /// `--enable-new-git-file-globbing` of the ApplicationSet controller.
    pub new_git_file_globbing: bool,
    /// `--include-hidden-directories` of the repo-server.
    pub include_hidden_directories: bool,
}

//! Clusters of a few objects, from text.

use gitopsc::check::Judge;
use gitopsc::check::whole::{self, Whole};
use gitopsc::diagnostic::Finding;
use gitopsc::facts::{Cluster, Extent, Made, Name, Reading, Surroundings};
use gitopsc::model::GroupKind;
use gitopsc::schema::{Definitions, Found, NEWEST};
use gitopsc::source::Sources;
use gitopsc::yaml::{self, Node};

/// What is wrong with a cluster of these documents, of which nothing else is known.
pub(crate) fn findings(text: &str, extent: Extent) -> Vec<Finding> {
    of_nodes(&nodes(text), extent)
}

/// The objects of some documents.
pub(crate) fn nodes(text: &str) -> Vec<Node> {
    let file = Sources::default().add("cluster.yaml", text);
    let read = yaml::read(file, text);
    assert!(read.faults.is_empty(), "{:?} in {text}", read.faults);
    read.documents.into_iter().filter_map(|document| document.node).collect()
}

pub(crate) fn of_nodes(nodes: &[Node], extent: Extent) -> Vec<Finding> {
    whole_of(nodes, extent).findings
}

/// What is wrong with a cluster, and what is not known of it.
pub(crate) fn whole_of(nodes: &[Node], extent: Extent) -> Whole {
    let mut definitions = Definitions::default();
    for node in nodes {
        definitions.add_crd(node, Found::Checked);
    }
    let judge = Judge::new(NEWEST, &definitions);
    let read = |node: &Node| {
        let is_cluster_wide = judge.is_cluster_wide(node);
        Reading { file: None, unit: &"".into(), is_cluster_wide, sources: None }.object(node)
    };
    let objects = nodes.iter().map(read).collect();
    let mut surroundings = Surroundings::unknown();
    // Operators brought the definitions of their kinds.
    let group_kind = GroupKind::parse("apiextensions.k8s.io/CustomResourceDefinition");
    let (group_kind, name) = (Some(group_kind), Name::Any);
    surroundings.made.push(Made { group_kind, namespace: None, name, keys: None });
    whole::check(&Cluster::new(objects, surroundings, extent))
}

/// Says how many broken clusters a test told from their mended twins.
pub(crate) fn told_apart(count: usize) {
    println!("{count} broken, each beside its mended twin");
}

/// Holds pairs of a broken and a mended cluster: in one is exactly this finding, in the other none.
/// Each case has a name, the check, the broken text and the mended one.
pub(crate) fn pairs(cases: &[(&str, &str, String, String)], extent: Extent) {
    let mut wrong = Vec::new();
    for (name, id, broken, mended) in cases {
        let found = findings(broken, extent);
        if found.len() != 1 || found[0].id != *id {
            wrong.push(format!("{name}: not one `{id}`, but {found:#?}"));
        }
        let found = findings(mended, extent);
        if !found.is_empty() {
            wrong.push(format!("{name}, mended: {found:#?}"));
        }
    }
    told_apart(cases.len());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// An environment with one app and one namespace, as the head of a repository in one text: its nodes,
/// and what else it states. Manifests of the app may follow, each after `---` and its path.
pub(crate) fn shop(nodes: &str, rest: &str) -> String {
    format!(
        "apiVersion: gitopsc.dev/v1alpha1
kind: Environment
kubernetes: {{version: '1.36'}}
gitops: {{repoURL: https://git.example.com/acme/platform.git, revision: main}}
nodes: {{{nodes}}}
{rest}
namespaces:
  shop: {{layer: web}}
apps:
  web: {{}}
---
# apps/web/app.yaml
apiVersion: gitopsc.dev/v1alpha1
kind: App
description: A shop
version: '1.0'
layer: web
namespace: shop
"
    )
}

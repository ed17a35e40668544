//! The clusters generator.
//!
//! Source: `generators/cluster.go`, `TestGenerateParams`, `TestGenerateParamsGoTemplate`.

use std::collections::BTreeMap;

use crate::yaml::Node;

use super::fault::Fault;
use super::generator::{Generators, ParameterSet};
use super::names::normalize;
use super::parameter::{Items, Parameter, Parameters};
use super::selector::{self, Values};
use super::world::{Cluster, IN_CLUSTER_NAME, IN_CLUSTER_SERVER};

/// Annotations that Argo CD and kubectl write for themselves; they are no parameters
/// (`excludedClusterAnnotations`).
const OWN_ANNOTATIONS: [&str; 5] = [
    "argocd.argoproj.io/refresh",
    "argocd.argoproj.io/hydrate",
    "argocd.argoproj.io/tracking-id",
    "argocd.argoproj.io/installation-id",
    "kubectl.kubernetes.io/last-applied-configuration",
];

/// The label by which Argo CD knows the Secrets of clusters.
const SECRET_TYPE: (&str, &str) = ("argocd.argoproj.io/secret-type", "cluster");

/// A parameter set for each cluster that the selector takes, or one that holds them all where
/// `flatList` is set. The cluster that Argo CD runs in is the last one, if it has no Secret and
/// nothing is selected.
pub(super) fn sets(generators: &Generators<'_>, body: &Node) -> Result<Vec<ParameterSet>, Fault> {
    let selector = selector::read(body.get("selector"), Values::Labels)?;
    let Some(known) = &generators.world.clusters else {
        return Err(Fault::unknown(body.span, "which clusters Argo CD knows is not declared"));
    };
    // Of two Secrets with one name one is taken.
    let mut selected: BTreeMap<&str, (&Cluster, BTreeMap<String, String>)> = BTreeMap::new();
    for cluster in known {
        let mut labels = cluster.labels.clone();
        labels.insert(SECRET_TYPE.0.into(), SECRET_TYPE.1.into());
        if selector.holds(|key| labels.get(key).map(String::as_str)) {
            selected.insert(&cluster.name, (cluster, labels));
        }
    }
    let is_go = generators.renderer.is_go();
    let local = selector.is_empty()
        && !selected.values().any(|(cluster, _)| cluster.server == IN_CLUSTER_SERVER);
    let mut all: Vec<Parameters> =
        selected.into_values().map(|(cluster, labels)| of_secret(cluster, labels, is_go)).collect();
    if local {
        all.push(base(IN_CLUSTER_NAME, IN_CLUSTER_SERVER, ""));
    }
    for parameters in &mut all {
        generators.add_values(body, parameters)?;
    }
    if body.get("flatList").is_some_and(Node::is_true) {
        let clusters = all.into_iter().map(|one| Parameter::Map(Items::Any, one)).collect();
        let list = Parameter::List(Items::Maps, clusters);
        all = vec![Parameters::from([("clusters".into(), list)])];
    }
    let set = |parameters| ParameterSet::new(parameters, body.span);
    Ok(all.into_iter().map(set).collect())
}

fn base(name: &str, server: &str, project: &str) -> Parameters {
    let pairs = [
        ("name", name.to_owned()),
        ("nameNormalized", normalize(name)),
        ("server", server.to_owned()),
        ("project", project.to_owned()),
    ];
    pairs.into_iter().map(|(key, value)| (key.into(), Parameter::Text(value))).collect()
}

fn of_secret(cluster: &Cluster, labels: BTreeMap<String, String>, is_go: bool) -> Parameters {
    let mut parameters = base(&cluster.name, &cluster.server, &cluster.project);
    let mut annotations = cluster.annotations.clone();
    let has_annotations = !annotations.is_empty();
    annotations.retain(|key, _| !OWN_ANNOTATIONS.contains(&key.as_str()));
    let texts = |map: BTreeMap<String, String>| -> Parameters {
        map.into_iter().map(|(key, value)| (key, Parameter::Text(value))).collect()
    };
    let (annotations, labels) = (texts(annotations), texts(labels));
    if is_go {
        let mut metadata = Parameters::new();
        if has_annotations {
            metadata.insert("annotations".into(), Parameter::Map(Items::Text, annotations));
        }
        metadata.insert("labels".into(), Parameter::Map(Items::Text, labels));
        parameters.insert("metadata".into(), Parameter::Map(Items::Any, metadata));
    } else {
        let named = |(key, value)| (format!("metadata.annotations.{key}"), value);
        parameters.extend(annotations.into_iter().map(named));
        let named = |(key, value)| (format!("metadata.labels.{key}"), value);
        parameters.extend(labels.into_iter().map(named));
    }
    parameters
}

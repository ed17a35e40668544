//! AppProjects: what a layer may deploy, and where.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::root;
use crate::config::pointer_span;
use crate::model::GroupKind;
use crate::render::Rendered;
use crate::resolve::{CLUSTER_LAYER, Environment};
use crate::source::Span;
use crate::yaml::{self, Node};

/// Lets a project outlive its Applications: Argo CD refuses to delete it while one is left.
const FINALIZER: &str = "resources-finalizer.argocd.argoproj.io";

/// The kinds that a layer's project permits, as declared; nothing where none are, which permits
/// every namespaced kind and no other.
pub(super) struct Permitted {
    pub(super) cluster: Vec<String>,
    pub(super) namespaced: Option<Vec<String>>,
}

/// What the layer of a name permits.
pub(super) fn permitted(environment: &Environment, layer: &str) -> Permitted {
    if layer == CLUSTER_LAYER {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        return Permitted {
            cluster: names(&["Namespace", "scheduling.k8s.io/PriorityClass"]),
            namespaced: Some(names(&["LimitRange", "ResourceQuota"])),
        };
    }
    let declared = environment
        .spec
        .layers
        .as_ref()
        .and_then(|layers| layers.get(layer)?.as_ref()?.permissions.clone())
        .unwrap_or_default();
    Permitted { cluster: declared.cluster.unwrap_or_default(), namespaced: declared.namespaced }
}

/// The namespaces that a layer may deploy to.
pub(super) fn destinations<'a>(environment: &'a Environment, layer: &str) -> Vec<&'a str> {
    let declared = environment.spec.namespaces.iter().flatten();
    let mut names: BTreeSet<&str> = declared
        .filter(|(_, namespace)| {
            let owner = namespace.as_ref().and_then(|namespace| namespace.layer.as_deref());
            layer == CLUSTER_LAYER || owner == Some(layer)
        })
        .map(|(name, _)| name.as_str())
        .collect();
    if layer == CLUSTER_LAYER {
        // The namespace of its Application; nothing is ever put there.
        names.insert("default");
    }
    names.into_iter().collect()
}

fn kinds(patterns: &[String]) -> Value {
    patterns
        .iter()
        .map(|pattern| {
            let GroupKind { group, kind } = GroupKind::parse(pattern);
            json!({"group": group, "kind": kind})
        })
        .collect()
}

/// The AppProject of a layer.
pub(super) fn layer(environment: &Environment, layer: &str, rendered: &[Rendered]) -> Node {
    let permitted = permitted(environment, layer);
    let declared = environment.spec.layers.as_ref().and_then(|layers| layers.get(layer)?.as_ref());
    let description = match declared.and_then(|layer| layer.description.clone()) {
        Some(description) => description,
        None if layer == CLUSTER_LAYER => {
            "Namespaces, quotas, limit ranges and priority classes".to_owned()
        }
        None => format!("Layer {layer} of {}", environment.name),
    };
    let mut repositories = vec![environment.repo_url().to_owned()];
    for (release, output) in environment.releases.iter().zip(rendered) {
        if let Some(chart) = &output.chart
            && release.layer == layer
            && !repositories.contains(&chart.repo_url)
        {
            repositories.push(chart.repo_url.clone());
        }
    }
    let destinations: Vec<_> = destinations(environment, layer)
        .into_iter()
        .map(|name| json!({"name": environment.destination(), "namespace": name}))
        .collect();
    let mut spec = json!({
        "description": description,
        "sourceRepos": repositories,
        "destinations": destinations,
        "clusterResourceWhitelist": kinds(&permitted.cluster),
    });
    if let (Some(namespaced), Some(spec)) = (&permitted.namespaced, spec.as_object_mut()) {
        spec.insert("namespaceResourceWhitelist".to_owned(), kinds(namespaced));
    }
    let name = format!("{}-{layer}", environment.name);
    let place = match layer {
        CLUSTER_LAYER => Span::new(environment.file, 0..0),
        layer => pointer_span(&environment.node, &format!("/layers/{layer}")),
    };
    project(environment, place, &name, Some("-1"), &spec)
}

/// The root's own AppProject: projects and sets in Argo CD's namespace, and nothing else.
pub(super) fn root(environment: &Environment) -> Node {
    let spec = json!({
        "description": format!("The root of {}: its projects and sets", environment.name),
        "sourceRepos": [environment.repo_url()],
        "destinations": [{"name": "in-cluster", "namespace": environment.argocd_namespace()}],
        "clusterResourceWhitelist": [],
        "namespaceResourceWhitelist": [
            {"group": "argoproj.io", "kind": "AppProject"},
            {"group": "argoproj.io", "kind": "ApplicationSet"},
        ],
    });
    project(environment, Span::new(environment.file, 0..0), &root::name(environment), None, &spec)
}

fn project(
    environment: &Environment,
    place: Span,
    name: &str,
    wave: Option<&str>,
    spec: &Value,
) -> Node {
    let mut annotations = json!({
        "argocd.argoproj.io/sync-options": "Prune=confirm,Delete=confirm",
    });
    if let (Some(wave), Some(annotations)) = (wave, annotations.as_object_mut()) {
        annotations.insert("argocd.argoproj.io/sync-wave".to_owned(), json!(wave));
    }
    let object = json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {
            "name": name,
            "namespace": environment.argocd_namespace(),
            "labels": {
                "app.kubernetes.io/managed-by": "gitopsc",
                "gitopsc.dev/environment": environment.name,
            },
            "annotations": annotations,
            "finalizers": [FINALIZER],
        },
        "spec": spec,
    });
    yaml::from_json(&object, place)
}

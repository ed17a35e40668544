//! What Argo CD and the API server ask of generated Applications.

use std::collections::BTreeSet;

use super::application::Application;
use super::fault::{Fault, FaultKind};
use super::selector::{is_label_value, is_qualified_name, is_subdomain};
use super::world::{Cluster, IN_CLUSTER_NAME, IN_CLUSTER_SERVER, World};

/// The Applications that are applied and those that are not. One fault keeps its Application back; a
/// name that is there twice keeps back all that have it.
///
/// Source: `validateGeneratedApplications` in `controllers/applicationset_controller.go`,
/// `TestValidateGeneratedApplications`. Names and labels are the API server's business, which refuses
/// the one Application when it is made.
pub(super) fn split(
    generated: Vec<Application>,
    world: &World<'_>,
    faults: &mut Vec<Fault>,
) -> (Vec<Application>, Vec<Application>) {
    let mut names = BTreeSet::new();
    let mut dropped = BTreeSet::new();
    for application in &generated {
        let name = application.name();
        let fault = match names.insert(name.to_owned()) {
            false => Some((
                FaultKind::DuplicateName,
                format!("two Applications of the set are named `{name}`, and neither is applied"),
            )),
            true => fault_of(application, world),
        };
        if let Some((kind, message)) = fault {
            dropped.insert(name.to_owned());
            let span = application.origins.last().copied().unwrap_or(application.template);
            faults.push(Fault::drops(kind, span, message));
        }
    }
    generated.into_iter().partition(|application| !dropped.contains(application.name()))
}

fn fault_of(application: &Application, world: &World<'_>) -> Option<(FaultKind, String)> {
    let name = application.name();
    let project = application.text("/spec/project");
    if world.projects.as_ref().is_some_and(|known| !known.contains(project)) {
        let message =
            format!("the AppProject `{project}` of the Application `{name}` does not exist");
        return Some((FaultKind::MissingProject, message));
    }
    let [server, cluster] =
        ["/spec/destination/server", "/spec/destination/name"].map(|field| application.text(field));
    if let Some(why) = wrong_destination(server, cluster, world.clusters.as_deref()) {
        let message = format!("the destination of the Application `{name}` {why}");
        return Some((FaultKind::InvalidDestination, message));
    }
    wrong_metadata(application).map(|why| (FaultKind::InvalidMetadata, why))
}

/// Why an Application cannot have a destination, given its two fields and, if they are known, the
/// clusters beside the one in which Argo CD runs.
///
/// Source: `GetDestinationCluster` in `util/argo/argo.go`, `TestGetDestinationCluster`.
#[must_use]
pub fn wrong_destination(server: &str, name: &str, clusters: Option<&[Cluster]>) -> Option<String> {
    match (server.is_empty(), name.is_empty()) {
        (false, false) => return Some("has both a server and a name".into()),
        (true, true) => return Some("has neither a server nor a name".into()),
        _ => {}
    }
    let clusters = clusters?;
    if !server.is_empty() {
        let server = server.trim_end_matches('/');
        let known = clusters.iter().any(|cluster| cluster.server.trim_end_matches('/') == server);
        return (!known && server != IN_CLUSTER_SERVER)
            .then(|| format!("is the server `{server}`, which no cluster of Argo CD has"));
    }
    match clusters.iter().filter(|cluster| cluster.name == name).count() {
        1 => None,
        0 if name == IN_CLUSTER_NAME => None,
        0 => Some(format!("is the cluster `{name}`, which Argo CD does not know")),
        count => Some(format!("is the cluster `{name}`, and {count} clusters have that name")),
    }
}

fn wrong_metadata(application: &Application) -> Option<String> {
    let name = application.name();
    if name.is_empty() {
        return Some("an Application of the set has no name".into());
    }
    if !is_subdomain(name) {
        return Some(format!("`{name}` is no valid name of an Application"));
    }
    let entries = |field: &str| {
        let map = application.object.pointer(field).and_then(serde_json::Value::as_object);
        map.into_iter().flatten()
    };
    for (key, value) in entries("/metadata/labels") {
        let value = value.as_str().unwrap_or_default();
        if !is_qualified_name(key) || !is_label_value(value) {
            return Some(format!(
                "the Application `{name}` has the invalid label `{key}: {value}`"
            ));
        }
    }
    let mut keys = entries("/metadata/annotations").map(|(key, _)| key);
    // The API server looks at the keys of annotations in lower case.
    let wrong = keys.find(|key| !is_qualified_name(&key.to_lowercase()))?;
    Some(format!("the Application `{name}` has the invalid annotation `{wrong}`"))
}

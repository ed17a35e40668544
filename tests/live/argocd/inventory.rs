//! What lives of the objects that trees have had.

use std::collections::{BTreeMap, BTreeSet};

use super::predicted::{Id, Predicted, id};
use crate::plane::ControlPlane;

/// An object in the cluster.
pub(crate) struct Object {
    pub(crate) uid: String,
    /// The Application that Argo CD's mark on it names; empty where there is none, as on definitions.
    pub(crate) owner: String,
}

/// Objects by name.
pub(crate) type Live = BTreeMap<Id, Object>;

/// Every object that the Applications should have.
pub(crate) fn ids(predicted: &Predicted) -> BTreeSet<Id> {
    predicted.values().filter_map(|a| a.objects.as_ref()).flatten().cloned().collect()
}

/// Those of the objects that are there.
pub(crate) fn live(plane: &ControlPlane, ids: &BTreeSet<Id>) -> Live {
    let template = "{{range .items}}{{.apiVersion}} {{.kind}} {{with .metadata.namespace}}{{.}}{{else}}-{{end}} \
                    {{.metadata.name}} {{.metadata.uid}} {{with .metadata.annotations}}\
                    {{with index . \"argocd.argoproj.io/tracking-id\"}}{{.}}{{end}}{{end}}{{\"\\n\"}}{{end}}";
    let kinds: BTreeSet<_> = ids.iter().filter_map(|id| id.split(' ').next()).collect();
    let kinds = kinds.into_iter().collect::<Vec<_>>().join(",");
    let output = format!("--output=go-template={template}");
    let printed = plane.must(["get", &kinds, "--all-namespaces", &output]);
    let object = |row: &str| {
        let [version, kind, namespace, name, uid, tracking] =
            row.splitn(6, ' ').collect::<Vec<_>>().try_into().expect("six columns");
        let group = version.rsplit_once('/').map_or("", |(group, _)| group);
        let namespace = if namespace == "-" { "" } else { namespace };
        let owner = tracking.split(':').next().unwrap_or_default().to_owned();
        (id(group, kind, namespace, name), Object { uid: uid.to_owned(), owner })
    };
    printed.lines().map(object).filter(|(id, _)| ids.contains(id)).collect()
}

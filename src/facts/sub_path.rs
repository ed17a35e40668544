//! Single files that containers mount of ConfigMaps and Secrets.

use super::{Part, Reading, Reference, Target};
use crate::load::manifest::is_placeholder;
use crate::model::{Field, GroupKind};
use crate::yaml::Node;

const EMPTY: &str =
    "the kubelet makes an empty directory of that name and mounts it in place of the file";

/// The keys that `subPath` of mounts names. What is not there the kubelet makes: `makeMounts` of
/// `pkg/kubelet/kubelet_pods.go`. A volume with `items` has the paths that these state, and
/// `subPathExpr` is worked out when the container starts.
pub(super) fn all(
    reading: &Reading<'_>,
    namespace: &str,
    spec: &Field<'_>,
    replaced: &[Box<str>],
    found: &mut Vec<Reference>,
) {
    let volumes = spec.get("volumes");
    let volumes: Vec<Field<'_>> = volumes.iter().flat_map(Field::items).collect();
    for list in ["initContainers", "containers"] {
        let containers = spec.get(list);
        for container in containers.iter().flat_map(Field::items) {
            let mounts = container.get("volumeMounts");
            for mount in mounts.iter().flat_map(Field::items) {
                let name = mount.text("name");
                let is_it = |volume: &&Field<'_>| volume.text("name") == name;
                let is_replaced = replaced.iter().any(|claim| **claim == *name);
                let Some(volume) = volumes.iter().find(is_it).filter(|_| !is_replaced) else {
                    continue;
                };
                found.extend(one(reading, namespace, volume, &mount));
            }
        }
    }
}

fn one(
    reading: &Reading<'_>,
    namespace: &str,
    volume: &Field<'_>,
    mount: &Field<'_>,
) -> Option<Reference> {
    let (kind, source, name) = match (volume.get("configMap"), volume.get("secret")) {
        (Some(source), _) => ("ConfigMap", source, "name"),
        (None, Some(source)) => ("Secret", source, "secretName"),
        (None, None) => return None,
    };
    let path = mount.get("subPath")?;
    let key = path.node.as_str()?.trim_start_matches("./").trim_end_matches('/');
    // What begins with two dots are the kubelet's own files beside the keys.
    let is_key = !key.is_empty() && key != "." && !key.starts_with("..");
    let name = source.text(name);
    if !is_key || name.is_empty() || is_placeholder(key) || source.node.get("items").is_some() {
        return None;
    }
    let target = Target {
        group_kind: GroupKind::new("", kind),
        namespace: Some(namespace.into()),
        name: name.into(),
        part: Some(Part::Key(key.into())),
    };
    Some(Reference {
        place: reading.place(&path),
        named: None,
        target,
        is_optional: source.node.get("optional").is_some_and(Node::is_true),
        otherwise: EMPTY,
        is_mild: false,
    })
}

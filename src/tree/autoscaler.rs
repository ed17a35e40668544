//! Replicas that two would decide about: a manifest, and the autoscaler that is made for it.
//!
//! Each sync would set the number back that the autoscaler has chosen, and for Argo CD the object
//! would differ from git whenever it scales.

use std::collections::BTreeMap;

use crate::config::pointer_span;
use crate::diagnostic::Finding;
use crate::model::{GroupKind, ObjectKey};
use crate::render::{Manifest, Rendered};
use crate::yaml::Node;

/// Refuses `replicas` of what a HorizontalPodAutoscaler of the same environment scales.
pub(super) fn check(rendered: &[Rendered], findings: &mut Vec<Finding>) {
    let manifests = || rendered.iter().flat_map(|output| &output.manifests);
    let scaled: BTreeMap<ObjectKey, &Manifest> =
        manifests().filter_map(|manifest| Some((target(manifest)?, manifest))).collect();
    for manifest in manifests() {
        let Some(autoscaler) = scaled.get(&manifest.key) else { continue };
        // Written as null it is not stated.
        if manifest.node.pointer("/spec/replicas").is_none_or(Node::is_null) {
            continue;
        }
        let message = format!("{} is scaled by {}", manifest.key, autoscaler.key);
        findings.push(
            Finding::error("replicas-with-autoscaler", message)
                .at(pointer_span(&manifest.node, "/spec/replicas"), "and states its replicas here")
                .at(pointer_span(&autoscaler.node, "/spec/scaleTargetRef"), "scaled here")
                .note("each sync would set back the number that the autoscaler has chosen")
                .help("leave `replicas` out; `minReplicas` of the autoscaler is where it begins"),
        );
    }
}

/// What an autoscaler scales.
fn target(manifest: &Manifest) -> Option<ObjectKey> {
    let GroupKind { group, kind } = &manifest.key.group_kind;
    if group != "autoscaling" || kind != "HorizontalPodAutoscaler" {
        return None;
    }
    let reference = manifest.node.pointer("/spec/scaleTargetRef")?;
    let text = |key| reference.get(key).and_then(Node::as_str);
    let group = text("apiVersion").and_then(|version| version.split_once('/'));
    Some(ObjectKey {
        group_kind: GroupKind {
            group: group.map_or("", |(group, _)| group).to_owned(),
            kind: text("kind")?.to_owned(),
        },
        namespace: manifest.key.namespace.clone(),
        name: text("name")?.to_owned(),
    })
}

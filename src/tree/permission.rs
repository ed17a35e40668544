//! Declared permissions held against what is rendered, both ways.
//!
//! They are declared and not computed, because a computed list would narrow in the very commit
//! that removes the last object of a kind; Argo CD would then no longer see, nor prune, the one
//! that runs.

use std::collections::BTreeSet;

use super::project::{destinations, permitted};
use crate::config::{State, pointer_span};
use crate::diagnostic::Finding;
use crate::model::{GroupKind, Scope};
use crate::render::Rendered;
use crate::resolve::{CLUSTER_LAYER, Environment, Release};
use crate::yaml::Node;

/// Compares a layer's permissions and destinations with its manifests.
pub(super) fn check(
    environment: &Environment,
    layer: &str,
    rendered: &[Rendered],
    findings: &mut Vec<Finding>,
) {
    let permitted = permitted(environment, layer);
    let namespaces = destinations(environment, layer);
    let mut used: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut missing: BTreeSet<(&str, GroupKind)> = BTreeSet::new();
    let mut visible = true;
    let of_layer: Vec<(&Release, &Rendered)> = environment
        .releases
        .iter()
        .zip(rendered)
        .filter(|(release, _)| release.layer == layer)
        .collect();
    for (release, output) in of_layer {
        // Objects of a chart and of an app that is leaving are not seen here.
        visible &= output.chart.is_none() && release.state == State::Present;
        for manifest in &output.manifests {
            let key = &manifest.key;
            let cluster = ("cluster", Some(&permitted.cluster));
            let namespaced = ("namespaced", permitted.namespaced.as_ref());
            let (field, patterns) = match manifest.scope {
                Some(Scope::Cluster) => cluster,
                _ => namespaced,
            };
            let mut found = use_patterns(field, patterns, &key.group_kind, &mut used);
            // Whether this one has a namespace is not known, which is a finding already: either
            // permission may be the one that it needs.
            if manifest.scope.is_none() && key.namespace.is_empty() {
                use_patterns(cluster.0, cluster.1, &key.group_kind, &mut used);
                found = true;
            }
            if !found && missing.insert((field, key.group_kind.clone())) {
                let pointer = format!("/layers/{layer}/permissions/{field}");
                let kind = manifest.node.get("kind").map_or(release.span, |kind| kind.span);
                let finding = Finding::error(
                    "permission-missing",
                    format!("layer `{layer}` may not deploy a {}", key.group_kind.kind),
                )
                .at(pointer_span(&environment.node, &pointer), "not permitted here")
                .at(kind, format!("`{}` renders one", release.name))
                .note("Argo CD refuses to sync what the layer's AppProject does not permit")
                .help(format!("add `{}` to `permissions.{field}`", key.group_kind));
                let glob = patterns.into_iter().flatten().find(|pattern| is_glob(pattern));
                findings.push(glob.into_iter().fold(finding, |finding, glob| {
                    finding.note(format!("`{glob}` is no kind: {NO_GLOBS}"))
                }));
            }
            // The release's own namespace has been judged with the release, one that is not
            // declared with the object.
            let declared = environment.spec.namespaces.as_ref();
            let elsewhere = key.namespace != release.namespace
                && declared.is_some_and(|all| all.contains_key(&key.namespace));
            if elsewhere && !namespaces.contains(&key.namespace.as_str()) {
                let place = manifest.node.pointer("/metadata/namespace");
                let place = place.map_or(release.span, |node| node.span);
                let pointer = format!("/namespaces/{}", key.namespace);
                let namespaces = environment.spec.namespaces.as_ref();
                let declared = namespaces.and_then(|all| all.get(&key.namespace)?.as_ref());
                let owner = declared.and_then(|namespace| namespace.layer.as_deref());
                let owner = owner.map_or_else(
                    || "given to no layer".to_owned(),
                    |owner| format!("given to layer `{owner}`"),
                );
                findings.push(
                    Finding::error(
                        "namespace-of-other-layer",
                        format!("layer `{layer}` may not deploy to namespace `{}`", key.namespace),
                    )
                    .at(
                        place,
                        format!(
                            "`{}` puts {}/{} there",
                            release.name, key.group_kind.kind, key.name
                        ),
                    )
                    .at(pointer_span(&environment.node, &pointer), owner)
                    .help(
                        "give the namespace to this layer, or let an app of its own layer render it",
                    ),
                );
            }
        }
    }
    if visible && layer != CLUSTER_LAYER {
        note_unused(environment, layer, &used, findings);
    }
}

/// Notes which patterns cover a kind. Whether any does; where none are declared, all is permitted.
fn use_patterns<'p>(
    field: &'static str,
    patterns: Option<&'p Vec<String>>,
    kind: &GroupKind,
    used: &mut BTreeSet<(&'p str, &'p str)>,
) -> bool {
    let Some(patterns) = patterns else { return true };
    let mut found = false;
    for pattern in patterns.iter().filter(|pattern| covers(pattern, kind)) {
        used.insert((field, pattern));
        found = true;
    }
    found
}

fn note_unused(
    environment: &Environment,
    layer: &str,
    used: &BTreeSet<(&str, &str)>,
    findings: &mut Vec<Finding>,
) {
    for field in ["cluster", "namespaced"] {
        let pointer = format!("/layers/{layer}/permissions/{field}");
        let declared = environment.node.pointer(&pointer).and_then(Node::as_seq);
        for item in declared.into_iter().flatten() {
            let pattern = item.as_str().unwrap_or_default();
            if !used.contains(&(field, pattern)) {
                findings.push(
                    Finding::info(
                        "permission-unused",
                        format!("layer `{layer}` may deploy `{pattern}` and does not"),
                    )
                    .at(item.span, "")
                    .help(if is_glob(pattern) {
                        format!("name the kinds: {NO_GLOBS}")
                    } else {
                        "take it out once no cluster runs one any more".to_owned()
                    }),
                );
            }
        }
    }
}

const NO_GLOBS: &str = "`*` stands for all groups or all kinds, and for no part of a name";

/// Whether a group or a kind is written as a pattern that is not supported.
fn is_glob(pattern: &str) -> bool {
    let GroupKind { group, kind } = GroupKind::parse(pattern);
    [group, kind].iter().any(|part| part != "*" && part.contains(['*', '?', '[', '{']))
}

/// Whether `group/Kind`, with `*` for all, covers a kind.
pub(super) fn covers(pattern: &str, group_kind: &GroupKind) -> bool {
    let pattern = GroupKind::parse(pattern);
    (pattern.group == "*" || pattern.group == group_kind.group)
        && (pattern.kind == "*" || pattern.kind == group_kind.kind)
}

//! What somebody may do newly, or no longer.

use std::collections::BTreeSet;

use super::address::body;
use super::words::listed;
use super::{Subject, access};
use crate::argocd::project::{List, Permission, Project};
use crate::diff::snapshot::Object;
use crate::facts::{Body, Level};
use crate::load::manifest::is_open;
use crate::yaml::Node;

/// What is permitted otherwise than before.
pub(super) fn of(subject: &Subject<'_, '_>) -> Vec<String> {
    let (before, after) = (subject.was(), subject.is());
    let Some(kind) = after.or(before).map(|object| &object.key.group_kind) else {
        return Vec::new();
    };
    if [before, after].into_iter().flatten().any(|object| is_open(&object.node)) {
        return Vec::new();
    }
    match (&*kind.group, &*kind.kind) {
        (access::GROUP, "Role" | "ClusterRole") => access::role(subject),
        (access::GROUP, _) => access::binding(subject),
        ("", "Namespace") => before.zip(after).and_then(|(a, b)| level(a, b)).into_iter().collect(),
        ("argoproj.io", "AppProject") => {
            before.zip(after).map_or(Vec::new(), |(a, b)| project(a, b))
        }
        _ => before.zip(after).map_or(Vec::new(), |(a, b)| pods(a, b)),
    }
}

const ENFORCE: &str = "pod-security.kubernetes.io/enforce";

/// The level of Pod Security that a Namespace enforces.
fn level(before: &Object, after: &Object) -> Option<String> {
    let label = |object: &Object| {
        let labels = object.node.pointer("/metadata/labels")?;
        Some(labels.get(ENFORCE)?.as_str()?.to_owned())
    };
    match (label(before), label(after)) {
        (Some(old), None) => Some(format!(
            "Pod Security level `{old}` is enforced no longer: what the API server is set to by itself holds"
        )),
        (Some(old), Some(new)) => {
            let (was, is) = (Level::parse(&old)?, Level::parse(&new)?);
            match is.cmp(&was) {
                std::cmp::Ordering::Less => Some(format!(
                    "pods are let in that level `{old}` refused: Pod Security enforces `{new}`"
                )),
                std::cmp::Ordering::Greater => Some(format!(
                    "new pods that break level `{new}` are let in no longer, where `{old}` let them"
                )),
                std::cmp::Ordering::Equal => None,
            }
        }
        (None, Some(new)) if Level::parse(&new)? > Level::Privileged => {
            Some(format!("new pods that break Pod Security level `{new}` are refused"))
        }
        _ => None,
    }
}

/// Rules of Pod Security's level `baseline` that pods break newly: privileges and access to the node.
fn pods(before: &Object, after: &Object) -> Vec<String> {
    let broken = |object: &Object| -> Option<BTreeSet<String>> {
        let Body::Workload(pod) = body(object) else { return None };
        let breaches = pod.breaches.iter().filter(|breach| breach.level == Level::Baseline);
        Some(breaches.map(|breach| breach.rule.to_owned()).collect())
    };
    let (Some(old), Some(new)) = (broken(before), broken(after)) else { return Vec::new() };
    let more: BTreeSet<String> = new.difference(&old).cloned().collect();
    if more.is_empty() {
        return Vec::new();
    }
    vec![format!("its pods newly have what level `baseline` forbids: {}", listed(&more))]
}

/// What Applications of a project may newly.
fn project(before: &Object, after: &Object) -> Vec<String> {
    let (old, new) = (Project::read(&before.node), Project::read(&after.node));
    let mut told = Vec::new();
    let list = |list: List| {
        let items = after.node.pointer(&format!("/spec/{}", list.as_str()));
        items.and_then(Node::as_seq).unwrap_or_default()
    };
    let denies = |permission: Permission| !permission.is_permitted();
    let mut came = |what: &str, names: BTreeSet<String>| {
        if !names.is_empty() {
            told.push(format!("its Applications may newly {what} {}", listed(&names)));
        }
    };
    // What one pattern takes that is taken for a name, it takes as a pattern too.
    let positive = |text: &&str| !text.starts_with('!');
    let sources = list(List::SourceRepos).iter().filter_map(Node::as_str).filter(positive);
    let sources = sources.filter(|it| denies(old.source(it)) && new.source(it).is_permitted());
    came("come from", sources.map(str::to_owned).collect());
    let text = |item: &Node, name: &str| {
        item.get(name).and_then(Node::as_str).filter(|it| !it.is_empty()).map(str::to_owned)
    };
    let destinations = list(List::Destinations).iter().filter_map(|item| {
        let (server, name) = (text(item, "server"), text(item, "name"));
        let namespace = text(item, "namespace").unwrap_or_default();
        let words = [server.as_deref(), name.as_deref(), Some(&namespace)];
        if words.into_iter().flatten().any(|word| word.starts_with('!')) {
            return None;
        }
        let may = |project: &Project| {
            project.destination(server.as_deref(), name.as_deref(), &namespace).is_permitted()
        };
        let cluster = server.as_deref().or(name.as_deref()).unwrap_or_default();
        (!may(&old) && may(&new)).then(|| format!("{namespace} of {cluster}"))
    });
    came("go to namespace", destinations.collect());
    let namespaces = list(List::SourceNamespaces).iter().filter_map(Node::as_str);
    let namespaces = namespaces.filter(|it| denies(old.source_namespace(it, "")));
    came("stand in namespace", namespaces.map(str::to_owned).collect());
    for (whitelist, blacklist, is_cluster_wide, what) in [
        (
            List::ClusterResourceWhitelist,
            List::ClusterResourceBlacklist,
            true,
            "have the cluster's",
        ),
        (List::NamespaceResourceWhitelist, List::NamespaceResourceBlacklist, false, "have"),
    ] {
        let taken = before.node.pointer(&format!("/spec/{}", blacklist.as_str()));
        let taken = taken.and_then(Node::as_seq).unwrap_or_default();
        let kinds = list(whitelist).iter().chain(taken).filter_map(|item| {
            let (group, kind) = (text(item, "group").unwrap_or_default(), text(item, "kind")?);
            let name = text(item, "name").unwrap_or_else(|| "*".to_owned());
            let may = |project: &Project| {
                project.kind(&group, &kind, &name, is_cluster_wide).is_permitted()
            };
            let is_new = !may(&old) && may(&new);
            is_new.then(|| if group.is_empty() { kind } else { format!("{group}/{kind}") })
        });
        came(what, kinds.collect());
    }
    let whitelist = |object: &Object| {
        let list = object.node.pointer("/spec/namespaceResourceWhitelist");
        list.is_some_and(|list| list.as_seq().is_some())
    };
    if whitelist(before) && !whitelist(after) {
        told.push(
            "its Applications may newly have every kind of a namespace that no list forbids"
                .to_owned(),
        );
    }
    told
}

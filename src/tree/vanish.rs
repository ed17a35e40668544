//! What is in the trees on disk and leaves them by this build: an ordinary commit must not make
//! Argo CD forget what runs.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::{Tree, is_ours};
use crate::diagnostic::Finding;
use crate::source::Sources;
use crate::world::{EntryKind, World};
use crate::yaml::{self, Node};

/// Where the sets are, below an environment's directory.
const SETS: &str = "argocd/applicationsets";

/// Warns of every app that a set on disk still lists, that no set will list any more, and that did
/// not go through `state: absent`: its objects would run on, unowned. The sets tell and not the
/// directories of manifests, since an app that is only a chart has none.
///
/// # Errors
///
/// Where a set on disk cannot be read.
pub fn vanished_apps(world: &dyn World, base: &str, tree: &Tree) -> io::Result<Vec<Finding>> {
    let environment = &tree.environment;
    let directory = format!("{base}/{environment}/{SETS}");
    let mut changed = Vec::new();
    let files = world.walk(&directory)?;
    for entry in files.into_iter().filter(|entry| entry.kind == EntryKind::File) {
        let bytes = world.read(&entry.path)?;
        let path = entry.path[base.len() + environment.len() + 2..].to_owned();
        let same = tree.files.get(&path).is_some_and(|text| text.as_bytes() == bytes);
        if !same && is_ours(&entry.path[base.len() + 1..], &bytes) {
            changed.push((entry.path, String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
    if changed.is_empty() {
        return Ok(Vec::new());
    }
    let sets = tree.files.iter().filter(|(path, _)| path.starts_with(SETS));
    let kept: BTreeSet<String> = sets.flat_map(|(_, text)| listed(text).into_keys()).collect();
    let mut findings = Vec::new();
    for (set, text) in changed {
        let leaving = listed(&text).into_iter().filter(|(app, _)| !kept.contains(app));
        for (app, _) in leaving.filter(|(_, state)| state != "absent") {
            findings.push(
                Finding::warning(
                    "app-vanished",
                    format!("`{app}` leaves `{environment}` in one step"),
                )
                .in_file(set.as_str())
                .note("Argo CD will leave its objects running, and nothing will own them")
                .help(format!(
                    "list `{app}: {{state: absent}}` first, and take the entry out when Argo \
                         CD has pruned its objects"
                ))
                .in_environment(environment),
            );
        }
    }
    Ok(findings)
}

/// The apps that a rendered set lists, with their states. A set that cannot be read lists none.
fn listed(set: &str) -> BTreeMap<String, String> {
    let mut sources = Sources::default();
    let file = sources.add("", set);
    let documents = yaml::read(file, set).documents;
    let generators = documents.iter().filter_map(|document| {
        document.node.as_ref()?.pointer("/spec/generators").and_then(Node::as_seq)
    });
    let elements =
        generators.flatten().filter_map(|generator| generator.pointer("/list/elements")?.as_seq());
    let text = |element: &Node, key: &str| {
        element.get(key).and_then(Node::as_str).unwrap_or_default().to_owned()
    };
    elements.flatten().map(|element| (text(element, "name"), text(element, "state"))).collect()
}

/// Warns of trees whose environment is gone or renamed. They stay: a cluster may still follow one.
///
/// # Errors
///
/// Where the directory of the trees cannot be listed.
pub fn vanished_environments(
    world: &dyn World,
    base: &str,
    known: &BTreeSet<String>,
) -> io::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for name in world.directories(base)? {
        let path = format!("{name}/root.yaml");
        let root = format!("{base}/{path}");
        if known.contains(&name) || !world.read(&root).is_ok_and(|bytes| is_ours(&path, &bytes)) {
            continue;
        }
        findings.push(
            Finding::warning(
                "environment-vanished",
                format!("no environment makes `{base}/{name}`"),
            )
            .in_file(root)
            .note("Argo CD keeps what it last synced from there as long as its root exists")
            .help(format!(
                "restore `environments/{name}`, or take the cluster down and delete the \
                     directory"
            )),
        );
    }
    Ok(findings)
}

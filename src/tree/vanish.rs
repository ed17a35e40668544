//! What is in the trees on disk and leaves them by this build: an ordinary commit must not make
//! Argo CD forget what runs.

use std::collections::BTreeSet;
use std::io;

use super::Tree;
use super::write::is_ours;
use crate::diagnostic::Finding;
use crate::world::World;

/// The file that the directory of a leaving app holds.
pub(super) const ABSENT: &str = "ABSENT.md";

/// Warns of every app that the tree on disk still has, that no layer has any more, and that did
/// not go through `state: absent`: its objects would run on, unowned.
///
/// # Errors
///
/// Where a directory of the tree cannot be listed.
pub fn vanished_apps(world: &dyn World, base: &str, tree: &Tree) -> io::Result<Vec<Finding>> {
    let kept: BTreeSet<&str> = tree
        .files
        .keys()
        .filter_map(|path| path.strip_prefix("manifests/")?.split('/').nth(1))
        .collect();
    let root = format!("{base}/{}/manifests", tree.environment);
    let mut findings = Vec::new();
    for layer in world.directories(&root)? {
        for app in world.directories(&format!("{root}/{layer}"))? {
            let directory = format!("{root}/{layer}/{app}");
            if kept.contains(app.as_str()) || world.exists(&format!("{directory}/{ABSENT}")) {
                continue;
            }
            let name = &tree.environment;
            findings.push(
                Finding::warning("app-vanished", format!("`{app}` leaves `{name}` in one step"))
                    .in_file(directory)
                    .note("Argo CD will leave its objects running, and nothing will own them")
                    .help(format!(
                        "list `{app}: {{state: absent}}` first, and take the entry out when Argo \
                         CD has pruned its objects"
                    ))
                    .in_environment(name),
            );
        }
    }
    Ok(findings)
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
        let root = format!("{base}/{name}/root.yaml");
        if known.contains(&name) || !world.read(&root).is_ok_and(|bytes| is_ours(&bytes)) {
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

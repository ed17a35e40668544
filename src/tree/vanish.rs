//! What the sets and projects on disk have and this build gives up: an ordinary commit must not
//! make Argo CD forget what runs, nor wait for a person who does not know of it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::previous::{Listed, Previous, all_listed};
use super::{Tree, departed, is_ours, root};
use crate::diagnostic::Finding;
use crate::resolve::Environment;
use crate::world::World;

/// Compares a tree with the one on disk that it will replace. Where a finding is an error, it must
/// not replace it.
///
/// # Errors
///
/// Where a file of the tree on disk cannot be read.
pub fn vanished(
    world: &dyn World,
    base: &str,
    environment: &Environment,
    tree: &Tree,
) -> io::Result<Vec<Finding>> {
    let previous = Previous::read(world, base, tree)?;
    if !previous.differs {
        return Ok(Vec::new());
    }
    let now = all_listed(tree);
    let mut findings = apps(&previous, &now);
    findings.extend(charts(&previous, &now));
    findings.extend(layers(&previous, environment));
    findings.extend(departed::objects(&previous, environment, &now, tree));
    for finding in &mut findings {
        finding.environments = vec![tree.environment.clone()];
    }
    Ok(findings)
}

/// Warns of every app that no set will list any more and that did not go through `state: absent`:
/// its objects would run on, unowned. The sets tell and not the directories of manifests, since an
/// app that is only a chart has none.
fn apps(previous: &Previous, now: &BTreeMap<String, Listed>) -> Vec<Finding> {
    let environment = &previous.environment;
    let leaving = previous.listed.iter().filter(|(app, _)| !now.contains_key(*app));
    leaving
        .filter(|(_, old)| !old.absent)
        .map(|(app, old)| {
            let message = format!("`{app}` leaves `{environment}` in one step");
            Finding::warning("app-vanished", message)
                .in_file(previous.path(&old.set))
                .note("Argo CD will leave its objects running, and nothing will own them")
                .help(format!(
                    "list `{app}: {{state: absent}}` first, and take the entry out when Argo CD \
                     has pruned its objects"
                ))
        })
        .collect()
}

/// Warns of every chart that an app gives up while its Application stays, where Argo CD would not
/// ask before it prunes what the chart made.
fn charts(previous: &Previous, now: &BTreeMap<String, Listed>) -> Vec<Finding> {
    let stays = |app: &String| now.get(app).filter(|new| !new.chart && !new.confirms);
    let leaving = previous.listed.iter().filter(|(app, old)| old.chart && stays(app).is_some());
    leaving
        .map(|(app, old)| {
            Finding::warning("chart-vanished", format!("`{app}` gives up its chart"))
                .in_file(previous.path(&old.set))
                .note("Argo CD prunes what the chart made at once, also what holds data")
                .help("add `syncOptions: [Prune=confirm]` to its app.yaml until all has gone")
        })
        .collect()
}

/// Warns of every layer whose set and project go: both are marked `Prune=confirm`, and the root
/// syncs nothing else while it waits.
fn layers(previous: &Previous, environment: &Environment) -> Vec<Finding> {
    let projects = previous.gone.keys().filter_map(|path| {
        let layer = path.strip_prefix("argocd/projects/")?.strip_suffix(".yaml")?;
        Some((path, layer))
    });
    let root = root::name(environment);
    projects
        .map(|(path, layer)| {
            Finding::warning(
                "layer-vanished",
                format!("layer `{layer}` leaves `{}`", environment.name),
            )
            .in_file(previous.path(path))
            .note(format!(
                "`{root}` waits for a person before it prunes the layer's set and project, and \
                     syncs nothing until then"
            ))
            .help(format!(
                "see that no Application of the layer is left, then approve: `{}`",
                root::approval(environment, &root)
            ))
        })
        .collect()
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

//! Files of others in the directories that Argo CD syncs.

use std::io;

use super::{Tree, is_ours};
use crate::diagnostic::Finding;
use crate::world::{EntryKind, World};

/// Reports what lies in `argocd/` and `manifests/` and is not the tool's. It stays; but Argo CD
/// would apply a manifest that no source renders, and a chart or a kustomization would take the
/// place of all manifests beside it.
///
/// # Errors
///
/// Where a file or a directory of the tree cannot be read.
pub fn foreign_files(world: &dyn World, base: &str, tree: &Tree) -> io::Result<Vec<Finding>> {
    let root = format!("{base}/{}/", tree.environment);
    let is_ours =
        |path: &str| Ok::<bool, io::Error>(is_ours(&path[base.len() + 1..], &world.read(path)?));
    let mut findings = Vec::new();
    for directory in ["argocd", "manifests"] {
        for entry in world.walk(&format!("{root}{directory}"))? {
            let path = &entry.path[root.len()..];
            let ours = tree.files.contains_key(path)
                || entry.kind == EntryKind::File && is_ours(&entry.path)?;
            if !ours {
                findings.push(judge(path, &entry.path).in_environment(&tree.environment));
            }
        }
    }
    Ok(findings)
}

fn judge(path: &str, shown: &str) -> Finding {
    let (directory, name) = path.rsplit_once('/').unwrap_or_default();
    let message = format!("`{shown}` is not gitopsc's");
    let finding = match replaces_manifests(name) {
        Some(what) if is_source(directory) => Finding::error("file-foreign", message)
            .note(format!("for Argo CD the directory would be {what}, and no object in it synced")),
        _ => Finding::warning("file-foreign", message)
            .note("Argo CD syncs this directory, and no source renders the file"),
    };
    finding.in_file(shown).help("move it away: an app's templates are where objects come from")
}

/// Whether a source of Argo CD begins at a directory: the root's, or the one of an app.
fn is_source(directory: &str) -> bool {
    directory == "argocd"
        || directory.strip_prefix("manifests/").is_some_and(|app| app.matches('/').count() == 1)
}

/// What Argo CD takes a directory for that has a file of this name.
fn replaces_manifests(name: &str) -> Option<&'static str> {
    match name {
        "kustomization.yaml" | "kustomization.yml" | "Kustomization" => Some("a kustomization"),
        _ if name.ends_with("Chart.yaml") => Some("a chart"),
        _ if name.starts_with(".argocd-source") && name.ends_with(".yaml") => {
            Some("whatever the file says")
        }
        _ => None,
    }
}

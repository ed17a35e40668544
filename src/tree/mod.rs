//! The tree that Argo CD syncs: root → projects and sets → Applications → manifests.

mod application_set;
mod autoscaler;
mod bootstrap;
mod departed;
mod foreign;
mod journal;
mod marker;
mod path;
mod permission;
mod previous;
mod project;
mod root;
mod set_rules;
mod vanish;
mod write;

pub use foreign::foreign_files;
pub use journal::recover;
pub use path::manifest_file;
pub use vanish::{vanished, vanished_environments};
pub use write::{Outcome, Stale, stale, write};

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use crate::diagnostic::{Finding, Severity};
use crate::load::Repo;
use crate::model::{MadeFile, ObjectKey};
use crate::render::{Rendered, Renderer};
use crate::resolve::Environment;
use crate::source::Span;
use crate::yaml::Node;

/// The first line of every file that the tool writes begins with this, after the comment sign, and
/// names the file's own path: what lacks either is not the tool's and is never touched.
pub const OWNER: &str = "Rendered by gitopsc";

/// The files of one environment.
#[derive(Debug)]
pub struct Tree {
    /// The environment's name.
    pub environment: String,
    /// By path below `rendered/<env>/`.
    pub files: BTreeMap<String, MadeFile>,
    /// How many objects the manifests are.
    pub objects: usize,
    /// How many Applications the ApplicationSets make.
    pub applications: usize,
}

/// Lays out what an environment renders. Findings name the environment; where one is an error, the
/// tree must not be written.
#[must_use]
pub fn build(
    repo: &Repo,
    renderer: &Renderer<'_>,
    environment: &Environment,
    rendered: &[Rendered],
) -> (Tree, Vec<Finding>) {
    let mut findings = Vec::new();
    let mut tree = Tree {
        environment: environment.name.clone(),
        files: BTreeMap::new(),
        objects: 0,
        applications: environment.releases.len(),
    };
    add_manifests(repo, environment, rendered, &mut tree, &mut findings);
    autoscaler::check(rendered, &mut findings);
    for layer in environment.live_layers() {
        tree.add_yaml(
            format!("argocd/projects/{layer}.yaml"),
            &format!("from layer `{layer}` of environments/{}", environment.name),
            vec![Arc::new(project::layer(environment, layer, rendered))],
        );
        permission::check(environment, layer, rendered, &mut findings);
        let set =
            application_set::render(repo, renderer, environment, layer, rendered, &mut findings);
        if let Some(set) = set {
            tree.add_yaml(
                format!("argocd/applicationsets/{layer}.yaml"),
                &format!("from applicationsets/{layer}.yaml"),
                vec![Arc::new(set)],
            );
        }
    }
    let from = format!("from environments/{}/environment.yaml", environment.name);
    tree.add_yaml(
        "root.yaml".to_owned(),
        &from,
        vec![Arc::new(project::root(environment)), Arc::new(root::application(environment))],
    );
    for (path, text) in bootstrap::files(environment, repo, rendered) {
        tree.add_text(format!("bootstrap/{path}"), &text);
    }
    for finding in &mut findings {
        finding.environments = vec![environment.name.clone()];
    }
    (tree, findings)
}

/// Whether the tool wrote a file, whose path begins with its environment: its first line says so,
/// and that it was written there. A copy under another name is somebody's own.
#[must_use]
pub fn is_ours(path: &str, bytes: &[u8]) -> bool {
    let line = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let comment = line.trim_start_matches(['#', ' ', '<', '!', '-']);
    comment.starts_with(OWNER)
        && comment.contains(&format!(" to {path};"))
        && (line.starts_with('#') || line.starts_with("<!--"))
}

/// Whether an environment is free of errors, so that its tree may be written.
#[must_use]
pub fn is_sound(environment: &Environment, findings: &[Finding]) -> bool {
    !environment.broken
        && !findings.iter().any(|finding| {
            finding.severity == Severity::Error && finding.environments.contains(&environment.name)
        })
}

impl Tree {
    /// The objects of all files.
    pub fn manifests(&self) -> impl Iterator<Item = &Arc<Node>> {
        self.files.values().flat_map(MadeFile::objects)
    }

    fn add_yaml(&mut self, path: String, origin: &str, objects: Vec<Arc<Node>>) -> bool {
        let head = format!("# {OWNER} {origin}; changes made here are lost.\n");
        let head = self.signed(&path, &head);
        self.add(path, MadeFile::Objects { head, objects })
    }

    fn add_text(&mut self, path: String, text: &str) -> bool {
        let text = self.signed(&path, text);
        self.add(path, MadeFile::Text(text))
    }

    /// Puts the path of a file into its first line.
    fn signed(&self, path: &str, text: &str) -> String {
        text.replacen("; changes", &format!(" to {}/{path}; changes", self.environment), 1)
    }

    /// Adds a file, or says that its path is taken: no file ever replaces another.
    fn add(&mut self, path: String, file: MadeFile) -> bool {
        match self.files.entry(path) {
            Entry::Vacant(entry) => {
                entry.insert(file);
                true
            }
            Entry::Occupied(_) => false,
        }
    }
}

fn add_manifests(
    repo: &Repo,
    environment: &Environment,
    rendered: &[Rendered],
    tree: &mut Tree,
    findings: &mut Vec<Finding>,
) {
    let mut owners: BTreeMap<&ObjectKey, (&str, Span)> = BTreeMap::new();
    for (release, output) in environment.releases.iter().zip(rendered) {
        let directory = format!("manifests/{}/{}", release.layer, release.name);
        let origin = format!("from apps/{}", release.app);
        if let Some((name, text)) = marker::of(environment, release, output) {
            let head = format!("<!-- {OWNER} {origin}; changes made here are lost. -->\n");
            tree.add_text(format!("{directory}/{name}"), &(head + &text));
        }
        let mut names: BTreeMap<String, (&ObjectKey, Span)> = BTreeMap::new();
        for manifest in &output.manifests {
            let place = manifest.node.pointer("/metadata/name").map_or(release.span, |n| n.span);
            if let Some((other, first)) = owners.insert(&manifest.key, (&release.name, place)) {
                // What is built in comes from the environment and cannot be changed at its place.
                let mut places = [(&*release.name, place), (other, first)];
                if repo.apps.get(&release.app).is_some_and(|app| app.built_in) {
                    places.reverse();
                }
                let [(one, place), (second, first)] = places;
                findings.push(
                    Finding::error(
                        "object-in-two-releases",
                        format!("`{other}` and `{}` both render {}", release.name, manifest.key),
                    )
                    .at(place, format!("`{one}` renders it here"))
                    .at(first, format!("`{second}` here"))
                    .help("give one of them another name, or let one release own it"),
                );
            }
            let file = manifest_file(&manifest.key, &release.namespace);
            let path = format!("{directory}/{file}");
            if tree.add_yaml(path, &origin, vec![manifest.node.clone()]) {
                names.insert(file, (&manifest.key, place));
            } else if let Some((key, first)) = names.get(&file) {
                findings.push(
                    Finding::error(
                        "file-name-taken",
                        format!("{key} and {} need the same file", manifest.key),
                    )
                    .at(place, format!("`{}` needs it here", release.name))
                    .at(*first, "and here")
                    .note(format!("both would be `{file}`, and one would be lost"))
                    .help("give one of them another name, or let another app render it"),
                );
            }
            tree.objects += 1;
        }
    }
}

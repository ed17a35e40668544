//! Which directories Applications lead to, and what lies in directories.

use crate::argocd::source::{clean, discovered, join};
use crate::argocd::tree::{Entry, Tree};
use crate::argocd::{Followed, GROUP, Skipped, State};
use crate::load::manifest::{self, Content, classify};
use crate::model::GroupKind;
use crate::source::Span;
use crate::yaml::{self, Node};

/// How the groups of Flux end, whose objects it applies itself.
const FLUX: &str = ".fluxcd.io";

/// How files of Terraform and its kin end.
const OF_TERRAFORM: [&str; 3] = [".tf", ".tofu", ".hcl"];

/// A directory that a source names.
struct Named {
    directory: String,
    /// Whether what is below it counts, too.
    is_deep: bool,
    /// Whether it is known to lie in the repository.
    is_there: bool,
}

/// What Applications lead to in a repository.
pub(super) struct Ground {
    named: Vec<Named>,
    /// Files that they apply, or leave out because somebody said so.
    files: Vec<String>,
}

impl Ground {
    pub(super) fn of(followed: &Followed) -> Self {
        let mut ground = Self { named: Vec::new(), files: Vec::new() };
        for one in &followed.applications {
            for (source, contents) in one.application.sources().iter().zip(&one.contents) {
                if let Some(directory) = source.dry_path().and_then(clean) {
                    ground.named.push(Named { directory, is_deep: true, is_there: false });
                }
                if source.path().is_empty() || source.remote_tool().is_some() {
                    continue;
                }
                let directory = contents.directory.clone();
                let is_there = matches!(contents.state, State::Read(_) | State::NotRendered);
                // Another program may read whatever is below.
                let is_deep = !matches!(contents.state, State::Read(_));
                if let State::Read(manifests) = &contents.state {
                    let members = manifests.members.iter().map(|member| &member.path);
                    let chosen = |&&(_, why): &&(String, Skipped)| why != Skipped::Below;
                    let skipped = manifests.skipped.iter().filter(chosen).map(|(path, _)| path);
                    ground.files.extend(members.chain(skipped).cloned());
                }
                ground.named.push(Named { directory, is_deep, is_there });
            }
        }
        ground.files.sort_unstable();
        ground
    }

    /// Whether an Application leads to what lies directly in a directory.
    pub(super) fn reaches(&self, directory: &str) -> bool {
        self.named.iter().any(|named| {
            named.directory == directory || named.is_deep && is_below(directory, &named.directory)
        }) || self.holds_file(directory, |rest| !rest.contains('/'))
    }

    /// Whether one leads to something below a directory.
    pub(super) fn reaches_below(&self, directory: &str) -> bool {
        self.named.iter().any(|named| is_below(&named.directory, directory))
            || self.holds_file(directory, |_| true)
    }

    fn holds_file(&self, directory: &str, is_wanted: impl Fn(&str) -> bool) -> bool {
        let prefix = join(directory, "");
        let first = self.files.partition_point(|file| *file < prefix);
        let below = self.files[first..].iter().map_while(|file| file.strip_prefix(&prefix));
        below.into_iter().any(is_wanted)
    }

    /// The directories of sources that are known to lie in the repository.
    pub(super) fn sources(&self) -> impl Iterator<Item = &str> {
        self.named.iter().filter(|named| named.is_there).map(|named| &*named.directory)
    }

    /// Whether a directory lies below that of a source.
    pub(super) fn is_inside(&self, directory: &str) -> bool {
        self.named.iter().any(|named| is_below(directory, &named.directory))
    }
}

/// Whether a path lies below a directory.
pub(super) fn is_below(path: &str, directory: &str) -> bool {
    directory.is_empty() && !path.is_empty()
        || path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
}

/// The directory that a file or a directory lies in.
pub(super) fn above(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(above, _)| above)
}

/// Whether a directory, or one on the way to it from another, belongs to a kustomization or a chart.
pub(super) fn is_of_tool(tree: &Tree, directory: &str, from: Option<&str>) -> bool {
    let mut directory = directory;
    while from != Some(directory) {
        if discovered(tree, directory).1.is_some() {
            return true;
        }
        if directory.is_empty() {
            return false;
        }
        directory = above(directory);
    }
    false
}

/// The kind of the first object for a cluster in a file, and where it is written; nothing where there
/// is none, or one is not for a cluster.
pub(super) fn first_object(tree: &Tree, path: &str) -> Option<Span> {
    if manifest::is_patch_file(path) {
        return None;
    }
    let kind = |node: &Node| node.get("kind").map_or(node.span, |kind| kind.span);
    if let Some(made) = tree.made(path) {
        return made.first().map(|object| kind(object));
    }
    let text = tree.text(path)?;
    let mut first = None;
    let mut is_plain = true;
    yaml::read_each(text.file, &text.text, |_, read| {
        for node in read.documents.iter().filter_map(|document| document.node.as_ref()) {
            let group = GroupKind::stated(node).0;
            let is_object = classify(node) == Content::Object;
            is_plain &= is_object && group != GROUP && !group.ends_with(FLUX);
            first = first.or(Some(kind(node)));
        }
    });
    first.filter(|_| is_plain)
}

/// The files directly in a directory that have a suffix of manifests.
pub(super) fn manifest_files<'t>(
    tree: &'t Tree,
    directory: &str,
) -> impl Iterator<Item = String> + use<'t> {
    let directory = directory.to_owned();
    tree.entries_of(&directory.clone())
        .filter(|(name, entry)| {
            let suffix = name.rsplit_once('.').map_or("", |(_, suffix)| suffix);
            matches!(entry, Entry::File(_)) && ["yaml", "yml", "json"].contains(&suffix)
        })
        .map(|(name, _)| join(&directory, name))
        .collect::<Vec<_>>()
        .into_iter()
}

/// Whether Terraform applies a directory.
fn is_of_terraform(tree: &Tree, directory: &str) -> bool {
    let mut names = tree.entries_of(directory).map(|(name, _)| name);
    names.any(|name| OF_TERRAFORM.iter().any(|suffix| name.ends_with(suffix)))
}

/// Whether a name is of what is there for other directories, or for no cluster.
pub(super) fn is_auxiliary(tree: &Tree, directory: &str) -> bool {
    const NAMES: [&str; 18] = [
        "base",
        "bases",
        "chart",
        "charts",
        "common",
        "components",
        "crds",
        "docs",
        "example",
        "examples",
        "lib",
        "overlays",
        "patches",
        "templates",
        "test",
        "testdata",
        "tests",
        "values",
    ];
    let mut names = directory.split('/');
    names.any(|name| NAMES.contains(&name) || name.starts_with('.') || name.starts_with('_'))
        || is_of_terraform(tree, directory)
        || is_of_tool(tree, directory, None)
}

/// The paths that nodes name, as kustomizations do.
pub(super) fn texts<'n>(node: &'n Node, all: &mut Vec<&'n str>) {
    all.extend(node.as_str());
    for item in node.as_seq().unwrap_or_default() {
        texts(item, all);
    }
    for (_, value) in node.as_map().into_iter().flat_map(yaml::Map::iter) {
        texts(value, all);
    }
}

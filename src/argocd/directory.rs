//! Manifests in a directory, as the repo-server finds and reads them.
//!
//! Source: `findManifests`, `getPotentiallyValidManifestFile` and `getObjsFromYAMLOrJSON` in
//! `reposerver/repository/repository.go`; `TestRecurseManifestsInDir`, `TestFindManifests_Exclude`,
//! `TestSkippedInvalidManifestsInDir`.

use std::sync::Arc;

use crate::source::{FileId, Span};
use crate::yaml::{self, Node, Read, Value};

use super::glob::{Dialect, Pattern};
use super::json;
use super::source::{Directory, join};
use super::tree::{Entry, Found, Text, Tree};

/// Source: `manifestFile`.
const SUFFIXES: [&str; 4] = ["yaml", "yml", "json", "jsonnet"];

/// A file with this text anywhere in it holds no manifests.
pub const SKIP_MARK: &str = "+argocd:skip-file-rendering";

/// What Argo CD would find in a directory.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// The files it takes, each with its objects, lists of them taken apart.
    pub(super) files: Vec<ManifestFile>,
    /// Why it cannot read the directory; then none of the objects is applied.
    pub(super) failures: Vec<Failure>,
    /// Files whose objects are not known: those of Jsonnet, and those that were not read.
    pub(super) unknown: Vec<String>,
    /// Files with the suffix of a manifest that it passes over, and why.
    pub(super) skipped: Vec<(String, Skipped)>,
    /// A link that leads in a circle; then it lists nothing.
    pub(super) circle: Option<String>,
}

/// A file of manifests.
#[derive(Debug)]
pub(super) struct ManifestFile {
    /// Its path in the repository.
    pub(super) path: String,
    /// Its objects.
    pub(super) objects: Vec<Arc<Node>>,
    /// The file itself, where its objects come from elsewhere.
    pub(super) made: Option<FileId>,
}

/// Why a directory cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The file.
    pub path: String,
    /// What is wrong, as one sentence without a final period.
    pub message: String,
    /// Where in it.
    pub span: Span,
    /// Whether it is no YAML at all, which any reader says.
    pub is_yaml: bool,
}

/// Why a file is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skipped {
    /// It is in a directory below, and the source does not recurse.
    Below,
    /// Its suffix is that of a manifest in other letters, as `.YAML`.
    Suffix,
    /// `include` or `exclude` say so.
    Chosen,
    /// It carries the mark.
    Marked,
    /// It is no manifest, and does not look as if it were meant as one.
    NoManifest,
    /// A link to nothing, or to a directory.
    Link,
}

impl Skipped {
    /// The word for it, in output that programs read.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Below => "below",
            Self::Suffix => "suffix",
            Self::Chosen => "chosen",
            Self::Marked => "marked",
            Self::NoManifest => "no-manifest",
            Self::Link => "link",
        }
    }
}

/// Lists a directory and reads what counts.
pub(super) fn list(tree: &Tree, directory: &str, options: &Directory) -> Listing {
    let mut listing = Listing::default();
    // One that cannot be read as a pattern matches nothing.
    let pattern = |text: &str| Pattern::new(text, Dialect::Gobwas { separator: None }).ok();
    let (include, exclude) = (pattern(&options.include), pattern(&options.exclude));
    let matches =
        |pattern: &Option<Pattern>, path: &str| pattern.as_ref().is_some_and(|it| it.matches(path));
    let is_excluded = |path: &str| !options.exclude.is_empty() && matches(&exclude, path);
    let is_included = |path: &str| options.include.is_empty() || matches(&include, path);
    for (below, entry) in tree.below(directory) {
        let path = join(directory, below);
        let Some((_, suffix)) = below.rsplit_once('.') else { continue };
        let is_manifest = SUFFIXES.contains(&suffix);
        if !is_manifest && !SUFFIXES.iter().any(|known| suffix.eq_ignore_ascii_case(known)) {
            continue;
        }
        if !options.recurse && below.contains('/') {
            listing.skipped.push((path, Skipped::Below));
            continue;
        }
        if !is_manifest {
            let (stem, _) = below.rsplit_once('.').unwrap_or_default();
            let meant = format!("{stem}.{}", suffix.to_lowercase());
            let is_chosen = [below, &meant].into_iter().any(is_included)
                && ![below, &meant].into_iter().any(is_excluded);
            let why = if is_chosen { Skipped::Suffix } else { Skipped::Chosen };
            listing.skipped.push((path, why));
            continue;
        }
        let found = match entry {
            Entry::Link(_) => tree.find(&path),
            Entry::File(text) => Some(Found::File(text)),
            Entry::Made(made) => Some(Found::Made(made)),
            Entry::Unread => Some(Found::Unread),
            Entry::Elsewhere => continue,
        };
        if found.is_none() && tree.is_circle(&path) {
            listing.circle.get_or_insert(path);
        } else if matches!(found, None | Some(Found::Directory(_) | Found::Elsewhere)) {
            listing.skipped.push((path, Skipped::Link));
        } else if is_excluded(below) || !is_included(below) {
            listing.skipped.push((path, Skipped::Chosen));
        } else {
            match found {
                Some(Found::File(text)) if text.text.contains(SKIP_MARK) => {
                    listing.skipped.push((path, Skipped::Marked));
                }
                Some(Found::Made(made)) if made.objects().iter().any(|it| is_marked(it)) => {
                    listing.skipped.push((path, Skipped::Marked));
                }
                Some(Found::File(text)) if suffix != "jsonnet" => {
                    read(path, text, suffix == "json", &mut listing);
                }
                Some(Found::Made(made)) => {
                    take(path, made.objects().to_vec(), Some(made.id()), &mut listing);
                }
                _ => listing.unknown.push(path),
            }
        }
    }
    listing
}

/// Whether the mark stands anywhere in an object: no form of writing it breaks the mark up.
fn is_marked(node: &Node) -> bool {
    match &node.value {
        Value::String(text) => text.contains(SKIP_MARK),
        Value::Seq(items) => items.iter().any(is_marked),
        Value::Map(map) => {
            map.iter().any(|(key, value)| key.name.contains(SKIP_MARK) || is_marked(value))
        }
        _ => false,
    }
}

fn read(path: String, text: &Text, is_json: bool, listing: &mut Listing) {
    let mut failure = None;
    let mut objects = Vec::new();
    let mut take_each = |range, read: Read| {
        if failure.is_some() {
            return;
        }
        let place = Span::new(text.file, range);
        let fatal = read.faults.into_iter().find(|fault| fault.kind.is_fatal());
        if let Some(fault) = fatal {
            failure = Some((fault.message, fault.span, true));
            return;
        }
        for node in read.documents.into_iter().filter_map(|document| document.node) {
            let kind = node.get("kind").and_then(Node::as_str).unwrap_or_default();
            if node.is_null() {
                continue;
            } else if kind.is_empty() && !is_json {
                let message = "a document without `kind` is no object for Argo CD";
                failure = Some((message.to_owned(), place, false));
                return;
            }
            objects.push(Arc::new(node));
        }
    };
    match json::objects(&text.text).filter(|places| !is_json && places.len() > 1) {
        Some(places) => places.into_iter().for_each(|range| {
            take_each(range.clone(), yaml::read_at(text.file, &text.text, range));
        }),
        None => yaml::read_each(text.file, &text.text, take_each),
    }
    if is_json
        && failure.is_none()
        && let Some((message, at)) = json::fault(&text.text)
    {
        failure = Some((message, Span::new(text.file, at..at), false));
    }
    if let Some((message, span, is_yaml)) = failure {
        let is_meant =
            ["apiVersion:", "kind:", "metadata:"].iter().all(|key| text.text.contains(key));
        if objects.is_empty() && !is_json && !is_meant {
            listing.skipped.push((path, Skipped::NoManifest));
        } else {
            listing.failures.push(Failure { path, message, span, is_yaml });
        }
        return;
    }
    take(path, objects, None, listing);
}

fn take(path: String, objects: Vec<Arc<Node>>, made: Option<FileId>, listing: &mut Listing) {
    match taken_apart(objects) {
        Ok(objects) => listing.files.push(ManifestFile { path, objects, made }),
        Err(span) => {
            let message = "an item of this list is no object".to_owned();
            listing.failures.push(Failure { path, message, span, is_yaml: false });
        }
    }
}

/// Lists as their items, one level deep; nothing where one is no object, with its list. Whatever has
/// `items` that are a list counts as one, and what an item lacks is not taken from it. Where `items` is
/// null, nothing is left.
///
/// Source: `GenerateManifests`, `isNullList`; `IsList` of `k8s.io/apimachinery/pkg/apis/meta/v1/unstructured`.
fn taken_apart(objects: Vec<Arc<Node>>) -> Result<Vec<Arc<Node>>, Span> {
    let mut expanded = Vec::new();
    for object in objects {
        let is_whole = ["spec", "status"].iter().any(|name| object.get(name).is_some());
        match object.get("items") {
            Some(items) if items.is_null() && !is_whole => {}
            Some(Node { value: Value::Seq(items), .. }) => {
                if items.iter().any(|item| item.as_map().is_none()) {
                    return Err(object.span);
                }
                expanded.extend(items.iter().cloned().map(Arc::new));
            }
            _ => expanded.push(object),
        }
    }
    Ok(expanded)
}

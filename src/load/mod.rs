//! Reading a repository: every file once, each fault at its place.

mod app;
mod checkout;
mod config_file;
pub mod manifest;
mod schemas;
mod settings;
mod sync_option;

pub(crate) use app::glob;
pub use app::{App, AppFile};
pub use checkout::{Checkouts, prefix};
pub(crate) use config_file::yaml_finding;
pub use schemas::Schemas;
pub use settings::nearest_settings;

use std::collections::BTreeMap;

use anyhow::Context;
use rayon::prelude::*;

use crate::config::{ConfigKind, Settings};
use crate::diagnostic::Finding;
use crate::source::{FileId, Sources, Span};
use crate::world::{Entry, EntryKind, World};
use crate::yaml::Node;
use config_file::read_config;

/// Everything that a run knows of a repository.
#[derive(Debug)]
pub struct Repo {
    /// The texts behind all spans.
    pub sources: Sources,
    /// `gitopsc.yaml`.
    pub settings: Settings,
    /// Environments by name.
    pub environments: BTreeMap<String, EnvironmentFiles>,
    /// Apps by name, the built-in ones too.
    pub apps: BTreeMap<String, App>,
    /// Shared fragments of apps, by path below `apps/_lib/`.
    pub library: BTreeMap<String, FileId>,
    /// ApplicationSet templates by layer, and their fragments.
    pub application_sets: ApplicationSets,
    /// What holds where no environment says otherwise.
    pub defaults: FileId,
    /// Files that are there and cannot be read, each with the finding that says why.
    pub unreadable: BTreeMap<String, Finding>,
    /// What is wrong so far.
    pub findings: Vec<Finding>,
}

/// The files of one environment.
#[derive(Debug)]
pub struct EnvironmentFiles {
    /// `environment.yaml`.
    pub file: FileId,
    /// Its content; nothing where it is broken.
    pub node: Option<Node>,
    /// `apps/<release>.yaml`, by release.
    pub releases: BTreeMap<String, ReleaseFile>,
}

/// One `apps/<release>.yaml` of an environment.
#[derive(Debug)]
pub struct ReleaseFile {
    /// The file.
    pub file: FileId,
    /// Its content; nothing where it is broken.
    pub node: Option<Node>,
}

/// The templates under `applicationsets/`.
#[derive(Debug, Default)]
pub struct ApplicationSets {
    /// `<layer>.yaml` by layer.
    pub templates: BTreeMap<String, FileId>,
    /// Fragments by path below `applicationsets/_lib/`.
    pub library: BTreeMap<String, FileId>,
}

/// A file as it was found.
pub(crate) enum Content {
    Text(FileId),
    Binary(Vec<u8>),
}

/// What lies in the files of a repository, by path.
type Files = BTreeMap<String, Content>;

/// Reads the repository below a world's root.
///
/// # Errors
///
/// Where a directory cannot be listed; a file that cannot be read is a finding.
pub fn load(world: &dyn World) -> anyhow::Result<Repo> {
    let mut sources = Sources::default();
    let mut unreadable = BTreeMap::new();
    let mut entries = Vec::new();
    for directory in ["applicationsets", "apps", "environments"] {
        entries
            .extend(world.walk(directory).with_context(|| format!("cannot list `{directory}/`"))?);
    }
    if world.exists("gitopsc.yaml") {
        entries.push(Entry { path: "gitopsc.yaml".to_owned(), kind: EntryKind::File });
    }
    let files = read_all(world, entries, &mut sources, &mut unreadable);
    let defaults =
        sources.add("<builtin>/environment.yaml", include_str!("builtin/environment.yaml"));
    let mut repo = Repo {
        sources,
        defaults,
        settings: Settings::default(),
        environments: BTreeMap::new(),
        apps: BTreeMap::new(),
        library: below(&files, "apps/_lib/"),
        application_sets: ApplicationSets {
            library: below(&files, "applicationsets/_lib/"),
            templates: below(&files, "applicationsets/")
                .into_iter()
                .filter_map(|(path, id)| Some((path.strip_suffix(".yaml")?.to_owned(), id)))
                .filter(|(name, _)| !name.contains('/'))
                .collect(),
        },
        findings: name_environments(&unreadable),
        unreadable,
    };
    if let Some(Content::Text(id)) = files.get("gitopsc.yaml") {
        repo.settings = settings::read(&repo.sources, *id, &mut repo.findings);
    }
    note_other_endings(&mut repo, &files);
    app::load_built_in(&mut repo);
    app::load_all(&mut repo, world, &files)?;
    load_environments(&mut repo, world, &files)?;
    Ok(repo)
}

fn read_all(
    world: &dyn World,
    entries: Vec<Entry>,
    sources: &mut Sources,
    unreadable: &mut BTreeMap<String, Finding>,
) -> Files {
    let contents: Vec<_> = entries
        .into_par_iter()
        .filter(|entry| !is_noise_path(&entry.path))
        .map(|entry| {
            let content = match entry.kind {
                EntryKind::File => world.read(&entry.path).map_err(|error| {
                    Finding::error("file-unreadable", format!("`{}` cannot be read", entry.path))
                        .in_file(entry.path.clone())
                        .note(error.to_string())
                }),
                EntryKind::BadLink => Err(Finding::error(
                    "link-leaves-repository",
                    format!("`{}` is a link that does not lead to a file in here", entry.path),
                )
                .in_file(entry.path.clone())
                .help("put the file itself in its place; Argo CD refuses such links too")),
                EntryKind::Other => Err(Finding::error(
                    "file-unreadable",
                    format!("`{}` is no regular file", entry.path),
                )
                .in_file(entry.path.clone())),
                EntryKind::Closed => Err(Finding::error(
                    "file-unreadable",
                    format!("the directory `{}` cannot be listed", entry.path),
                )
                .in_file(entry.path.clone())
                .help("make it readable, or move it away")),
            };
            (entry.path, content)
        })
        .collect();
    let mut files = Files::new();
    for (path, content) in contents {
        match content {
            Ok(bytes) => {
                let content = match String::from_utf8(bytes) {
                    Ok(text) => Content::Text(sources.add(path.as_str(), text)),
                    Err(error) if must_be_text(&path) => {
                        let finding = not_utf8(sources, &path, error.as_bytes());
                        unreadable.insert(path, finding);
                        continue;
                    }
                    Err(error) => Content::Binary(error.into_bytes()),
                };
                files.insert(path, content);
            }
            Err(finding) => {
                unreadable.insert(path, finding);
            }
        }
    }
    files
}

/// Warns of configuration and templates that nobody reads because of their ending.
fn note_other_endings(repo: &mut Repo, files: &Files) {
    for path in files.keys().filter(|path| path.ends_with(".yml")) {
        let parts: Vec<_> = path.split('/').collect();
        if matches!(
            *parts,
            ["apps", _, _]
                | ["apps", _, "fragments", ..]
                | ["applicationsets", ..]
                | ["environments", _, _]
                | ["environments", _, "apps", _]
        ) {
            repo.findings.push(
                Finding::warning("file-ignored", format!("`{path}` is not read"))
                    .in_file(path.as_str())
                    .help("let its name end in `.yaml`"),
            );
        }
    }
}

/// Whether a path leads through what editors leave about. Below an app's `files/` a name may begin
/// with a dot: `.htaccess` is content there.
fn is_noise_path(path: &str) -> bool {
    let outside = path.split_once("/files/").map_or(path, |(outside, _)| outside);
    outside.split('/').any(is_noise)
}

/// Files that editors and file managers leave about.
fn is_noise(name: &str) -> bool {
    name.starts_with('.') || name.ends_with('~')
}

/// Says of what cannot be read in an environment's folder which environment it stops.
fn name_environments(unreadable: &BTreeMap<String, Finding>) -> Vec<Finding> {
    let named = |(path, finding): (&String, &Finding)| {
        let environment =
            path.strip_prefix("environments/").and_then(|rest| rest.split('/').next());
        match environment {
            Some(name) => finding.clone().in_environment(name),
            None => finding.clone(),
        }
    };
    unreadable.iter().map(named).collect()
}

/// The texts below a prefix, by the rest of their path.
fn below(files: &Files, prefix: &str) -> BTreeMap<String, FileId> {
    files
        .range(prefix.to_owned()..)
        .take_while(|(path, _)| path.starts_with(prefix))
        .filter_map(|(path, content)| match content {
            Content::Text(id) => Some((path[prefix.len()..].to_owned(), *id)),
            Content::Binary(_) => None,
        })
        .collect()
}

/// Whether a file is read as text, and not only embedded as it is.
fn must_be_text(path: &str) -> bool {
    let Some(rest) = path.strip_prefix("apps/") else { return path.ends_with(".yaml") };
    let (app, inner) = rest.split_once('/').unwrap_or((rest, ""));
    app == "_lib"
        || inner.starts_with("fragments/")
        || matches!(inner, "app.yaml" | "values.schema.json")
}

/// The finding for a file that must be text and is not.
fn not_utf8(sources: &mut Sources, path: &str, bytes: &[u8]) -> Finding {
    let at = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
    // What stands before the first wrong byte is the same in the text that can be shown.
    let shown = sources.add(path, String::from_utf8_lossy(bytes));
    let span = Span::new(shown, at..at + char::REPLACEMENT_CHARACTER.len_utf8());
    Finding::error("file-not-utf8", format!("`{path}` is not UTF-8"))
        .at(span, "no character begins with this byte")
        .help("save the file as UTF-8; binary data belongs below the app's `files/`")
}

fn load_environments(repo: &mut Repo, world: &dyn World, files: &Files) -> anyhow::Result<()> {
    let names = world.directories("environments").context("cannot list `environments/`")?;
    for name in names.into_iter().filter(|name| !is_noise(name)) {
        let path = format!("environments/{name}/environment.yaml");
        let id = match files.get(&path) {
            Some(Content::Text(id)) => *id,
            _ if repo.unreadable.contains_key(&path) => continue,
            _ => {
                repo.findings.push(
                    Finding::error("file-missing", format!("environment `{name}` has no `{path}`"))
                        .in_file(path)
                        .in_environment(&name)
                        .help("add the file with `kind: Environment`, or remove the directory"),
                );
                continue;
            }
        };
        let start = repo.findings.len();
        let node = read_config(&repo.sources, id, ConfigKind::Environment, &mut repo.findings);
        let mut releases = BTreeMap::new();
        let prefix = format!("environments/{name}/apps/");
        for (rest, content) in files
            .range(prefix.clone()..)
            .take_while(|(path, _)| path.starts_with(&prefix))
            .map(|(path, content)| (&path[prefix.len()..], content))
        {
            let Some(release) = rest.strip_suffix(".yaml").filter(|name| !name.contains('/'))
            else {
                continue;
            };
            if let Content::Text(id) = content {
                let node = read_config(&repo.sources, *id, ConfigKind::Release, &mut repo.findings);
                releases.insert(release.to_owned(), ReleaseFile { file: *id, node });
            }
        }
        for finding in &mut repo.findings[start..] {
            finding.environments.push(name.clone());
        }
        repo.environments.insert(name, EnvironmentFiles { file: id, node, releases });
    }
    Ok(())
}
